"""A market made up for tests: two shares, one of which splits, and chains recorded twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.market.corporate_actions import CashDividend, EarningsDate, Split
from allusedesk.market.feeds.recorded import RecordedFeed
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
    RecordedChain,
    Series,
    SymbolHistory,
)
from allusedesk.resource_files import resource_path

CALENDAR: ExchangeCalendar = calendar_of(resource_path("calendars", "xnys.toml").read_text())
FIRST, LAST = date(2018, 1, 2), date(2019, 12, 31)
PLAYED_FROM = date(2019, 6, 3)
SPLIT_ON = date(2019, 8, 12)
GAP_ON = date(2019, 7, 10)
EARNINGS = (date(2019, 1, 29), date(2019, 4, 30), date(2019, 7, 30), date(2019, 10, 30))
RECORDED_AT = (
    datetime(2019, 9, 10, 15, 7, 30, tzinfo=UTC),
    datetime(2019, 9, 11, 17, 40, 5, tzinfo=UTC),
)
SPOTS = (151.3, 148.9)
SPLITTING, PLAIN, RECORDED = "SPLT", "PLN", "RCD"


def sessions(first: date = PLAYED_FROM, last: date = date(2019, 10, 31)) -> tuple[Session, ...]:
    return CALENDAR.sessions_between(first, last)


def bars_of(symbol: str, seed: int, start: float, *, splits: tuple[Split, ...] = ()) -> DailyBars:
    rng = np.random.default_rng(seed)
    dates = np.array(CALENDAR.dates_between(FIRST, LAST), dtype="datetime64[D]")
    closes = start * np.exp(np.cumsum(rng.normal(0.0, 0.015, len(dates))))
    for split in splits:
        closes[dates >= np.datetime64(split.effective_on, "D")] /= split.ratio
    opens = closes * np.exp(rng.normal(0.0, 0.006, len(dates)))
    highs = np.maximum(opens, closes) * (1.0 + rng.uniform(0.0, 0.01, len(dates)))
    lows = np.minimum(opens, closes) * (1.0 - rng.uniform(0.0, 0.01, len(dates)))
    return DailyBars(
        symbol=symbol,
        dates=dates,
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=rng.integers(1_000_000, 9_000_000, len(dates)).astype(np.float64),
        adjustment=Adjustment.RAW,
        basis=AdjustmentBasis.DECLARED,
        origin="made up",
    )


def without(bars: DailyBars, *days: date) -> DailyBars:
    return rows_of(bars, ~np.isin(bars.dates, np.array(days, dtype="datetime64[D]")))


def rows_of(bars: Any, chosen: np.ndarray) -> Any:
    names = ("dates", "open", "high", "low", "close", "volume", "values")
    return replace(
        bars, **{name: getattr(bars, name)[chosen] for name in names if hasattr(bars, name)}
    )


def symbol_history(bars: DailyBars, **facts: Any) -> SymbolHistory:
    known = {"splits": (), "dividends": (), "earnings": (), **facts}
    return SymbolHistory(
        symbol=bars.symbol,
        bars=facts.pop("priced", bars),
        signal_bars=bars,
        segments=(),
        splits=known["splits"],
        dividends=known["dividends"],
        earnings=known["earnings"],
        earnings_known=bool(known["earnings"]),
    )


def recorded_chain(taken_at: datetime, spot: float, spread: float = 0.04) -> RecordedChain:
    """Clean quotes but for one crossed, one without a bid and one of an odd deliverable."""
    strikes, expiries, puts = np.meshgrid(
        np.arange(110.0, 200.0, 2.5),
        np.array(["2019-09-13", "2019-09-20"], dtype="datetime64[D]"),
        np.array([True, False]),
        indexing="ij",
    )
    strikes, expiries, puts = strikes.ravel(), expiries.ravel(), puts.ravel()
    intrinsic = np.maximum(np.where(puts, strikes - spot, spot - strikes), 0.0)
    mids = np.round(intrinsic + 2.2 * np.exp(-(((strikes - spot) / 9.0) ** 2)) + 0.05, 2)
    bids, asks = np.round(mids - spread / 2, 2), np.round(mids + spread / 2, 2)
    crossed = np.flatnonzero((strikes == 150.0) & puts)[0]
    bids[crossed] = asks[crossed] + 0.1
    bids[np.flatnonzero((strikes == 110.0) & puts)] = 0.0
    standard = np.ones(len(strikes), dtype=np.bool_)
    standard[np.flatnonzero((strikes == 147.5) & puts)[0]] = False
    return RecordedChain(
        underlying=RECORDED,
        taken_at=taken_at,
        underlying_price=spot,
        expiries=expiries,
        is_put=puts,
        strikes=strikes,
        bids=bids,
        asks=asks,
        lasts=np.where(puts, mids, 0.0),
        volumes=np.full(len(strikes), 120.0),
        open_interests=np.full(len(strikes), 900.0),
        implied_volatilities=np.full(len(strikes), 9.9),
        has_standard_deliverable=standard,
        origin="made up",
    )


def made_market() -> MarketHistory:
    split = Split(SPLITTING, SPLIT_ON, 4.0)
    splitting = bars_of(SPLITTING, 1, 400.0, splits=(split,))
    plain = without(bars_of(PLAIN, 2, 60.0), GAP_ON)
    recorded = bars_of(RECORDED, 3, 150.0)
    index = bars_of("IDX", 4, 2_800.0)
    vix = bars_of("VIX", 5, 17.0)
    return MarketHistory(
        symbols={
            SPLITTING: symbol_history(
                splitting,
                splits=(split,),
                earnings=tuple(EarningsDate(SPLITTING, day, is_reported=True) for day in EARNINGS),
            ),
            PLAIN: symbol_history(
                plain,
                dividends=(
                    CashDividend(PLAIN, date(2019, 6, 20), 0.41),
                    CashDividend(PLAIN, date(2019, 9, 19), 0.43),
                ),
            ),
            RECORDED: symbol_history(
                recorded, priced=rows_of(recorded, np.zeros(len(recorded), dtype=np.bool_))
            ),
        },
        trend=index,
        vix=IndexBars("VIX", vix.dates, vix.open, vix.high, vix.low, vix.close, "made up"),
        rate=Series("DGS1MO", vix.dates, np.linspace(1.3, 2.1, len(vix.dates)), "made up"),
        chains=tuple(map(recorded_chain, RECORDED_AT, SPOTS)),
        choices=("Everything is made up.",),
        defects=(),
    )


def made_feed(history: MarketHistory | None = None, seed: int = 11) -> RecordedFeed:
    return RecordedFeed(history or made_market(), sessions(), CALENDAR, seed)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a summer day by New York's clock."""
    midnight = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return midnight + timedelta(hours=hour, minutes=minute)
