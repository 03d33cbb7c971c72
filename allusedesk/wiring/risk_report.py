"""Gathers what the risk report says: the book at a close, by the functions every screen asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.events import Entry
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.what_if.book import CONFIDENCE, MarketFigures, book_risk
from allusedesk.engine.what_if.legs import LegGreeks, greeks_of
from allusedesk.engine.what_if.lots import Held, all_held
from allusedesk.engine.what_if.risk import risk_of
from allusedesk.journal.evidence import EvidenceWalk
from allusedesk.journal.origins import Origins
from allusedesk.journal.queries.record import desk_header
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.valuation import AccountValue
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.regulatory.values import day_of
from allusedesk.reports.risk.statement import build_risk_statement
from allusedesk.reports.risk.values import AccountRisk, RiskEvidence
from allusedesk.reports.statement import Statement
from allusedesk.wiring.book_on_record import (
    BookOnRecord,
    book_on_record,
    figures_on_record,
    var_history,
)
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.market_figures import figures_of, history_for_risk, last_known
from allusedesk.wiring.risk_texts import edges_shipped, scenarios_for_screens

_SEED = 1


def risk_statement(side: ReadSide, period: ReportPeriod, data: Sequence[Path] = ()) -> Statement:
    """The risk report of a period; prices from `data`, else those the journal saw at its closes.

    Takes seconds. Raises RequestRefused where `data` lacks the trend's symbol or VIX.
    """
    return build_risk_statement(risk_evidence(side, period, data), CONFIDENCE)


class _Passing:
    """A journal's entries up to now, each shown to the walk that looks for breaches."""

    def __init__(self, side: ReadSide, walk: EvidenceWalk, last: int) -> None:
        self._side, self._walk, self._last = side, walk, last

    def read(self, *, with_chains: bool) -> Iterator[Entry]:
        origins = Origins()
        for entry in self._side.journal.read(1, self._last, with_chains=with_chains):
            self._walk.take(entry, origins.take(entry))
            yield entry


def risk_evidence(side: ReadSide, period: ReportPeriod, data: Sequence[Path] = ()) -> RiskEvidence:
    """All the report says; raises as `risk_statement`."""
    sequence, head = side.journal.head()
    walk = EvidenceWalk(period.first, period.last)
    book = book_on_record(_Passing(side, walk, sequence), period.last)
    figures, prices_from = _figures(book, data)
    scenarios, fault = scenarios_for_screens()
    generator = np.random.default_rng(_SEED)
    measured = book_risk(book.state, book.snapshot, figures, scenarios, edges_shipped(), generator)
    history = var_history(book.closes, figures.table, CONFIDENCE)
    header = desk_header(side)
    held = all_held(book.state, book.snapshot)
    return RiskEvidence(
        period=period,
        as_of=book.closes[-1].on if book.closes else day_of(book.snapshot.taken_at),
        at=book.snapshot.taken_at,
        mode="" if header is None else header.mode,
        rulebook=book.state.rules.id,
        sequence_head=sequence,
        chain_head=head,
        book=measured,
        picture=risk_of(book.state, book.snapshot),
        accounts=tuple(_account(one, held) for one in values_now(book.state).accounts),
        told_left_alone=history.held,
        told_as_traded=history.traded,
        without_greeks=tuple(dict.fromkeys(str(one.lot.instrument) for one in held if _bare(one))),
        prices_from=prices_from,
        scenario_fault=fault,
        seen=walk.evidence(),
    )


def _figures(book: BookOnRecord, data: Sequence[Path]) -> tuple[MarketFigures, str]:
    if not data:
        told = "Prices and VIX are those the journal saw at its own closes."
        return figures_on_record(book), told
    last = last_known(book.snapshot.taken_at)
    history = history_for_risk(
        data, book.symbols, book.state.trend_symbol, exchange_calendar(), last
    )
    names = ", ".join(path.name for path in data)
    return figures_of(history, book.symbols, last), f"Prices and VIX are those of {names}."


def _account(value: AccountValue, held: Sequence[Held]) -> AccountRisk:
    own = [one for one in held if one.lot.account == AccountId(value.account)]
    together, delta_value = LegGreeks(), list[float]()
    for one in own:
        if one.quote is not None:
            greeks = greeks_of(one.quote, one.lot.quantity_signed)
            together = together.plus(greeks)
            delta_value.append(greeks.delta * one.spot)
    return AccountRisk(value, len(own), together, math.fsum(delta_value))


def _bare(one: Held) -> bool:
    """An option whose quote carries no greeks, or which has no quote at all."""
    return one.lot.option is not None and (one.quote is None or one.quote.greeks is None)
