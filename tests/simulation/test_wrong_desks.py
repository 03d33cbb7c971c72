"""Each kind of mishap can do harm: a desk that cannot stand it breaks an invariant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.approvals import as_seen, gate
from allusedesk.domain import inputs as inp
from allusedesk.domain.events import Entry
from allusedesk.domain.money import Money
from allusedesk.domain.orders import Order
from allusedesk.engine import allowing, fold_orders, loop, reconciling, step_broker
from allusedesk.execution import lifecycle
from tests.simulation import faults
from tests.simulation import world as world_of_tests
from tests.simulation.dice import KINDS
from tests.simulation.faults import Span
from tests.simulation.ledger import Must
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
