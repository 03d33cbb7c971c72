"""Finds the files that ship with the desk, in a checkout and in an installed desk alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """Return the path of one file or folder below `resources/`.

    A checkout keeps `resources/` beside the package, an installed desk within it.

    Raises:
        FileNotFoundError: neither place holds it; the message says what to do.
    """
    for folder in (_PACKAGE.parent / "resources", _PACKAGE / "resources"):
        candidate = folder.joinpath(*parts)
        if candidate.exists():
            return candidate
    message = (
        f"The file resources/{'/'.join(parts)} is missing, so the desk cannot read what ships "
        "with it: restore the checkout or install the desk again."
    )
    raise FileNotFoundError(message)
