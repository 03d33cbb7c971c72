from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import total
from allusedesk.journal.bookings import book_as_of, bookings
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.portfolio.tax_trades import tax_events
from allusedesk.reports.tax.report import build_tax_report

Run = Callable[..., Any]


def test_the_last_week_is_printed(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "week.pdf"
    ran = run("report weekly --period last --format pdf --json", journal, "--out", out)
    assert ran.code == 0, ran.err
    assert ran.answer["period"].startswith("2012-W02")
    assert out.read_bytes().startswith(b"%PDF")
    before = out.read_bytes()
    assert run("report weekly --format pdf", journal, "--out", out).code == 0
    assert out.read_bytes() == before


def test_a_week_is_written_as_csv_and_json(run: Run, journal: Path, tmp_path: Path) -> None:
    as_csv, as_json = tmp_path / "week.csv", tmp_path / "week.json"
    week = "report weekly --period 2012-W01"
    assert run(f"{week} --format csv", journal, "--out", as_csv).code == 0
    assert run(f"{week} --format json", journal, "--out", as_json).code == 0
    head = run("journal verify --json", journal).answer["chain_head"]
    assert json.loads(as_json.read_text())["chain_head"] == head
    assert head in as_csv.read_text()


def test_a_week_that_never_was_is_refused(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "week.pdf"
    run("report weekly --period 2031-W01", journal, "--out", out).refused("2031-W01")
    run("report weekly --period", "soon", journal, "--out", out).refused("soon")
    run("report weekly", tmp_path / "absent", "--out", out).refused("absent")
    run("report weekly", journal, "--out", tmp_path).refused("folder")
    run("report weekly", journal, "--out", journal).refused("journal")
    assert not list(tmp_path.glob("week*"))


@pytest.mark.parametrize(
    ("kind", "period"), [("monthly", "2012-01"), ("quarterly", "2012-Q1"), ("annual", "2012")]
)
def test_longer_stretches_are_written_the_same_way(
    run: Run, journal: Path, tmp_path: Path, kind: str, period: str
) -> None:
    out = tmp_path / f"{kind}.json"
    ran = run(f"report {kind} --period {period} --format json --json", journal, "--out", out)
    assert ran.code == 0, ran.err
    assert ran.answer["period"].startswith(period)
    assert ran.answer["standing"] == "provisional"
    assert json.loads(out.read_text())["chain_head"] == ran.answer["chain_head"]
    run(f"report {kind} --period 2012-W01", journal, "--out", out).refused("write one such as")
    run(f"report {kind} --period 2031", journal, "--out", out).refused("2031")


def test_a_years_taxes_are_rows_of_the_forms(run: Run, journal: Path, tmp_path: Path) -> None:
    as_rows = tmp_path / "tax.csv"
    ran = run("report tax --period 2012 --format 8949 --json", journal, "--out", as_rows)
    assert ran.code == 0, ran.err
    answer = ran.answer
    assert (answer["year"], answer["label"]) == (2012, "estimate, ask your adviser")
    assert answer["is_provisional"]
    with as_rows.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == answer["rows"] > 0
    assert {row["label"] for row in rows} == {"estimate, ask your adviser"}
    assert {row["box"] for row in rows} <= {"A", "C", "D", "F", ""}
    gains = sum(Decimal(row["gain or loss"]) for row in rows)
    assert gains == Decimal(answer["sums"]["short_term"]) + Decimal(answer["sums"]["long_term"])


@pytest.mark.parametrize("lots", ["fifo", "specific"])
def test_a_years_taxes_are_a_statement_too(
    run: Run, journal: Path, tmp_path: Path, lots: str
) -> None:
    files = {form: tmp_path / f"tax.{form}" for form in ("csv", "json")}
    for form, file in files.items():
        ran = run(f"report tax --period 2012 --lots {lots} --format {form}", journal, "--out", file)
        assert ran.code == 0, ran.err
    told = json.loads(files["json"].read_text())
    assert "estimate, ask your adviser" in told["title"]
    assert told["title"] in files["csv"].read_text()


def test_a_client_asks_for_an_account(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "client.json"
    answer = run(
        "report client --account F1.rev --format json --json", journal, "--out", out
    ).answer
    assert answer["kind"] == "client"
    assert json.loads(out.read_text())["title"] == "Statement of account F1.rev"
    run("report client --account F9", journal, "--out", out).refused("F9", "F1.gen")


def test_targets_are_shown_where_a_person_by_name_switched_them_on(
    run: Run, journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    out = tmp_path / "client.csv"
    assert run("report client --format csv", journal, "--out", out).code == 0
    assert "What the rules aim at" not in out.read_text()
    text = '[client]\nshows_targets = true\nresponsible = "Zoë <Ångström> & Sons"\n'
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    assert run("report client --format csv", journal, "--out", out).code == 0
    assert "because Zoë <Ångström> & Sons, who is responsible" in out.read_text(encoding="utf-8")
    (tmp_path / "settings.toml").write_text("[client]\nshows_targets = true\n", encoding="utf-8")
    run("report client --format csv", journal, "--out", out).refused("client.responsible")


def test_gains_and_what_is_held_are_what_the_journal_booked(run: Run, journal: Path) -> None:
    """To the cent: each booking's cash is in a row, in an open lot, or no trade at all."""
    with ReadSide.open(journal) as side:
        seen = list(bookings(side))
        report = build_tax_report(side, None, LotChoice.FIFO)
        today = last_mark_day(side)
        assert today is not None
        held = book_as_of(side, today).all_positions()
        moved = total([m.amount for one in seen if one.how != "cash" for m in one.booking.cash])
        dated = [(one.on, e) for one in seen for e in tax_events(one.on, one.how, one.booking)]
        found = estimate_tax(dated, today, {})
    counted: dict[Instrument, int] = {}
    for lot in found.lots:
        counted[lot.instrument] = counted.get(lot.instrument, 0) + lot.units_signed
    owned: dict[Instrument, int] = {}
    for position in held:
        signed = position.quantity_signed
        owned[position.instrument] = owned.get(position.instrument, 0) + signed
    assert counted == owned
    assert report.sums.whole == total([row.gain for row in report.rows])
    gains = total([one.gain for one in found.closings])
    assert gains - total([lot.cost + lot.deferred for lot in found.lots]) == moved


def test_a_year_that_never_was_is_refused(run: Run, journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "tax.csv"
    run("report tax --period 2031", journal, "--out", out).refused("2031", "2012")
    run("report tax --period soon", journal, "--out", out).refused("soon")
    assert not list(tmp_path.glob("tax*"))


def test_cash_is_shown_by_the_day_it_can_be_used(run: Run, journal: Path) -> None:
    answer = run("report cash --json", journal).answer
    assert answer["on"] == "2012-01-13"
    cash: dict[str, Decimal] = {}
    with ReadSide.open(journal) as side:
        for seen in bookings(side):
            for move in seen.booking.cash:
                cash[move.account] = cash.get(move.account, Decimal(0)) + move.amount.amount
    assert set(answer["sleeves"]) == set(cash)
    for name, ladder in answer["sleeves"].items():
        arriving = sum(Decimal(step["amount"]) for step in ladder["arriving"])
        held = sum(Decimal(step["amount"]) for step in ladder["held"])
        assert all(step["on"] > "2012-01-13" for step in ladder["arriving"])
        assert Decimal(ladder["settled"]) + arriving == cash[name]
        assert Decimal(ladder["free"]) == Decimal(ladder["settled"]) - held
    table = run("report cash", journal)
    assert table.out.startswith("Cash after the close of 2012-01-13")
    assert "tax reserve" in table.out
