"""What is found wrong with the quotes an order rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import MarketSampled
from tests.acceptance.desks import MONDAY, stage
from tests.acceptance.stage import at
from tests.simulation.shown_quotes import unsound_quote


def test_quotes_are_sound_or_it_is_said_what_is_wrong_with_them() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:46"))
    order = desk.all(ev.OrderWritten)[0].order
    shown = desk.all(MarketSampled)[-1].snapshot
    rules = desk.state.rules

    assert unsound_quote(order, shown, rules) == ""
    assert unsound_quote(order, None, rules) == "no market was ever seen"
    blind = replace(shown, underlyings=(), chains=(), held=())
    assert unsound_quote(order, blind, rules).endswith("was not seen")
    late = replace(shown, taken_at=shown.taken_at + timedelta(seconds=31))
    assert unsound_quote(order, late, rules).endswith("31.0 seconds old")
