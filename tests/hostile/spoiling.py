"""Files as an enemy or a failing disk would leave them, made from sound ones.

FUZZ_EXAMPLES sets how many cases each test draws; cases are the same on every run unless
FUZZ_SEEDED is set to 0, when each run draws others.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
IS_SEEDED = os.environ.get("FUZZ_SEEDED", "1") != "0"
# Of processor time: no honest parser of a small file takes as much, however busy the machine.
SECONDS_MAX = 10.0

fuzzed: Callable[[Callable[..., None]], Callable[..., None]] = settings(
    max_examples=EXAMPLES, derandomize=IS_SEEDED, database=None
)

CELLS = (
    "", " ", ".", "-", "nan", "NaN", "inf", "-inf", "Infinity", "-1", "0", "-0", "1e400", "1e-400",
    "1e308", "9" * 400, "9" * 5000, "1_000", "0x10", "1,5", "1.2.3", "\u0663", "\uff11\uff12",
    "2020-01-03", "20200103", "0000-00-00", "9999-99-99", "1799-12-31", "2201-01-01", "0001-01-01",
    "1/1/1", "13/32/2020", "1/1/99999999999999999999", "99999999", "2020-02-30", "2020-W01-1",
    "2020-01-03T25:61", "2020-01-03 15:00:00+99:99", "9999-12-31 23:59:59-23:59", "1/2/3/4",
    "AAPL", "=1+1", "@SUM(A1)", "<b>x</b>", "' OR 1=1 --", "%s%n", "../../x", "true", "None",
    '"', '""', "\r", "\n", "\0", "\ud800", "\u202e", "\ufeff", "\N{DUCK}" * 40, "\t", "[]", "{}",
    "1d", "0.0000000001", "-0.01", "99999999999", "1e18", "2e9",
)  # fmt: skip
_SPOILS = (
    "cell",
    "row twice",
    "row away",
    "row moved",
    "row cut",
    "bytes",
    "cut",
    "insert",
    "code",
)


@st.composite
def spoilt_tables(draw: st.DrawFn, content: bytes, separator: str = ",") -> bytes:
    """A table with one to six things wrong with it."""
    lines = [line.split(separator) for line in content.decode().splitlines()]
    whole = b""
    for _ in range(draw(st.integers(1, 6))):
        spoil = draw(st.sampled_from(_SPOILS))
        row = draw(st.integers(0, len(lines) - 1))
        match spoil:
            case "cell":
                place = draw(st.integers(0, len(lines[row]) - 1))
                lines[row][place] = draw(st.one_of(st.sampled_from(CELLS), st.text(max_size=6)))
            case "row twice":
                lines.insert(draw(st.integers(0, len(lines))), list(lines[row]))
            case "row away" if len(lines) > 1:
                del lines[row]
            case "row moved":
                lines.append(lines.pop(row))
            case "row cut":
                lines[row] = lines[row][: draw(st.integers(1, len(lines[row])))]
            case _:
                text = "\n".join(separator.join(cells) for cells in lines)
                whole = whole or text.encode("utf-8", errors="surrogatepass")
                whole = draw(spoilt_bytes(whole, spoil))
    if whole:
        return whole
    text = "\n".join(separator.join(cells) for cells in lines)
    return text.encode("utf-8", errors="surrogatepass")


@st.composite
def spoilt_bytes(draw: st.DrawFn, content: bytes, spoil: str = "") -> bytes:
    """Bytes with a flip, a cut, an insertion, or in another encoding."""
    spoil = spoil or draw(st.sampled_from(("bytes", "cut", "insert", "code")))
    if not content:
        return draw(st.binary(max_size=40))
    at = draw(st.integers(0, len(content) - 1))
    match spoil:
        case "bytes":
            spoilt = bytearray(content)
            for _ in range(draw(st.integers(1, 8))):
                spoilt[draw(st.integers(0, len(spoilt) - 1))] = draw(st.integers(0, 255))
            return bytes(spoilt)
        case "cut":
            return content[:at]
        case "insert":
            more = draw(st.one_of(st.binary(min_size=1, max_size=12), st.just(b"\0" * 64)))
            return content[:at] + more + content[at:]
        case "code":
            text = content.decode("utf-8", errors="replace")
            code = draw(st.sampled_from(("utf-16", "utf-32", "utf-8-sig", "latin-1", "utf-7")))
            return text.encode(code, errors="replace")
    return content


@contextmanager
def in_time() -> Iterator[None]:
    """What is done within must not take long."""
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS_MAX


def is_plain(sentence: str) -> bool:
    """One line of words that a person can read, and no trace of a fault."""
    return (
        bool(sentence.strip())
        and "\n" not in sentence
        and "Traceback" not in sentence
        and len(sentence) < 2_000
    )


def numbers_in(value: Any) -> Iterator[float]:
    """Every floating-point number within a value of dataclasses, tuples and arrays."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            yield from value.ravel().tolist()
    elif isinstance(value, float):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from numbers_in(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers_in(item)


def is_sound(value: Any) -> bool:
    """True where no infinity came through; absent prices may be NaN where a value says so."""
    return not any(math.isinf(number) for number in numbers_in(value))
