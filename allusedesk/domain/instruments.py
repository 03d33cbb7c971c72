"""What can be held: shares and listed options, and the standard option symbol."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache

STANDARD_MULTIPLIER = 100
_OCC = re.compile(r"^([A-Z.]{1,6}?)(\d?)\s*(\d{6})([PC])(\d{8})$")


class Right(Enum):
    """Put or call."""

    PUT = "P"
    CALL = "C"


@dataclass(frozen=True, slots=True)
class Stock:
    """A listed share (or fund unit) by its symbol."""

    symbol: str

    @property
    def multiplier(self) -> int:
        return 1

    @property
    def underlying(self) -> str:
        return self.symbol

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True, slots=True)
class OptionContract:
    """One listed option series; `multiplier` is also the number of shares it delivers."""

    underlying: str
    expiry: date
    right: Right
    strike: Decimal
    multiplier: int = STANDARD_MULTIPLIER

    def __post_init__(self) -> None:
        if self.strike <= 0 or self.multiplier <= 0:
            message = f"An option needs a strike and a multiplier above zero, not {self}."
            raise ValueError(message)
        # One spelling of each strike, that of its option symbol, so that a replay computes with
        # the very digits the live desk had.
        object.__setattr__(self, "strike", _spelt_as_in_symbol(self.strike))

    @property
    def is_standard(self) -> bool:
        return self.multiplier == STANDARD_MULTIPLIER

    def __str__(self) -> str:
        right = "put" if self.right is Right.PUT else "call"
        return f"{self.underlying} {self.expiry} {self.strike.normalize():f} {right}"


@lru_cache(maxsize=16_384)
def _spelt_as_in_symbol(strike: Decimal) -> Decimal:
    thousandths = strike * 1000
    whole = thousandths.to_integral_value()
    return Decimal(int(whole)) / 1000 if whole == thousandths else strike


Instrument = Stock | OptionContract


def write_option_symbol(contract: OptionContract) -> str:
    """The 21-character symbol of the Options Clearing Corporation, without its padding.

    Adjusted deliverables carry their multiplier behind a slash, which the symbol itself lacks.
    Raises ValueError for a strike finer than a tenth of a cent.
    """
    thousandths = contract.strike * 1000
    if thousandths != thousandths.to_integral_value():
        message = f"The strike {contract.strike} does not fit the option symbol."
        raise ValueError(message)
    text = (
        f"{contract.underlying}{contract.expiry:%y%m%d}{contract.right.value}{int(thousandths):08d}"
    )
    return text if contract.is_standard else f"{text}/{contract.multiplier}"


def read_option_symbol(text: str) -> OptionContract:
    """The contract behind an option symbol; raises ValueError where it is none."""
    symbol, _, multiplier = text.partition("/")
    found = _OCC.match(symbol)
    if found is None:
        message = f"{text!r} is no option symbol such as AAPL260213P00260000."
        raise ValueError(message)
    root, adjusted, day, right, thousandths = found.groups()
    expiry = date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    return OptionContract(
        root + adjusted,
        expiry,
        Right(right),
        Decimal(int(thousandths)) / 1000,
        int(multiplier) if multiplier else STANDARD_MULTIPLIER,
    )
