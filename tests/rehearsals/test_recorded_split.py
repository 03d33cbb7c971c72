"""AAPL held over its split of 2014-06-09, marked from the chains recorded on either side."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.quotes import Quote
from allusedesk.resource_files import resource_path
from tests.rehearsals.recorded_market import Rehearsed, recorded

FOLDERS = (
    "options_lean",
    "intraday_lean",
    "volatility",
    "rates",
    "equity_daily_lean",
    "corporate_actions_lean",
    "earnings",
)
HOLDER = """
default = "reject"
reason = "held to its end"

[[rule]]
answer = "approve"
kinds = ["entry", "share purchase", "covered call"]
"""


@pytest.fixture(scope="module")
def split(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """Entries freeze a fortnight before the split, so Rev sells a month ahead and holds."""
    out = tmp_path_factory.mktemp("split")
    text = resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")
    rev = text.index("[accounts.rev]")
    old, new = "{ low = 2, high = 7 }\nwidened = true", "{ low = 25, high = 35 }\nwidened = false"
    assert old in text[rev:]
    (out / "monthly.toml").write_text(text[:rev] + text[rev:].replace(old, new, 1), "utf-8")
    (out / "holder.toml").write_text(HOLDER, "utf-8")
    return recorded(
        shared_data,
        FOLDERS,
        (date(2014, 5, 19), date(2014, 6, 20)),
        out,
        ("AAPL",),
        2_000_000,
        str(out / "monthly.toml"),
        str(out / "holder.toml"),
    )


def held_at(split: Rehearsed, minute: str) -> dict[str, Quote]:
    """The recorded quotes of what was held, as the look of that minute saw them."""
    at = datetime.fromisoformat(minute)
    looks = [
        entry.event.snapshot.held
        for entry in split.entries
        if isinstance(entry.event, inp.MarketSampled)
        and entry.recorded_at == at
        and entry.event.alarm.split("/")[-1].startswith("fresh")
    ]
    return {str(quote.instrument): quote for quote in looks[0] if not quote.is_modelled}


@pytest.mark.long
def test_a_put_is_seven_puts_at_a_seventh_of_its_strike_and_marked_as_recorded(
    split: Rehearsed,
) -> None:
    before = held_at(split, "2014-06-06T19:59:00+00:00")["AAPL 2014-06-20 570 put"]
    after = held_at(split, "2014-06-09T19:59:00+00:00")["AAPL 2014-06-20 81.43 put"]
    sides = [
        side.per_unit if side is not None else None
        for quote in (before, after)
        for side in (quote.bid, quote.ask)
    ]
    assert sides == [Decimal("0.45"), Decimal("0.48"), Decimal("0.02"), Decimal("0.03")]
    (booked,) = [e.event.booking for e in split.entries if isinstance(e.event, ev.SplitBooked)]
    changed = {
        (str(change.before.instrument), change.before.quantity_signed)
        for change in booked.changes
        if change.before is not None
    }
    assert ("AAPL 2014-06-20 570 put", -3) in changed
    assert ("AAPL", 500) in changed
    made = {
        (str(change.after.instrument), change.after.quantity_signed)
        for change in booked.changes
        if change.after is not None
    }
    assert ("AAPL 2014-06-20 81.43 put", -21) in made
    assert ("AAPL", 3500) in made
