"""What screens may look at beside the engine's pictures: bars, chains, yardsticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from allusedesk.domain.commands import Watch
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.what_if.book import MarketFigures
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.history import MarketHistory
from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.wiring.charting import (
    BarInterval,
    ChartBars,
    chart_bars,
    chart_symbols,
    intervals_of,
)
from allusedesk.wiring.market_figures import figures_of, last_known
from allusedesk.wiring.yardsticks import Yardstick, yardsticks

# A month of sessions, as the protocol's own figure of realised volatility has.
_MONTH = 21
# Losses look back on two years; the record of each day on the year before it.
_RISK_SESSIONS = 2_000


class ScreenLooks:
    """Looks that nothing is recorded of. Every answer is what was known at the instant given.

    `sample` belongs to the engine's thread; all else reads what never changes and may be asked
    from any thread. The board is the screens' own, so that the engine's stays as it was.
    `traded` are symbols that are quoted, whether or not there is a history of them.
    """

    def __init__(
        self,
        history: MarketHistory,
        feed: Feed,
        calendar: ExchangeCalendar,
        traded: tuple[str, ...] = (),
    ) -> None:
        self._history = history
        self._calendar = calendar
        self._watch = MarketWatch(feed, QuoteBoard())
        self.symbols = chart_symbols(history)
        self.optionable = tuple(sorted({*history.symbols, *traded}))

    @property
    def history(self) -> MarketHistory:
        """All there is of the past; whoever asks looks no further than what was known."""
        return self._history

    def intervals(self, symbol: str, at: datetime) -> tuple[BarInterval, ...]:
        """The intervals there are bars of."""
        return intervals_of(self._history, symbol, at)

    def bars(self, symbol: str, interval: BarInterval, at: datetime) -> ChartBars:
        """Complete bars, oldest first; raises KeyError for a symbol without any."""
        return chart_bars(self._history, self._calendar, symbol, interval, at)

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        """What the market shows at an instant; on the engine's thread alone."""
        return self._watch.sample(watch, at)

    def volatility_range(self, symbol: str, at: datetime) -> tuple[float, float] | None:
        """The least and the greatest realised volatility of a month over the past year.

        None where less than a year and a month is known.
        """
        if symbol not in self.symbols:
            return None
        closes = self.bars(symbol, BarInterval.DAY, at).close[-SESSIONS_PER_YEAR - _MONTH :]
        if len(closes) < SESSIONS_PER_YEAR + _MONTH:
            return None
        months = np.lib.stride_tricks.sliding_window_view(np.diff(np.log(closes)), _MONTH)
        found = months.std(axis=1, ddof=1) * math.sqrt(SESSIONS_PER_YEAR)
        return float(found.min()), float(found.max())

    def risk_figures(self, symbols: Sequence[str], at: datetime) -> MarketFigures:
        """Returns, volumes and VIX up to the last close known at an instant."""
        return figures_of(self._history, symbols, last_known(at), _RISK_SESSIONS)

    def yardsticks(self, days: tuple[date, ...]) -> tuple[Yardstick, ...]:
        """What the desk's result can be held against over these days, each ascending."""
        return yardsticks(self._history, days)
