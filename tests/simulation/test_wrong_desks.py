"""Each kind of mishap can do harm: a desk that cannot stand it breaks an invariant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from allusedesk.approvals import as_seen, gate
from allusedesk.domain import inputs as inp
from allusedesk.domain.events import DeskHalted, Entry, ProposalApproved
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money
from allusedesk.domain.orders import Order, OrderRejected, OrderStatus
from allusedesk.domain.quotes import Quote
from allusedesk.engine import allowing, loop, reconciling, sending
from allusedesk.engine.folds import orders as fold_orders
from allusedesk.engine.steps import broker as step_broker
from allusedesk.engine.steps import clock as step_clock
from allusedesk.engine.steps import operator as step_operator
from allusedesk.execution import lifecycle
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market import enrichment
from allusedesk.market.pricing import to_price
from allusedesk.market.raw_quotes import ChainColumns
from tests.simulation import faults
from tests.simulation import world as world_of_tests
from tests.simulation.dice import KINDS
from tests.simulation.faults import Span
from tests.simulation.ledger import Must
from tests.simulation.people import Act
from tests.simulation.playing import play
from tests.simulation.seeds import Plan, folded, mishaps_counted, plan_of
from tests.simulation.world import World

CALM = 100


# A desk or a world that was made wrong, and a week of mishaps that must bring it to light.

Patch = Callable[[pytest.MonkeyPatch], None]


def _set(place: object, name: str, value: object) -> Patch:
    return lambda patch: patch.setattr(place, name, value)


def _both(*patches: Patch) -> Patch:
    def apply(patch: pytest.MonkeyPatch) -> None:
        for each in patches:
            each(patch)

    return apply


def _nothing(*_given: Any, **_named: Any) -> None:
    """What the desk should have done is left out."""


def _no(*_given: Any, **_named: Any) -> bool:
    return False


def _every_fill_is_news(order: Order, happening: Any) -> tuple[Any, ...]:
    return tuple(getattr(happening, "executions", ()))


def _always_yes(request: Any, decided: Any, *rest: Any) -> Any:
    return gate.grant(request, replace(decided, answer=inp.Answer.APPROVE), *rest)


def _another_order_for_the_same_id() -> Patch:
    arrived = SimulatedBroker._arrived

    def forgetful(self: SimulatedBroker, order: Order, at: Any) -> None:
        known = self._orders.get(order.id)
        if known is not None and known.version == order.version:
            order = replace(order, id=OrderId(f"{order.id}/again"))
        arrived(self, order, at)

    return _set(SimulatedBroker, "_arrived", forgetful)


def _cancelled_by_our_own_word() -> Patch:
    alive = (OrderStatus.SENT, OrderStatus.WORKING, OrderStatus.PARTLY_FILLED)
    believed = {(one, lifecycle._WISHED): (OrderStatus.CANCELLED, "") for one in alive}
    return _set(lifecycle, "_STEPS", {**lifecycle._STEPS, **believed})


def _a_part_is_nothing() -> Patch:
    clip_after = sending.next_clip

    def whole_again(proposal: Any, orders: list[Order], rules: Any) -> Any:
        counted = [one for one in orders if one.quantity_filled in (0, one.quantity)]
        return clip_after(proposal, counted, rules)

    return _set(sending, "next_clip", whole_again)


def _deaf_to_refusals() -> Patch:
    take = step_broker._on_order

    def deaf(draft: Any, report: Any) -> None:
        if not isinstance(report, OrderRejected):
            take(draft, report)

    return _both(
        _set(step_broker, "_on_order", deaf), _set(faults.FaultyBroker, "look_up", _nothing)
    )


def _a_kill_that_voids_nothing() -> Patch:
    def halted_alone(draft: Any, _event: Any) -> None:
        draft.record(DeskHalted("the kill switch"))

    return _both(
        _set(step_operator, "_kill", halted_alone), _set(sending, "_stop_on", lambda *_: None)
    )


def _never_too_late() -> Patch:
    given = allowing.grant

    def patient(request: Any, decided: Any, now: Any, *rest: Any) -> Any:
        outcome = given(request, decided, min(now, request.proposal.expires_at), *rest)
        if isinstance(outcome, ProposalApproved):
            return replace(outcome, granted_at=now)
        return outcome

    return _both(_set(step_clock, "_lapse", _nothing), _set(allowing, "grant", patient))


def _chains_as_they_come() -> Patch:
    quotes = ChainColumns.quotes

    def unjudged(self: ChainColumns, rows: Any, greeks: Any) -> list[Quote]:
        lower = replace(self, bids=np.fmin(self.bids, self.asks))
        named = {self.contracts[row]: row for row in rows}
        return [
            replace(one, bid=to_price(float(self.bids[named[one.instrument]])))
            for one in quotes(lower, rows, greeks)
        ]

    def posted(_board: Any, columns: ChainColumns, rows: Any, figures: Any) -> list[Quote]:
        return columns.quotes(rows, [figures.of(row) for row in rows])

    def worth(columns: ChainColumns, figures: Any) -> Any:
        delta = np.abs(np.array(figures.delta))
        is_useful = (delta >= enrichment.DELTA_MIN) & (delta <= enrichment.DELTA_MAX)
        return np.flatnonzero(is_useful & (columns.bids > 0)).tolist()

    return _both(
        _set(ChainColumns, "quotes", unjudged),
        _set(enrichment, "_posted", posted),
        _set(enrichment, "_rows_worth_showing", worth),
    )


def _spanned(plan: Plan, kind: str, first: int, last: int) -> Plan:
    """The first session with an outage or a stall between two of its minutes."""
    opens = plan.sessions[0].opens_at
    start = opens + timedelta(minutes=first, milliseconds=5)
    return replace(plan, spans=(Span(kind, 0, start, opens + timedelta(minutes=last)),))


def _killed(plan: Plan) -> Plan:
    at = plan.sessions[0].opens_at + timedelta(minutes=15, milliseconds=20)
    return replace(plan, acts=(Act(0, at, "kill", 0.5),))


def _in_small_market(plan: Plan) -> Plan:
    return replace(plan, shown_share=Decimal("0.002"))


def _busy(seed: int, **shares: float) -> Plan:
    named = {name.replace("_", " "): share for name, share in shares.items()}
    plan = plan_of(seed)
    return replace(plan, shares=named, spans=(), acts=(), jump=None, capital=Decimal(1_500_000))


WRONG_DESKS: tuple[tuple[str, Patch, Plan, set[Must]], ...] = (
    (
        "doubled report",
        _set(lifecycle, "_new_executions", _every_fill_is_news),
        _busy(4, doubled_report=0.6),
        {Must.GO_ON, Must.ONCE, Must.POSITIONS, Must.CASH, Must.AS_APPROVED, Must.EXPLAINED},
    ),
    (
        "lost wish",
        _set(faults.FaultyBroker, "look_up", _nothing),
        _busy(4, lost_wish=0.4),
        {Must.ENDS, Must.GO_ON},
    ),
    (
        "lost report",
        _both(
            _set(faults.FaultyBroker, "look_up", _nothing),
            _set(reconciling, "compare", lambda *_: ()),
        ),
        _busy(4, lost_report=0.5),
        {Must.ENDS, Must.GO_ON, Must.BROKER},
    ),
    (
        "no answer",
        _set(fold_orders, "_proposal_over", lambda state, _event: state),
        _busy(4, no_answer=0.6),
        {Must.ENDS, Must.APPROVED, Must.GO_ON, Must.ONE_ORDER},
    ),
    (
        "rejection",
        _set(allowing, "grant", _always_yes),
        _busy(4, rejection=0.5),
        {Must.APPROVED},
    ),
    (
        "edit",
        _set(fold_orders, "_as_edited", lambda ticket, _event: ticket),
        _busy(4, edit=0.9),
        {Must.AS_APPROVED},
    ),
    (
        "beside the rules",
        _set(as_seen, "_beyond_rules", lambda *_: ""),
        _busy(4, beside_the_rules=0.9),
        {Must.CAPS, Must.SECURED, Must.AS_APPROVED, Must.COVERED, Must.GO_ON},
    ),
    (
        "late report",
        _set(step_broker, "_is_old_denial", _no),
        plan_of(21),
        {Must.AS_APPROVED},
    ),
    (
        "restart",
        _set(world_of_tests, "reopened", lambda entries: (folded(entries), ())),
        _busy(4, restart=0.03),
        {Must.REPLAY, Must.ENDS, Must.GO_ON},
    ),
)


# As above; each takes some seconds.
MORE_WRONG_DESKS: tuple[tuple[str, Callable[[], Patch], Plan, set[Must]], ...] = (
    (
        "doubled wish",
        _another_order_for_the_same_id,
        _busy(20, doubled_wish=0.9),
        {Must.EXPLAINED, Must.BROKER},
    ),
    (
        "late wish",
        _cancelled_by_our_own_word,
        _in_small_market(_busy(1, late_wish=0.9)),
        {Must.EXPLAINED, Must.BROKER, Must.ONE_ORDER, Must.AS_APPROVED},
    ),
    ("partial fill", _a_part_is_nothing, _in_small_market(_busy(21)), {Must.OWN_ID}),
    ("refused order", _deaf_to_refusals, _busy(20, refused_order=0.6), {Must.GO_ON, Must.ENDS}),
    (
        "report lost in an outage",
        lambda: _both(
            _set(reconciling, "compare", lambda *_: ()),
            _set(step_broker, "on_resumption", _nothing),
            _set(faults.FaultyBroker, "look_up", _nothing),
        ),
        _spanned(_busy(20, report_lost_in_an_outage=1.0), "outage", 15, 60),
        {Must.EXPLAINED, Must.BROKER, Must.ENDS},
    ),
    (
        "instruction",
        _a_kill_that_voids_nothing,
        _killed(_busy(20, late_answer=0.9)),
        {Must.STOPPED},
    ),
    ("late answer", _never_too_late, _busy(20, late_answer=0.9), {Must.APPROVED}),
    ("crossed chain", _chains_as_they_come, _busy(20, crossed_chain=1.0), {Must.GO_ON}),
    (
        "stall",
        lambda: _set(Quote, "age_seconds", lambda *_: 0),
        _spanned(_busy(20), "stall", 5, 60),
        {Must.SOUND},
    ),
)
# What these could do to a desk is done by others above.
NOT_ALONE = {
    "outage": "what was wished in it is lost as by a lost wish, what was told as a report in it",
    "overtaking report": "less late than a late report, and harmful in the same way",
    "crossed batch": "the board watches mids for levels, and a crossed quote has the same mid",
    "wild quote": "it rings a level, at which the market is looked at anew before anything follows",
    "price jump": "it is the market's own: what follows from it is held by every invariant",
}


@pytest.mark.parametrize(
    ("kind", "patch", "plan", "expected"), WRONG_DESKS, ids=[row[0] for row in WRONG_DESKS]
)
def test_a_desk_that_cannot_stand_a_mishap_breaks_an_invariant(
    monkeypatch: pytest.MonkeyPatch, kind: str, patch: Patch, plan: Plan, expected: set[Must]
) -> None:
    patch(monkeypatch)
    broken = play(plan).broken

    assert broken is not None
    assert broken.invariant in expected, broken


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "patch", "plan", "expected"),
    MORE_WRONG_DESKS,
    ids=[row[0] for row in MORE_WRONG_DESKS],
)
def test_a_desk_that_cannot_stand_it_breaks_an_invariant_and_in_calm_weeks_none(
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    patch: Callable[[], Patch],
    plan: Plan,
    expected: set[Must],
) -> None:
    patch()(monkeypatch)
    played = play(plan)
    calm = play(replace(plan, shares={}, spans=(), acts=(), shown_share=None))

    assert played.broken is not None
    assert played.broken.invariant in expected, played.broken
    assert mishaps_counted(played.world)[kind]
    assert calm.broken is None


def test_every_kind_of_mishap_has_its_wrong_desk_or_a_reason() -> None:
    shown = [row[0] for row in (*WRONG_DESKS, *MORE_WRONG_DESKS)]

    assert sorted([*shown, *NOT_ALONE]) == sorted(KINDS)


def test_a_broker_that_takes_money_unasked_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = faults.FaultyBroker._placed

    def charged(self: faults.FaultyBroker, order: Order) -> None:
        placed(self, order)
        self.inner.transfer_cash(Money(Decimal(-500)))

    monkeypatch.setattr(faults.FaultyBroker, "_placed", charged)
    broken = play(plan_of(CALM)).broken

    assert broken is not None
    assert broken.invariant is Must.EXPLAINED


def test_a_step_that_raises_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(_state: object, entry: Entry) -> None:
        raise ZeroDivisionError(entry.sequence)

    monkeypatch.setattr(loop, "step", raising)
    broken = play(plan_of(CALM)).broken

    assert broken is not None
    assert broken.invariant is Must.GO_ON


def _some_worlds() -> Iterator[World]:
    for seed in (1, 2, 21, 31):
        yield play(plan_of(seed), lambda _: None).world
    plan = _busy(20, lost_report=0.2, refused_order=0.4, rejection=0.3)
    plan = replace(plan, shares={**plan.shares, "report lost in an outage": 1.0})
    opened = plan.sessions[0].opens_at + timedelta(minutes=15)
    outage = Span("outage", 0, opened + timedelta(milliseconds=5), opened + timedelta(minutes=1))
    stall = Span("stall", 0, opened, opened + timedelta(hours=1))
    yield play(replace(plan, spans=(outage, stall)), lambda _: None).world


def test_every_kind_of_mishap_strikes() -> None:
    struck: Counter[str] = Counter()
    for world in _some_worlds():
        struck += mishaps_counted(world)

    assert set(KINDS) - set(struck) == set()
