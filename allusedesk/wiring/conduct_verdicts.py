"""The evidence of a journal held against each check of conduct, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.bookings import year_end_prices
from allusedesk.journal.order_audit import Execution
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_forms import form_rows
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.protocol.rulebook_conduct import AccountType, ConductRules, RegimeKind
from allusedesk.reports.tax.report import dated_events
from allusedesk.risk.compliance import (
    CHECKS,
    DAY_TRADES,
    INTRADAY,
    LEVEL,
    POSITION_LIMIT,
    REGULATION_T,
    SETTLED,
)
from allusedesk.wiring.conduct_record import (
    RETENTION_YEARS,
    ConductRecord,
    within_five_sessions,
)

# What a restriction follows from: the third within twelve months, as brokers count.
_GOOD_FAITH_MOST = 2
_WASH = "W"


@dataclass(frozen=True, slots=True)
class ConductVerdict:
    """One check: what the journal shows, whether it was kept, and where it is written."""

    rule: str
    title: str
    is_kept: bool
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class WashSales:
    """Wash sales of all years on record: how many, and how much loss they defer."""

    count: int
    deferred: Money


def wash_sales(side: ReadSide, through: date | None = None) -> WashSales:
    """The wash sales that the tax estimate finds in a journal, up to a day or to its end."""
    last = last_mark_day(side)
    last = last if through is None or last is None else min(last, through)
    dated = [] if last is None else [one for one in dated_events(side) if one[0] <= last]
    if last is None or not dated:
        return WashSales(0, NOTHING)
    found = estimate_tax(dated, last, year_end_prices(side), LotChoice.FIFO)
    years = range(dated[0][0].year, last.year + 1)
    rows = [row for year in years for row in form_rows(found.closings, year)]
    washed = [row for row in rows if _WASH in row.code]
    return WashSales(len(washed), total([row.adjustment for row in washed]))


def verdicts_of(
    record: ConductRecord,
    conduct: ConductRules,
    washed: WashSales,
    executions: Sequence[Execution],
) -> tuple[ConductVerdict, ...]:
    """Each check in its order: those that judge orders, then those that are evidence alone."""
    judged = {
        DAY_TRADES: _day_trades(record, conduct),
        INTRADAY: _cash_held(record, _in_force(record, conduct, RegimeKind.INTRADAY_MARGIN)),
        REGULATION_T: _cash_held(record, is_in_force=True),
        SETTLED: _settled(record, conduct),
        LEVEL: _level(record, conduct),
        POSITION_LIMIT: _contracts(record, conduct),
    }
    found = [
        ConductVerdict(check.rule, check.title, *judged[check.rule], check.source)
        for check in CHECKS
    ]
    return (*found, *_evidence(record, washed, executions))


def _evidence(
    record: ConductRecord, washed: WashSales, executions: Sequence[Execution]
) -> tuple[ConductVerdict, ...]:
    given = [one.better for one in executions if one.better is not None]
    above = record.second_above
    years = f"{RETENTION_YEARS} years by our own rule"
    return (
        ConductVerdict(
            "conduct.wash_sales",
            "wash sales found and deferred",
            is_kept=True,
            evidence=f"{washed.count} found, {washed.deferred} of losses deferred (an estimate)",
            source="Internal Revenue Code section 1091",
        ),
        ConductVerdict(
            "conduct.best_execution",
            "price against mid and spread",
            is_kept=True,
            evidence=(
                f"{len(executions)} fills, {len(given)} beside a mid at sending, "
                f"{Money(sum(given, Decimal(0)))} better than it"
            ),
            source="FINRA Rule 5310: the broker's duty; this is our evidence",
        ),
        ConductVerdict(
            "conduct.four_eyes",
            "two persons above a worst case",
            is_kept=not record.alone,
            evidence=(
                f"{record.countersigned} of {record.approvals} approvals had two; "
                f"{'no limit is set' if above is None else f'wanted above {above}'}"
                f"{f'; {record.alone} had one alone' if record.alone else ''}"
            ),
            source="our own rule",
        ),
        ConductVerdict(
            "conduct.retention",
            "records kept",
            is_kept=True,
            evidence=f"keep until {record.keep_until}, {years}",
            source="our own rule; SEC Rule 17a-4(a) asks brokers for six years",
        ),
        ConductVerdict(
            "conduct.client_pages",
            "no targets, projections or backtests for clients",
            is_kept=True,
            evidence="none unless a person switched targets on, whose name the page then bears",
            source="FINRA Rule 2210(d)(1)(F), SEC Rule 206(4)-1",
        ),
    )


def _in_force(record: ConductRecord, conduct: ConductRules, kind: RegimeKind) -> bool:
    return conduct.account is not AccountType.CASH and any(
        one.kind is kind and (one.applies_on(record.first) or one.applies_on(record.last))
        for one in conduct.regimes
    )


def _day_trades(record: ConductRecord, conduct: ConductRules) -> tuple[bool, str]:
    """More than allowed within five sessions, the last of them made with too little equity."""
    counts = {one.on: within_five_sessions(record.day_trades, one.on) for one in record.day_trades}
    made = f"{len(record.day_trades)} in all, "
    made += f"at most {max(counts.values(), default=0)} in five sessions"
    if not _in_force(record, conduct, RegimeKind.LEGACY_PDT):
        return True, f"{made}; the regime does not apply"
    least = conduct.day_trade_equity_min
    judged = {on: n for on, n in counts.items() if record.equity_before(on).amount < least}
    if not judged:
        return True, f"{made}; equity was never below {least} before one"
    worst = max(judged.values())
    told = f"{made}; at most {worst} with equity below {least} before the last of them"
    return worst <= conduct.day_trades_max, told


def _cash_held(record: ConductRecord, is_in_force: bool) -> tuple[bool, str]:  # noqa: FBT001
    if not is_in_force:
        return True, "the regime does not apply"
    short = len(record.short_of_cash)
    if not short:
        return True, "every short put was secured by cash at every close"
    return (
        False,
        f"{short} closes with less cash than short puts hold, first {record.short_of_cash[0]}",
    )


def _settled(record: ConductRecord, conduct: ConductRules) -> tuple[bool, str]:
    count = len(record.good_faith)
    told = f"{count} sales of what unsettled cash had bought"
    if conduct.account is AccountType.MARGIN:
        return True, f"{told}; a margin account"
    most = record.good_faith_most
    return most <= _GOOD_FAITH_MOST, f"{told}, at most {most} in twelve months"


def _level(record: ConductRecord, conduct: ConductRules) -> tuple[bool, str]:
    if record.level_most is None:
        return True, "no option was opened"
    kind, level = record.level_most
    told = f"level {level} was the highest needed ({kind}); {conduct.options_level} is approved"
    return level <= conduct.options_level, told


def _contracts(record: ConductRecord, conduct: ConductRules) -> tuple[bool, str]:
    symbol, most = record.same_side_most
    if not most:
        return True, "no option was held at a close"
    allowed = conduct.contracts_of(symbol)
    return most <= allowed, f"at most {most} on one side ({symbol}), {allowed} allowed"
