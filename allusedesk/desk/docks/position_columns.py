"""The columns of Positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from allusedesk.desk import formatting
from allusedesk.desk.formatting import NOTHING_TO_SHOW
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone
from allusedesk.domain.money import Price

if TYPE_CHECKING:
    from allusedesk.domain.quotes import Quote
    from allusedesk.engine.snapshot_lots import HeldLot, LotGreeks

_LEVELS = {
    "L0": "L0 calm",
    "L1": "L1 watch",
    "L2": "L2 roll",
    "L3": "L3 leave",
    "hold": "calm",
    "prepare": "prepare roll",
    "mandatory": "roll or close",
}
_CAUTION = frozenset({"L1", "watch", "prepare"})
_PRESSING = frozenset({"L2", "L3", "mandatory"})


@dataclass(slots=True)
class LotClock:
    """The instant of the picture shown and how old a quote may be; ages are read from it."""

    now: datetime | None = None
    seconds_max: float = 0.0

    def age(self, held: HeldLot) -> float | None:
        """How old a lot's quote is, in seconds; None without one."""
        if held.quote is None or self.now is None:
            return None
        return held.quote.age_seconds(self.now)

    def days(self, held: HeldLot) -> int | None:
        """Days to the expiry of an option; None for shares."""
        option = held.lot.option
        if option is None or self.now is None:
            return None
        return (option.expiry - self.now.astimezone(formatting.NEW_YORK).date()).days

    def tone(self, held: HeldLot) -> Tone:
        """Greyed where the quote is older than the rulebook trusts, or missing."""
        age = self.age(held)
        return Tone.MUTED if age is None or age > self.seconds_max else Tone.PLAIN


def position_columns(clock: LotClock) -> tuple[Column[HeldLot], ...]:
    """Every column; those about a quote are greyed when it is stale by `clock`."""
    return (*_what(), *_prices(clock), *_profits(clock), *_greeks(), *_strikes(clock), *_rest())


def _what() -> tuple[Column[HeldLot], ...]:
    return (
        Column("account", "Sleeve", lambda held: str(held.lot.account), is_searched=True),
        Column(
            "instrument",
            "Instrument",
            lambda held: formatting.instrument(held.lot.instrument),
            is_searched=True,
        ),
        Column(
            "role",
            "Role",
            lambda held: held.lot.role.value,
            is_searched=True,
            is_hidden_at_first=True,
        ),
        Column(
            "quantity",
            "Quantity",
            lambda held: held.lot.quantity_signed,
            lambda value: formatting.number(float(value), 0, signed=True),
            is_number=True,
        ),
        Column(
            "price",
            "Opened at",
            lambda held: held.lot.price_average.per_unit,
            lambda value: formatting.price(Price(value)),
            is_number=True,
        ),
    )


def _prices(clock: LotClock) -> tuple[Column[HeldLot], ...]:
    def price_column(
        key: str, title: str, tip: str, side: Callable[[Quote], Price | None], **more: Any
    ) -> Column[HeldLot]:
        def value(held: HeldLot) -> Decimal | None:
            found = None if held.quote is None else side(held.quote)
            return None if found is None else found.per_unit

        return Column(
            key,
            title,
            value,
            lambda found: NOTHING_TO_SHOW if found is None else formatting.price(Price(found)),
            is_number=True,
            tone=clock.tone,
            tip=tip,
            **more,
        )

    def marked(held: HeldLot) -> str:
        mark = held.quote.mark if held.quote is not None else None
        if held.quote is None or mark is None:
            return "at cost"
        return formatting.price(mark) + (" m" if held.quote.is_modelled else "")

    return (
        price_column("bid", "Bid", "", lambda quote: quote.bid),
        price_column("ask", "Ask", "", lambda quote: quote.ask),
        price_column(
            "mark",
            "Mark",
            "Half way between bid and ask; m marks a modelled quote, at cost that there is none",
            lambda quote: quote.mark,
            says=marked,
        ),
        Column(
            "age",
            "Age",
            clock.age,
            formatting.age,
            is_number=True,
            is_timed=True,
            tone=clock.tone,
            tip="How old the quote is; greyed once the rulebook would not trade on it",
        ),
    )


