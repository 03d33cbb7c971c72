"""Compliance of a rehearsed desk: checks with their sources, and files of every order's life."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.events import FillBooked, OrderWritten
from allusedesk.journal.store import JournalReader
from tests.cli.conftest import REHEARSAL, Ran


def test_each_check_stands_with_its_source_and_evidence(
    run: Callable[..., Ran], rehearsed: Path
) -> None:
    ran = run("compliance --json", rehearsed)
    assert ran.code == 0, ran.err
    answer = ran.answer
    assert (answer["profile"], answer["profile_in_rules"], answer["kept"]) == (
        "unknown",
        False,
        True,
    )
    rules = {one["rule"] for one in answer["checks"]}
    assert rules >= {
        "conduct.day_trades", "conduct.intraday_margin", "conduct.regulation_t", "conduct.level",
        "conduct.position_limit", "conduct.settled_cash", "conduct.wash_sales",
        "conduct.best_execution", "conduct.four_eyes", "conduct.retention", "conduct.client_pages",
    }  # fmt: skip
    assert all(one["source"] and one["evidence"] for one in answer["checks"])
    assert answer["keep_until"].startswith("2019-01-")
    out = run("compliance", rehearsed).out
    assert "NOT KEPT" not in out
    assert "FINRA Rule 2360(b)(16)" in out


def test_every_step_of_every_order_is_written(
    run: Callable[..., Ran], rehearsed: Path, tmp_path: Path
) -> None:
    lines, fills = tmp_path / "orders.csv", tmp_path / "fills.json"
    assert run(f"compliance --audit {lines} --executions {fills}", rehearsed).code == 0
    rows = list(csv.DictReader(io.StringIO(lines.read_text(encoding="utf-8"))))
    with JournalReader.open(rehearsed) as reader:
        entries = list(reader.read())
    written = {str(one.sequence) for one in entries if isinstance(one.event, OrderWritten)}
    assert {row["entry"] for row in rows if row["what"] == "written"} == written
    approved = {row["proposal"] for row in rows if row["what"] == "approved"}
    assert {row["proposal"] for row in rows if row["what"] == "written"} <= approved
    executions = json.loads(fills.read_text(encoding="utf-8"))
    booked = [one for one in entries if isinstance(one.event, FillBooked)]
    assert [one["entry"] for one in executions] == [one.sequence for one in booked]
    for one in executions:
        assert Decimal(one["sent_spread"]) >= 0
        gap = abs(Decimal(one["price"]) - Decimal(one["sent_mid"]))
        assert gap <= max(
            Decimal(one["sent_spread"]), Decimal("0.05") * abs(Decimal(one["sent_mid"]))
        )
    as_json = tmp_path / "orders.json"
    assert run(f"compliance --audit {as_json} --json", rehearsed).code == 0
    assert len(json.loads(as_json.read_text(encoding="utf-8"))) == len(rows)
    run("compliance --audit orders.txt", rehearsed).refused("neither .csv nor .json")


def test_another_profile_judges_afterwards_and_says_no(
    run: Callable[..., Ran], rehearsed: Path
) -> None:
    ran = run("compliance --profile cash --json", rehearsed)
    assert ran.code == 0
    assert ran.answer["profile"] == "cash"
    run("compliance --profile nobody", rehearsed).refused("no broker profile 'nobody'")


def test_a_desk_may_be_opened_under_a_profile_and_replays(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run(REHEARSAL.replace("2012-01-13", "2012-01-04"), "--rulebook", "classic+legacy-pdt",
              "--out", tmp_path)  # fmt: skip
    assert ran.code == 0, ran.err
    journal = tmp_path / "rehearsal.journal"
    answer = run("compliance --json", journal).answer
    assert (answer["profile"], answer["profile_in_rules"]) == ("legacy-pdt", True)
    assert run("replay --json", journal).answer["same"] is True
    with JournalReader.open(journal) as reader:
        names = {
            one.name for entry in reader.read() for one in getattr(entry.event, "comparisons", ())
        }
    assert "options approval level for a put secured by cash" in names
    run(REHEARSAL, "--rulebook", "classic+nobody", "--out", tmp_path / "b").refused("nobody")
