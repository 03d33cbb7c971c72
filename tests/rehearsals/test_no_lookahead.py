"""What the desk decided up to an instant does not change when all that came after is garbled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile, zip_longest
from pathlib import Path

import numpy as np
import pytest

from allusedesk.domain.events import Entry
from allusedesk.engine.state import NEW_YORK
from allusedesk.journal.store import JournalReader
from allusedesk.market.corporate_actions import CashDividend, EarningsDate, Split
from allusedesk.market.history import (
    DailyBars,
    IndexBars,
    MarketHistory,
    RecordedChain,
    Series,
    SymbolHistory,
)
from allusedesk.market.recorded_figures import (
    DIVIDENDS_ANNOUNCED_DAYS,
    EARNINGS_ANNOUNCED_DAYS,
    SPLITS_ANNOUNCED_DAYS,
)
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.resource_files import resource_path
from allusedesk.wiring import rehearsal
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.requests import RehearsalRequest
from tests.rehearsals.real_market import asked


def garbled(history: MarketHistory, day: date, instant: datetime | None = None) -> MarketHistory:
    """The same up to the end of `day`, and as it never was from then on.

    What was announced by then stays: earnings three weeks ahead, dividends one, splits two.
    Recorded chains are garbled after `instant`, where one is given.
    """
    rng = np.random.default_rng(13)
    after = datetime(day.year, day.month, day.day, 23, tzinfo=UTC) if instant is None else instant
    return replace(
        history,
        symbols={name: _symbol(told, day, rng) for name, told in history.symbols.items()},
        trend=_bars(history.trend, day, rng),
        vix=_index(history.vix, day, rng),
        rate=_series(history.rate, day, rng) if history.rate is not None else None,
        chains=tuple(_chain(chain, after, rng) for chain in history.chains),
    )


def _later(dates: np.ndarray, day: date) -> np.ndarray:
    return dates > np.datetime64(day, "D")


def _bars(bars: DailyBars, day: date, rng: np.random.Generator) -> DailyBars:
    """Another level from session to session, each bar still in order."""
    later = _later(bars.dates, day)
    scale = rng.uniform(0.6, 1.5, len(bars))
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close")}
    other = {name: np.where(later, told * scale, told) for name, told in columns.items()}
    return replace(bars, **other, volume=np.where(later, bars.volume * 3.0, bars.volume))


def _index(levels: IndexBars, day: date, rng: np.random.Generator) -> IndexBars:
    scale = np.where(_later(levels.dates, day), rng.uniform(0.3, 4.0, len(levels.dates)), 1.0)
    names = ("open", "high", "low", "close")
    return replace(levels, **{name: getattr(levels, name) * scale for name in names})


def _series(series: Series, day: date, rng: np.random.Generator) -> Series:
    noise = rng.uniform(0.0, 9.0, len(series.values))
    return replace(series, values=np.where(_later(series.dates, day), noise, series.values))


def _symbol(told: SymbolHistory, day: date, rng: np.random.Generator) -> SymbolHistory:
    return replace(
        told,
        bars=_bars(told.bars, day, rng),
        signal_bars=_bars(told.signal_bars, day, rng),
        splits=_splits(told.splits, day),
        dividends=_dividends(told.dividends, day),
        earnings=_earnings(told.earnings, day),
    )


def _splits(splits: tuple[Split, ...], day: date) -> tuple[Split, ...]:
    announced = day + timedelta(days=SPLITS_ANNOUNCED_DAYS)
    return tuple(
        replace(split, ratio=split.ratio + 1.0) if split.effective_on > announced else split
        for split in splits
    )


def _dividends(dividends: tuple[CashDividend, ...], day: date) -> tuple[CashDividend, ...]:
    announced = day + timedelta(days=DIVIDENDS_ANNOUNCED_DAYS)
    return tuple(
        replace(paid, amount=paid.amount * 7.0, ex_date=paid.ex_date + timedelta(days=1))
        if paid.ex_date > announced
        else paid
        for paid in dividends
    )


def _earnings(earnings: tuple[EarningsDate, ...], day: date) -> tuple[EarningsDate, ...]:
    announced = day + timedelta(days=EARNINGS_ANNOUNCED_DAYS)
    return tuple(
        replace(entry, date=entry.date + timedelta(days=9)) if entry.date > announced else entry
        for entry in earnings
    )


def _chain(chain: RecordedChain, after: datetime, rng: np.random.Generator) -> RecordedChain:
    if chain.taken_at <= after:
        return chain
    scale = rng.uniform(0.5, 1.6, len(chain))
    return replace(
        chain,
        underlying_price=chain.underlying_price * 1.2,
        bids=np.round(chain.bids * scale, 2),
        asks=np.round(chain.asks * scale, 2),
        volumes=chain.volumes * 2.0,
        open_interests=chain.open_interests + 1.0,
    )


def _record(
    request: RehearsalRequest, history: MarketHistory, patch: pytest.MonkeyPatch
) -> list[Entry]:
    patch.setattr(rehearsal, "history_of", lambda *_: history)
    result = rehearsal.rehearse(request)
    with JournalReader.open(result.journal) as reader:
        return list(reader.read())


def _history(request: RehearsalRequest) -> MarketHistory:
    return history_of(request, parse_rulebook(rulebook_text("classic")), exchange_calendar())


def _up_to(entries: list[Entry], instant: datetime) -> Iterator[Entry]:
    return takewhile(lambda entry: entry.recorded_at <= instant, entries)


def _hold_apart(
    request: RehearsalRequest, day: date, instant: datetime, patch: pytest.MonkeyPatch
) -> None:
    history = _history(request)
    true = _record(request, history, patch)
    other_request = replace(request, out=request.out / "garbled")
    other = _record(other_request, garbled(history, day, instant), patch)
    known, same = list(_up_to(true, instant)), list(_up_to(other, instant))
    assert len(known) > 20
    assert _first_difference(known, same) is None
    # The garbling was no idle gesture: the desk saw it as soon as it was there to be seen.
    assert other[len(known) :] != true[len(known) :]


def _first_difference(ours: list[Entry], theirs: list[Entry]) -> tuple[Entry, Entry] | None:
    pairs = zip_longest(ours, theirs)
    return next(((mine, other) for mine, other in pairs if mine != other), None)


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.long
@pytest.mark.parametrize(
    ("first", "day", "last"),
    [
        (date(2008, 8, 4), date(2008, 9, 26), date(2008, 10, 10)),
        # The split of 2014-06-09 is announced, then not yet announced.
        (date(2014, 4, 7), date(2014, 5, 28), date(2014, 6, 20)),
        (date(2014, 4, 7), date(2014, 5, 21), date(2014, 6, 20)),
        (date(2020, 2, 3), date(2020, 2, 20), date(2020, 3, 13)),
    ],
)
def test_no_entry_up_to_a_session_knows_what_came_after(
    first: date,
    day: date,
    last: date,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = asked(shared_data, first, last, tmp_path)
    _hold_apart(request, day, _end_of(day), monkeypatch)


@pytest.mark.parametrize("day", [date(2012, 4, 4), date(2012, 4, 13)])
def test_no_entry_of_the_sample_market_knows_what_came_after(
    day: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = resource_path("sample_market")
    symbols = ("AAPL", "IBM", "MSFT")
    request = asked(sample, date(2012, 4, 2), date(2012, 4, 20), tmp_path, symbols)
    _hold_apart(request, day, _end_of(day), monkeypatch)


@pytest.mark.long
def test_no_entry_up_to_a_recorded_chain_knows_a_later_one(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbols = ("AAPL", "NVDA", "SPY", "QQQ")
    first, last = date(2026, 2, 9), date(2026, 2, 13)
    request = asked(shared_data, first, last, tmp_path, symbols, capital=2_000_000)
    # After the second of three snapshots of AAPL; the bar of the day itself is not out yet.
    second = sorted(c.taken_at for c in _history(request).chains if c.underlying == "AAPL")[1]
    yesterday = second.date() - timedelta(days=1)
    _hold_apart(request, yesterday, second, monkeypatch)
