"""Everything the engine knows, from entries alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from immutables import Map

from allusedesk.approvals.trust import TrustLedger
from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.alerts import StandingAlert
from allusedesk.domain.arming import ArmedBy
from allusedesk.domain.book import Book
from allusedesk.domain.changing import replace
from allusedesk.domain.events import (
    ConditionClassified,
    ProposalApproved,
    RiskJudged,
    SleeveState,
)
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.inputs import Mode, SymbolList
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import CarriedBudget
from allusedesk.domain.strategy_events import IntentsGiven, StrategySwitched
from allusedesk.domain.trust import ApprovalAnnounced, FourEyesAwaited, ProposalSigned
from allusedesk.domain.week_events import RequestDenied
from allusedesk.domain.weeks import Session, TradingWeek, WeekId
from allusedesk.protocol.rulebook import Rulebook, WeekFact
from allusedesk.protocol.views import Freeze
from allusedesk.risk.circuit_breakers import VixWatch

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One sleeve's standing: its base, its high, and every reason not to trade in it.

    `entered` are the symbols entered in this week's cycle, `covered` the lots of shares that had
    a call sold on them in it; `is_measured` says whether an outcome was recorded for it this
    week. `quarter_equity` is its equity when the quarter began, with what was moved in or out
    since added. `tax_reserve` is set aside for tax, `shares_had` names symbols whose shares it
    held at some time. `recovering` are the lots, or the puts that brought them, whose fall GBR-4
    has answered.
    """

    account: AccountId
    base: Money
    state: SleeveState = SleeveState.SAFE
    equity: Money = NOTHING
    high: Money = NOTHING
    drawdown: Decimal = Decimal(0)
    freezes: tuple[Freeze, ...] = ()
    recovery_until: date | None = None
    recovering: tuple[PositionId, ...] = ()
    is_calls_only: bool = False
    entered: tuple[str, ...] = ()
    covered: tuple[PositionId, ...] = ()
    has_traded: bool = False
    is_measured: bool = False
    leaps_budget: Money = NOTHING
    quarter_equity: Money = NOTHING
    tax_reserve: Money = NOTHING
    shares_had: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HedgePurse:
    """What a family has spent on hedges this quarter, on which underlyings, and what it carries.

    `missed_in` is the last week of the quarter in which a hedge was called for and none bought.
    """

    spent: Money = NOTHING
    bought: tuple[str, ...] = ()
    missed_in: WeekId | None = None
    carried: tuple[CarriedBudget, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open proposal: asked, then approved, then on its way in clips, one order at a time.

    `quantity_left` is what no order has filled yet, `orders` are those written so far, `live` the
    one at the broker. `judged` is what our own checks said before anyone was asked; None where no
    order follows from it. `signed` is the first of two signatures, `announced` what trust will do
    unless a person says no.
    """

    proposal: Proposal
    approval: ProposalApproved | None = None
    quantity_left: int = 0
    orders: tuple[OrderId, ...] = ()
    live: OrderId | None = None
    judged: RiskJudged | None = None
    signed: ProposalSigned | None = None
    announced: ApprovalAnnounced | None = None

    @property
    def is_approved(self) -> bool:
        return self.approval is not None


@dataclass(frozen=True, slots=True)
class Owner:
    """The strategy, in its version, that an order belongs to, and the part of it."""

    strategy: str
    part: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A request of a person that was turned down today, by the entry that says so."""

    sequence: int
    event: RequestDenied


@dataclass(frozen=True, slots=True)
class DeskState:
    """One immutable picture of the desk; `fold` makes the next one."""

    sequence: int = 0
    now: datetime | None = None
    today: date | None = None
    mode: Mode = Mode.REHEARSAL
    rulebook: Rulebook | None = None
    rulebook_text: str = ""
    symbols: tuple[SymbolList, ...] = ()
    trend_symbol: str = ""
    week: TradingWeek | None = None
    session_after: Session | None = None
    week_before: WeekId | None = None
    condition: ConditionClassified | None = None
    book: Book = field(default_factory=Book)
    sleeves: Map[AccountId, Sleeve] = field(default_factory=Map)
    alarms: Map[str, Alarm] = field(default_factory=Map)
    price_alarms: Map[str, PriceAlarm] = field(default_factory=Map)
    rung: Map[str, datetime] = field(default_factory=Map)
    looks: Map[str, Alarm | PriceAlarm] = field(default_factory=Map)
    tickets: Map[ProposalId, Ticket] = field(default_factory=Map)
    orders: Map[OrderId, Order] = field(default_factory=Map)
    orders_over: Map[OrderId, Order] = field(default_factory=Map)
    taken_back: Map[OrderId, datetime] = field(default_factory=Map)
    heard_of: Map[OrderId, datetime] = field(default_factory=Map)
    booked_notices: Map[str, date] = field(default_factory=Map)
    unwanted: Map[str, date] = field(default_factory=Map)
    notices: Map[str, date] = field(default_factory=Map)
    levels: Map[PositionId, str] = field(default_factory=Map)
    first_credits: Map[PositionId, Price] = field(default_factory=Map)
    chain_gains: Map[PositionId, Price] = field(default_factory=Map)
    measured: Map[PositionId, WeekId] = field(default_factory=Map)
    facts: Map[FamilyId, tuple[WeekFact, ...]] = field(default_factory=Map)
    new_families: tuple[FamilyId, ...] = ()
    merging: Map[FamilyId, AccountId] = field(default_factory=Map)
    minis: Map[FamilyId, Money] = field(default_factory=Map)
    breakers: tuple[str, ...] = ()
    vix_days: int = 0
    breached_in: WeekId | None = None
    purses: Map[FamilyId, HedgePurse] = field(default_factory=Map)
    trend_high: Price | None = None
    vix_watch: VixWatch = field(default_factory=VixWatch)
    spots: Map[str, Price] = field(default_factory=Map)
    ranges: Map[str, Decimal] = field(default_factory=Map)
    marks: Map[Instrument, Quote] = field(default_factory=Map)
    proposals_made: int = 0
    families_made: int = 0
    halted_by: str = ""
    denied: tuple[Denial, ...] = ()
    is_link_up: bool = True
    is_resuming: bool = False
    armed: ArmedBy | None = None
    compared_at: datetime | None = None
    killed_at: datetime | None = None
    booked_at: datetime | None = None
    alerts: Map[str, StandingAlert] = field(default_factory=Map)
    forecast: ForecastMade | None = None
    trust: TrustLedger = field(default_factory=TrustLedger)
    second_above: Money | None = None
    second_awaited: FourEyesAwaited | None = None
    strategies: tuple[StrategySwitched, ...] = ()
    intents: IntentsGiven | None = None
    owners: Map[OrderId, Owner] = field(default_factory=Map)

    @property
    def may_send(self) -> bool:
        """False for a live desk that nobody has armed: no order of it may leave."""
        return self.mode is not Mode.LIVE or self.armed is not None

    @property
    def rules(self) -> Rulebook:
        """The rulebook in force; raises ValueError before the desk was opened."""
        if self.rulebook is None:
            raise ValueError("The journal does not begin with the opening of a desk.")
        return self.rulebook

    @property
    def day(self) -> date:
        """Today's date in New York; raises ValueError before the first entry."""
        if self.today is None:
            raise ValueError("The desk has no date before its first entry.")
        return self.today

    @property
    def instant(self) -> datetime:
        """The instant of the entry being thought about."""
        if self.now is None:
            raise ValueError("The desk has no instant before its first entry.")
        return self.now

    @property
    def week_id(self) -> WeekId:
        """The week being traded; raises ValueError before one was planned."""
        if self.week is None:
            raise ValueError("No week is planned yet.")
        return self.week.id

    def owner_of(self, lot: Position) -> Owner | None:
        """The strategy that opened a lot, or the put that brought these shares; else None."""
        return self.owners.get(lot.opened_by)

    def with_sleeve(self, sleeve: Sleeve) -> DeskState:
        """The state with one sleeve as given."""
        return replace(self, sleeves=self.sleeves.set(sleeve.account, sleeve))

    def with_fact(self, family: FamilyId, fact: WeekFact) -> DeskState:
        """The state once a happening that can name a family's week was seen."""
        facts = self.facts.get(family, ())
        if fact in facts:
            return self
        return replace(self, facts=self.facts.set(family, (*facts, fact)))

    def symbols_of(self, kind: AccountKind) -> tuple[str, ...]:
        """The symbols a tier may trade: the desk's own list, else the rulebook's."""
        for listed in self.symbols:
            if listed.kind is kind:
                return listed.symbols
        return self.rules.account(kind).symbols

    def settles_on(self) -> date:
        """The session after today's, on which today's sales settle (T+1)."""
        if self.week is not None:
            for session in self.week.sessions:
                if session.date > self.day:
                    return session.date
        return self.session_after.date if self.session_after is not None else self.day
