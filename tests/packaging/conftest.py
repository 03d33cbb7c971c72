"""What is installed is tried by `make dist-test` alone: it takes minutes and wants to be built."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("ALLUSE_PACKAGED") == "1" else ["test_installed_*.py"]
