"""Chart: a symbol's bars, what is held in it, what was traded in it, and its latest price."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QStackedLayout, QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.charts.chart_marks import Mark, MarkKind, StrikeLine
from allusedesk.desk.charts.price_chart import PriceChart
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.symbol_bar import SymbolBar
from allusedesk.desk.theme import Theme
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.proposals import ProposalKind
from allusedesk.journal.queries.charts import ASSIGNMENT, TradeMark, trade_marks
from allusedesk.wiring.charting import BarInterval, ChartBars

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

_INTERVALS = {
    BarInterval.DAY: "Days",
    BarInterval.WEEK: "Weeks",
    BarInterval.MINUTE: "Minutes",
}
_ENTRIES = (
    ProposalKind.ENTRY,
    ProposalKind.COVERED_CALL,
    ProposalKind.SHARE_PURCHASE,
    ProposalKind.LADDER,
    ProposalKind.REINVESTMENT,
)
_STARTING = "The engine is starting: bars come with its first picture."


class ChartDock(Dock):
    """One symbol, up to the desk's own now and not a bar farther."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.bars: ChartBars | None = None
        self.trades: tuple[TradeMark, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._orders: tuple[object, ...] = ()
        self._is_reading = False
        self.bar = SymbolBar(context.links, "Chart")
        self.bar.chosen.connect(self._on_symbol)
        self.interval = QComboBox()
        self.interval.setAccessibleName("Interval")
        self.interval.currentIndexChanged.connect(self._on_interval)
        self.readout = QLabel()
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setWordWrap(True)
        self.readout.setAccessibleName("Bar under the crosshair")
        self.bar.row.addWidget(self.interval)
        self.bar.row.addStretch(1)
        self.readout.setContentsMargins(6, 0, 6, 2)
        self.chart = PriceChart(context.theme)
        self.chart.pointed.connect(self._read_out)
        self.empty = QLabel(_STARTING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setWordWrap(True)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.chart)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        rows.addWidget(self.readout)
        rows.addWidget(pages, 1)
        self.put_keyboard_on(self.chart)

    def show_picture(self, picture: DeskSnapshot) -> None:
        engine = self.context.bridge.engine
        looks = engine.looks if engine is not None else None
        if looks is None:
            return
        self.bar.offer(looks.symbols)
        found = self.bars
        if found is None or (found.next_at is not None and picture.at >= found.next_at):
            self._ask_for_bars()
        if found is None:
            return
        self._show_price(picture)
        self.chart.marks.show_strikes(self._strikes(picture))
        orders = tuple((order.id, len(order.fills)) for order in picture.orders)
        if orders != self._orders and not self._is_reading:
            self._orders = orders
            self._ask_for_trades()

    def wear(self, theme: Theme) -> None:
        self.chart.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {**self.bar.kept(), "interval": self.interval.currentData()}

    def restore(self, kept: dict[str, Any]) -> None:
        self.bar.restore(kept)
        place = self.interval.findData(kept.get("interval"))
        if place >= 0:
            self.interval.setCurrentIndex(place)

    def _on_symbol(self) -> None:
        self.bars, self.trades, self._asked = None, (), ()
        self._offer_intervals()
        self._ask_for_bars()
        self._ask_for_trades()

    def _on_interval(self) -> None:
        self.bars, self._asked = None, ()
        self._ask_for_bars()

    def _offer_intervals(self) -> None:
        engine, picture = self.context.bridge.engine, self.context.bridge.latest
        if engine is None or engine.looks is None or picture is None:
            return
        wanted = self.interval.currentData()
        self.interval.blockSignals(True)  # noqa: FBT003 - Qt takes no names
        self.interval.clear()
        for one in engine.looks.intervals(self.bar.symbol, picture.at):
            self.interval.addItem(_INTERVALS[one], one.value)
        self.interval.setCurrentIndex(max(0, self.interval.findData(wanted)))
        self.interval.blockSignals(False)  # noqa: FBT003

    def _ask_for_bars(self) -> None:
        engine, picture = self.context.bridge.engine, self.context.bridge.latest
        looks = engine.looks if engine is not None else None
        value = self.interval.currentData()
        if looks is None or picture is None or value is None:
            return
        symbol, interval, at = self.bar.symbol, BarInterval(value), picture.at
        known = self.bars
        asked = (symbol, interval, None if known is None else known.next_at)
        if asked == self._asked:
            return
        self._asked = asked
        self.context.operations.begin(
            f"Reading the bars of {symbol}",
            lambda _: looks.bars(symbol, interval, at),
            self._take_bars,
            self._say,
        )

    def _take_bars(self, found: ChartBars) -> None:
        if found.symbol != self.bar.symbol or found.interval.value != self.interval.currentData():
            return
        is_new = self.bars is None
        self.bars = found
        if not len(found):
            self._say(f"No bar of {found.symbol} is complete yet at this interval.")
            return
        self._pages.setCurrentWidget(self.chart)
        self.chart.show_bars(found, keep_place=not is_new)
        self.chart.setAccessibleDescription(f"{len(found)} bars of {found.symbol}")
        self._show_trades()
        if self.context.bridge.latest is not None:
            self.show_picture(self.context.bridge.latest)
        self._read_out(-1)

    def _say(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self._pages.setCurrentWidget(self.empty)

    def _ask_for_trades(self) -> None:
        symbol = self.bar.symbol
        if not symbol:
            return
        self._is_reading = True

        def take(found: tuple[TradeMark, ...]) -> None:
            self._is_reading = False
            if symbol == self.bar.symbol:
                self.trades = found
                self._show_trades()

        def fail(_sentence: str) -> None:
            # The record is not there before the engine has written its first entry.
            self._is_reading = False
            self._orders = ()

        self.context.records.ask(f"Reading the trades of {symbol}", _question(symbol), take, fail)

    def _show_trades(self) -> None:
        found = self.bars
        if found is None:
            return
        marks = {_placed(trade, found): None for trade in self.trades}
        self.chart.marks.show_marks(tuple(mark for mark in marks if mark is not None))

    def _show_price(self, picture: DeskSnapshot) -> None:
        quotes = (q for q in picture.underlyings if q.instrument.underlying == self.bar.symbol)
        quote = next(quotes, None)
        mark = quote.mark if quote is not None else None
        if mark is None or quote is None:
            self.chart.show_price(None)
            return
        words = "" if not quote.is_modelled else " modelled"
        self.chart.show_price((float(mark.per_unit), formatting.price(mark) + words))

    def _strikes(self, picture: DeskSnapshot) -> tuple[StrikeLine, ...]:
        held: dict[OptionContract, int] = {}
        for lot in (held.lot for held in picture.lots):
            option = lot.option
            if option is not None and option.underlying == self.bar.symbol:
                held[option] = held.get(option, 0) + lot.quantity_signed
        return tuple(
            StrikeLine(
                float(option.strike),
                f"{formatting.number(float(count), 0, signed=True)} {option.right.value} "
                f"{formatting.strike(option.strike)} {formatting.day(option.expiry)}",
                option.right is Right.CALL,
            )
            for option, count in held.items()
        )

    def _read_out(self, place: int) -> None:
        found = self.bars
        if found is None or not len(found):
            self.readout.clear()
            return
        at = place if 0 <= place < len(found) else len(found) - 1
        moment = found.times[at].astype(object)
        written = f"{moment:%a} {formatting.day(moment.date())}"
        if found.interval is BarInterval.MINUTE:
            written += f" {moment:%H:%M} New York"
        elif found.interval is BarInterval.WEEK:
            written = f"week from {written}"
        columns = (("O", found.open), ("H", found.high), ("L", found.low), ("C", found.close))
        parts = [f"{name} {formatting.number(float(column[at]), 2)}" for name, column in columns]
        volume, atr = float(found.volume[at]), float(found.atr[at])
        if volume == volume:  # noqa: PLR0124 - false for what is not a number
            parts.append(f"Vol {formatting.number(volume, 0)}")
        if atr == atr:  # noqa: PLR0124
            parts.append(f"ATR {formatting.number(atr, 2)}")
        self.readout.setText(f"{written}   {'  '.join(parts)}")


def _question(symbol: str) -> Callable[[Any], tuple[TradeMark, ...]]:
    return lambda side: trade_marks(side, symbol)


def _placed(trade: TradeMark, found: ChartBars) -> Mark | None:
    """Where a trade stands: at the bar it fell into; none for one before the first bar.

    One of a session that is not over yet stands behind the last bar, at the price it saw.
    """
    place, kind = found.place_of(trade.at), _kind(trade.kind)
    if place < 0:
        return None
    if place >= len(found):
        last = float(found.close[-1])
        return Mark(place, last if trade.spot is None else float(trade.spot.per_unit), kind)
    levels = found.low if kind is MarkKind.ENTRY else found.high
    return Mark(place, float(levels[place]), kind)


def _kind(kind: str) -> MarkKind:
    if kind == ASSIGNMENT:
        return MarkKind.ASSIGNMENT
    if kind in {one.value for one in _ENTRIES}:
        return MarkKind.ENTRY
    return MarkKind.ROLL if kind == ProposalKind.ROLL.value else MarkKind.EXIT
