"""Rows, columns and sentences of the panel Strategies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from allusedesk.desk import formatting
from allusedesk.desk.table_model import Column
from allusedesk.desk.theme import Tone
from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.wiring.strategy_standing import (
    WEEKS_MIN,
    Backtested,
    Standing,
    StrategiesSeen,
    gap_between,
    mean_of,
)

if TYPE_CHECKING:
    from allusedesk.domain.strategy_events import StrategySwitched
    from allusedesk.wiring.strategy_look import StrategyLine

_NO_BACKTEST = "no backtest kept: the Laboratory (Alt+L) makes one"


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One strategy, the sleeves it is on in, and what it brought in all of them (None: nothing)."""

    line: StrategyLine
    on_in: tuple[AccountId, ...]
    result: Decimal | None


@dataclass(frozen=True, slots=True)
class SleeveRow:
    """One strategy in one sleeve, by the record and beside the newest kept backtest."""

    account: AccountId
    standing: Standing | None
    tested: Backtested | None

    @property
    def is_on(self) -> bool:
        return self.standing is not None and self.standing.is_on


def catalogue_rows(
    seen: StrategiesSeen, switched: Sequence[StrategySwitched]
) -> tuple[CatalogueRow, ...]:
    """Every strategy; those that are on first."""
    found = []
    for line in seen.lines:
        on_in = tuple(one.account for one in switched if one.is_on and one.strategy == line.id)
        results = [
            one.traded.result.amount
            for one in seen.standings
            if one.strategy == line.id and one.traded is not None
        ]
        result = sum(results, Decimal(0)) if results else None
        found.append(CatalogueRow(line, on_in, result))
    return tuple(sorted(found, key=lambda row: not row.on_in))


def sleeve_rows(
    seen: StrategiesSeen, line: StrategyLine, sleeves: Sequence[AccountId]
) -> tuple[SleeveRow, ...]:
    """The sleeves a strategy is made for, or has been on in."""
    standings = {one.account: one for one in seen.standings if one.strategy == line.id}
    tested = {one.kind: one for one in seen.tested if one.strategy == line.id}
    fitting = [one for one in sleeves if line.is_made_for(one) or one in standings]
    wanted = dict.fromkeys([*fitting, *standings])
    return tuple(SleeveRow(one, standings.get(one), tested.get(kind_of(one))) for one in wanted)


def switch_words(
    line: StrategyLine,
    account: AccountId,
    switched: Sequence[StrategySwitched],
    *,
    is_on: bool,
    unpriced: Sequence[str],
) -> str:
    """What a switch would change, in sentences; `is_on` tells how it stands now."""
    here = [one for one in switched if one.is_on and one.account == account]
    others = [one.strategy for one in here if one.strategy != line.id]
    parts = _off(line, account, others) if is_on else _on(line, account, others)
    if unpriced:
        parts.append(
            f"This desk knows no prices of {', '.join(unpriced)}, so it may find nothing to trade."
        )
    return " ".join(parts)


def _off(line: StrategyLine, account: AccountId, others: Sequence[str]) -> list[str]:
    if line.is_protocol:
        parts = [f"Off: {line.id} stands no longer for the rulebook in {account}."]
    else:
        says = f"Off: {line.id} opens nothing more in {account}"
        parts = [f"{says}; what it holds is managed to its end."]
    if not others:
        parts.append("No other strategy is on there, so the rulebook opens there by itself.")
    elif line.is_protocol:
        parts.append(f"The rulebook opens nothing there while {', '.join(others)} is on.")
    return parts


def _on(line: StrategyLine, account: AccountId, others: Sequence[str]) -> list[str]:
    if line.is_protocol:
        return [f"On: the rulebook opens in {account}, also beside other strategies."]
    says = f"On: {line.id} may propose openings in {account} from its next look on"
    parts = [f"{says}; each goes through the checks and approvals of every proposal."]
    if any(one.startswith("protocol-") for one in others):
        parts.append("The rulebook goes on opening there, since its own strategy is on beside it.")
    else:
        parts.append("While it is on, the rulebook opens nothing in this sleeve.")
    name = line.id.partition("@")[0]
    replaced = [one for one in others if one.partition("@")[0] == name]
    return parts + [f"It takes the place of {one}, which opens nothing more." for one in replaced]


def sleeve_words(row: SleeveRow) -> str:
    """Since when and by whom, and how it stands beside the backtest, in sentences."""
    parts = []
    standing = row.standing
    if standing is not None and standing.since is not None:
        since = formatting.moment(standing.since)
        parts.append(
            f"{standing.strategy} is {_state(row)} in {row.account} since {since}, by "
            f"{standing.operator}."
        )
    parts.append(f"Live against backtest: {against_words(row)}.")
    return " ".join(parts)


