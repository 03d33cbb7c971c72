"""What can be held: shares and listed options, and the standard option symbol."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
class IndexClass:
    """The options of one root on an index: settled in cash, exercised at expiry or any time."""

    index: str
    is_european: bool


# The exchanges' specifications; options on broad indexes are nonequity options of section 1256.
INDEX_CLASSES = {
    "SPX": IndexClass("SPX", is_european=True),
    "SPXW": IndexClass("SPX", is_european=True),
    "XSP": IndexClass("XSP", is_european=True),
    "NDX": IndexClass("NDX", is_european=True),
    "NDXP": IndexClass("NDX", is_european=True),
    "RUT": IndexClass("RUT", is_european=True),
    "RUTW": IndexClass("RUT", is_european=True),
    "VIX": IndexClass("VIX", is_european=True),
    "VIXW": IndexClass("VIX", is_european=True),
    "DJX": IndexClass("DJX", is_european=True),
    "OEX": IndexClass("OEX", is_european=False),
    "XEO": IndexClass("OEX", is_european=True),
}


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

    @property
    def is_index(self) -> bool:
        """True for an index, which is quoted and never traded itself."""
        return self.symbol in INDEX_CLASSES

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

    def __hash__(self) -> int:
        """Hash what tells nearly all series apart: members of an enumeration hash slowly."""
        return hash((self.underlying, self.expiry, self.strike))

    @property
    def is_standard(self) -> bool:
        return self.multiplier == STANDARD_MULTIPLIER

    @property
    def is_cash_settled(self) -> bool:
        """True where exercise pays what the option is in the money and no share moves."""
        return self.underlying in INDEX_CLASSES

    @property
    def is_european(self) -> bool:
        """True where it can be exercised at its expiry alone."""
        index = INDEX_CLASSES.get(self.underlying)
        return index is not None and index.is_european

    @property
    def is_section_1256(self) -> bool:
        """True where gains are taxed 60/40 and positions marked at the year's end."""
        return self.underlying in INDEX_CLASSES

    @property
    def priced_by(self) -> str:
        """The symbol whose closing price decides what it is worth at its end."""
        index = INDEX_CLASSES.get(self.underlying)
        return self.underlying if index is None else index.index

    def __str__(self) -> str:
        right = "put" if self.right is Right.PUT else "call"
        return f"{self.underlying} {self.expiry} {self.strike.normalize():f} {right}"


@lru_cache(maxsize=16_384)
def _spelt_as_in_symbol(strike: Decimal) -> Decimal:
    thousandths = strike * 1000
    whole = thousandths.to_integral_value()
    return Decimal(int(whole)) / 1000 if whole == thousandths else strike


Instrument = Stock | OptionContract


def with_underlyings(instruments: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Each instrument once, in order, each option followed by what prices it."""
    wanted: dict[Instrument, None] = {}
    for one in instruments:
        wanted[one] = None
        if isinstance(one, OptionContract):
            wanted[Stock(one.priced_by)] = None
    return tuple(wanted)


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
