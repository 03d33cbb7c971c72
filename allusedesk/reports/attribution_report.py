"""A period's profit and what it came from, read from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import NOTHING
from allusedesk.journal.queries.attribution import (
    Booked,
    Marked,
    Seen,
    closes_modelled,
    labels_by_week,
    moments,
    outcomes_by_week,
    rules_by_order,
    span_of,
    week_of,
)
from allusedesk.journal.queries.record import sleeves
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.attribution import Attribution, By, LotTags, attribute
from allusedesk.portfolio.attribution_days import LotDay, SleeveDay
from allusedesk.portfolio.attribution_paths import Paths

DIVISIONS = tuple(by.value for by in By)
_NO_LABEL = "no label yet"
_NO_OUTCOME = "no outcome yet"


class NothingToAttribute(Exception):
    """The journal has no close in the period; says which it has."""


@dataclass(frozen=True, slots=True)
class AttributionReport:
    """The profit divided, the days it was divided from, and what to know about it."""

    attribution: Attribution
    lots: tuple[LotDay, ...]
    sleeves: tuple[SleeveDay, ...]
    notes: tuple[str, ...]


def build_attribution(
    side: ReadSide, first: date | None = None, last: date | None = None
) -> AttributionReport:
    """What the desk earned from `first` to `last`, both included, or over the whole journal.

    Raises NothingToAttribute where no close lies in the period.
    """
    span = span_of(side, first, last)
    if span is None:
        raise NothingToAttribute(
            f"{side.journal.path} has no close in the period, so there is nothing to divide: "
            "choose days on which its balances were marked."
        )
    paths = Paths(span.held)
    starts = NOTHING
    is_begun = not span.sequence_first
    for moment in moments(side, span):
        paths.rate = moment.rate
        match moment:
            case Marked() if not is_begun:
                paths.begin(moment.at, moment.equity, moment.marks, moment.quotes)
                starts = NOTHING.plus(moment.equity.values())
                is_begun = True
            case Marked():
                paths.close(moment.at, moment.on, moment.equity, moment.marks, moment.quotes)
            case Seen():
                paths.see(moment.quotes)
            case Booked():
                paths.book(
                    moment.at,
                    moment.how,
                    moment.booking,
                    moment.quotes,
                    moment.moved,
                    moment.symbol,
                )
    tagging = _Tagging(side)
    divided = attribute(paths.lots, paths.sleeves, tagging.tags_of, tagging.week_type_of, starts)
    notes = (*_modelled(side, divided), *_notes(paths.lots))
    return AttributionReport(divided, tuple(paths.lots), tuple(paths.sleeves), notes)


class _Tagging:
    """What the record says of a lot's day beside its money."""

    def __init__(self, side: ReadSide) -> None:
        self._rules = rules_by_order(side)
        self._labels = labels_by_week(side)
        self._outcomes = outcomes_by_week(side)
        self._families = {one.account: one.family for one in sleeves(side)}

    def tags_of(self, day: LotDay) -> LotTags:
        rulebook, _, rule = self._rules.get(day.opened_by, "").partition("/")
        return LotTags(
            strategy=rulebook or "unknown",
            rule=rule or "unknown",
            week_type=self._label(day.account, day.on),
            outcome=self._outcomes.get((day.lot, week_of(day.on)), _NO_OUTCOME),
        )

    def week_type_of(self, day: SleeveDay) -> str:
        return self._label(day.account, day.on)

    def _label(self, account: str, on: date) -> str:
        family = self._families.get(account, "")
        return self._labels.get((family, week_of(on)), _NO_LABEL)


def _modelled(side: ReadSide, found: Attribution) -> tuple[str, ...]:
    modelled, closes = closes_modelled(side, found.first, found.last)
    sentence = (
        f"Marks of {modelled} of {closes} closes were modelled, so what rests on them is an "
        "estimate."
    )
    return (sentence,) if modelled else ()


def _notes(lots: list[LotDay]) -> list[str]:
    gains = sum((abs(day.gain) for day in lots), Decimal(0))
    rests = sum((abs(day.rest) for day in lots), Decimal(0))
    if not gains:
        return []
    share = (rests / gains * 100).quantize(Decimal("0.1"))
    sentence = (
        f"Day by day and lot by lot the greeks leave {share} % of what prices moved unexplained "
        "(the rest): trades off the mid, and prices no volatility explains."
    )
    return [sentence]
