"""Briefs: every figure stands in the record, is cited, and was known at the time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from allusedesk.answers.brief import Brief, BriefKind
from allusedesk.answers.morning import morning_brief
from allusedesk.answers.phrasing import NEW_YORK
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.events import BalancesMarked, DeskReconciled, Entry, FillBooked
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import AlertAcknowledged, AlertRaised, Mode, SymbolList
from allusedesk.domain.order_events import ProposalMade
from allusedesk.journal.past_reader import PastReader
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.resource_files import resource_path
from allusedesk.wiring.briefing import NoBrief, brief_of
from allusedesk.wiring.paper_desk import build_paper_desk
from allusedesk.wiring.requests import RehearsalRequest

FRIDAY, MONDAY = date(2012, 1, 20), date(2012, 1, 23)
DAYS = [date(2012, 1, 9) + timedelta(days=one) for one in range(19)]
SYMBOLS = (
    SymbolList(AccountKind.GENERATION, ("AAPL",)),
    SymbolList(AccountKind.REVENUE, ("MSFT",)),
    SymbolList(AccountKind.COMPOUNDING, ("IBM",)),
)


def traded(folder: Path, last: date) -> Path:
    request = RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=date(2012, 1, 9),
        last=last,
        rulebook="classic",
        symbols=SYMBOLS,
        capital=Decimal(300000),
        approve="all",
        seed=7,
        out=folder,
        mode=Mode.PAPER,
    )
    desk = build_paper_desk(request, None)
    asyncio.run(desk.run())
    return folder / "paper.journal"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traded(tmp_path_factory.mktemp("briefs"), date(2012, 1, 27))


@pytest.fixture(scope="module")
def side(journal: Path) -> Iterator[ReadSide]:
    with ReadSide.open(journal) as opened:
        yield opened


@pytest.fixture(scope="module")
def entries(journal: Path) -> list[Entry]:
    with JournalReader.open(journal) as record:
        return list(record.read())


def briefs(side: ReadSide) -> Iterator[Brief]:
    for day in DAYS:
        for kind in BriefKind:
            try:
                yield brief_of(side, kind, day)
            except NoBrief:
                assert day.weekday() >= 5 or day == date(2012, 1, 16), day


def said(brief: Brief, title: str) -> str:
    (part,) = (one for one in brief.parts if one.title == title)
    return "\n".join(one.text for one in part.sentences)


def test_a_brief_of_the_past_knows_nothing_that_came_later(journal: Path, side: ReadSide) -> None:
    """Made from the whole record and from one that ends where the brief does, it is the same."""
    made = 0
    for brief in briefs(side):
        past = PastReader.open_until(journal, brief.sequence)
        with ReadSide(past, alone=True) as then:
            assert brief_of(then, brief.kind, brief.day, brief.at) == brief
        made += 1
    assert made == 28


def test_the_entries_a_brief_cites_stand_in_the_record_before_it(side: ReadSide) -> None:
    for brief in briefs(side):
        assert brief.entries
        assert all(0 < entry <= brief.sequence for entry in brief.entries)
        for part in brief.parts:
            assert part.sentences
            for one in part.sentences:
                assert one.text.endswith((".", "]", ")")), one.text
                assert "None" not in one.text


def test_the_days_result_is_the_difference_of_its_marks(
    side: ReadSide, entries: list[Entry]
) -> None:
    """Recomputed from the marks in the entries; no money came or went in this desk's weeks."""
    marked: dict[date, dict[str, Decimal]] = {}
    for entry in entries:
        if isinstance(entry.event, BalancesMarked):
            for one in entry.event.marks:
                of_day = marked.setdefault(entry.event.on, {})
                of_day[str(one.account)] = one.equity.amount
    days = sorted(marked)
    for before, day in pairwise(days):
        brief = brief_of(side, BriefKind.EVENING, day)
        gain = sum(marked[day].values()) - sum(marked[before].values())
        sign = "-" if gain < 0 else "+" if gain > 0 else ""
        assert f"The day came to {sign}${abs(gain):,.2f};" in brief.headline.text
        for account, equity in marked[day].items():
            own = equity - marked[before][account]
            sign = "-" if own < 0 else "+" if own > 0 else ""
            assert f"{account}: {sign}${abs(own):,.2f} today, " in said(brief, "Result")
            assert f"equity ${equity:,.2f}." in said(brief, "Result")


def test_every_fill_of_a_day_is_told_with_its_rule_and_who_approved(
    side: ReadSide, entries: list[Entry]
) -> None:
    filled: dict[date, set[str]] = {}
    for entry in entries:
        if isinstance(entry.event, FillBooked):
            day = entry.recorded_at.astimezone(NEW_YORK).date()
            filled.setdefault(day, set()).add(str(entry.event.order))
    assert len(filled) > 3
    for day, orders in filled.items():
        brief = brief_of(side, BriefKind.EVENING, day)
        told = [line for line in said(brief, "Done").splitlines() if "after commissions" in line]
        assert len(told) == len(orders)
        assert all(
            re.search(r", under \S+( \(.+\))?, approved by policy:all\.$", one) for one in told
        )


def test_a_monday_tells_the_condition_what_expired_and_what_is_due(side: ReadSide) -> None:
    brief = brief_of(side, BriefKind.MORNING, MONDAY)
    assert brief.at == datetime(2012, 1, 23, 9, 40, tzinfo=NEW_YORK)
    assert re.search(
        r"^Week 2012-W04 is (Green|Red|Chop), deploy \d+% of each sleeve; VIX ",
        said(brief, "The market"),
    )
    assert "Book and broker agree." in said(brief, "Overnight")
    assert "entry look of com" in said(brief, "Due")
    assert said(brief, "Needs you").startswith("Nothing waits for you")