def _profits(clock: LotClock) -> tuple[Column[HeldLot], ...]:
    return (
        Column(
            "value",
            "Value $",
            lambda held: held.value.amount,
            lambda value: formatting.number(value, 2),
            is_number=True,
            tone=clock.tone,
        ),
        Column(
            "unrealised",
            "Unrealised $",
            lambda held: held.unrealised.amount,
            lambda value: formatting.number(value, 2, signed=True),
            is_number=True,
            tone=_profit_tone,
        ),
        Column(
            "earned",
            "Earned",
            lambda held: held.earned,
            lambda value: formatting.percent(value, 0, signed=True),
            is_number=True,
            tone=_profit_tone,
            tip="The profit as a share of the premium an option was sold for",
        ),
    )


def _profit_tone(held: HeldLot) -> Tone:
    amount = held.unrealised.amount
    if not amount:
        return Tone.PLAIN
    return Tone.GAIN if amount > 0 else Tone.LOSS


def _greeks() -> tuple[Column[HeldLot], ...]:
    def greek(
        key: str, title: str, tip: str, part: Callable[[LotGreeks], float], decimals: int = 0
    ) -> Column[HeldLot]:
        return Column(
            key,
            title,
            lambda held: None if held.greeks is None else part(held.greeks),
            lambda value: formatting.number(value, decimals, signed=True),
            is_number=True,
            tip=tip,
            is_hidden_at_first=key in ("gamma", "vega"),
        )

    return (
        greek("delta", "Delta", "Shares this lot moves like", lambda one: one.delta),
        greek("gamma", "Gamma", "How delta changes with a dollar of price", lambda one: one.gamma),
        greek("theta", "Theta $", "What a day is worth", lambda one: one.theta, 2),
        greek("vega", "Vega $", "What a point of volatility is worth", lambda one: one.vega, 2),
    )


def _strikes(clock: LotClock) -> tuple[Column[HeldLot], ...]:
    return (
        Column(
            "days",
            "DTE",
            clock.days,
            lambda value: NOTHING_TO_SHOW if value is None else str(value),
            is_number=True,
            is_timed=True,
            tip="Days to expiry, by New York's calendar",
        ),
        Column(
            "distance",
            "To strike",
            lambda held: held.distance,
            lambda value: formatting.percent(value, 1, signed=True),
            is_number=True,
            tip="How far price must go to reach the strike; negative once it is in the money",
            tone=_distance_tone,
        ),
        Column(
            "distance_atr",
            "ATR",
            lambda held: held.distance_atr,
            lambda value: formatting.number(value, 1, signed=True),
            is_number=True,
            tip="The same distance in average true ranges",
            tone=_distance_tone,
        ),
        Column(
            "level",
            "Level",
            lambda held: held.level,
            lambda level: _LEVELS.get(level, level or NOTHING_TO_SHOW),
            tone=_level_tone,
            is_searched=True,
        ),
        Column(
            "assigned",
            "P(assign)",
            lambda held: held.probability_assigned,
            lambda value: formatting.percent(value, 0),
            is_number=True,
            tip="How likely it ends in the money, by its own implied volatility: an estimate",
        ),
    )


def _rest() -> tuple[Column[HeldLot], ...]:
    return (
        Column(
            "collateral",
            "Collateral $",
            lambda held: held.collateral.amount,
            lambda value: formatting.number(value, 0) if value else NOTHING_TO_SHOW,
            is_number=True,
        ),
        Column(
            "linked",
            "Linked to",
            lambda held: held.lot.linked_to,
            lambda value: value or NOTHING_TO_SHOW,
            is_hidden_at_first=True,
            is_searched=True,
            tip="The shares a call covers, or the put that brought these shares",
        ),
        Column(
            "lot",
            "Lot",
            lambda held: held.lot.id,
            is_hidden_at_first=True,
            is_searched=True,
        ),
    )


def _distance_tone(held: HeldLot) -> Tone:
    return Tone.LOSS if held.distance is not None and held.distance < 0 else Tone.PLAIN


def _level_tone(held: HeldLot) -> Tone:
    if held.level in _PRESSING:
        return Tone.ALARM
    return Tone.CAUTION if held.level in _CAUTION else Tone.PLAIN
