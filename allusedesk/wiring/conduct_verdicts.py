"""The evidence of a journal held against each check of conduct, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.money import Money, total
from allusedesk.journal.order_audit import Execution
from allusedesk.journal.queries import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.protocol.rulebook_conduct import AccountType, ConductRules, RegimeKind
from allusedesk.reports.tax.report import NothingToReport, build_tax_report
from allusedesk.risk.compliance import (
    CHECKS,
    DAY_TRADES,
    INTRADAY,
    LEVEL,
    POSITION_LIMIT,
    REGULATION_T,
    SETTLED,
)
from allusedesk.wiring.conduct_record import RETENTION_YEARS, ConductRecord

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


def wash_sales(side: ReadSide) -> WashSales:
    """The wash sales that the tax estimate finds in a journal."""
    count, deferred = 0, list[Money]()
    last = last_mark_day(side)
    year = None if last is None else last.year
    while year is not None:
        try:
            report = build_tax_report(side, year, LotChoice.FIFO)
        except NothingToReport:
            break
        washed = [row for row in report.rows if _WASH in row.code]
        count += len(washed)
        deferred += [row.adjustment for row in washed]
        year -= 1
    return WashSales(count, total(deferred))


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
            is_kept=True,
            evidence=(
                f"{record.countersigned} of {record.approvals} approvals had two; "
                f"{'no limit is set' if above is None else f'wanted above {above}'}"
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
    made = f"{len(record.day_trades)} in all, at most {record.day_trades_most} in five days"
    if not _in_force(record, conduct, RegimeKind.LEGACY_PDT):
        return True, f"{made}; the regime does not apply"
    if record.equity.amount >= conduct.day_trade_equity_min:
        return True, f"{made}; equity is above {conduct.day_trade_equity_min}"
    return record.day_trades_most <= conduct.day_trades_max, made


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
    return count <= _GOOD_FAITH_MOST, told


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
