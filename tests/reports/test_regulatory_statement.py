"""The regulatory report: figures by hand, an empty and a crowded quarter, and a real winter."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from allusedesk.domain.money import Money, Price
from allusedesk.journal.evidence import Evidence, Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.json_export import as_json
from allusedesk.reports.kinds import ReportKind, period_named
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.regulatory.files import orders_csv
from allusedesk.reports.regulatory.statement import build_regulatory_statement
from allusedesk.reports.regulatory.values import (
    RegulatoryEvidence,
    clocks_of,
    new_york_of,
    utc_of,
)
from allusedesk.reports.statement import Percent, Qualifier, Standing, Statement, Table
from allusedesk.resource_files import resource_path
from allusedesk.wiring.regulatory import files_beside, regulatory_evidence
from tests.reports.regulatory_sample import (
    EVENING,
    MISCHIEF,
    answer,
    busy,
    evidence,
    execution,
    line,
)
from tests.reports.test_weekly_statement import column, figures, table, texts

_FORMULA = ("=", "+", "-", "@")


def made(**changes: object) -> Statement:
    return build_regulatory_statement(evidence(**changes))


def test_times_are_to_the_millisecond_in_both_places() -> None:
    assert utc_of(EVENING) == "2013-02-13 01:00:00.007"
    assert new_york_of(EVENING) == "2013-02-12 20:00:00.007"
    assert clocks_of(EVENING) == ("01:00:00.007 +1d", "20:00:00.007")


def test_best_execution_by_hand() -> None:
    fills = (
        execution(1),
        execution(
            2,
            underlying="MSFT",
            price=Decimal("2.10"),
            better=Decimal(20),
            decided=None,
            filled=None,
        ),
        execution(3, underlying="MSFT", sent=None, better=None),
    )
    found = table(made(executions=fills), "By symbol and over all")
    # AAPL: (1.98 - 2.00) x 2 x 100 = -4 of half a spread of 0.05 x 200 = 10, which is 40%.
    assert found.rows[0][3:8] == (
        Money(Decimal("-14.00")),
        Money(Decimal("-4.00")),
        Money(Decimal("6.00")),
        Money(Decimal("10.00")),
        Percent(Decimal("0.4")),
    )
    # MSFT: one of two fills is beside a quote at sending, and got 20 more than its mid.
    assert (found.rows[1][1], found.rows[1][2], found.rows[1][4]) == (2, 1, Money(Decimal(20)))
    assert found.totals[4] == Money(Decimal("16.00"))
    assert found.totals[7] == Percent(Decimal("-0.8"))
    drawn = table(made(executions=fills), "Every fill")
    assert column(drawn, "Got") == [Price(Decimal(one)) for one in ("1.98", "2.10", "1.98")]


def test_quotes_that_were_modelled_or_old_are_told_as_such() -> None:
    one = execution(1)
    assert one.sent is not None
    old = replace(one, sent=replace(one.sent, seconds_old=30.1))
    modelled = replace(one, filled=replace(one.sent, is_modelled=True))
    plain = made(executions=(one,))
    assert "seconds old" not in texts(plain)
    assert figures(plain)["Against mid at sending, USD"].qualifier is Qualifier.MEASURED
    told = made(executions=(old, modelled))
    assert figures(told)["Against mid at sending, USD"].qualifier is Qualifier.MODELLED
    assert "1 fill stands beside a quote more than 30 seconds old" in texts(told)
    assert "30.1 seconds old" in str(column(table(told, "Every fill"), "Legs"))


def test_best_execution_is_told_to_be_the_brokers_duty() -> None:
    assert "Best execution is the broker's duty" in texts(made())


def test_steps_of_one_proposal_stand_together_on_their_day() -> None:
    lines = (
        line(1, "proposed", detail="why"),
        line(2, "proposed", proposal="P2"),
        line(3, "status", "O1", "sent to working", quantity=0, price=None, by="the broker"),
    )
    found = table(made(lines=lines), "Orders of 12 February 2013")
    assert column(found, "Entry") == [1, 3, 2]
    assert found.rows[1][4:8] == ("sent to working", None, None, "the broker")
    assert found.rows[0][-1] == "classic@1.0/entry.delta: why"


def test_an_answer_says_what_was_seen_and_by_whom() -> None:
    seen = Evidence(1, 9, (answer(), answer(2, answer="Rejected", second="")), (), (), 0)
    drawn = made(seen=seen)
    found = table(drawn, "Every answer")
    assert column(found, "Who") == ["Ann and Ben", "Ann"]
    assert "Seen: card a1b2. Reason: it fits" in str(found.rows[0][-1])
    assert table(drawn, "Answers by whom they came from").rows == (("Ann", 2, 1, 1, 0),)


def test_what_was_not_kept_stands_first() -> None:
    drawn = build_regulatory_statement(busy(1))
    assert "1 was not kept" in texts(drawn)
    asked = table(drawn, "What is asked, and what the record shows up to the end of the period")
    assert asked.rows[0][1] == "NOT KEPT"


def test_what_came_of_nothing_says_so() -> None:
    told = (
        Happening(1, EVENING, Topic.BREACH, "the desk", "up", "roll proposed"),
        Happening(2, EVENING, Topic.BREACH, "the desk", "up again"),
    )
    found = table(made(seen=Evidence(1, 2, (), told, (), 0)), "Breaches and stops")
    assert column(found, "What was done") == [
        "roll proposed",
        "recorded; nothing followed from it at this look",
    ]


def test_a_quarter_in_which_nothing_happened_reads_well_and_prints() -> None:
    drawn = made()
    assert (drawn.standing, drawn.version) == (Standing.FINAL, 1)
    assert "No order was proposed" in texts(drawn)
    assert printed(drawn, resource_path("fonts")).startswith(b"%PDF")
    running = replace(evidence().period, is_over=False)
    assert made(period=running).standing is Standing.PROVISIONAL


def test_names_that_mean_mischief_stay_names() -> None:
    drawn = build_regulatory_statement(busy(2, MISCHIEF))
    assert printed(drawn, resource_path("fonts")) == printed(drawn, resource_path("fonts"))
    assert MISCHIEF in json.dumps(json.loads(as_json(drawn)), ensure_ascii=False).replace(
        '\\"', '"'
    )
    for text in (as_csv(drawn), orders_csv(busy(2, MISCHIEF))):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert any(MISCHIEF in cell for cell in cells)
        risky = [cell for cell in cells if cell.startswith(_FORMULA)]
        assert all(
            cell.lstrip("+-").replace(".", "", 1).replace(",", "").isdigit() for cell in risky
        )


@pytest.mark.long
def test_five_thousand_orders_are_all_there_and_cost_their_share() -> None:
    drawn = build_regulatory_statement(busy(5_000))
    days = [
        block
        for section in drawn.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title.startswith("Orders of")
    ]
    entries = [row[0] for found in days for row in found.rows]
    assert sorted(map(str, entries)) == sorted(str(place) for place in range(1, 30_001))
    assert as_csv(drawn).count("\r\n") > 30_000
    assert len(printed(drawn, resource_path("fonts"))) > 1_000_000


@pytest.fixture(scope="module")
def winter(winter_journal: Path) -> RegulatoryEvidence:
    with ReadSide.open(winter_journal) as side:
        period = period_named(side, ReportKind.REGULATORY, "2012-Q1")
        return regulatory_evidence(side, period, ())


def test_every_figure_of_a_real_winter_is_in_its_csv(winter: RegulatoryEvidence) -> None:
    drawn = build_regulatory_statement(winter)
    rows = list(csv.DictReader(io.StringIO(as_csv(drawn))))
    fills = [row["value"] for row in rows if row["part"] == "Every fill" and row["column"] == "Got"]
    assert fills == [f"{one.price:f}" for one in winter.executions]
    assert len(fills) > 50
    steps = [row for row in rows if row["part"].startswith("Orders of") and row["column"] == "Step"]
    assert len(steps) == len(winter.lines)
    assert drawn.references()
    assert {one.to for one in drawn.references()} <= set(drawn.anchors())


def test_an_order_takes_legal_steps_each_after_its_approval(winter: RegulatoryEvidence) -> None:
    approved: set[str] = set()
    status: dict[str, str] = {}
    for one in winter.lines:
        if one.what == "approved":
            approved.add(one.proposal)
        elif one.what == "written":
            assert one.proposal in approved
            status[one.order] = "sent"
        elif one.what == "status" and one.order in status:
            before, _, after = one.detail.partition(":")[0].partition(" to ")
            # A moved order is sent again before it works again.
            assert before in {status[one.order], "sent"}
            status[one.order] = after
    assert status
    assert set(status.values()) <= {"filled", "cancelled", "rejected", "expired"}
    assert all(early.entry <= late.entry for early, late in pairwise(winter.lines))


def test_what_comes_after_the_period_changes_nothing_but_the_head(winter_journal: Path) -> None:
    from allusedesk.journal.past_reader import PastReader

    with ReadSide.open(winter_journal) as side:
        period = period_named(side, ReportKind.REGULATORY, "2012-01")
        whole = regulatory_evidence(side, period, ())
    until = whole.seen.sequence_last + 300
    with ReadSide(PastReader.open_until(winter_journal, until), alone=True) as side:
        then = regulatory_evidence(side, period, ())
    assert then.chain_head != whole.chain_head
    assert replace(then, chain_head="", sequence_head=0, requirements=()) == replace(
        whole, chain_head="", sequence_head=0, requirements=()
    )


def test_weeks_leave_no_day_between_them(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as side:
        found = [
            regulatory_evidence(side, period_named(side, ReportKind.REGULATORY, week), ())
            for week in ("2012-W03", "2012-W04")
        ]
    # Monday the 16th was a holiday, and the week has it all the same.
    assert [(one.period.first.day, one.period.last.day) for one in found] == [(16, 22), (23, 29)]
    early, late = (one.seen for one in found)
    assert early.sequence_last + 1 == late.sequence_first


def test_copies_and_other_journals_beside_it_are_listed(
    winter_journal: Path, tmp_path: Path
) -> None:
    from shutil import copy

    from allusedesk.journal.store import JournalReader

    own = Path(copy(winter_journal, tmp_path / "desk.journal"))
    (tmp_path / "backups").mkdir()
    copy(winter_journal, tmp_path / "backups" / "desk-2012-04-05.journal")
    (tmp_path / "broken.journal").write_bytes(b"nothing")
    with JournalReader.open(own) as reader:
        broken, backup = files_beside(reader)
        head = reader.head()
    assert (broken.name, bool(broken.fault)) == ("broken.journal", True)
    assert str(tmp_path) not in broken.fault
    assert backup.name == "backups/desk-2012-04-05.journal"
    assert (backup.entries, backup.chain_head, backup.days_behind) == (*head, 0)