def test_before_the_condition_is_decided_it_says_when_it_will_be(side: ReadSide) -> None:
    at = datetime(2012, 1, 23, 8, 30, tzinfo=NEW_YORK)
    brief = brief_of(side, BriefKind.MORNING, MONDAY, at)
    assert said(brief, "The market") == (
        "The condition of Week 2012-W04 is decided on its first morning, at Mon 09:00."
    )
    assert brief.headline.text.startswith("The condition is not decided yet; no proposals waiting")


def test_an_evening_tells_what_is_open_and_tomorrows_looks(side: ReadSide) -> None:
    brief = brief_of(side, BriefKind.EVENING, FRIDAY)
    assert re.search(r"holds [+-]\d", said(brief, "Open"))
    assert said(brief, "Next").startswith("Looks on Mon 2012-01-23: 08:00 final report")
    tuesday = brief_of(side, BriefKind.EVENING, date(2012, 1, 24))
    assert said(tuesday, "Next").startswith("Looks tomorrow, Wed 2012-01-25: 09:35 opening look")


def test_a_day_that_is_not_over_has_no_result_yet(side: ReadSide) -> None:
    noon = datetime(2012, 1, 24, 12, tzinfo=NEW_YORK)
    brief = brief_of(side, BriefKind.EVENING, date(2012, 1, 24), noon)
    assert brief.headline.text.startswith("The day is not marked yet; ")
    assert "they are at the close" in said(brief, "Result")


def test_a_day_without_a_session_is_refused_with_the_last_one(side: ReadSide) -> None:
    with pytest.raises(NoBrief, match=r"no session on Sat 2012-01-21.*ends on Mon 2012-01-30"):
        brief_of(side, BriefKind.MORNING, date(2012, 1, 21))


def test_the_text_names_the_entries_and_the_instant(side: ReadSide) -> None:
    brief = brief_of(side, BriefKind.EVENING, FRIDAY)
    assert brief.text.startswith(
        "Evening brief of Fri 2012-01-20 (paper)\nAs known at 23:59 New York time, entry "
    )
    assert re.search(r"^- F1\.com: .* \[\d+(, \d+)*(, …)?\]$", brief.text, re.MULTILINE)


def test_proposals_that_wait_are_told_with_the_time_left(tmp_path: Path) -> None:
    path = traded(tmp_path, date(2012, 1, 9))
    at = datetime(2012, 1, 10, 14, tzinfo=UTC)
    with Journal.open(path) as record:
        (made, *_) = (one.event for one in record.read() if isinstance(one.event, ProposalMade))
        until = at + timedelta(hours=2)
        asked = replace(made.proposal, id=ProposalId("P99"), made_at=at, expires_at=until)
        record.append((Entry(record.head()[0] + 1, at, None, replace(made, proposal=asked)),))
    tuesday = date(2012, 1, 10)
    with ReadSide.open(path) as side:
        brief = morning_brief(side, tuesday, at + timedelta(minutes=5), "paper")
        (line,) = said(brief, "Needs you").splitlines()
        assert line.startswith(f"{asked.account} waits for an answer to ")
        assert ", until 11:00, in 1 h 55 min (" in line
        assert "1 proposal waiting" in brief.headline.text
        late = morning_brief(side, tuesday, until - timedelta(minutes=20), "paper")
        assert said(late, "Needs you").startswith("Lapses soon: ")
        after = morning_brief(side, tuesday, until + timedelta(minutes=1), "paper")
        assert said(after, "Needs you").startswith("Nothing waits for you")


def test_alerts_and_differences_need_a_person_until_they_are_seen(tmp_path: Path) -> None:
    path = traded(tmp_path, date(2012, 1, 9))
    at = datetime(2012, 1, 10, 12, tzinfo=UTC)
    alert = Alert("limit.near", "vega", Severity.WARNING, 0.9, 0.8, "Vega is at 90% of its limit.")
    with Journal.open(path) as record:
        last = record.head()[0]
        told = (
            Entry(last + 1, at, None, AlertRaised(alert)),
            Entry(last + 2, at, None, DeskReconciled(at, 2)),
            Entry(last + 3, at + timedelta(hours=1), None, AlertAcknowledged(alert.id, "Ann", "")),
        )
        record.append(told)
    with ReadSide.open(path) as side:
        brief = morning_brief(side, date(2012, 1, 10), at, "paper")
        assert said(brief, "Needs you").splitlines() == [
            "Warning: Vega is at 90% of its limit.",
            (
                "Book and broker differ in 2 places that nobody has explained: look at them in "
                "Accounts."
            ),
        ]
        assert "1 alert," in brief.headline.text
        later = morning_brief(side, date(2012, 1, 10), at + timedelta(hours=2), "paper")
        assert "Vega" not in said(later, "Needs you")


def test_the_newest_brief_is_of_the_last_day_there_is_one_of(side: ReadSide) -> None:
    assert brief_of(side, BriefKind.MORNING).day == date(2012, 1, 30)
    assert brief_of(side, BriefKind.EVENING).day == date(2012, 1, 27)


def test_an_empty_journal_has_no_brief(tmp_path: Path) -> None:
    path = tmp_path / "empty.journal"
    Journal.create(path, durable=False).close()
    with ReadSide.open(path) as side, pytest.raises(NoBrief, match="no desk yet"):
        brief_of(side, BriefKind.MORNING)
