from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def altered(journal: Path, change: str) -> None:
    """Change entries behind the journal's back, past its own guard."""
    connection = sqlite3.connect(journal)
    connection.execute("DROP TRIGGER entries_refuse_update")
    connection.execute(f"UPDATE entries SET {change}")
    connection.commit()
    connection.close()


def test_an_intact_journal_is_said_to_be_so(run: Run, journal: Path) -> None:
    ran = run("journal verify", journal)
    assert ran.code == 0
    answer = run("journal verify --json", journal).answer
    assert answer["intact"] is True
    assert answer["first_bad"] is None
    assert answer["chain_head"] in ran.out
    assert run("journal verify", journal, "--chain-head", answer["chain_head"]).code == 0


def test_an_altered_entry_is_named(run: Run, journal: Path) -> None:
    altered(journal, "kind = 'AlarmRung' WHERE sequence = 17")
    ran = run("journal verify", journal)
    assert (ran.code, ran.err) == (1, "")
    assert "Entry 17" in ran.out
    assert run("journal verify --json", journal).answer["first_bad"] == 17


def test_one_byte_of_the_file_is_enough(run: Run, journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    content[content.index(b"2012-W01/Tue/condition")] ^= 1
    journal.write_bytes(bytes(content))
    ran = run("journal verify", journal)
    assert ran.code == 1
    assert ran.out.startswith("Entry ")


def test_a_chain_head_of_another_journal_is_not_met(run: Run, journal: Path) -> None:
    ran = run("journal verify", journal, "--chain-head", "0" * 64)
    assert ran.code == 1
    assert "none has the chain head" in ran.out


def test_what_is_no_journal_is_refused(run: Run, tmp_path: Path) -> None:
    run("journal verify", tmp_path / "absent").refused("no journal at")
    stranger = tmp_path / "letter.txt"
    stranger.write_text("Dear all")
    for action in ("verify", "show", "export"):
        run(f"journal {action}", stranger).refused("letter.txt")
    run("journal search", stranger, "all").refused("letter.txt")
    assert stranger.read_text() == "Dear all"


def test_entries_are_shown_in_order(run: Run, journal: Path) -> None:
    lines = run("journal show --json --from 3 --to 6", journal).answer["lines"]
    assert [line["sequence"] for line in lines] == [3, 4, 5, 6]
    text = run("journal show --from 3 --to 6", journal).out
    assert all(line["line"] in text for line in lines)
    assert len(run("journal show --json --limit 2", journal).answer["lines"]) == 2


def test_entries_of_one_kind_are_shown(run: Run, journal: Path) -> None:
    lines = run("journal show --json --kind ProposalMade", journal).answer["lines"]
    assert lines
    assert {line["kind"] for line in lines} == {"ProposalMade"}


def test_causes_lead_back_to_an_input(run: Run, journal: Path) -> None:
    proposal = run("journal show --json --kind ProposalMade", journal).answer["lines"][0]
    chain = run("journal show --json", journal, "--causes", proposal["sequence"]).answer["lines"]
    assert chain[-1] == proposal
    assert len(chain) > 1
    run("journal show --causes 99999999", journal).refused("99999999")


def test_a_search_finds_every_word(run: Run, journal: Path) -> None:
    lines = run("journal search --json", journal, "proposes", "AAPL").answer["lines"]
    assert lines
    assert all("AAPL" in line["line"] for line in lines)
    quoted = run("journal search --json", journal, 'AAPL" OR "')
    assert quoted.code == 0


def test_a_search_for_nothing_there_is_no_fault(run: Run, journal: Path) -> None:
    ran = run("journal search --json", journal, "zeppelin")
    assert (ran.code, ran.answer["lines"]) == (0, [])


def test_exports_hold_every_entry(run: Run, journal: Path, tmp_path: Path) -> None:
    count = run("journal verify --json", journal).answer["entries"]
    as_csv, as_lines = tmp_path / "new" / "all.csv", tmp_path / "all.jsonl"
    assert run("journal export --format csv", journal, "--out", as_csv).code == 0
    answer = run("journal export --format jsonl --json", journal, "--out", as_lines).answer
    assert answer["entries"] == count
    with as_csv.open(newline="") as file:
        assert len(list(csv.reader(file))) == count + 1
    rows = [json.loads(line) for line in as_lines.read_text().splitlines()]
    assert [row["sequence"] for row in rows] == list(range(1, count + 1))


def test_an_export_may_go_to_the_screen(run: Run, journal: Path) -> None:
    ran = run("journal export --from 2 --to 3", journal)
    assert [json.loads(line)["sequence"] for line in ran.out.splitlines()] == [2, 3]
    run("journal export --json", journal).refused("--out")


def test_an_export_never_replaces_a_journal(run: Run, journal: Path) -> None:
    before = journal.read_bytes()
    run("journal export", journal, "--out", journal).refused("journal")
    assert journal.read_bytes() == before


def test_a_damaged_journal_leaves_no_half_export(run: Run, journal: Path, tmp_path: Path) -> None:
    altered(journal, "version = 2 WHERE sequence = 30")
    out = tmp_path / "all.jsonl"
    run("journal export", journal, "--out", out).refused("30")
    assert not list(tmp_path.glob("all*"))


def test_a_backup_is_a_whole_journal(run: Run, journal: Path, tmp_path: Path) -> None:
    copy = tmp_path / "backups" / "today.journal"
    answer = run("journal backup --json", journal, "--out", copy).answer
    verified = run("journal verify --json", copy).answer
    assert verified["intact"] is True
    assert answer["chain_head"] == verified["chain_head"]
    run("journal backup", journal, "--out", copy).refused("exists already")
    run("journal backup", tmp_path / "absent", "--out", tmp_path / "b").refused("absent")


def test_what_came_of_a_journal_is_summed_up(run: Run, journal: Path) -> None:
    answer = run("journal summary --json", journal).answer
    practice = answer["practice"]
    assert {one["account"] for one in practice["sleeves"]} == set(answer["equity_end"])
    assert all(one["empty"] <= one["tried"] for one in practice["bands"])
    assert sum(practice["proposals"].values()) == answer["proposals"]
    ran = run("journal summary", journal)
    assert "no strike in the band" in ran.out
    assert "puts to be rolled" in ran.out
    run("journal summary", journal.with_name("absent")).refused("absent")


def test_without_a_name_it_goes_to_the_folder_of_backups(run: Run, journal: Path) -> None:
    for number in range(3):
        answer = run("journal backup --json --keep 2", journal).answer
        assert Path(answer["file"]).parent == journal.parent.resolve() / "backups", number
    assert len(list((journal.parent / "backups").iterdir())) == 2


def test_a_backup_is_restored_and_nothing_is_overwritten(
    run: Run, journal: Path, tmp_path: Path
) -> None:
    copy = Path(run("journal backup --json", journal).answer["file"])
    run("journal restore", copy, "--out", journal).refused("exists already", "--replace")
    answer = run("journal restore --json --replace", copy, "--out", journal).answer
    assert answer["set_aside"] == f"{journal}.replaced"
    assert run("journal verify", journal).code == 0
    shown = run("journal restore --replace", copy, "--out", journal)
    assert f"now lies in {journal}.replaced-2" in shown.out
    run("journal restore", tmp_path / "absent", "--out", tmp_path / "new").refused("no journal at")
    torn = tmp_path / "torn"
    torn.write_bytes(copy.read_bytes()[:-5000])
    run("journal restore", torn, "--out", tmp_path / "new").refused("cut short")
    assert not (tmp_path / "new").exists()
