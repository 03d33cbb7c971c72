"""Tax lots and what closing them earned, folded from bookings: an estimate, ask your adviser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.portfolio.holding_periods import Term, is_long_term, is_section_1256
from allusedesk.portfolio.tax_trades import part_of

ESTIMATE = "estimate, ask your adviser"


class LotChoice(Enum):
    """Which lot a closing takes: the oldest of all sleeves, or the one the desk closed.

    The first is the rule where nothing else is said (Treasury Regulation 1.1012-1(c)); the second
    asks that the broker was told at the trade.
    """

    FIFO = "fifo"
    SPECIFIC = "specific"


class Ending(Enum):
    """How units of a lot ended."""

    SOLD = "sold"
    BOUGHT_BACK = "bought back"
    EXPIRED = "expired"
    CALLED_AWAY = "called away"
    MARKED = "marked at year end"
    IN_LIEU = "paid for a fraction"


class TaxConcern(Enum):
    """What a person should look at with an adviser."""

    NOT_QUALIFIED = "covered call not qualified, holding period of the shares restarts"
    CONSTRUCTIVE_SALE = "possible constructive sale"
    WASH_SALE = "wash sale, loss deferred"
    NO_MARK = "no price at year end, section 1256 contract not marked"


@dataclass(frozen=True, slots=True)
class TaxLot:
    """Units bought, or written, together.

    `cost` is what was paid, fees included, negative for what was received; `deferred` are losses
    of wash sales moved here. `held_from` starts the holding period, None while a call that is not
    qualified stands against the shares; `covered_by` is that call's lot, or any call's. `batch`
    is the number of the purchase this is a part of, `replacing` how many of its shares already
    replace some.
    """

    number: int
    batch: int
    source: PositionId
    account: AccountId
    instrument: Instrument
    units_signed: int
    acquired_on: date
    held_from: date | None
    cost: Money
    deferred: Money = NOTHING
    spot: Price | None = None
    covered_by: int | None = None
    replacing: int = 0

    @property
    def units(self) -> int:
        return abs(self.units_signed)

    @property
    def shares(self) -> int:
        return self.units * self.instrument.multiplier

    @property
    def is_short(self) -> bool:
        return self.units_signed < 0

    def split(self, units: int, number: int) -> tuple[TaxLot, TaxLot]:
        """So many units, and the rest under a number of its own; cost goes with the units."""
        sign = -1 if self.is_short else 1
        cost = part_of(self.cost, units, self.units)
        deferred = part_of(self.deferred, units, self.units)
        replacing = min(self.replacing, units * self.instrument.multiplier)
        first = replace(
            self, units_signed=sign * units, cost=cost, deferred=deferred, replacing=replacing
        )
        rest = replace(
            self,
            number=number,
            units_signed=self.units_signed - first.units_signed,
            cost=self.cost - cost,
            deferred=self.deferred - deferred,
            replacing=self.replacing - replacing,
        )
        return first, rest


@dataclass(frozen=True, slots=True)
class TaxClosing:
    """Units of one lot that ended; `disallowed` is the part of a loss that a wash sale defers.

    For options written `proceeds` is what was received and `basis` what they cost to close; they
    are `opened_on` when written. A premium is part of the shares it was delivered with.
    """

    lot: int
    account: AccountId
    instrument: Instrument
    units: int
    is_short: bool
    opened_on: date
    closed_on: date
    held_from: date | None
    proceeds: Money
    basis: Money
    term: Term
    ending: Ending
    disallowed: Money = NOTHING

    @property
    def gain(self) -> Money:
        """What counts for this year's tax."""
        return self.proceeds - self.basis + self.disallowed


@dataclass(frozen=True, slots=True)
class TaxFlag:
    """Something about one instrument that a person should take to an adviser."""

    on: date
    account: AccountId
    instrument: Instrument
    concern: TaxConcern


@dataclass(frozen=True, slots=True)
class WashDeferral:
    """A loss, or a part of one, that went into what replaced it.

    `closing` is the place of the closing among all, `shares` how many of its shares were replaced
    by `instrument`, bought (or, `is_short`, written) on `acquired_on` in `account`.
    """

    closing: int
    account: AccountId
    instrument: Instrument
    is_short: bool
    acquired_on: date
    shares: int
    deferred: Money


@dataclass(frozen=True, slots=True)
class TaxPicture:
    """All closings in order, the lots still open, what was flagged and what was deferred."""

    closings: tuple[TaxClosing, ...]
    lots: tuple[TaxLot, ...]
    flags: tuple[TaxFlag, ...]
    washes: tuple[WashDeferral, ...] = ()


YearEndMarks = Mapping[int, Mapping[Instrument, Price]]


def take(
    lots: Iterable[TaxLot], units: int, source: PositionId, choice: LotChoice
) -> list[tuple[TaxLot, int]]:
    """Which lots, and how many units of each, a closing of so many takes.

    Raises ValueError where fewer are held.
    """
    mine = sorted(
        lots, key=lambda lot: (choice is LotChoice.SPECIFIC and lot.source != source, lot.batch)
    )
    taken = []
    for lot in mine:
        if units:
            taken.append((lot, min(units, lot.units)))
            units -= min(units, lot.units)
    if units:
        message = f"{units} units more of {source} were closed than were ever opened."
        raise ValueError(message)
    return taken


def closing_of(lot: TaxLot, on: date, cash: Money, deferred: Money, ending: Ending) -> TaxClosing:
    """A lot that ended whole: `cash` is what that brought (negative: cost), fees counted.

    `deferred` comes from options delivered with it.
    """
    if is_section_1256(lot.instrument):
        term = Term.SECTION_1256
    elif lot.is_short:
        # A gain or loss of the writer is short-term whenever it comes (1234(b)).
        term = Term.SHORT
    else:
        term = Term.LONG if is_long_term(lot.held_from, on) else Term.SHORT
    added = lot.deferred + deferred
    return TaxClosing(
        lot=lot.number,
        account=lot.account,
        instrument=lot.instrument,
        units=lot.units,
        is_short=lot.is_short,
        opened_on=lot.acquired_on,
        closed_on=on,
        held_from=lot.held_from,
        proceeds=-lot.cost if lot.is_short else cash,
        basis=(-cash if lot.is_short else lot.cost) + added,
        term=term,
        ending=ending,
    )
