"""What must hold after every entry of a record; each invariant has a name, to be told by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import AccountId, FamilyId, family_of, kind_of
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerStatement,
    Order,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderStatus,
)
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from tests.simulation.ledger import Broken, Ledger, Must
from tests.simulation.shown_quotes import unsound_quote

# Why money crosses the desk's border; all other bookings of cash stay inside.
BY_HAND = frozenset({"opening", "deposit", "withdrawal"})
_ENDS = (
    ev.ProposalCompleted,
    ev.ProposalVoided,
    ev.ProposalDeclined,
    ev.ProposalLapsed,
    ev.ProposalRefused,
)


def _ties_money(order: Order) -> bool:
    """False for calls on shares that are held, for GBR-4, and for options that are bought."""
    if order.kind in (ProposalKind.COVERED_CALL, ProposalKind.RECOVERY):
        return False
    return not all(
        leg.side is Side.BUY and isinstance(leg.instrument, OptionContract) for leg in order.legs
    )


@dataclass
class Watcher:
    """Follows a record entry by entry; call it as an observer, or on entries read back."""

    is_strict_about_state: bool = True
    state: DeskState = field(default_factory=DeskState)
    ledger: Ledger = field(default_factory=Ledger)
    entries: int = 0
    orders: dict[OrderId, Order] = field(default_factory=dict)
    approvals: dict[ProposalId, ev.ProposalApproved] = field(default_factory=dict)
    proposals: dict[ProposalId, ev.ProposalMade] = field(default_factory=dict)
    over: set[ProposalId] = field(default_factory=set)
    refused: set[ProposalId] = field(default_factory=set)
    outcomes: Counter[tuple[PositionId, WeekId]] = field(default_factory=Counter)
    idle: Counter[tuple[AccountId, WeekId]] = field(default_factory=Counter)
    measured_sleeves: set[tuple[AccountId, WeekId]] = field(default_factory=set)
    labels: Counter[tuple[FamilyId, WeekId]] = field(default_factory=Counter)
    lived: dict[WeekId, set[PositionId]] = field(default_factory=dict)
    sleeves_in: dict[WeekId, set[AccountId]] = field(default_factory=dict)
    born_in: dict[FamilyId, WeekId | None] = field(default_factory=dict)
    closed_weeks: list[WeekId] = field(default_factory=list)
    _report: object = None
    _sample: MarketSnapshot | None = None
    _asked: Decimal = Decimal(0)
    _fees: Decimal = Decimal(0)
    _dividends: Decimal = Decimal(0)

    def __call__(self, live: DeskState, entry: Entry) -> None:
        self.take(entry)
        is_compared = entry.sequence == live.sequence and entry.sequence % 23 == 0
        if self.is_strict_about_state and is_compared and self.state != live:
            self._fail(entry, Must.REPLAY, "folding the record up to here gives another state")

    def take(self, entry: Entry) -> None:
        before = self.state
        if entry.sequence != self.entries + 1:
            self._fail(entry, Must.FOLLOW, f"it follows entry {self.entries}")
        self.entries = entry.sequence
        self.state = fold(before, entry)
        self._follow(before, entry)
        if self.state.book is not before.book or isinstance(entry.event, ev.OrderWritten):
            self._check_book(entry)

    def _fail(self, entry: Entry, invariant: Must, what: str) -> None:
        kind = type(entry.event).__name__
        raise Broken(invariant, f"entry {entry.sequence} ({kind}, {entry.recorded_at}): {what}")

    # What the entries tell.

    def _follow(self, before: DeskState, entry: Entry) -> None:
        event = entry.event
        match event:
            case inp.BrokerReported():
                self._report = event.report
            case inp.MarketSampled():
                self._sample = event.snapshot
            case inp.OperatorDecided() if event.answer is inp.Answer.REJECT:
                self.refused.add(event.proposal)
            case inp.CapitalDeposited():
                self._asked = event.amount.amount
            case inp.CapitalWithdrawn():
                self._asked = -event.amount.amount
            case ev.CashBooked() if event.reason in BY_HAND:
                self.ledger.cash += self._asked
            case ev.FillBooked():
                self._follow_fills(entry, event)
            case ev.AssignmentBooked() | ev.ExpiryBooked() | ev.SettlementBooked():
                self._follow_notice(entry, event.notice)
            case ev.DividendBooked():
                self._follow_notice(entry, event.notice)
                self._dividends += sum(move.amount.amount for move in event.booking.cash)
                if self._dividends != self.ledger.dividends:
                    self._fail(entry, Must.DIVIDENDS, f"{self._dividends} booked in all")
            case ev.OrderWritten():
                self._follow_order(before, entry, event.order)
            case ev.OrderStatusChanged():
                self._follow_status(entry, event)
            case _:
                self._follow_week(before, entry)
                self._follow_permission(entry)
        self._remember_lots()

    def _follow_permission(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, ev.ProposalMade):
            if event.proposal.id in self.proposals:
                self._fail(entry, Must.OWN_ID, "a proposal's id was used twice")
            self.proposals[event.proposal.id] = event
        elif isinstance(event, ev.ProposalApproved):
            self._follow_approval(entry, event)
        elif isinstance(event, _ENDS):
            self.over.add(event.proposal)
        elif isinstance(event, ev.SplitBooked):
            self._fail(entry, Must.POSITIONS, "the simulated market has no splits")

    def _follow_approval(self, entry: Entry, event: ev.ProposalApproved) -> None:
        made = self.proposals.get(event.proposal)
        if made is None or event.proposal in self.approvals:
            self._fail(entry, Must.APPROVED, "a proposal was approved twice, or never made")
        elif event.granted_at > made.proposal.expires_at:
            self._fail(entry, Must.APPROVED, "a proposal was approved after its deadline")
        if event.proposal in self.refused:
            self._fail(entry, Must.APPROVED, "a person had said no")
        self.approvals[event.proposal] = event

    def _follow_fills(self, entry: Entry, event: ev.FillBooked) -> None:
        order = self.orders[event.order]
        for fill in event.fills:
            self.ledger.fill(order, fill)
        self._fees += event.booking.commission.amount
        if self._fees != self.ledger.fees:
            self._fail(entry, Must.FEES, f"{self._fees} booked, {self.ledger.fees} paid")
        approval, made = self.approvals[order.proposal], self.proposals[order.proposal]
        most = approval.quantity if approval.quantity is not None else made.proposal.quantity
        for leg in range(len(order.legs)):
            done = self.ledger.by_leg.get((order.proposal, leg), 0)
            if done > most:
                self._fail(entry, Must.AS_APPROVED, f"{done} of {most} of {order.proposal}")

    def _follow_notice(self, entry: Entry, notice: str) -> None:
        report = self._report
        told = report.notices if isinstance(report, BrokerStatement) else (report,)
        found = next((item for item in told if getattr(item, "notice", "") == notice), None)
        if found is None:
            self._fail(entry, Must.POSITIONS, f"booked without its notice {notice}")
        self.ledger.notice(found)  # type: ignore[arg-type]

    def _follow_status(self, entry: Entry, event: ev.OrderStatusChanged) -> None:
        if (
            event.status_before is not OrderStatus.UNKNOWN
            or event.status is not OrderStatus.REJECTED
        ):
            return
        report = self._report
        said = isinstance(report, OrderRejected) or (
            isinstance(report, OrderLookedUp) and report.standing is OrderStanding.REJECTED
        )
        if not said or getattr(report, "order", "") != event.order:
            self._fail(entry, Must.NEVER_REJECTED, f"{event.order}, and the broker never said so")

    def _follow_order(self, before: DeskState, entry: Entry, order: Order) -> None:
        if order.id in self.orders:
            self._fail(entry, Must.OWN_ID, f"the client order id {order.id} was used twice")
        approval = self.approvals.get(order.proposal)
        if approval is None:
            self._fail(entry, Must.APPROVED, f"{order.id} was written without one")
        elif entry.recorded_at > approval.expires_at:
            self._fail(entry, Must.APPROVED, f"that of {order.id} had ended")
        if order.proposal in self.over:
            self._fail(entry, Must.APPROVED, f"the proposal of {order.id} is over")
        for other in before.orders.values():
            if other.proposal == order.proposal:
                self._fail(entry, Must.ONE_ORDER, f"{order.id} while {other.id} is alive")
            is_same = other.legs[0].instrument.underlying == order.legs[0].instrument.underlying
            if is_same and other.status is OrderStatus.UNKNOWN:
                self._fail(entry, Must.UNKNOWN_BLOCKS, f"{order.id}; {other.id} is unknown")
            for theirs in other.legs:
                for ours in order.legs:
                    if theirs.instrument == ours.instrument and theirs.side is not ours.side:
                        self._fail(entry, Must.ONE_SIDE, f"{order.id} against {other.id}")
        self.orders[order.id] = order
        if order.is_opening:
            if before.halted_by and _ties_money(order):
                self._fail(entry, Must.STOPPED, f"{order.id}; {before.halted_by}")
            self._check_caps(entry, order)
            unsound = unsound_quote(order, self._sample, self.state.rules)
            if unsound:
                self._fail(entry, Must.SOUND, unsound)

    def _follow_week(self, before: DeskState, entry: Entry) -> None:
        event = entry.event
        match event:
            case ev.OutcomeClassified():
                self.measured_sleeves.add((event.account, event.week))
                if event.position is None:
                    self.idle[event.account, event.week] += 1
                else:
                    self.outcomes[event.position, event.week] += 1
            case ev.WeekLabelled():
                self.labels[event.family, event.week] += 1
            case ev.FamilyOpened():
                self.born_in[event.family.id] = before.week.id if before.week else None
            case ev.WeekClosed() if not event.is_final:
                self.closed_weeks.append(event.week)

    def _remember_lots(self) -> None:
        week = self.state.week
        if week is None or self.state.instant < week.sessions[0].opens_at:
            # What the night delivers belongs to the week before.
            return
        first = week.sessions[0].date
        lived = self.lived.setdefault(week.id, set())
        for lot in self.state.book.positions.values():
            if lot.id in lived or not (lot.is_short_put or lot.is_shares):
                continue
            if lot.option is not None and lot.option.expiry < first:
                continue
            if lot.opened_at > week.sessions[-1].closes_at:
                continue
            opened = self.orders.get(lot.opened_by)
            is_leg_of_roll = opened is not None and opened.kind is ProposalKind.ROLL
            if is_leg_of_roll and lot.is_short_put and lot.opened_at >= week.sessions[0].opens_at:
                continue
            lived.add(lot.id)
        self.sleeves_in.setdefault(week.id, set()).update(self.state.sleeves)

    # What must hold.

    def _check_book(self, entry: Entry) -> None:
        book = self.state.book
        ours = sum((pile.whole.amount for pile in book.cash.values()), Decimal(0))
        if ours != self.ledger.cash:
            self._fail(entry, Must.CASH, f"the book has {ours}, the ledger {self.ledger.cash}")
        held: dict[Instrument, int] = {}
        for lot in book.positions.values():
            held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
        held = {instrument: signed for instrument, signed in held.items() if signed}
        if held != self.ledger.held:
            self._fail(
                entry, Must.POSITIONS, f"the book holds {held}, the ledger {self.ledger.held}"
            )
        fee = Money(self.state.rules.costs.contract)
        for account in book.accounts:
            settled = book.cash[account].settled
            needed = book.collateral_of(account, fee)
            if settled < needed or settled.amount < 0:
                self._fail(entry, Must.SECURED, f"{account} has {settled}, to hold {needed}")
            self._check_cover(entry, account)

    def _check_cover(self, entry: Entry, account: AccountId) -> None:
        called: Counter[str] = Counter()
        shares: Counter[str] = Counter()
        for lot in self.state.book.positions_of(account):
            if lot.is_short_call:
                called[lot.underlying] += lot.quantity * lot.instrument.multiplier
            elif lot.is_shares:
                shares[lot.underlying] += lot.quantity_signed
        for symbol, count in called.items():
            if count > shares[symbol]:
                self._fail(
                    entry,
                    Must.COVERED,
                    f"{account}: calls on {count} {symbol}",
                )
        if any(count < 0 for count in shares.values()):
            self._fail(entry, Must.COVERED, f"{account} is short of shares")

    def _check_caps(self, entry: Entry, order: Order) -> None:
        """A sleeve never deploys more than its rulebook lets it, nor all of them in one issuer.

        Long options hold nothing: their price is gone when they are bought.
        """
        if not _ties_money(order):
            return
        tier = self.state.rules.account(kind_of(order.account))
        symbol = order.legs[0].instrument.underlying
        mine, in_symbol, issuer = self._tied_with(order.account, symbol)
        # Equity moves between two marks; a part of a hundred is left for that.
        equities = {account: self._equity(account) for account in self.state.sleeves}
        equity, own = sum(equities.values(), Decimal(0)), equities[order.account]
        if issuer > equity * self.state.rules.capital.issuer_cap * Decimal("1.01"):
            self._fail(entry, Must.CAPS, f"{issuer} in the issuer of {symbol}, of {equity} in all")
        most = tier.deploy_high if tier.deploy_high is not None else Decimal("0.95")
        if mine > own * most * Decimal("1.01"):
            self._fail(entry, Must.CAPS, f"{order.account} deploys {mine} of {own}")
        cap = tier.symbol_cap
        if cap is not None and in_symbol > own * cap * Decimal("1.01"):
            self._fail(entry, Must.CAPS, f"{order.account} has {in_symbol} in {symbol} of {own}")

    def _equity(self, account: AccountId) -> Decimal:
        """As last marked, or as cash and the prices of now make it, whichever is more."""
        now = self.state.book.cash[account].whole.amount
        for lot in self.state.book.positions_of(account):
            if lot.is_shares:
                spot = self.state.spots.get(lot.underlying, lot.price_average)
                now += lot.value_at(spot).amount
        return max(self.state.sleeves[account].equity.amount, now)

    def _tied_with(self, account: AccountId, symbol: str) -> tuple[Decimal, Decimal, Decimal]:
        """What a sleeve ties up, in all and in a symbol, and what all of them do in its issuer."""
        issuer_of, spots = self.state.rules.issuer_of, self.state.spots
        tied = []
        for lot in self.state.book.positions.values():
            worth = lot.assignment_cost().amount
            if lot.is_shares:
                worth = lot.value_at(spots.get(lot.underlying, lot.price_average)).amount
            tied.append((lot.account, lot.underlying, worth))
        for order in self.state.orders.values():
            if order.is_opening and _ties_money(order):
                instrument = order.legs[0].instrument
                tied.append((order.account, instrument.underlying, self._ties(order)))
        mine = [one for one in tied if one[0] == account]
        return (
            sum((worth for _, _, worth in mine), Decimal(0)),
            sum((worth for _, name, worth in mine if name == symbol), Decimal(0)),
            sum(
                (worth for _, name, worth in tied if issuer_of(name) == issuer_of(symbol)),
                Decimal(0),
            ),
        )

    def _ties(self, order: Order) -> Decimal:
        leg = order.legs[0]
        left = order.quantity_open
        if isinstance(leg.instrument, Stock):
            spot = self.state.spots.get(leg.instrument.symbol)
            return spot.per_unit * left if spot is not None else Decimal(0)
        if leg.instrument.right is Right.PUT:
            return leg.instrument.strike * leg.instrument.multiplier * left
        return Decimal(0)

    # At the end.

    def check_weeks(self) -> None:
        """Each position and week one outcome, each family and week one label."""
        for week in self.closed_weeks:
            for lot in sorted(self.lived.get(week, ())):
                count = self.outcomes[lot, week]
                if count != 1:
                    raise Broken(Must.WEEKS, f"{lot} has {count} outcomes in {week}")
            for account in sorted(self.sleeves_in.get(week, ())):
                if (account, week) not in self.measured_sleeves:
                    raise Broken(Must.WEEKS, f"{account} has no outcome in {week}")
                family = family_of(account)
                is_first = self.born_in.get(family) == week
                if self.labels[family, week] != (0 if is_first else 1):
                    raise Broken(
                        Must.WEEKS, f"{family} has {self.labels[family, week]} labels in {week}"
                    )
        surplus = [key for key, count in (*self.outcomes.items(), *self.idle.items()) if count > 1]
        if surplus:
            raise Broken(Must.WEEKS, f"two outcomes for {surplus[0]}")

    def check_broker(self, statement: BrokerStatement) -> None:
        """The book is what the broker has."""
        ours = sum((pile.whole.amount for pile in self.state.book.cash.values()), Decimal(0))
        if ours != statement.cash.amount:
            raise Broken(Must.BROKER, f"the book's cash is {ours}, the broker's {statement.cash}")
        held: dict[Instrument, int] = {}
        for lot in self.state.book.positions.values():
            held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
        theirs = {line.instrument: line.quantity_signed for line in statement.held}
        if {name: signed for name, signed in held.items() if signed} != theirs:
            raise Broken(Must.BROKER, f"the book holds {held}, the broker {theirs}")
