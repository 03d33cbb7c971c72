"""The part of the quarterly statement about what the profit came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.queries.market_seen import MarketSeen
from allusedesk.journal.words.rules import rule_in_words
from allusedesk.portfolio.attribution import NO_LOT, Attribution, By, Part
from allusedesk.portfolio.brinson import Brinson, brinson, groups_of
from allusedesk.reports.attribution_report import AttributionReport
from allusedesk.reports.periods.words import percent
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Step,
    Table,
    Tone,
    Waterfall,
)
from allusedesk.reports.weekly.words import order_of, sleeve_name
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT
# Three for two takes a third away; no share of these ever fell so much from day to day.
_STEP_MAX = Decimal("0.33")
# In the order a reader asks: whose, in which weeks, by which rule, in what, by which force.
_CUTS = (
    (By.ACCOUNT, "By sleeve", "Sleeve"),
    (By.STRATEGY, "By rulebook or strategy", "Rulebook or strategy"),
    (By.WEEK_TYPE, "By type of week", "Label"),
    (By.OUTCOME, "By outcome", "Outcome"),
    (By.RULE, "By the rule that opened the position", "Rule"),
    (By.UNDERLYING, "By underlying", "Underlying"),
    (By.GREEK, "By greek", "Source"),
)
# What these rules say of a candidate that failed is not what they say of one that passed.
_OPENED_BY = {
    "entry.delta": "an entry inside the sleeve's band of deltas",
    "level.mandatory": "a roll, because price had moved far against the position",
}
_GREEKS = {
    "delta": "price moved",
    "gamma": "price moved far",
    "theta": "time passed",
    "vega": "volatility changed",
    "rest": "what the greeks do not explain",
    "dividends": "dividends",
    "costs": "commissions",
}


@dataclass(frozen=True, slots=True)
class OwnShares:
    """The desk's return held against equal weights of the shares it may trade."""

    divided: Brinson
    symbols: tuple[str, ...]


def sources_section(
    report: AttributionReport, against: OwnShares | str, seen: Qualifier
) -> Section:
    """The profit divided seven ways, each sum to the cent, and beside the desk's own shares."""
    found = report.attribution
    note = (
        "The profit is the change of equity without money moved in or out. Each table divides all "
        "of it; its parts sum to the whole to the cent."
    )
    blocks: list[Block] = [
        Paragraph(note, Tone.NOTE),
        equity_waterfall(found, seen),
        greek_waterfall(found, seen),
    ]
    for by, title, of in _CUTS:
        cut = found.by(by)
        if by is By.STRATEGY and len(cut.parts) < 2:
            continue
        blocks.append(_cut_table(found, by, title, of, seen))
    blocks += _beside(against)
    blocks += [Paragraph(text, Tone.NOTE) for text in report.notes]
    return Section("What the profit came from", tuple(blocks))


def equity_waterfall(found: Attribution, seen: Qualifier) -> Waterfall:
    """From the equity before to the equity after: what moved, and each sleeve's profit."""
    parts = _in_order(found, By.ACCOUNT)
    steps = [Step(_named(By.ACCOUNT, part.name), part.amount) for part in parts if part.amount]
    moved, end = found.moved.to_cents(), found.equity_end.to_cents()
    if moved:
        steps.insert(0, Step("Moved in or out", moved))
    gained = total([part.amount for part in parts])
    return Waterfall(
        "From the equity before to the equity after, sleeve by sleeve",
        Step("Equity before", end - moved - gained),
        tuple(steps),
        Step("Equity after", end),
        seen,
    )


def greek_waterfall(found: Attribution, seen: Qualifier) -> Waterfall:
    """From nothing to the profit, by what moved the prices."""
    parts = [part for part in found.by(By.GREEK).parts if part.amount]
    return Waterfall(
        "What made the profit, greek by greek",
        Step("Start", NOTHING),
        tuple(Step(_GREEKS.get(part.name, part.name), part.amount) for part in parts),
        Step("Profit", total([part.amount for part in parts])),
        seen,
    )


