"""Questions about what is held: levels it stands at, and where its symbol was last seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Price
from allusedesk.journal.queries.asked import Scope, lots_where
from allusedesk.journal.quote_rows import quote_in_sample
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import LevelStep
from allusedesk.journal.store import entry_of

_LOOKS_BACK = 400


@dataclass(frozen=True, slots=True)
class LevelStepAsked:
    """A step of a position, with the sleeve and what the position was."""

    sequence: int
    account: str
    instrument: str
    level_before: str
    level: str
    distance: Decimal
    spot: Price


@dataclass(frozen=True, slots=True)
class QuoteSeen:
    """The last quote of a symbol, with its average true range of 14 days where it was known."""

    sequence: int
    bid: Price | None
    ask: Price | None
    mark: Price | None
    quoted_at: datetime
    is_modelled: bool
    atr: Decimal | None


def last_levels(side: ReadSide, lots: Sequence[str]) -> tuple[LevelStep, ...]:
    """The last step of each of these lots that ever took one."""
    marks = ", ".join("?" * len(lots))
    return tuple(
        side.figures(
            LevelStep,
            "FROM (SELECT max(sequence) AS sequence, position, "  # noqa: S608
            "level_before, level, distance, "
            f"atr, spot FROM levels WHERE position IN ({marks}) GROUP BY position)",
            tuple(lots),
        )
    )


def steps_asked(side: ReadSide, scope: Scope) -> tuple[LevelStepAsked, ...]:
    """Every step of a position from one level to another, in order."""
    narrowed, values = lots_where("account", scope)
    return tuple(
        side.figures(
            LevelStepAsked,
            "FROM (SELECT l.sequence AS sequence, account, "  # noqa: S608
            "instrument_opened AS instrument, "
            "level_before, level, distance, spot FROM levels AS l JOIN lots ON id = position "
            f"WHERE l.sequence BETWEEN ? AND ?{narrowed}) ORDER BY sequence",
            [*scope.entries, *values],
        )
    )


def quotes_last_seen(side: ReadSide, symbol: str, until: int) -> QuoteSeen | None:
    """The last quote of a symbol's shares by an entry; None where no recent look had one."""
    looks = side.column(
        "SELECT sequence FROM samples WHERE sequence <= ? ORDER BY sequence DESC LIMIT ?",
        (until, _LOOKS_BACK),
    )
    for sequence in looks:
        row = next(iter(side.journal.rows(sequence, sequence)))
        quote = quote_in_sample(row.body, Stock(symbol))
        if quote is None or quote.mark is None:
            continue
        event = entry_of(row).event
        seen = event.snapshot.underlying(symbol) if isinstance(event, MarketSampled) else None
        figures = seen.indicators if seen is not None else None
        return QuoteSeen(
            sequence,
            quote.bid,
            quote.ask,
            quote.mark,
            quote.quoted_at,
            quote.is_modelled,
            figures.atr_14 if figures is not None else None,
        )
    return None
