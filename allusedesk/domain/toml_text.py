"""TOML that people write, read within bounds: no text makes a reader hang, swell or recurse."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

_CHARACTERS_MAX = 1_000_000
_DIGITS_MAX = 40
_LARGEST = 10**18


def read_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The tables of a TOML text. Raises TOMLDecodeError for whatever cannot be read.

    That is also a text beyond a million characters, tables within tables without end, and numbers
    that no rule and no price has, such as 1e999999.
    """
    if len(text) > _CHARACTERS_MAX:
        raise tomllib.TOMLDecodeError("it is far longer than any such file")
    try:
        table = tomllib.loads(text, parse_float=parse_float)
        _refuse_absurd(table)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as fault:
        raise tomllib.TOMLDecodeError("its tables stand within tables without end") from fault
    except (ValueError, ArithmeticError) as fault:
        raise tomllib.TOMLDecodeError("it holds a number that cannot be read") from fault
    return table


def exact_number(text: str) -> Decimal:
    """A number as it is written, for `read_toml`. Raises ValueError for an absurd one."""
    number = Decimal(text)
    if not is_bounded(number):
        raise ValueError(f"{text:.40} is no number of this desk")
    return number


def is_bounded(number: Decimal) -> bool:
    """False for a number with more digits than any figure has; NaN and infinity are let pass."""
    if not number.is_finite():
        return True
    _, digits, exponent = number.as_tuple()
    return len(digits) <= _DIGITS_MAX and abs(int(exponent)) <= _DIGITS_MAX


def shortened(text: str, letters: int = 300) -> str:
    """A text that fits into a sentence, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= letters else line[:letters] + "…"


def _refuse_absurd(value: object) -> None:
    match value:
        case bool():
            pass
        case int() if abs(value) > _LARGEST:
            raise ValueError("a whole number is too large")
        case dict():
            for item in value.values():
                _refuse_absurd(item)
        case list():
            for item in value:
                _refuse_absurd(item)
        case _:
            pass
