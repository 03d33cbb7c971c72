"""Option chain: every strike of an expiry, what the rules look for in it, and a what-if."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLabel,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.option_chain_table import ChainModel
from allusedesk.desk.docks.what_if_basket import WhatIfBasket
from allusedesk.desk.inquiry import Inquiry
from allusedesk.desk.symbol_bar import SymbolBar
from allusedesk.desk.theme import Theme
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.changing import replace
from allusedesk.engine.clock import stopwatch
from allusedesk.engine.what_if.chain import ChainLook, chain_of, watch_of
from allusedesk.engine.what_if.legs import WhatIf, WhatIfLeg, WhatIfRefused, answer

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.state import DeskState
    from allusedesk.wiring.screen_looks import ScreenLooks

# A look a second; and of the engine's time one part in so many at most, however large the chain.
_LOOK_MILLISECONDS = 1_000
_SHARE = 20
_STARTING = "The engine is starting: the chain comes with its first picture."


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """What one look brought back; `refused` says why there is no what-if, `seconds` its cost."""

    look: ChainLook
    what_if: WhatIf | None
    refused: str
    seconds: float


class OptionChainDock(Dock):
    """One expiry of one symbol, looked at about once a second while it can be seen."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.inquiry = Inquiry(context.bridge, self)
        self.model = ChainModel(context.theme)
        self._seen: tuple[object, ...] = ()
        self._is_centred = False
        self.bar = SymbolBar(context.links, "Option chain")
        self.bar.chosen.connect(self._on_symbol)
        self.expiry, self.tier = QComboBox(), QComboBox()
        self.expiry.setAccessibleName("Expiry")
        self.expiry.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.tier.setAccessibleName("Tier whose delta band is shaded")
        for kind in AccountKind:
            self.tier.addItem(f"Rule of {kind.label}", kind.value)
        self.expiry.activated.connect(self._on_expiry)
        self.tier.currentIndexChanged.connect(self._on_choice)
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.told.setAccessibleName("About this chain")
        for widget in (self.expiry, self.tier):
            self.bar.row.addWidget(widget)
        self.bar.row.addStretch(1)
        self.told.setContentsMargins(6, 0, 6, 2)
        self.table = QTableView()
        self.basket = WhatIfBasket(context.theme)
        self.empty = QLabel(_STARTING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._prepare_table()
        self._lay_out()
        self.basket.sell.clicked.connect(lambda: self._add(-1))
        self.basket.buy.clicked.connect(lambda: self._add(1))
        self.basket.changed.connect(self._on_choice)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look_now)

    def show_picture(self, _picture: DeskSnapshot) -> None:
        looks = self._looks()
        if looks is None:
            self._say("Option chains are those of the running desk: nothing of them is kept.")
            return
        self.bar.offer(looks.optionable)
        if not self._seen:
            self.look_now()

    def look_now(self) -> None:
        """Ask for the chain, unless nothing can have changed since the last look."""
        picture, looks, symbol = self.context.bridge.latest, self._looks(), self.bar.symbol
        if picture is None or looks is None or not symbol or self.inquiry.is_under_way:
            return
        kind = AccountKind(self.tier.currentData())
        expiry, legs = self.expiry.currentData(), self.basket.legs
        wanted = (picture.at, picture.sequence, symbol, kind, expiry, legs)
        if wanted == self._seen:
            return
        self._seen = wanted
        self.inquiry.ask(_question(symbol, kind, expiry, legs), self._take, self._say)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._timer.start()
        self.look_now()

    def hideEvent(self, event: Any) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() is QEvent.Type.KeyPress:
            signs: dict[object, int] = {Qt.Key.Key_S: -1, Qt.Key.Key_B: 1}
            sign = signs.get(getattr(event, "key", lambda: None)())
            if sign is not None:
                self._add(sign)
                return True
        return super().eventFilter(watched, event)

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)
        self.basket.wear(theme)

    def prepare_picture(self) -> None:
        """Try a sale of the put at the money, so that the picture has a payoff."""
        if not self.basket.legs:
            self._add(-1)

    def kept(self) -> dict[str, Any]:
        return {**self.bar.kept(), "tier": self.tier.currentData()}

    def restore(self, kept: dict[str, Any]) -> None:
        self.bar.restore(kept)
        place = self.tier.findData(kept.get("tier"))
        if place >= 0:
            self.tier.setCurrentIndex(place)

    def _looks(self) -> ScreenLooks | None:
        engine = self.context.bridge.engine
        return engine.looks if engine is not None else None

    def _on_symbol(self) -> None:
        self.expiry.clear()
        self._is_centred = False
        if self.basket.legs:
            self.basket.take_out_all()
        looks, picture = self._looks(), self.context.bridge.latest
        symbol = self.bar.symbol
        self.model.volatility_range = None
        if looks is not None and picture is not None:
            at = picture.at
            self.context.operations.begin(
                f"Reading the volatility of {symbol}",
                lambda _: looks.volatility_range(symbol, at),
                self._take_range,
            )
        self._on_choice()

    def _on_expiry(self) -> None:
        self._is_centred = False
        self._on_choice()

    def _on_choice(self) -> None:
        self._seen = ()
        self.look_now()

    def _take_range(self, found: tuple[float, float] | None) -> None:
        self.model.volatility_range = found
        self._on_choice()

    def _take(self, found: ChainAnswer) -> None:
        look = found.look
        # The engine is never asked for more than a small part of its time.
        self._timer.setInterval(max(_LOOK_MILLISECONDS, int(found.seconds * 1_000 * _SHARE)))
        if look.underlying != self.bar.symbol:
            self._on_choice()
            return
        self._offer_expiries(look)
        if not look.rows:
            self._say(" ".join(look.notes) or f"No option of {look.underlying} is quoted now.")
            return
        self.model.show_look(look)
        self._pages.setCurrentWidget(self.table)
        if not self._is_centred:
            self._centre()
        self.told.setText(_told(look))
        if found.what_if is not None:
            self.basket.show_answer(found.what_if)
        elif found.refused:
            self.basket.say(found.refused)
        if not self._seen:
            # Something was chosen while this answer was under way.
            self.look_now()

    def _say(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self._pages.setCurrentWidget(self.empty)

    def _offer_expiries(self, look: ChainLook) -> None:
        known = [self.expiry.itemText(place) for place in range(self.expiry.count())]
        wanted = [f"{formatting.day(day)} ({look.days_to(day)} d)" for day in look.expiries]
        if known != wanted:
            self.expiry.clear()
            for text, day in zip(wanted, look.expiries, strict=True):
                self.expiry.addItem(text, day)
        place = self.expiry.findData(look.expiry)
        if place >= 0:
            self.expiry.setCurrentIndex(place)
        if self._seen:
            # What the tier's days chose stands as chosen now, and need not be asked for again.
            self._seen = (*self._seen[:4], self.expiry.currentData(), *self._seen[5:])

    def _centre(self) -> None:
        """Bring the strike at the money to the middle, once for each chain."""
        self.table.resizeColumnsToContents()
        place = self.model.row_at_money()
        if place is None:
            return
        self._is_centred = True
        middle = self.model.index(place, len(self.model.columns) // 2)
        self.table.setCurrentIndex(self.model.index(place, middle.column() + 1))
        self.table.scrollTo(middle, QTableView.ScrollHint.PositionAtCenter)

    def _add(self, sign: int) -> None:
        quote = self.model.quote_at(self.table.currentIndex())
        if quote is not None:
            self.basket.add(quote.instrument, sign * self.basket.quantity.value())

    def _on_entered(self, index: QModelIndex) -> None:
        """A bid is sold and an ask bought; elsewhere nothing happens by a mere double click."""
        title = self.model.columns[index.column()].title
        sign = {"Bid": -1, "Ask": 1}.get(title)
        if sign is not None:
            self._add(sign)

    def _prepare_table(self) -> None:
        table = self.table
        table.setAccessibleName("Option chain: calls to the left, puts to the right")
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        vertical = table.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + 6)
        table.horizontalHeader().setHighlightSections(False)
        table.installEventFilter(self)
        table.doubleClicked.connect(self._on_entered)

    def _lay_out(self) -> None:
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(pages)
        parts.addWidget(self.basket)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        rows.addWidget(self.told)
        rows.addWidget(parts, 1)
        self.put_keyboard_on(self.table)


def _question(
    symbol: str, kind: AccountKind, expiry: date | None, legs: tuple[WhatIfLeg, ...]
) -> Callable[[DeskState, ScreenLooks, datetime], ChainAnswer]:
    """What is asked on the engine's thread: a look, and a what-if over it."""

    def asked(state: DeskState, looks: ScreenLooks, at: datetime) -> ChainAnswer:
        passed = stopwatch()
        watch = watch_of(symbol, at, expiry)
        watch = replace(watch, held=tuple(leg.instrument for leg in legs))
        snapshot = looks.sample(watch, at)
        look = chain_of(state, snapshot, symbol, kind, expiry)
        found, refused = None, ""
        if legs:
            try:
                found = answer(state, legs, snapshot)
            except WhatIfRefused as why:
                refused = str(why)
        return ChainAnswer(look, found, refused, passed())

    return asked


def _told(look: ChainLook) -> str:
    parts = [f"spot {formatting.price(look.spot)}"]
    parts.append(f"band {look.band.low.normalize():f} to {look.band.high.normalize():f} delta")
    low, high = look.days_wanted
    parts.append(f"{low} to {high} days")
    if look.is_modelled:
        parts.append("modelled")
    parts.append(f"as of {formatting.clock(look.at)} New York")
    return "   ".join(parts)
