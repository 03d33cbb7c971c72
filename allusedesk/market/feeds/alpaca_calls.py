"""What Alpaca is asked for in turn, and what is done with its answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.feeds.live_columns import (
    ASK_SIZE,
    BID_SIZE,
    LAST,
    OPEN_INTEREST,
    VOLUME,
    LiveColumns,
    Tick,
)
from allusedesk.market.feeds.live_figures import LiveFigures, told_bars, told_splits
from allusedesk.market.feeds.live_tables import LiveTables
from allusedesk.market.feeds.live_wishes import strikes_within_reach
from allusedesk.market.history import Adjustment
from allusedesk.market.recorded_sessions import exchange_date

if TYPE_CHECKING:
    from allusedesk.market.feeds.alpaca_wire import AlpacaWire, CallFailed, OptionShown

_BARS_DAYS = 400
# The vendor's bar of a day is final some minutes after the close, and free to all by then.
BARS_AFTER = timedelta(minutes=20)
_LISTED_DAYS = 56
_UNAUTHORISED = frozenset({401, 403})
_TOO_MANY = 429

Take = Callable[[], object]


class AlpacaCalls:
    """Questions to the vendor: each blocks, and returns what is then done on the feed's loop.

    `feeds` are the vendor's names for its quotes of shares and of options. `note` keeps a sentence
    for the health, `heard` says that batches wait, `keep_offset` takes the vendor's clock minus
    ours in seconds.
    """

    def __init__(
        self,
        feeds: tuple[str, str],
        parts: tuple[LiveColumns, LiveFigures, LiveTables],
        now: Callable[[], datetime],
        note: Callable[[str, str], None],
        heard: Callable[[], None],
        keep_offset: Callable[[float], None],
    ) -> None:
        self._shares_feed, self._options_feed = feeds
        self._columns, self._figures, self._tables = parts
        self._now = now
        self._note = note
        self._heard = heard
        self._keep_offset = keep_offset

    def shares(self, symbols: tuple[str, ...], wire: AlpacaWire) -> Take:
        """Ask for the latest quotes and trade prices of shares."""
        ticks = wire.shares(symbols, self._shares_feed)
        return partial(self._take_shares, symbols, ticks)

    def _take_shares(self, symbols: tuple[str, ...], ticks: list[Tick]) -> None:
        for tick in ticks:
            if tick.last > 0.0:
                self._columns.describe(tick.instrument, LAST, tick.last)
        told = {tick.instrument.underlying for tick in ticks}
        unknown = [symbol for symbol in symbols if symbol not in told]
        sentence = f"Alpaca has no quote of {', '.join(unknown)}." if unknown else ""
        self._note("shares", sentence)
        if self._columns.post(ticks, is_polled=True):
            self._heard()

    def bars(self, symbols: tuple[str, ...], before: date, wire: AlpacaWire) -> Take:
        """Ask for unadjusted bars, and for those adjusted for splits, which tell the splits."""
        end = self._now() - BARS_AFTER
        span = end - timedelta(days=_BARS_DAYS), end
        raw = wire.daily_bars(symbols, span, is_raw=True)
        split = wire.daily_bars(symbols, span, is_raw=False)

        def take() -> None:
            for symbol in symbols:
                bars, adjusted = (
                    told_bars(
                        symbol, told.get(symbol, []), adjustment=how, before=before, origin="Alpaca"
                    )
                    for told, how in ((raw, Adjustment.RAW), (split, Adjustment.SPLITS))
                )
                self._figures.keep_bars(bars, told_splits(symbol, bars, adjusted))

        return take

    def clock(self, wire: AlpacaWire) -> Take:
        """Ask what time it is at the vendor's."""
        before = self._now()
        told = wire.clock()
        after = self._now()
        middle = before + (after - before) / 2
        return partial(self._keep_offset, (told - middle).total_seconds())

    def chain(self, wish: ChainWish, wire: AlpacaWire) -> Take:
        """Ask for the part of a chain within reach of the underlying's price."""
        from allusedesk.market.feeds.alpaca_wire import ChainRange

        day = exchange_date(self._now())
        spot = self._tables.spot(wish.underlying)
        volatility = self._figures.realised_volatility(wish.underlying, day)
        low, high = strikes_within_reach(spot, volatility, wish.days_high)
        shown = wire.chain(
            ChainRange(
                wish.underlying,
                wish.rights,
                day + timedelta(days=max(wish.days_low, 0)),
                day + timedelta(days=wish.days_high),
                low,
                high,
            ),
            self._options_feed,
        )
        return partial(self._take_options, shown)

    def contracts(self, contracts: tuple[OptionContract, ...], wire: AlpacaWire) -> Take:
        """Ask for single options."""
        shown = wire.contracts(contracts, self._options_feed)
        return partial(self._take_options, shown)

    def _take_options(self, shown: list[OptionShown]) -> None:
        for each in shown:
            contract = each.tick.instrument
            self._columns.describe(contract, BID_SIZE, each.bid_size)
            self._columns.describe(contract, ASK_SIZE, each.ask_size)
            self._columns.describe(contract, VOLUME, each.volume)
        self._columns.post([each.tick for each in shown], is_polled=True)

    def interest(self, symbol: str, days: int, wire: AlpacaWire) -> Take:
        """Ask for last night's open interest, and with it for what is listed."""
        day = exchange_date(self._now())
        found = wire.open_interests(symbol, day, day + timedelta(days=max(days, _LISTED_DAYS)))

        def take() -> None:
            for contract, interest in found.items():
                if interest is not None:
                    self._columns.describe(contract, OPEN_INTEREST, interest)
            self._tables.list(symbol, (contract.expiry for contract in found))

        return take


def said(failed: CallFailed) -> str:
    """Return why a call had no answer, as one sentence."""
    if failed.status in _UNAUTHORISED:
        return "Alpaca refuses the key or the data it was asked for: check the key and the plan."
    if failed.status == _TOO_MANY:
        return "Alpaca is asked too often and pauses: quotes come more slowly for a while."
    if failed.status:
        return f"Alpaca refused a question for quotes with status {failed.status}; it is repeated."
    return f"Alpaca does not answer ({failed}): check the network; the desk keeps trying."


def is_about_one_question(failed: CallFailed) -> bool:
    """Tell whether the vendor finds fault with what was asked, not with who asks or how often."""
    return 400 <= failed.status < 500 and failed.status not in {*_UNAUTHORISED, _TOO_MANY}


def about(key: tuple[str, object]) -> str:
    """Return what a question was about, in words."""
    kind, what = key
    if isinstance(what, ChainWish):
        return f"the chain of {what.underlying}"
    names = what if isinstance(what, tuple) else (what,)
    return f"{kind} ({', '.join(str(name) for name in names)})"
