"""What the tables of losses, edges, betas and ways out show in their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone

if TYPE_CHECKING:
    from allusedesk.engine.what_if.book import BetaGreeks
    from allusedesk.wiring.risk_in_depth import EdgeRow, ExitRow, LossRow


def _whole(value: float) -> str:
    return formatting.number(value, 0)


def _signed(value: float) -> str:
    return formatting.number(value, 0, signed=True)


def _percent(value: float) -> str:
    return formatting.percent(value, 1)


def _edge_tone(one: EdgeRow) -> Tone:
    if one.left_to_hard <= 0.0:
        return Tone.ALARM
    return Tone.CAUTION if one.left_to_soft <= 0.0 else Tone.PLAIN


def _count(value: int | None) -> str:
    return "formula" if value is None else formatting.number(value, 0)


def _known(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else formatting.number(value, 2)


LOSSES_MEASURED: tuple[Column[LossRow], ...] = (
    Column("way", "Way", lambda loss: loss.way, is_searched=True),
    Column("var", "VaR, USD", lambda loss: loss.value_at_risk, _whole, is_number=True),
    Column("cvar", "CVaR, USD", lambda loss: loss.expected_shortfall, _whole, is_number=True),
    Column("outcomes", "Outcomes", lambda loss: loss.outcomes or None, _count, is_number=True),
)

EDGES: tuple[Column[EdgeRow], ...] = (
    Column("name", "Figure", lambda one: one.name, is_searched=True),
    Column("now", "Now", lambda one: one.value, _percent, is_number=True, tone=_edge_tone),
    Column("soft", "Soft", lambda one: one.soft, _percent, is_number=True),
    Column("hard", "Hard", lambda one: one.hard, _percent, is_number=True),
    Column("to_soft", "Left to soft", lambda one: one.left_to_soft, _percent, is_number=True),
    Column("to_hard", "Left to hard", lambda one: one.left_to_hard, _percent, is_number=True),
    Column("state", "Stands", lambda one: one.stands, tone=_edge_tone),
)

BETAS: tuple[Column[BetaGreeks], ...] = (
    Column("underlying", "Underlying", lambda one: one.underlying, is_searched=True),
    Column(
        "beta",
        "Beta",
        lambda one: None if one.beta is None else one.beta.value,
        _known,
        is_number=True,
        tip="Slope of daily returns on the index's; 1 is taken where none could be measured",
    ),
    Column("delta", "Delta, USD", lambda one: one.delta, _signed, is_number=True),
    Column("weighted", "Weighted, USD", lambda one: one.weighted_delta, _signed, is_number=True),
    Column("gamma", "Gamma, USD a 1%", lambda one: one.weighted_gamma, _signed, is_number=True),
    Column("theta", "Theta, USD a day", lambda one: one.theta, _signed, is_number=True),
    Column("vega", "Vega, USD a point", lambda one: one.vega, _signed, is_number=True),
)

EXITS: tuple[Column[ExitRow], ...] = (
    Column("instrument", "Instrument", lambda one: one.instrument, is_searched=True),
    Column("held", "Held", lambda one: one.quantity, _whole, is_number=True),
    Column(
        "days",
        "Days to close",
        lambda one: one.days,
        lambda value: "unknown" if value is None else formatting.number(value, 0),
        is_number=True,
        tone=lambda one: Tone.CAUTION if one.days is None or one.days > 1 else Tone.PLAIN,
    ),
    Column(
        "spread",
        "Half the spread, USD",
        lambda one: None if one.spread_cost is None else one.spread_cost.amount,
        lambda value: "\N{EN DASH}" if value is None else formatting.number(value, 2),
        is_number=True,
    ),
)
