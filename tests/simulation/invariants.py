"""What must hold after every entry of a record, and a ledger of its own to hold the book against.

The ledger knows the broker's raw executions and notices alone, never the desk's bookings.
"""

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
    DividendPaid,
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    Order,
)
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState

Cash = Decimal
_ENDS = (
    ev.ProposalCompleted,
    ev.ProposalVoided,
    ev.ProposalDeclined,
    ev.ProposalLapsed,
    ev.ProposalRefused,
)


class Broken(AssertionError):
    """An invariant that does not hold after an entry."""


def _ties_money(order: Order) -> bool:
    """False for calls on shares that are held, for GBR-4, and for options that are bought."""
    if order.kind in (ProposalKind.COVERED_CALL, ProposalKind.RECOVERY):
        return False
    return not all(
        leg.side is Side.BUY and isinstance(leg.instrument, OptionContract) for leg in order.legs
    )


@dataclass
class Ledger:
    """Cash and quantities by the broker's word alone."""

    cash: Cash = Decimal(0)
    by_account: dict[AccountId, Cash] = field(default_factory=dict)
    held: dict[Instrument, int] = field(default_factory=dict)
    fees: Cash = Decimal(0)
    seen: set[str] = field(default_factory=set)

    def move(self, account: AccountId | None, amount: Cash) -> None:
        self.cash += amount
        if account is not None:
            self.by_account[account] = self.by_account.get(account, Decimal(0)) + amount

    def change(self, instrument: Instrument, signed: int) -> None:
        after = self.held.get(instrument, 0) + signed
        if after:
            self.held[instrument] = after
        else:
            self.held.pop(instrument, None)

    def fill(self, order: Order, fill: Fill) -> None:
        if fill.id in self.seen:
            raise Broken(f"execution {fill.id} was booked twice")
        self.seen.add(fill.id)
        leg = order.legs[fill.leg]
        signed = leg.side.value * fill.quantity
        self.change(leg.instrument, signed)
        paid = fill.price.per_unit * signed * leg.instrument.multiplier
        self.move(order.account, -paid - fill.commission.amount)
        self.fees += fill.commission.amount

    def deliver(self, contract: OptionContract, signed: int, shares_sign: int) -> None:
        shares = abs(signed) * contract.multiplier * shares_sign
        self.change(contract, -signed)
        self.change(Stock(contract.underlying), shares)
        self.cash -= contract.strike * shares


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
    outcomes: Counter[tuple[PositionId, WeekId]] = field(default_factory=Counter)
    idle: Counter[tuple[AccountId, WeekId]] = field(default_factory=Counter)
    measured_sleeves: set[tuple[AccountId, WeekId]] = field(default_factory=set)
    labels: Counter[tuple[FamilyId, WeekId]] = field(default_factory=Counter)
    lived: dict[WeekId, set[PositionId]] = field(default_factory=dict)
    sleeves_in: dict[WeekId, set[AccountId]] = field(default_factory=dict)
    born_in: dict[FamilyId, WeekId | None] = field(default_factory=dict)
    closed_weeks: list[WeekId] = field(default_factory=list)
    _report: object = None

    def __call__(self, live: DeskState, entry: Entry) -> None:
        self.take(entry)
        is_compared = entry.sequence == live.sequence and entry.sequence % 23 == 0
        if self.is_strict_about_state and is_compared and self.state != live:
            raise Broken(f"folding the record up to {entry.sequence} gives another state")

    def take(self, entry: Entry) -> None:
        before = self.state
        if entry.sequence != self.entries + 1:
            raise Broken(f"entry {entry.sequence} follows entry {self.entries}")
        self.entries = entry.sequence
        self.state = fold(before, entry)
        self._follow(before, entry)
        if self.state.book is not before.book or isinstance(entry.event, ev.OrderWritten):
            self._check_book(entry)

    def _fail(self, entry: Entry, what: str) -> None:
        kind = type(entry.event).__name__
        raise Broken(f"entry {entry.sequence} ({kind}, {entry.recorded_at}): {what}")

    # What the entries tell.

    def _follow(self, before: DeskState, entry: Entry) -> None:
        event = entry.event
        match event:
            case inp.BrokerReported():
                self._report = event.report
            case inp.CapitalDeposited():
                self.ledger.cash += event.amount.amount
            case ev.FillBooked():
                for fill in event.fills:
                    self.ledger.fill(self.orders[event.order], fill)
            case ev.AssignmentBooked() | ev.ExpiryBooked() | ev.DividendBooked():
                self._follow_notice(entry)
            case ev.SettlementBooked():
                self._follow_notice(entry)
            case ev.OrderWritten():
                self._follow_order(before, entry, event.order)
            case ev.OutcomeClassified():
                self._follow_outcome(event)
            case ev.WeekLabelled():
                self.labels[event.family, event.week] += 1
            case ev.FamilyOpened():
                self.born_in[event.family.id] = before.week.id if before.week else None
            case ev.WeekClosed() if not event.is_final:
                self.closed_weeks.append(event.week)
            case _:
                self._follow_permission(entry)
        self._remember_lots()

    def _follow_permission(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, ev.ProposalMade):
            if event.proposal.id in self.proposals:
                self._fail(entry, "a proposal's id was used twice")
            self.proposals[event.proposal.id] = event
        elif isinstance(event, ev.ProposalApproved):
            if event.proposal in self.approvals:
                self._fail(entry, "a proposal was approved twice")
            self.approvals[event.proposal] = event
        elif isinstance(event, _ENDS):
            self.over.add(event.proposal)
        elif isinstance(event, ev.SplitBooked):
            self._fail(entry, "the simulated market has no splits")

    def _follow_notice(self, entry: Entry) -> None:
        notice: str = entry.event.notice  # type: ignore[union-attr]
        report = self._report
        if isinstance(report, BrokerStatement):
            told = [item for item in report.notices if item.notice == notice]
            report = told[0] if told else None
        if getattr(report, "notice", "") != notice:
            self._fail(entry, f"a booking for {entry.event} without its notice")
        if notice in self.ledger.seen:
            self._fail(entry, f"notice {notice} was booked twice")
        self.ledger.seen.add(notice)
        match report:
            case OptionsAssigned():
                sign = 1 if report.contract.right is Right.PUT else -1
                self.ledger.deliver(report.contract, -report.quantity, sign)
            case OptionsExercised():
                sign = -1 if report.contract.right is Right.PUT else 1
                self.ledger.deliver(report.contract, report.quantity, sign)
            case OptionsExpired():
                self.ledger.change(report.contract, -report.quantity_signed)
            case OptionsSettled():
                self.ledger.change(report.contract, -report.quantity_signed)
                units = report.quantity_signed * report.contract.multiplier
                self.ledger.cash += report.per_share.per_unit * units
            case DividendPaid():
                self.ledger.cash += Money(report.per_share * report.shares).to_cents().amount

    def _follow_order(self, before: DeskState, entry: Entry, order: Order) -> None:
        if order.id in self.orders:
            self._fail(entry, f"the client order id {order.id} was used twice")
        approval = self.approvals.get(order.proposal)
        if approval is None:
            self._fail(entry, f"{order.id} was written without an approval")
        elif entry.recorded_at > approval.expires_at:
            self._fail(entry, f"{order.id} was written after its approval had ended")
        if order.proposal in self.over:
            self._fail(entry, f"{order.id} was written for a proposal that is over")
        live = [other.id for other in before.orders.values() if other.proposal == order.proposal]
        if live:
            self._fail(entry, f"{order.id} was written while {live[0]} is alive")
        crossing = [
            other.id
            for other in before.orders.values()
            for theirs in other.legs
            for ours in order.legs
            if theirs.instrument == ours.instrument and theirs.side is not ours.side
        ]
        if crossing:
            self._fail(entry, f"{order.id} works against {crossing[0]} in one contract")
        self.orders[order.id] = order
        if order.is_opening:
            self._check_caps(entry, order)

    def _follow_outcome(self, event: ev.OutcomeClassified) -> None:
        self.measured_sleeves.add((event.account, event.week))
        if event.position is None:
            self.idle[event.account, event.week] += 1
        else:
            self.outcomes[event.position, event.week] += 1

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
        if isinstance(entry.event, ev.FamilyOpened):
            return
        if ours != self.ledger.cash:
            self._fail(entry, f"the book's cash is {ours}, the ledger's {self.ledger.cash}")
        held: dict[Instrument, int] = {}
        for lot in book.positions.values():
            held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
        held = {instrument: signed for instrument, signed in held.items() if signed}
        if held != self.ledger.held:
            self._fail(entry, f"the book holds {held}, the ledger {self.ledger.held}")
        fee = Money(self.state.rules.costs.contract)
        for account in book.accounts:
            settled = book.cash[account].settled
            needed = book.collateral_of(account, fee)
            if settled < needed or settled.amount < 0:
                self._fail(entry, f"{account} has {settled} settled and {needed} to hold")
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
                self._fail(entry, f"{account} has calls on {count} {symbol}, not so many shares")
        if any(count < 0 for count in shares.values()):
            self._fail(entry, f"{account} is short of shares")

    def _check_caps(self, entry: Entry, order: Order) -> None:
        """A sleeve never deploys more than its rulebook lets it, nor all of them in one issuer.

        Long options hold nothing: their price is gone when they are bought.
        """
        if not _ties_money(order):
            return
        sleeve = self.state.sleeves[order.account]
        tier = self.state.rules.account(kind_of(order.account))
        symbol = order.legs[0].instrument.underlying
        mine, in_symbol, issuer = self._tied_with(order.account, symbol)
        # Equity moves between two marks; a part of a hundred is left for that.
        equity = sum((item.equity.amount for item in self.state.sleeves.values()), Decimal(0))
        if issuer > equity * self.state.rules.capital.issuer_cap * Decimal("1.01"):
            self._fail(entry, f"{issuer} in the issuer of {symbol}, of {equity} in all")
        most = tier.deploy_high if tier.deploy_high is not None else Decimal("0.95")
        if mine > sleeve.equity.amount * most * Decimal("1.01"):
            self._fail(entry, f"{order.account} deploys {mine} of {sleeve.equity}")
        cap = tier.symbol_cap
        if cap is not None and in_symbol > sleeve.equity.amount * cap * Decimal("1.01"):
            self._fail(entry, f"{order.account} has {in_symbol} in {symbol} of {sleeve.equity}")

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
                    raise Broken(f"{lot} has {count} outcomes in {week}")
            for account in sorted(self.sleeves_in.get(week, ())):
                if (account, week) not in self.measured_sleeves:
                    raise Broken(f"{account} has no outcome in {week}")
                family = family_of(account)
                is_first = self.born_in.get(family) == week
                if self.labels[family, week] != (0 if is_first else 1):
                    raise Broken(f"{family} has {self.labels[family, week]} labels in {week}")
        surplus = [key for key, count in (*self.outcomes.items(), *self.idle.items()) if count > 1]
        if surplus:
            raise Broken(f"two outcomes for {surplus[0]}")

    def check_broker(self, statement: BrokerStatement) -> None:
        """The book is what the broker has."""
        ours = sum((pile.whole.amount for pile in self.state.book.cash.values()), Decimal(0))
        if ours != statement.cash.amount:
            raise Broken(f"the book's cash is {ours}, the broker's {statement.cash}")
        held: dict[Instrument, int] = {}
        for lot in self.state.book.positions.values():
            held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
        theirs = {line.instrument: line.quantity_signed for line in statement.held}
        if {name: signed for name, signed in held.items() if signed} != theirs:
            raise Broken(f"the book holds {held}, the broker {theirs}")
