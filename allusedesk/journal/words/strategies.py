"""One plain sentence for each entry about strategies beside the protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.domain import strategy_events as told
from allusedesk.journal.words.decisions import turned_down
from allusedesk.journal.words.phrases import because, listed


def _switched(event: told.StrategySwitched) -> str:
    what = "may open positions" if event.is_on else "opens nothing more"
    who = f"{event.operator}{because(event.reason)}"
    return f"{event.strategy} {what} in {event.account}, by {who}."


def _weighed(event: told.StrategiesWeighed) -> str:
    return (
        f"{event.strategy} in {event.account} proposed {listed(event.proposals)}; "
        f"turned down: {turned_down(event.turned_down)}."
    )


def _intents(event: told.IntentsGiven) -> str:
    if event.fault:
        return f"The class of {event.strategy} in {event.account} failed: {event.fault}."
    opened = listed(
        f"{one.part} on {one.symbol}, {one.units_max} at most{because(one.reason)}"
        for one in event.openings
    )
    left = listed(f"{one.part} on {one.symbol}{because(one.reason)}" for one in event.closings)
    return (
        f"The class of {event.strategy} in {event.account} wants to open {opened}; to leave {left}."
    )


SENTENCES_OF_STRATEGIES: dict[type, Callable[[Any], str]] = {
    told.StrategySwitched: _switched,
    told.IntentsGiven: _intents,
    told.StrategiesWeighed: _weighed,
}
