"""What the read side answers with; the fields of a row are named like its table's columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.proposals import Comparison
from allusedesk.journal.trade_values import FillSeen, OrderSeen, ProposalSeen


@dataclass(frozen=True, slots=True)
class DeskHeader:
    """How the desk was opened; `symbols` as on the command line, `notes` one to a line."""

    mode: str
    rulebook: str
    symbols: str
    trend_symbol: str
    seed: int
    program: str
    notes: str


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One sleeve as its family was opened, with the equity it began with."""

    account: str
    family: str
    kind: str
    parent: str | None
    opened_on: date
    base: Money


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """The sessions a week runs over, and the first one after it."""

    week: str
    first_session: date
    last_session: date
    expiry: date
    session_after: date


@dataclass(frozen=True, slots=True)
class ConditionSeen:
    """The week's condition; None, with the reason, where it could not be decided."""

    sequence: int
    condition: str | None
    rule: str
    deploy: Decimal | None
    vix: Decimal | None
    vix_average: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class ComparisonSeen:
    """One figure against one limit, made by the entry `sequence`."""

    sequence: int
    name: str
    value: str
    limit_value: str
    passed: bool

    def as_compared(self) -> Comparison:
        """The comparison as it was made."""
        return Comparison(self.name, self.value, self.limit_value, self.passed)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a sleeve: how many proposals came of it; `target` where it was for entries."""

    sequence: int
    week: str
    account: str
    look: str
    proposals: int
    target: Decimal | None


@dataclass(frozen=True, slots=True)
class TurnedDownCount:
    """How often a rule stopped a candidate of a sleeve, with one of them and its figures."""

    account: str
    rule: str
    reason: str
    count: int
    candidate: str = ""
    value: str = ""
    limit_value: str = ""


@dataclass(frozen=True, slots=True)
class Trade:
    """An order from the rule that wanted it to its fills; the proposal is None if unknown."""

    order: OrderSeen
    proposal: ProposalSeen | None
    fills: tuple[FillSeen, ...]

    @property
    def rule(self) -> str:
        return self.proposal.rule if self.proposal else ""

    @property
    def approver(self) -> str:
        return self.proposal.decided_by if self.proposal else ""

    @property
    def commission(self) -> Money:
        paid = Money(Decimal(0))
        for fill in self.fills:
            paid = paid + fill.commission
        return paid


@dataclass(frozen=True, slots=True)
class LotHeld:
    """A lot as it stood after an entry."""

    id: str
    account: str
    instrument: str
    role: str
    quantity: int
    price_average: Price
    spot_at_open: Price | None
    basis: Price | None
    linked_to: str | None
    opened_by: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class LotChanged:
    """A lot before and after a booking, and what that realised before commissions."""

    sequence: int
    week: str
    lot: str
    account: str
    quantity_before: int
    quantity_after: int
    realised: Money
    how: str


@dataclass(frozen=True, slots=True)
class CashMoved:
    """Cash in or out of a sleeve; `how` is fill, assignment, expiry, dividend, split or cash."""

    sequence: int
    week: str
    account: str
    amount: Money
    settles_on: date
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """How a position, or an idle sleeve, ended its week."""

    sequence: int
    week: str
    account: str
    position: str | None
    outcome: str
    tag: str
    action: str


@dataclass(frozen=True, slots=True)
class LabelSeen:
    """A family's label for a week; `tags` are the other matches."""

    sequence: int
    week: str
    family: str
    label: str
    tags: str


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A position's step from one level to the next, in average true ranges."""

    sequence: int
    position: str
    level_before: str
    level: str
    distance: Decimal
    atr: Decimal
    spot: Price


@dataclass(frozen=True, slots=True)
class Mark:
    """One sleeve at the close of `on_day`; `drawdown` is a fraction of its high."""

    sequence: int
    on_day: date
    account: str
    equity: Money
    cash: Money
    positions: Money
    collateral: Money
    unrealised: Money
    high: Money
    drawdown: Decimal
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class Branching:
    """A fork, or a merge: the sleeve, the other family and what went between them."""

    sequence: int
    week: str
    how: str
    account: str
    family: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Reinvestment:
    """A quarter's gain and its parts."""

    sequence: int
    account: str
    quarter: str
    gain: Money
    tax: Money
    contracts: Money
    leaps: Money


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should read."""

    sequence: int
    recorded_at: datetime
    severity: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A report that was cut for a week."""

    sequence: int
    is_final: bool
    version: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry as a line to read."""

    sequence: int
    recorded_at: datetime
    kind: str
    cause: int | None
    account: str
    line: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a journal holds."""

    weeks: int
    proposals: int
    orders: int
    fills: int
    forks: int
    merges: int


@dataclass(frozen=True, slots=True)
class EquitySpan:
    """A sleeve's equity when it was opened and at its last mark (0 once it was merged)."""

    account: str
    start: Money
    end: Money


@dataclass(frozen=True, slots=True)
class WeeklyReturn:
    """A sleeve's week: gain over what it began with, cash moved in or out left aside.

    `target` is the least return the rulebook wants of the week, None where it was never asked;
    `forked` the part of the cash moved that a fork or a merge took from sleeve to sleeve.
    """

    week: str
    account: str
    equity_start: Money
    equity_end: Money
    moved: Money
    value: Decimal
    target: Decimal | None
    forked: Money = NOTHING

    @property
    def held(self) -> Money:
        """What the week's target is wanted of.

        A fork or a merge comes with the check before the first session, so its dollars count in
        the sleeve they went to; a sleeve opened in the week has what came in.
        """
        if self.equity_start or self.forked:
            return self.equity_start + self.forked
        return self.moved


@dataclass(frozen=True, slots=True)
class WeekOverview:
    """Everything one week's report may show, in the order it was recorded."""

    plan: PlannedWeek
    desk: DeskHeader
    conditions: tuple[ConditionSeen, ...]
    comparisons: tuple[ComparisonSeen, ...]
    looks: tuple[Look, ...]
    turned_down: tuple[TurnedDownCount, ...]
    proposals: tuple[ProposalSeen, ...]
    trades: tuple[Trade, ...]
    outcomes: tuple[OutcomeSeen, ...]
    labels: tuple[LabelSeen, ...]
    levels: tuple[LevelStep, ...]
    marks_start: tuple[Mark, ...]
    marks_end: tuple[Mark, ...]
    returns: tuple[WeeklyReturn, ...]
    cash_moves: tuple[CashMoved, ...]
    lot_changes: tuple[LotChanged, ...]
    lots_held: tuple[LotHeld, ...]
    branchings: tuple[Branching, ...]
    reinvestments: tuple[Reinvestment, ...]
    notices: tuple[Notice, ...]
    closings: tuple[Closing, ...]
    plan_next: PlannedWeek | None

    def comparisons_of(self, sequence: int) -> tuple[ComparisonSeen, ...]:
        """The figures that the entry `sequence` held against limits."""
        return tuple(one for one in self.comparisons if one.sequence == sequence)
