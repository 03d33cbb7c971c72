"""GOOG on 2015-12-24, when the exchange closed at one o'clock, by its recorded minutes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.resource_files import resource_path
from tests.rehearsals.recorded_market import (
    Rehearsed,
    check_fill,
    option_fills,
    options_seen,
    recorded,
)

DAY = date(2015, 12, 24)
FOLDERS = (
    "options_lean",
    "intraday_lean",
    "volatility",
    "rates",
    "equity_daily_lean",
    "corporate_actions_lean",
    "earnings",
)
# The quotes of that thin half day pass no gate of the classic rulebook, so wider ones let the
# minutes be traded on.
WIDER = (
    ("open_interest_min = 500", "open_interest_min = 50"),
    ("volume_min = 100", "volume_min = 1"),
    ("spread_max = 0.05", "spread_max = 0.50"),
    ("volume_share_max = 0.10", "volume_share_max = 1"),
)


def goog(data: Path, out: Path, rulebook: str) -> Rehearsed:
    days = DAY, date(2015, 12, 31)
    return recorded(data, FOLDERS, days, out, ("GOOG",), 2_000_000, rulebook)


@pytest.fixture(scope="module")
def classic(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return goog(shared_data, tmp_path_factory.mktemp("classic"), "classic")


@pytest.fixture(scope="module")
def wider(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    out = tmp_path_factory.mktemp("wider")
    text = resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")
    for old, new in WIDER:
        assert old in text
        text = text.replace(old, new, 1)
    rulebook = out / "wider.toml"
    rulebook.write_text(text, encoding="utf-8")
    return goog(shared_data, out, str(rulebook))


def test_the_windows_of_the_day_lie_before_its_early_close(classic: Rehearsed) -> None:
    rung = [
        (entry.event.alarm.kind, entry.recorded_at.astimezone(NEW_YORK))
        for entry in classic.entries
        if isinstance(entry.event, inp.AlarmRang)
    ]
    of_day = [(kind, f"{at:%H:%M}") for kind, at in rung if at.date() == DAY]
    entries = [clock for kind, clock in of_day if kind is AlarmKind.ENTRY]
    assert min(entries) == "09:45"
    assert max(entries) <= "12:30"
    for kind, clock in (
        (AlarmKind.CLOSING, "11:30"),
        (AlarmKind.ASSIGNMENT, "12:00"),
        (AlarmKind.PIN_RISK, "12:30"),
        (AlarmKind.CLOSE, "13:00"),
    ):
        assert (kind, clock) in of_day


def test_nothing_of_the_day_is_modelled_and_quotes_are_of_their_minute(classic: Rehearsed) -> None:
    seen = 0
    for entry in classic.entries:
        if not isinstance(entry.event, inp.MarketSampled):
            continue
        if entry.recorded_at.date() != DAY:
            continue
        for chain in entry.event.snapshot.chains:
            for quote in chain.quotes:
                seen += 1
                assert not quote.is_modelled
                age = entry.recorded_at - quote.quoted_at
                assert timedelta(0) <= age < timedelta(minutes=2)
    assert seen > 30


def test_shares_are_bought_at_the_minute_s_own_sides_and_thin_options_are_refused(
    classic: Rehearsed,
) -> None:
    orders = {
        entry.event.order.id: entry.event.order
        for entry in classic.entries
        if isinstance(entry.event, ev.OrderWritten)
    }
    of_day = [
        (orders[fill.order].legs[0].instrument, fill)
        for entry in classic.entries
        if isinstance(entry.event, ev.FillBooked)
        for fill in entry.event.fills
        if fill.filled_at.date() == DAY
    ]
    assert [instrument for instrument, _ in of_day] == [Stock("GOOG")]
    (quotes,) = [each for each in classic.history.symbols["GOOG"].quotes if each.day == DAY]
    fill = of_day[0][1]
    row = int((quotes.ends_at <= fill.filled_at.timestamp()).sum()) - 1
    bid, ask = (Decimal(str(float(side[row]))) for side in (quotes.bids, quotes.asks))
    assert bid <= fill.price.per_unit <= ask
    refused = {
        turned.rule
        for entry in classic.entries
        if isinstance(entry.event, ev.EntriesWeighed) and entry.recorded_at.date() == DAY
        for turned in entry.event.turned_down
    }
    assert any(rule.startswith("liquidity.") for rule in refused)


@pytest.mark.long
def test_options_of_the_day_trade_within_their_minute_s_bid_and_ask(wider: Rehearsed) -> None:
    of_day = [
        (contract, fill)
        for contract, fill in option_fills(wider.entries)
        if fill.filled_at.date() == DAY
    ]
    assert of_day
    for contract, fill in of_day:
        assert isinstance(contract, OptionContract)
        check_fill(wider.history, contract, fill)
    assert any(not quote.is_modelled for quote in options_seen(wider.entries))
