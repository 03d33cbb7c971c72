"""The section of the regulatory report about execution: every fill beside what was quoted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.domain.money import Money, Price
from allusedesk.journal.order_audit import Execution, NetQuote
from allusedesk.reports.regulatory.values import RegulatoryEvidence, utc_of
from allusedesk.reports.statement import (
    Alignment,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.wording import counted

_RIGHT = Alignment.RIGHT
_MEASURED = Qualifier.MEASURED
# Beyond this age the protocol itself no longer takes a quote for what the market shows.
_SECONDS_FRESH = 30.0
BROKERS_DUTY = (
    "Best execution is the broker's duty (FINRA Rule 5310); what stands here is our evidence of "
    "it: what was quoted, and what was got."
)


def execution_section(evidence: RegulatoryEvidence) -> Section:
    """Fills against mid and spread at decision, at sending and at the fill itself."""
    fills = evidence.executions
    known = [one for one in fills if one.sent is not None]
    seen = quoted_as(fills)
    rest = (
        " Every quote was recorded."
        if seen is _MEASURED
        else " Some or all of these quotes were modelled, and so were the fills against them: they "
        "show how the desk traded, and not what a market would have given."
    )
    return Section(
        "Best execution",
        (
            KeyFigures(
                (
                    Figure("Fills", len(fills), _MEASURED),
                    Figure("Beside a quote", len(known), _MEASURED, "with both sides of all legs"),
                    Figure(
                        "Against mid at decision, USD",
                        _dollars(fills, "decided"),
                        seen,
                        is_signed=True,
                    ),
                    Figure(
                        "Against mid at sending, USD",
                        _dollars(fills, "sent"),
                        seen,
                        is_signed=True,
                    ),
                    Figure(
                        "Against mid at the fill, USD",
                        _dollars(fills, "filled"),
                        seen,
                        is_signed=True,
                    ),
                    Figure(
                        "Of half the spread given up",
                        _share(fills),
                        seen,
                        "0% is the mid, 100% the other side",
                    ),
                )
            ),
            Paragraph(
                f"{BROKERS_DUTY}{rest} Below zero is given up against the mid, above zero better "
                "than it. Prices are net a share over all legs, received positive, paid negative."
            ),
            *_stale(fills),
            _by_symbol(fills, seen),
            _every_fill(fills, seen),
        ),
    )


def _stale(fills: Sequence[Execution]) -> tuple[Paragraph, ...]:
    count = sum(_is_stale(one) for one in fills)
    if not count:
        return ()
    told = counted(count, "fill stands", "fills stand")
    return (
        Paragraph(
            f"{told.capitalize()} beside a quote more than {_SECONDS_FRESH:.0f} seconds old when "
            "the order was sent, the newest that had both sides of all legs: what they seem to "
            "have gained or given up tells little. Their age is written below their legs.",
            Tone.WARNING,
        ),
    )


def _is_stale(one: Execution) -> bool:
    return one.sent is not None and one.sent.seconds_old > _SECONDS_FRESH


def _legs(one: Execution) -> str:
    if one.sent is None or not _is_stale(one):
        return one.legs
    return f"{one.legs}; the quote at sending was {one.sent.seconds_old:,.1f} seconds old"


def quoted_as(fills: Sequence[Execution]) -> Qualifier:
    """Modelled as soon as one of the quotes was."""
    quotes = [quote for one in fills for quote in (one.decided, one.sent, one.filled)]
    is_modelled = any(quote is not None and quote.is_modelled for quote in quotes)
    return Qualifier.MODELLED if is_modelled else Qualifier.MEASURED


def _by_symbol(fills: Sequence[Execution], seen: Qualifier) -> Table:
    by_symbol: dict[str, list[Execution]] = {}
    for one in fills:
        by_symbol.setdefault(one.underlying, []).append(one)
    columns = (
        Column("Symbol"),
        Column("Fills", _RIGHT, qualifier=_MEASURED),
        Column("Beside a quote", _RIGHT, qualifier=_MEASURED),
        Column("Against mid at decision", _RIGHT, "USD", seen, is_signed=True),
        Column("Against mid at sending", _RIGHT, "USD", seen, is_signed=True),
        Column("Against mid at the fill", _RIGHT, "USD", seen, is_signed=True),
        Column("Half the spread at sending", _RIGHT, "USD", seen),
        Column("Of it given up", _RIGHT, qualifier=seen),
        Column("Oldest quote", _RIGHT, "seconds", _MEASURED),
    )
    rows = tuple(_summary(name, by_symbol[name]) for name in sorted(by_symbol))
    return Table(
        "By symbol and over all",
        columns,
        rows,
        empty="Nothing traded in this period.",
        totals=_summary("All", fills) if fills else (),
    )


def _summary(name: str, fills: Sequence[Execution]) -> tuple[Cell, ...]:
    ages = [one.sent.seconds_old for one in fills if one.sent is not None]
    halves = [one.half_spread for one in fills if one.half_spread is not None]
    return (
        name,
        len(fills),
        len(ages),
        _dollars(fills, "decided"),
        _dollars(fills, "sent"),
        _dollars(fills, "filled"),
        Money(sum(halves, Decimal(0))) if halves else None,
        _share(fills),
        Number(Decimal(str(round(max(ages), 3))), 1) if ages else None,
    )


def _dollars(fills: Sequence[Execution], when: str) -> Money | None:
    found = [one.better_than(getattr(one, when)) for one in fills]
    known = [amount for amount in found if amount is not None]
    return Money(sum(known, Decimal(0))) if known else None


def _share(fills: Sequence[Execution]) -> Percent | None:
    """What was given up against the mid at sending, as a part of half the spread."""
    halves = sum((one.half_spread or Decimal(0) for one in fills), Decimal(0))
    given = sum((-(one.better_than(one.sent) or Decimal(0)) for one in fills), Decimal(0))
    return Percent(given / halves) if halves else None


def _every_fill(fills: Sequence[Execution], seen: Qualifier) -> Table:
    return Table(
        "Every fill",
        (
            Column("Entry", _RIGHT, qualifier=_MEASURED),
            Column("UTC"),
            Column("Order"),
            Column("Quantity", _RIGHT, qualifier=_MEASURED),
            Column("Mid at decision", _RIGHT, "USD", seen, is_signed=True),
            Column("Mid at sending", _RIGHT, "USD", seen, is_signed=True),
            Column("Spread", _RIGHT, "USD", seen),
            Column("Mid at the fill", _RIGHT, "USD", seen, is_signed=True),
            Column("Got", _RIGHT, "USD", _MEASURED, is_signed=True),
            Column("Against sending", _RIGHT, "USD", seen, is_signed=True),
            Column("Legs", is_detail=True),
        ),
        tuple(
            (
                one.entry,
                utc_of(one.at),
                one.order,
                one.quantity,
                _mid(one.decided),
                _mid(one.sent),
                None if one.sent is None else Price(one.sent.spread),
                _mid(one.filled),
                Price(one.price),
                None if one.better is None else Money(one.better),
                _legs(one),
            )
            for one in fills
        ),
        empty="Nothing traded in this period.",
    )


def _mid(quote: NetQuote | None) -> Price | None:
    return None if quote is None else Price(quote.mid)
