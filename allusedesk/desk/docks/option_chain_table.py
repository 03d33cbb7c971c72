"""The table of an option chain: calls to the left, strikes in the middle, puts to the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column, Index, TableModel
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.instruments import Right
from allusedesk.domain.quotes import Quote
from allusedesk.engine.what_if.chain import ChainLook, ChainRow

_GROUND = int(Qt.ItemDataRole.BackgroundRole)
_IN_BAND = " \N{BLACK DIAMOND}"
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)

Value = Callable[[Quote], float | None]


class ChainModel(TableModel[ChainRow]):
    """Strikes in their order; the rule's delta band and the strike at the money are shaded.

    `volatility_range` is what a rank is taken against: the least and the greatest realised
    volatility of a month over the past year.
    """

    def __init__(self, theme: Theme) -> None:
        self.look: ChainLook | None = None
        self.volatility_range: tuple[float, float] | None = None
        calls, puts = _SideColumns(self, Right.CALL), _SideColumns(self, Right.PUT)
        strike: Column[ChainRow] = Column(
            "strike",
            "Strike",
            lambda row: row,
            _strike_text,
            tip="at the money stands between arrows",
        )
        self._middle = len(calls.columns)
        super().__init__(
            (*reversed(calls.columns), strike, *puts.columns), lambda row: row.strike, theme
        )

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._band = QBrush(QColor(theme.band))
        self._at_money = QBrush(QColor(theme.selection))
        super().wear(theme)

    def show_look(self, look: ChainLook) -> None:
        """Show another look at a chain; rows nothing happened to are left alone."""
        self.look = look
        self.show(look.rows)
        self.tick(0, self.rowCount() - 1)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _GROUND and index.isValid():
            row, place = self.row_at(index.row()), index.column()
            if place == self._middle:
                return self._at_money if row.is_at_money else None
            is_in_band = row.is_call_in_band if place < self._middle else row.is_put_in_band
            return self._band if is_in_band else None
        if role == int(Qt.ItemDataRole.TextAlignmentRole) and index.column() == self._middle:
            return int(Qt.AlignmentFlag.AlignCenter)
        return super().data(index, role)

    def quote_at(self, index: Index) -> Quote | None:
        """The option whose cell this is; None in the middle and where nobody quotes it."""
        if not index.isValid() or index.column() == self._middle:
            return None
        row = self.row_at(index.row())
        return row.call if index.column() < self._middle else row.put

    def row_at_money(self) -> int | None:
        """Where the strike at the money stands."""
        rows = range(self.rowCount())
        return next((place for place in rows if self.row_at(place).is_at_money), None)

    def rank(self, volatility: float | None) -> float | None:
        """Where a volatility stands in the past year's range, 0 to 100; None where not known."""
        if volatility is None or self.volatility_range is None:
            return None
        low, high = self.volatility_range
        if high <= low:
            return None
        return min(100.0, max(0.0, (volatility - low) / (high - low) * 100.0))

    def age(self, quote: Quote) -> float | None:
        """How many seconds old a quote was at the look."""
        return None if self.look is None else quote.age_seconds(self.look.at)

    def is_stale(self, quote: Quote) -> bool:
        """True beyond the rulebook's age."""
        age = self.age(quote)
        return self.look is not None and age is not None and age > self.look.age_seconds_max


class _SideColumns:
    """The columns of one right, from the strike outwards."""

    def __init__(self, model: ChainModel, right: Right) -> None:
        self._model, self._right = model, right
        self._word = right.name.lower()
        two = _decimals(2)
        self.columns: tuple[Column[ChainRow], ...] = (
            self._of("bid", "Bid", lambda quote: _price(quote.bid), two),
            self._of("ask", "Ask", lambda quote: _price(quote.ask), two),
            self._of("mid", "Mid", lambda quote: _price(quote.mid), _decimals(3)),
            self._of("iv", "IV", _volatility, formatting.percent, "Implied volatility a year"),
            self._of(
                "rank",
                "IV rank",
                lambda quote: model.rank(_volatility(quote)),
                _decimals(0),
                "Where IV stands between the least and the greatest realised volatility of a month "
                "over the past year, 0 to 100; no history of implied volatilities is recorded",
            ),
            self._delta(),
            self._of(
                "theta", "Theta", lambda q: q.greeks.theta if q.greeks else None, _decimals(3)
            ),
            self._of("interest", "OI", lambda quote: quote.open_interest, _decimals(0)),
            self._of("volume", "Vol", lambda quote: quote.volume_average, _decimals(0), _VOLUME),
            Column(
                f"{self._word}.age",
                "Age",
                self._aged,
                is_number=True,
                is_timed=True,
                tone=self._age_tone,
                tip="How old the quote is; stale and modelled ones say so",
            ),
        )

    def _quote(self, row: ChainRow) -> Quote | None:
        return row.call if self._right is Right.CALL else row.put

    def _of(
        self, key: str, title: str, value: Value, text: Callable[[Any], str], tip: str = ""
    ) -> Column[ChainRow]:
        def found(row: ChainRow) -> float | None:
            quote = self._quote(row)
            return None if quote is None else value(quote)

        told = tip or f"{title} of the {self._word}"
        return Column(f"{self._word}.{key}", title, found, text, is_number=True, tip=told)

    def _delta(self) -> Column[ChainRow]:
        def found(row: ChainRow) -> tuple[float | None, bool]:
            quote = self._quote(row)
            known = quote.greeks if quote is not None else None
            inside = row.is_call_in_band if self._right is Right.CALL else row.is_put_in_band
            return (known.delta if known is not None else None), inside

        def text(value: tuple[float | None, bool]) -> str:
            delta, inside = value
            return formatting.number(delta, 2) + (_IN_BAND if inside else "")

        tip = "Delta; a diamond stands beside those inside the tier's band"
        return Column(f"{self._word}.delta", "Delta", found, text, is_number=True, tip=tip)

    def _aged(self, row: ChainRow) -> str:
        quote = self._quote(row)
        if quote is None:
            return formatting.NOTHING_TO_SHOW
        age = formatting.age(self._model.age(quote))
        words = [age, *(["stale"] if self._model.is_stale(quote) else [])]
        return " ".join([*words, *(["modelled"] if quote.is_modelled else [])])

    def _age_tone(self, row: ChainRow) -> Tone:
        quote = self._quote(row)
        if quote is None:
            return Tone.MUTED
        return Tone.ALARM if self._model.is_stale(quote) else Tone.MUTED


_VOLUME = "Contracts traded: the mean of five sessions, or the day's where nothing else is known"


def _decimals(count: int) -> Callable[[Any], str]:
    return lambda value: formatting.number(value, count)


def _price(price: Any) -> float | None:
    return None if price is None else float(price.per_unit)


def _volatility(quote: Quote) -> float | None:
    return quote.greeks.implied_volatility if quote.greeks is not None else None


def _strike_text(row: ChainRow) -> str:
    text = formatting.strike(row.strike)
    return (
        f"\N{BLACK RIGHT-POINTING TRIANGLE} {text} \N{BLACK LEFT-POINTING TRIANGLE}"
        if row.is_at_money
        else text
    )
