"""What the tables of the Risk panel show in their columns."""

from __future__ import annotations

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone
from allusedesk.engine.what_if.limits import IssuerUse, LimitUse
from allusedesk.engine.what_if.risk import Scenario

_CELLS = 12
_NEAR = 0.8


def bar(fraction: float) -> str:
    """A bar of characters with its percentage, which needs no colour."""
    full = round(min(max(fraction, 0.0), 1.0) * _CELLS)
    drawn = "\N{FULL BLOCK}" * full + "\N{LIGHT SHADE}" * (_CELLS - full)
    return f"{drawn} {formatting.percent(fraction, 0)}"


def _tone(use: LimitUse) -> Tone:
    if not use.is_kept:
        return Tone.ALARM
    return Tone.CAUTION if use.used >= _NEAR else Tone.PLAIN


def _issuer_tone(use: IssuerUse) -> Tone:
    if use.share > 1.0:
        return Tone.ALARM
    return Tone.CAUTION if use.share >= _NEAR else Tone.PLAIN


def _state(use: LimitUse) -> str:
    if not use.is_kept:
        return "BEYOND"
    return "near" if use.used >= _NEAR else "kept"


LIMITS: tuple[Column[LimitUse], ...] = (
    Column("where", "Where", lambda use: use.where, is_searched=True),
    Column("name", "Limit", lambda use: use.name, is_searched=True),
    Column("used", "Used", lambda use: use.used, bar, tone=_tone),
    Column("state", "State", _state, tone=_tone, is_searched=True),
    Column("value", "Now", lambda use: use.value, is_number=True, tone=_tone),
    Column("limit", "Allowed", lambda use: use.limit, is_number=True),
    Column(
        "soft",
        "Left to near",
        lambda use: max(_NEAR - use.used, 0.0),
        lambda value: formatting.percent(value, 0),
        is_number=True,
        tip="What is left of the limit until it counts as near, at four fifths of it",
    ),
    Column(
        "hard",
        "Left",
        lambda use: max(1.0 - use.used, 0.0),
        lambda value: formatting.percent(value, 0),
        is_number=True,
        tip="What is left of the limit itself",
    ),
)

ISSUERS: tuple[Column[IssuerUse], ...] = (
    Column("issuer", "Issuer", lambda use: use.issuer, is_searched=True),
    Column(
        "used",
        "Deployed, USD",
        lambda use: use.used.amount,
        lambda value: formatting.number(value, 0),
        is_number=True,
    ),
    Column(
        "limit",
        "Allowed, USD",
        lambda use: use.limit.amount,
        lambda value: formatting.number(value, 0),
        is_number=True,
    ),
    Column("share", "Used", lambda use: use.share, bar, tone=_issuer_tone),
    Column(
        "families",
        "By family, USD",
        lambda use: ", ".join(
            f"{family} {formatting.whole_money(amount)}" for family, amount in use.by_family
        ),
        is_searched=True,
    ),
)


def scenario_words(scenario: Scenario) -> str:
    """What a scenario does, in one line."""
    parts = [f"spot {formatting.percent(scenario.move, 0, signed=True)}"]
    parts.append(f"volatility \N{MULTIPLICATION SIGN} {scenario.factor:g}")
    if scenario.days:
        parts.append(f"{scenario.days} days later")
    return ", ".join(parts)


def share_words(total: float, equity: float) -> str:
    """What a gain or loss in dollars is of the equity, and that it ruins where it does."""
    if equity <= 0.0:
        return "and there is no equity to bear a loss"
    share = f"{formatting.percent(total / equity, 1, signed=True)} of equity"
    return f"{share}: RUIN, it costs all there is" if total <= -equity else share


LOSSES: tuple[Column[tuple[str, float]], ...] = (
    Column("underlying", "Underlying", lambda row: row[0]),
    Column(
        "gain",
        "Gain or loss, USD",
        lambda row: row[1],
        lambda value: formatting.number(value, 0, signed=True),
        is_number=True,
        tone=lambda row: Tone.LOSS if row[1] < 0 else Tone.GAIN,
    ),
)
