"""What became of proposals and orders, and what trading brought and cost."""

from __future__ import annotations

from datetime import datetime

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Side, TurnedDown
from allusedesk.monitoring.tallies import Shelf, Span, Tally

_KIND, _SLEEVE = ("kind",), ("sleeve",)
# Fills are booked behind an order's last step, so it is remembered beyond that.
_ORDERS_REMEMBERED = 1_000


class ProposalMetrics:
    """Proposals from their making to their end, and how long people took."""

    def __init__(self, shelf: Shelf) -> None:
        self._made = Tally("proposals_made", "Proposals made, by kind", _KIND)
        self._ended = Tally(
            "proposals_ended", "Proposals by what became of them", ("kind", "outcome")
        )
        self._answers = Tally("answers", "Answers to proposals", ("kind", "answer"))
        self._to_answer = Span(
            "answer_seconds", "Desk time from a proposal to its answer", ("kind", "answer")
        )
        self._traded = Tally("proposal_units", "Units that proposals got traded", _KIND)
        self._turned_down = Tally("turned_down", "Candidates turned down, by rule", ("rule",))
        self._refused = Tally("refusals", "Proposals our own checks refused, by rule", ("rule",))
        self._checks = Tally("risk_checks", "Figures held against limits", ("result",))
        self._warnings = Tally("risk_warnings", "Warnings that checks gave")
        self._worst = Tally("worst_case_dollars", "Worst cases of what was proposed", _KIND)
        self._ignored = Tally("answers_ignored", "Answers that came too late")
        self._open: dict[ProposalId, tuple[str, datetime]] = {}
        shelf.put(self._made, self._ended, self._answers, self._to_answer, self._traded)
        shelf.put(self._turned_down, self._refused, self._checks, self._warnings, self._worst)
        shelf.put(self._ignored)

    def made(self, event: told.ProposalMade, at: datetime) -> None:
        kind = event.proposal.kind.value
        self._open[event.proposal.id] = (kind, at)
        self._made.add(kind)
        self._turn_down(event.proposal.turned_down)

    def answered(self, event: heard.OperatorDecided, at: datetime) -> None:
        kind, made_at = self._open.get(event.proposal, ("unknown", at))
        self._answers.add(kind, event.answer.value)
        self._to_answer.add(kind, event.answer.value, amount=(at - made_at).total_seconds())

    def ignored(self, _event: told.AnswerIgnored, _at: datetime) -> None:
        self._ignored.add()

    def approved(self, event: told.ProposalApproved, _at: datetime) -> None:
        self._end(event.proposal, "approved", is_over=False)

    def declined(self, event: told.ProposalDeclined, _at: datetime) -> None:
        self._end(event.proposal, "declined")

    def lapsed(self, event: told.ProposalLapsed, _at: datetime) -> None:
        self._end(event.proposal, "lapsed")

    def voided(self, event: told.ProposalVoided, _at: datetime) -> None:
        self._end(event.proposal, "voided")

    def completed(self, event: told.ProposalCompleted, _at: datetime) -> None:
        kind = self._end(event.proposal, "completed")
        self._traded.add(kind, amount=event.quantity_done)

    def refused(self, event: told.ProposalRefused, _at: datetime) -> None:
        self._end(event.proposal, "refused")
        self._refused.add(event.rule)

    def judged(self, event: told.RiskJudged, _at: datetime) -> None:
        passed = sum(one.passed for one in event.comparisons)
        for result, count in (("passed", passed), ("failed", len(event.comparisons) - passed)):
            if count:
                self._checks.add(result, amount=count)
        if event.warnings:
            self._warnings.add(amount=len(event.warnings))
        kind, _ = self._open.get(event.proposal, ("unknown", None))
        self._worst.add(kind, amount=abs(float(event.worst_case.amount)))

    def entries_weighed(self, event: told.EntriesWeighed, _at: datetime) -> None:
        self._turn_down(event.turned_down)

    def positions_weighed(self, event: told.PositionsWeighed, _at: datetime) -> None:
        self._turn_down(event.turned_down)

    def ladder_weighed(self, event: told.LadderWeighed, _at: datetime) -> None:
        self._turn_down(event.turned_down)

    def hedge_missed(self, event: told.HedgeMissed, _at: datetime) -> None:
        self._turn_down(event.turned_down)

    def _turn_down(self, found: tuple[TurnedDown, ...]) -> None:
        for one in found:
            self._turned_down.add(one.rule)

    def _end(self, proposal: ProposalId, outcome: str, *, is_over: bool = True) -> str:
        kind, _ = self._open.get(proposal, ("unknown", None))
        self._ended.add(kind, outcome)
        if is_over:
            self._open.pop(proposal, None)
        return kind


