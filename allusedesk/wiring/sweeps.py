"""Python's search for unreachable rings of objects, held back while only values are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOMER = 100


@contextmanager
def seldom_swept() -> Iterator[None]:
    """Have Python look for unreachable rings of objects a hundredth as often.

    Rows of files and the values of a run form no rings and go as soon as nobody holds them;
    looking through all of them again and again took a twentieth of a rehearsal.
    """
    before = gc.get_threshold()
    gc.set_threshold(_SELDOMER * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
