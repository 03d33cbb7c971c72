"""What a strategy says of itself: where, when, which legs, when out again, how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import Enum

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import Right
from allusedesk.domain.proposals import Side
from allusedesk.protocol.rulebook_trading import Weekday


class Structure(Enum):
    """The building blocks a part is made of; each fixes what its legs must look like."""

    SHARES = "shares"
    CASH_SECURED_PUT = "cash-secured put"
    COVERED_CALL = "covered call"
    CREDIT_SPREAD = "credit spread"
    IRON_CONDOR = "iron condor"
    COLLAR = "collar"
    LONG_OPTION = "long option"
    CALL_ON_CALL = "call on a long call"

    @property
    def needs_shares(self) -> bool:
        return self in (Structure.COVERED_CALL, Structure.COLLAR)

    @property
    def is_limited(self) -> bool:
        """True where other options, not cash or shares, stand behind what is sold."""
        return self in (Structure.CREDIT_SPREAD, Structure.IRON_CONDOR, Structure.CALL_ON_CALL)


class Trend(Enum):
    """Where price must stand against its 50-session average."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Band:
    """A range with both ends included; its middle is what is aimed at."""

    low: Decimal
    high: Decimal

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2

    def holds(self, value: Decimal) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class LegRule:
    """One option leg: its side and right, and how its contract is found.

    `delta` is quoted x 100, `days` are calendar days to expiry, `away` is how far out of the money
    it lies and `width` how far beyond the leg before it, both as fractions of the spot. Without
    `days` it has the expiry of the first leg. `spread_max` bounds the quoted spread of what is
    bought, as a fraction of mid; what is sold passes the rulebook's gates.
    """

    name: str
    side: Side
    right: Right
    days: Band | None = None
    delta: Band | None = None
    away: Band | None = None
    width: Band | None = None
    spread_max: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class EntryRule:
    """When a part may be entered: every condition given must hold.

    `open_max` counts what is open of the part in one symbol, `days_apart` are calendar days since
    the youngest of it was opened, `credit_min` is the least credit as a fraction of the distance
    at risk, `clear_of_earnings` asks that none be reported until the first expiry, `above_basis`
    that a call on shares be struck at what they cost, premium deducted, or above.
    """

    weekdays: tuple[Weekday, ...] = ()
    vix: Band | None = None
    trend: Trend | None = None
    clear_of_earnings: bool = False
    above_basis: bool = False
    open_max: int = 1
    days_apart: int = 0
    credit_min: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ExitRule:
    """When a part is closed whole; whichever comes first.

    `profit` and `loss` are fractions of what was received, or paid, when it was opened.
    `days_left` is to the first expiry; `delta` is the band that a single long option may keep.
    """

    profit: Decimal | None = None
    loss: Decimal | None = None
    days_left: int | None = None
    delta: Band | None = None


@dataclass(frozen=True, slots=True)
class SizeRule:
    """How much: `share` of the sleeve's equity for each opening, at most `units_max` units.

    What counts is cash held, what a spread can lose, or what is paid. For calls on shares, or on
    a long call, `share` is the part of them that is covered. A unit of shares is one share.
    """

    share: Decimal
    units_max: int


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a strategy does: what it opens, when, when it ends, and how large."""

    name: str
    structure: Structure
    size: SizeRule
    legs: tuple[LegRule, ...] = ()
    entry: EntryRule = EntryRule()
    exit: ExitRule = ExitRule()


@dataclass(frozen=True, slots=True)
class Definition:
    """A strategy in one version.

    `tiers` are those it may be enabled in, `symbols` what it trades (empty: those of the tier),
    `looks` when, in New York time. `protocol` names the tier whose sleeve under the rulebook it
    stands for; such a definition has no parts of its own. With `decided_by_class` nothing is
    opened but what the registered class that wrote it asks for, look by look.
    """

    name: str
    version: str
    title: str
    summary: str
    changelog: tuple[str, ...]
    tiers: tuple[AccountKind, ...]
    symbols: tuple[str, ...] = ()
    looks: tuple[time, ...] = ()
    protocol: AccountKind | None = None
    parts: tuple[Part, ...] = ()
    decided_by_class: bool = False

    @property
    def id(self) -> str:
        """Name and version, such as `put-credit-spread@1.0`."""
        return f"{self.name}@{self.version}"

    @property
    def keeps_shares(self) -> bool:
        """True where shares that are put to it are what it wants."""
        return any(part.structure.needs_shares for part in self.parts)

    def part(self, name: str) -> Part | None:
        for part in self.parts:
            if part.name == name:
                return part
        return None