def against_words(row: SleeveRow) -> str:
    """How the sleeve's weeks stand beside those of the newest kept backtest."""
    tested = row.tested
    if tested is None:
        return _NO_BACKTEST
    span = f"{formatting.day(tested.first)} to {formatting.day(tested.last)}"
    parts = [f"run {tested.number}, fills {tested.fills}, {span}"]
    if tested.beside:
        parts.append(f"with {', '.join(tested.beside)} in the same sleeve")
    if not tested.is_versioned:
        parts.append("it named no version")
    live = row.standing.weeks if row.standing is not None else ()
    gap = gap_between(live, tested.weeks)
    if gap is None:
        parts.append(
            f"whole weeks live {len(live)}, tested {len(tested.weeks)}: too few to compare, "
            f"{WEEKS_MIN} of each are needed"
        )
    else:
        parts.append(f"live differs by {formatting.number(gap, 2, signed=True)} standard errors")
    return "; ".join(parts)


def _state(row: SleeveRow) -> str:
    if row.standing is None or row.standing.since is None:
        return "never on"
    return "on" if row.is_on else "off"


def _since(row: SleeveRow) -> Any:
    return None if row.standing is None else row.standing.since


def _traded(row: SleeveRow, name: str) -> Any:
    traded = None if row.standing is None else row.standing.traded
    return None if traded is None else getattr(traded, name)


def _open(row: SleeveRow) -> int | None:
    traded = None if row.standing is None else row.standing.traded
    return None if traded is None else traded.opened - traded.closed


def _result(row: SleeveRow) -> Decimal | None:
    traded = None if row.standing is None else row.standing.traded
    return None if traded is None else traded.result.amount


def _money_tone(value: Decimal | None) -> Tone:
    if value is None or value == 0:
        return Tone.PLAIN
    return Tone.LOSS if value < 0 else Tone.GAIN


def _money(value: Any) -> str:
    return formatting.number(value, 2, signed=True)


def _day(value: Any) -> str:
    """The day in New York; the moment stands in the row's tip and below the tables."""
    if value is None:
        return formatting.NOTHING_TO_SHOW
    return formatting.day(value.astimezone(formatting.NEW_YORK).date())


def _count(value: Any) -> str:
    return formatting.number(value, 0)


def _percent(value: Any) -> str:
    return formatting.percent(value, 2, signed=True)


def _quotes(row: SleeveRow) -> str:
    traded = None if row.standing is None else row.standing.traded
    if traded is None:
        return formatting.NOTHING_TO_SHOW
    return "modelled" if traded.is_modelled else "recorded"


CATALOGUE: tuple[Column[CatalogueRow], ...] = (
    Column("strategy", "Strategy", lambda r: r.line.id, is_searched=True),
    Column(
        "on",
        "On in",
        lambda r: ", ".join(r.on_in),
        lambda value: value or "off",
        is_searched=True,
        tone=lambda r: Tone.CAUTION if r.on_in else Tone.MUTED,
    ),
    Column(
        "result",
        "Result, USD",
        lambda r: r.result,
        _money,
        is_number=True,
        tone=lambda r: _money_tone(r.result),
        tip="All its trades in all sleeves, open ones at the last marks, costs counted",
    ),
    Column("for", "For", lambda r: ", ".join(tier.value for tier in r.line.tiers)),
    Column(
        "symbols",
        "Symbols",
        lambda r: ", ".join(r.line.symbols) or "the tier's",
        is_searched=True,
    ),
    Column("does", "What it does", lambda r: r.line.does, is_searched=True, is_roomy=True),
)

SLEEVES: tuple[Column[SleeveRow], ...] = (
    Column("account", "Sleeve", lambda r: r.account, is_searched=True),
    Column("state", "State", _state, tone=lambda r: Tone.CAUTION if r.is_on else Tone.PLAIN),
    Column(
        "since",
        "Since",
        _since,
        _day,
    ),
    Column("open", "Open", _open, _count, is_number=True, tip="Trades still open"),
    Column("closed", "Closed", lambda r: _traded(r, "closed"), _count, is_number=True),
    Column("won", "Won", lambda r: _traded(r, "won"), _count, is_number=True),
    Column(
        "result",
        "Result, USD",
        _result,
        _money,
        is_number=True,
        tone=lambda r: _money_tone(_result(r)),
        tip="Realised, unrealised at the last marks and dividends, less commission",
    ),
    Column(
        "live",
        "Live a week",
        lambda r: None if r.standing is None else mean_of(r.standing.weeks),
        _percent,
        is_number=True,
        tip="The sleeve's mean week, of whole weeks since it is on",
    ),
    Column(
        "tested",
        "Tested a week",
        lambda r: None if r.tested is None else mean_of(r.tested.weeks),
        _percent,
        is_number=True,
        tip="The sleeve's mean week in the newest kept backtest of it",
    ),
    Column("quotes", "Quotes", _quotes, tip="Whether modelled quotes stand behind its trades"),
    Column(
        "against",
        "Live against backtest",
        against_words,
        is_searched=True,
        is_hidden_at_first=True,
    ),
)
