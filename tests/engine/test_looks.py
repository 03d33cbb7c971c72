"""What a look asks to see: chains only where a roll or an entry could follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import Alarm, AlarmKind, PriceAlarm
from allusedesk.domain.money import Price
from allusedesk.engine.looks import watch_for
from allusedesk.engine.state import DeskState
from tests.acceptance.desks import MONDAY, TUESDAY, stage
from tests.acceptance.stage import at


@pytest.fixture(scope="module")
def holding() -> DeskState:
    """A desk that sold its weekly put and watches it."""
    desk = stage()
    desk.play(at(TUESDAY, "09:40"))
    assert desk.all(ev.FillBooked)
    return desk.state


def _named(state: DeskState, name: str) -> PriceAlarm:
    return next(each for each in state.price_alarms.values() if each.id.endswith(f"/{name}"))


def _chains_at(state: DeskState, rang: PriceAlarm, price: Price) -> int:
    watch = watch_for(replace(state, spots=state.spots.set(rang.symbol, price)), rang)
    assert watch is not None
    assert watch.held
    return len(watch.chains)


def test_a_price_alarm_brings_a_chain_where_a_roll_could_follow(holding: DeskState) -> None:
    watch, prepare = _named(holding, "watch"), _named(holding, "prepare")
    favour = _named(holding, "favour")
    assert _chains_at(holding, favour, favour.level) == 0
    assert _chains_at(holding, watch, watch.level) == 0
    assert _chains_at(holding, prepare, prepare.level) == 1
    # One jump over both levels: the first alarm to ring sees the chain the second would need.
    assert _chains_at(holding, watch, prepare.level) == 1


def test_a_lot_that_is_pressed_already_brings_its_chain(holding: DeskState) -> None:
    favour = _named(holding, "favour")
    (lot,) = [each.id for each in holding.book.positions.values()]
    pressed = replace(holding, levels=holding.levels.set(lot, "prepare"))
    assert _chains_at(pressed, favour, favour.level) == 1


def test_an_entry_look_without_a_symbol_to_enter_still_looks() -> None:
    desk = stage()
    desk.play(at(MONDAY, "10:30"))
    state = desk.state
    (lot,) = state.book.positions.values()
    alarm = Alarm("an entry", AlarmKind.ENTRY, state.instant, "rev")
    sleeve = replace(state.sleeves[lot.account], entered=())
    watch = watch_for(state.with_sleeve(sleeve), alarm)
    assert watch is not None
    assert lot.underlying not in {wish.underlying for wish in watch.chains}
    assert lot.option in watch.held