def _cut_table(found: Attribution, by: By, title: str, of: str, seen: Qualifier) -> Table:
    whole = found.whole
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (_named(by, part.name), part.amount, _share(part.amount, whole), _told(by, part.name))
        for part in _in_order(found, by)
    )
    columns = (
        Column(of),
        Column("Profit", _RIGHT, "USD", seen, is_signed=True),
        Column("Of the whole", _RIGHT, "%", seen),
        Column("In plain words"),
    )
    has_words = any(row[3] for row in rows)
    if not has_words:
        rows = tuple(row[:3] for row in rows)
    totals: tuple[Cell, ...] = ("The whole", whole, _share(whole, whole), "")
    return Table(
        title,
        columns if has_words else columns[:3],
        rows,
        totals=totals if has_words else totals[:3],
    )


def _in_order(found: Attribution, by: By) -> list[Part]:
    """The parts as they come, sleeves by family and tier."""
    parts = list(found.by(by).parts)
    if by is By.ACCOUNT and all("." in part.name for part in parts):
        parts.sort(key=lambda part: order_of(part.name))
    return parts


def _share(part: Money, whole: Money) -> Percent | None:
    return percent(part.share_of(whole)) if whole else None


def _named(by: By, name: str) -> str:
    return sleeve_name(name) if by is By.ACCOUNT and "." in name else name


def _told(by: By, name: str) -> str:
    if by is By.GREEK:
        return _GREEKS.get(name, "")
    if by is By.RULE and name != NO_LOT:
        said = _OPENED_BY.get(name) or rule_in_words(name)
        return "" if said == name else said
    return ""


def against_own_shares(
    report: AttributionReport,
    own: Sequence[str],
    first: Mapping[str, Decimal],
    last: Mapping[str, Decimal],
    market: Sequence[MarketSeen],
) -> OwnShares | str:
    """The desk beside equal weights of its own shares, from the prices the record itself saw.

    A sentence instead where the record has no such benchmark.
    """
    found = report.attribution
    base = found.equity_start + found.moved
    symbols = [one for one in own if one in last and first.get(one, Decimal(0)) > 0]
    grown = {one: last[one] / first[one] - 1 for one in symbols}
    days = [one for one in market if found.first <= one.on <= found.last]
    if base.amount <= 0 or not symbols:
        return "The record holds no benchmark for this period: no price of a share it may trade."
    for one in symbols:
        known = [day.closes[one] for day in days if one in day.closes]
        if not is_steady([first[one], *known, last[one]]):
            return (
                f"The record holds no benchmark for this period: the price of {one} changed so "
                "much from one close to the next that a split may be behind it."
            )
    weights = dict.fromkeys(symbols, 1.0 / len(symbols))
    returns = {one: float(value) for one, value in grown.items()}
    divided = brinson(groups_of(report.lots, report.sleeves, base, weights, returns), base)
    return OwnShares(divided, tuple(symbols))


def is_steady(closes: Sequence[Decimal]) -> bool:
    """Whether no close lies so far from the one before that only a split would explain it."""
    return all(
        before > 0 and abs(after / before - 1) <= _STEP_MAX for before, after in pairwise(closes)
    )


def _beside(against: OwnShares | str) -> list[Block]:
    if isinstance(against, str):
        return [Paragraph(against)]
    found = against.divided
    text = (
        "Beside equal weights of the shares it may trade and whose prices it saw at both ends of "
        f"the period ({', '.join(against.symbols)}; dividends left out), held all the time: the "
        f"desk returned {shown(percent(found.whole_return), is_signed=True)}, the shares "
        f"{shown(percent(found.benchmark_return), is_signed=True)}. Allocation is what other "
        "weights brought, selection what was done with each share, interaction both together "
        "(Brinson and Fachler)."
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            one.allocation,
            one.selection,
            one.interaction,
            one.allocation + one.selection + one.interaction,
        )
        for one in found.parts
    )
    columns = [Column("Underlying")]
    columns += [
        Column(title, _RIGHT, "USD", Qualifier.MODELLED, is_signed=True)
        for title in ("Allocation", "Selection", "Interaction", "Together")
    ]
    totals: tuple[Cell, ...] = (
        "The difference",
        total([one.allocation for one in found.parts]),
        total([one.selection for one in found.parts]),
        total([one.interaction for one in found.parts]),
        found.difference,
    )
    return [Paragraph(text), Table("Beside its own shares", tuple(columns), rows, totals=totals)]