class OrderMetrics:
    """Orders through their lives, and what their fills brought and cost."""

    def __init__(self, shelf: Shelf) -> None:
        self._written = Tally("orders_written", "Orders sent, by what they are for", _KIND)
        self._units = Tally("order_units", "Units that orders asked for", _KIND)
        self._statuses = Tally(
            "order_steps", "Steps orders took, by where they led", ("kind", "status")
        )
        self._moved = Tally("orders_moved", "Limits moved under the same order", _KIND)
        self._life = Span("order_life_seconds", "Desk time from sending to the end", ("status",))
        self._to_word = Span("order_word_seconds", "Desk time from sending to the broker's word")
        self._fills = Tally("fills", "Executions booked", _SLEEVE)
        self._traded = Tally("traded_units", "Units traded", ("sleeve", "side"))
        self._fees = Tally("commissions_dollars", "Commissions paid", _SLEEVE)
        self._premium = Tally("premium_dollars", "Option premium", ("sleeve", "flow"))
        self._realised = Tally("realised_dollars", "Realised by closing", ("sleeve", "sign"))
        self._ignored = Tally("reports_ignored", "Broker reports that changed nothing")
        self._orders: dict[OrderId, tuple[Order, datetime]] = {}
        self._unheard: set[OrderId] = set()
        shelf.put(self._written, self._units, self._statuses, self._moved, self._life)
        shelf.put(self._to_word, self._fills, self._traded, self._fees, self._premium)
        shelf.put(self._realised, self._ignored)

    def written(self, event: told.OrderWritten, at: datetime) -> None:
        order = event.order
        self._orders[order.id] = (order, at)
        self._unheard.add(order.id)
        if len(self._orders) > _ORDERS_REMEMBERED:
            del self._orders[next(iter(self._orders))]
        self._written.add(order.kind.value)
        self._units.add(order.kind.value, amount=order.quantity)

    def stepped(self, event: told.OrderStatusChanged, at: datetime) -> None:
        order, sent_at = self._orders.get(event.order, (None, at))
        kind = "unknown" if order is None else order.kind.value
        self._statuses.add(kind, event.status.value)
        seconds = (at - sent_at).total_seconds()
        if event.order in self._unheard:
            self._unheard.discard(event.order)
            self._to_word.add(amount=seconds)
        if event.status.is_over and order is not None:
            self._life.add(event.status.value, amount=seconds)

    def moved(self, event: told.OrderMoved, at: datetime) -> None:
        order, _ = self._orders.get(event.order, (None, at))
        self._moved.add("unknown" if order is None else order.kind.value)

    def filled(self, event: told.FillBooked, at: datetime) -> None:
        order, _ = self._orders.get(event.order, (None, at))
        if order is not None:
            self._count(order, event)
        self._realise(event)

    def ignored(self, _event: told.ReportIgnored, _at: datetime) -> None:
        self._ignored.add()

    def assigned(
        self, event: told.AssignmentBooked | told.SettlementBooked | told.ExpiryBooked, _: datetime
    ) -> None:
        self._realise(event)

    def _count(self, order: Order, event: told.FillBooked) -> None:
        sleeve = order.account
        for fill in event.fills:
            leg = order.legs[fill.leg]
            side = leg.side.name.lower()
            self._fills.add(sleeve)
            self._traded.add(sleeve, side, amount=fill.quantity)
            self._fees.add(sleeve, amount=float(fill.commission.amount))
            if isinstance(leg.instrument, OptionContract):
                worth = float(fill.price.per_unit) * fill.quantity * leg.instrument.multiplier
                flow = "received" if leg.side is Side.SELL else "paid"
                self._premium.add(sleeve, flow, amount=worth)

    def _realise(
        self,
        event: told.FillBooked | told.AssignmentBooked | told.SettlementBooked | told.ExpiryBooked,
    ) -> None:
        for change in event.booking.changes:
            lot = change.before
            if lot is not None and change.realised.amount:
                self._gain(lot.account, float(change.realised.amount))

    def _gain(self, sleeve: AccountId, amount: float) -> None:
        self._realised.add(sleeve, "gain" if amount > 0 else "loss", amount=abs(amount))
