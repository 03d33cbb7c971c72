"""sqlite-utils, without the second it would take to load pandas for a feature unused here."""

from __future__ import annotations

import sys

_IS_PANDAS_LOADED = "pandas" in sys.modules
if not _IS_PANDAS_LOADED:
    # A module that stands as None cannot be imported, and sqlite-utils then does without it.
    sys.modules["pandas"] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations
finally:
    if not _IS_PANDAS_LOADED:
        del sys.modules["pandas"]

__all__ = ["Database", "Migrations"]
