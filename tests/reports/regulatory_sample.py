"""A regulatory report's evidence made by hand, small or large, with names that mean mischief."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allusedesk.domain.money import Money
from allusedesk.journal.evidence import AnswerSeen, Evidence, Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.journal.order_audit import Execution, LifeLine, NetQuote
from allusedesk.reports.kinds import ReportPeriod, Span
from allusedesk.reports.regulatory.values import (
    KeptFile,
    RegulatoryEvidence,
    Requirement,
    RulesInForce,
)

# Eight in the evening of a winter's Tuesday in New York: the next day in UTC.
EVENING = datetime(2013, 2, 13, 1, 0, 0, 7_900, tzinfo=UTC)
PERIOD = ReportPeriod("2013-Q1", Span.QUARTER, date(2013, 1, 1), date(2013, 3, 31), is_over=True)
MISCHIEF = '=cmd|"/c calc"!A1 <b>&\N{GREEK SMALL LETTER OMEGA}'


def execution(number: int = 1, **changes: Any) -> Execution:
    seen = NetQuote(Decimal("2.00"), Decimal("0.10"), 1.5)
    made = Execution(
        entry=number,
        at=EVENING,
        order=f"O{number}",
        account="F1.rev",
        underlying="AAPL",
        legs="sell AAPL 2013-02-15 460 put",
        quantity=2,
        multiplier=100,
        decided=replace(seen, mid=Decimal("2.05")),
        sent=seen,
        filled=replace(seen, mid=Decimal("1.95")),
        price=Decimal("1.98"),
        better=Decimal(-4),
    )
    return replace(made, **changes)


def answer(number: int = 1, **changes: Any) -> AnswerSeen:
    made = AnswerSeen(
        *(number, EVENING, f"P{number}", "F1.rev", "entry", "classic@1.0/entry.delta"),
        *("Sell it.", "Approved", "Ann", "Ben", "a1b2", "it fits", 12.5, Money(Decimal(-90))),
    )
    return replace(made, **changes)


def line(entry: int, what: str, order: str = "", detail: str = "", **changes: Any) -> LifeLine:
    made = LifeLine(
        *(entry, EVENING, order, "P1", "F1.rev", what, detail, 2, Decimal("2.00")),
        *("Ann", "classic@1.0/entry.delta"),
    )
    return replace(made, **changes)


def evidence(**changes: Any) -> RegulatoryEvidence:
    """A desk on which nothing happened, unless `changes` say otherwise."""
    made = RegulatoryEvidence(
        period=PERIOD,
        mode="PAPER",
        rulebook="classic@1.0",
        program="allusedesk 0.1.0",
        sequence_head=9,
        chain_head="ab" * 32,
        seen=Evidence(0, 0, (), (), (), 0),
        lines=(),
        executions=(),
        requirements=(Requirement("two persons", True, "none needed", "our own rule"),),
        equity=Money(Decimal(100_000)),
        rules=RulesInForce("", "", "", "unknown", (), ()),
        kept=(),
        keep_until=date(2020, 3, 31),
    )
    return replace(made, **changes)


def busy(orders: int, name: str = "Ann") -> RegulatoryEvidence:
    """So many orders, each proposed, approved, written, working, filled and over."""
    lines, answers, fills = list[LifeLine](), list[AnswerSeen](), list[Execution]()
    steps = ("proposed", "approved", "written", "status", "filled", "over")
    for number in range(orders):
        at = EVENING - timedelta(days=40) + timedelta(minutes=10 * number)
        for place, what in enumerate(steps, 1):
            made = line(number * 6 + place, what, f"O{number}", name, by=name)
            lines.append(replace(made, at=at, proposal=f"P{number}"))
        answers.append(answer(number * 6 + 2, at=at, proposal=f"P{number}", by=name, reason=name))
        fills.append(execution(number * 6 + 5, at=at, order=f"O{number}", legs=name))
    told = Happening(1, EVENING, Topic.BREACH, name, name, name)
    return evidence(
        seen=Evidence(1, orders * 6, tuple(answers), (told,), (), 3),
        lines=tuple(lines),
        executions=tuple(fills),
        kept=(KeptFile(name, fault=name),),
        requirements=(Requirement(name, False, name, name),),
        rules=RulesInForce("", "classic@1.0", "", name, (name,), ((name, name, name),)),
    )
