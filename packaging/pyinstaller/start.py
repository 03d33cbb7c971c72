"""Where the frozen program begins: as the desk, or as one of the processes the desk asks for.

joblib starts this program again as if it were an interpreter: `-m MODULE ...` for a worker and
`-c TEXT` for the process that clears up after workers. Both are recognised by name alone, so that
nobody can have the desk run what he typed.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
from pathlib import Path

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


def _open_nothing_for_whoever_has_no_console() -> None:
    """Windows gives a program without a console no streams; what it says then goes nowhere."""
    if sys.stdout is None or sys.stderr is None:
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
        sys.stdout = sys.stdout or nowhere
        sys.stderr = sys.stderr or nowhere


def _give_libraries_back() -> None:
    """Let what the desk starts (a viewer, a browser) use the machine's own libraries again.

    The frozen program was shown its own by a variable that everything it starts inherits. Another
    tells the frozen program, started again as a worker, that it has to look for its own anew.
    """
    name = "LD_LIBRARY_PATH"
    before = os.environ.pop(f"{name}_ORIG", None)
    if before:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


if __name__ == "__main__":
    _open_nothing_for_whoever_has_no_console()
    _give_libraries_back()
    # Before multiprocessing looks: joblib's word to a worker on Windows looks like its own.
    _work_if_asked()
    multiprocessing.freeze_support()

    from allusedesk.__main__ import main as run

    sys.exit(run())
