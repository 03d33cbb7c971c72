"""Desks under the constitution, for the checks of section 15."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from tests.acceptance.desks import (
    F1_REV,
    FRIDAY,
    MONDAY,
    REV_ONLY,
    WEDNESDAY,
)
from tests.acceptance.stage import Stage, at
from tests.protocol.examples import CLASSIC

TEXT = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")
NEXT_FRIDAY = FRIDAY + timedelta(days=7)
EXIT = ProposalKind.EMERGENCY_EXIT


class HedgingStage(Stage):
    """A market without the indexes, of which hedges would be bought, unless the test has them."""

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        known = tuple(wish for wish in watch.chains if wish.underlying in self.spots)
        symbols = tuple(symbol for symbol in watch.symbols if symbol in self.spots)
        missing = sorted({wish.underlying for wish in watch.chains if wish not in known})
        seen = super().sample(replace(watch, chains=known, symbols=symbols), at)
        return replace(seen, defects=tuple(f"There is no chain of {name}." for name in missing))


def stage(symbols: dict[AccountKind, tuple[str, ...]] | None = None, **changes: Any) -> Stage:
    given = {"spots": {"AAPL": "100.20", "IBM": "100"}, "rulebook": TEXT, **changes}
    return HedgingStage(MONDAY, given.pop("spots"), symbols or REV_ONLY, **given)


def with_put(**changes: Any) -> tuple[Stage, Decimal]:
    """A desk whose Rev sold a put on Wednesday, and the put's strike."""
    desk = stage(**changes)
    desk.play(at(WEDNESDAY, "12:00"))
    [lot] = desk.state.book.positions_of(F1_REV)
    assert lot.option is not None
    assert lot.option.expiry == FRIDAY
    return desk, lot.option.strike


def fall_to(desk: Stage, spot: Decimal, day: date = WEDNESDAY, clock: str = "13:00:30") -> None:
    desk.when(at(day, clock), lambda: desk.spots.update(AAPL=spot))


def dear_rolls(desk: Stage, mid: str = "0.05") -> None:
    """Later puts are worth next to nothing, so that every roll costs too much."""
    for strike in range(60, 140):
        for expiry in (NEXT_FRIDAY, NEXT_FRIDAY + timedelta(days=7)):
            contract = OptionContract("AAPL", expiry, Right.PUT, Decimal(strike))
            desk.special[contract] = {"mid": Decimal(mid)}


def steps(desk: Stage) -> list[str]:
    return [event.level for event in desk.all(ev.LevelChanged)]
