"""Where the frozen program begins: as the desk, or as one of the processes the desk asks for.

joblib starts this program again as if it were an interpreter: `-m MODULE ...` for a worker and
`-c TEXT` for the process that clears up after workers. Both are recognised by name alone, so that
nobody can have the desk run what he typed.
"""

from __future__ import annotations

import multiprocessing
import re
import sys

_WORKER = "joblib.externals.loky.backend.popen_loky_posix"
_TRACKER = re.compile(
    r"from joblib\.externals\.loky\.backend\.resource_tracker import main; main\((\d+), (\w+)\)"
)
_WINDOWS_WORKER = "--multiprocessing-fork"


def _work_if_asked() -> None:
    """Do what joblib started this process for, and end with it; return where nobody asked."""
    typed = sys.argv[1:]
    if typed[:2] == ["-m", _WORKER]:
        import runpy

        sys.argv = [_WORKER, *typed[2:]]
        runpy.run_module(_WORKER, run_name="__main__")
        sys.exit(0)
    if "-c" in typed[:-1]:
        asked = _TRACKER.fullmatch(typed[typed.index("-c") + 1])
        if asked:
            from joblib.externals.loky.backend.resource_tracker import main

            main(int(asked[1]), asked[2] == "True")
            sys.exit(0)
    if typed[:1] == [_WINDOWS_WORKER] and len(typed) == 2:  # noqa: PLR2004 - the flag, a pipe
        from joblib.externals.loky.backend.popen_loky_win32 import main

        main(int(typed[1]))
        sys.exit(0)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    _work_if_asked()

    from allusedesk.__main__ import main as run

    sys.exit(run())
