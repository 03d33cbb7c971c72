"""The regulatory pack: the same bytes each time, and no change of it or its journal unseen."""

from __future__ import annotations

import csv
import io
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import AlertCleared
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.reports.kinds import PeriodUnknown
from allusedesk.reports.regulatory.files import kept_json, read_kept_json
from allusedesk.reports.regulatory.values import KeptFile
from allusedesk.wiring import pack_verification
from allusedesk.wiring.pack_verification import PackVerdict, verify_pack
from allusedesk.wiring.regulatory_pack import MANIFEST, PackCut, write_pack

PERIOD = "2012-W03"


@pytest.fixture(scope="module")
def journal(winter_journal: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that these tests may let grow."""
    folder = tmp_path_factory.mktemp("pack")
    return Path(shutil.copy(winter_journal, folder / "desk.journal"))


@pytest.fixture(scope="module")
def pack(journal: Path) -> Path:
    to = journal.with_name("pack.zip")
    write_pack(journal, PERIOD, to)
    return to


def members(pack: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(pack) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def zipped(to: Path, held: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(to, "w", method) as made:
        for name, content in held.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = method, 3, 0o100600 << 16
            made.writestr(info, content)
    return to


def resummed(held: dict[str, bytes]) -> dict[str, bytes]:
    """The manifest written anew, as somebody would who wants nobody to see a change."""
    manifest = json.loads(held[MANIFEST])
    manifest["files"] = [
        {"name": name, "bytes": len(held[name]), "sha256": sha256(held[name]).hexdigest()}
        for name in sorted(held)
        if name != MANIFEST
    ]
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    return {**held, MANIFEST: text.encode()}


def test_the_same_journal_gives_the_same_bytes(journal: Path, pack: Path, tmp_path: Path) -> None:
    cut = write_pack(journal, PERIOD, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes()
    held = members(pack)
    manifest = json.loads(held[MANIFEST])
    assert (cut.period, cut.files) == (PERIOD, len(held))
    with JournalReader.open(journal) as reader:
        assert manifest["journal"]["chain_head_at_cutting"] == reader.head()[1] == cut.chain_head
    listed = {one["name"]: (one["bytes"], one["sha256"]) for one in manifest["files"]}
    assert listed == {
        name: (len(content), sha256(content).hexdigest())
        for name, content in held.items()
        if name != MANIFEST
    }
    assert next(iter(held)) == MANIFEST


def test_a_pack_as_it_was_cut_is_good(journal: Path, pack: Path) -> None:
    verdict = verify_pack(pack, journal)
    assert verdict == PackVerdict(
        True, verdict.sentence, len(members(pack)), "", PERIOD, verdict.chain_head
    )
    assert f"All {verdict.files} files" in verdict.sentence


def test_a_flipped_byte_in_any_file_is_named(journal: Path, pack: Path, tmp_path: Path) -> None:
    whole = pack.read_bytes()
    with zipfile.ZipFile(pack) as made:
        places = [(one.filename, one.header_offset, one.file_size) for one in made.infolist()]
    for name, offset, size in places:
        header = struct.unpack("<HH", whole[offset + 26 : offset + 30])
        at = offset + 30 + sum(header) + size // 2
        bent = tmp_path / "bent.zip"
        bent.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        verdict = verify_pack(bent, journal)
        assert not verdict.is_good
        assert verdict.first_bad == name
        assert name in verdict.sentence


def without(held: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {one: content for one, content in held.items() if one != name}


QUICK: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str, str]] = {
    "missing": (lambda held: without(held, "orders.csv"), "orders.csv", "missing"),
    "added": (lambda held: {**held, "extra.txt": b"x"}, "extra.txt", "added"),
    "renamed": (
        lambda held: {**without(held, "orders.csv"), "order.csv": held["orders.csv"]},
        "orders.csv",
        "missing",
    ),
    "changed": (
        lambda held: {**held, "orders.csv": held["orders.csv"].replace(b"policy", b"person")},
        "orders.csv",
        "SHA-256",
    ),
    "up": (lambda held: {**held, "../evil.txt": b"x"}, "../evil.txt", "leads out"),
    "absolute": (lambda held: {**held, "/etc/evil": b"x"}, "/etc/evil", "leads out"),
    "drive": (lambda held: {**held, "C:evil": b"x"}, "C:evil", "leads out"),
    "folder": (lambda held: {**held, "rules/": b""}, "rules/", "leads out"),
    "no manifest": (lambda held: without(held, MANIFEST), MANIFEST, "no regulatory pack"),
    "no JSON": (lambda held: {**held, MANIFEST: b"{"}, MANIFEST, "cannot be read"),
    "deep": (lambda held: {**held, MANIFEST: b"[" * 100_000}, MANIFEST, "cannot be read"),
    "other format": (
        lambda held: {**held, MANIFEST: held[MANIFEST].replace(b"format 1", b"format 9")},
        MANIFEST,
        "another format",
    ),
    "no retention": (
        lambda held: resummed(without(held, "retention.json")),
        "retention.json",
        "missing",
    ),
}


@pytest.mark.parametrize("case", QUICK)
def test_what_the_manifest_alone_shows(
    case: str, journal: Path, pack: Path, tmp_path: Path
) -> None:
    change, name, words = QUICK[case]
    verdict = verify_pack(zipped(tmp_path / "pack.zip", change(members(pack))), journal)
    assert not verdict.is_good
    assert verdict.first_bad == name
    assert words in verdict.sentence


def with_other_approver(held: dict[str, bytes]) -> dict[str, bytes]:
    return resummed({**held, "orders.csv": held["orders.csv"].replace(b"policy", b"person", 1)})


def with_other_entry(held: dict[str, bytes]) -> dict[str, bytes]:
    return resummed({**held, "journal.jsonl": held["journal.jsonl"].replace(b"policy", b"p0licy")})


def with_other_page(held: dict[str, bytes]) -> dict[str, bytes]:
    return resummed({**held, "report.pdf": held["report.pdf"] + b"%"})


def with_one_more(held: dict[str, bytes]) -> dict[str, bytes]:
    return resummed({**held, "zz.txt": b"x"})


def without_breaches(held: dict[str, bytes]) -> dict[str, bytes]:
    return resummed(without(held, "breaches.csv"))


def with_other_manifest(held: dict[str, bytes]) -> dict[str, bytes]:
    return {**held, MANIFEST: held[MANIFEST].replace(b"REHEARSAL", b"LIVE")}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (with_other_approver, "orders.csv", "from line"),
        (with_other_entry, "journal.jsonl", "the journal's entries"),
        (with_other_page, "report.pdf", "not as this desk draws it"),
        (with_one_more, "zz.txt", "does not belong"),
        (without_breaches, "breaches.csv", "missing"),
        (with_other_manifest, MANIFEST, "in its bytes"),
    ],
)
@pytest.mark.long
def test_a_change_whose_sums_were_mended_is_found_by_making_the_pack_anew(
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    name: str,
    words: str,
    journal: Path,
    pack: Path,
    tmp_path: Path,
) -> None:
    verdict = verify_pack(zipped(tmp_path / "pack.zip", change(members(pack))), journal)
    assert not verdict.is_good
    assert verdict.first_bad == name
    assert words in verdict.sentence


def test_what_was_put_behind_the_zip_is_found(journal: Path, pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(Path(shutil.copy(pack, tmp_path / "pack.zip")), "a") as made:
        made.comment = b"read me"
    verdict = verify_pack(tmp_path / "pack.zip", journal)
    assert not verdict.is_good
    assert "around them" in verdict.sentence


@pytest.mark.parametrize("kept", [0, 1, 100, 5_000, -1])
def test_a_pack_cut_short_is_told_as_such(
    kept: int, journal: Path, pack: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short.zip"
    short.write_bytes(pack.read_bytes()[:kept])
    verdict = verify_pack(short, journal)
    assert not verdict.is_good
    assert "cannot be read as a pack" in verdict.sentence


def test_no_bit_of_the_frame_can_be_flipped_unseen(
    journal: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers and directory of the ZIP; the pack made anew is lent, to save its time."""
    whole, bent = pack.read_bytes(), tmp_path / "bent.zip"

    def lent(_: Path, period: str, to: Path, **__: object) -> PackCut:
        shutil.copy(pack, to)
        return PackCut(period, 0, 0, "")

    monkeypatch.setattr(pack_verification, "write_pack", lent)
    monkeypatch.setattr(pack_verification, "_journal_holds", lambda *_: None)
    assert verify_pack(pack, journal).is_good
    with zipfile.ZipFile(pack) as made:
        headers = [one.header_offset + place for one in made.infolist() for place in range(30)]
        frame = [*headers, *range(made.start_dir, len(whole))]
    chosen = np.random.default_rng(5)
    for place in chosen.choice(frame, 60, replace=False):
        content = bytearray(whole)
        content[place] ^= 1 << int(chosen.integers(8))
        bent.write_bytes(content)
        assert not verify_pack(bent, journal).is_good, place


def test_a_bomb_is_not_opened(journal: Path, pack: Path, tmp_path: Path) -> None:
    held = {**members(pack), "orders.csv": b"\0" * 50_000_000}
    packed = zipped(tmp_path / "packed.zip", held, zipfile.ZIP_DEFLATED)
    verdict = verify_pack(packed, journal)
    assert not verdict.is_good
    assert packed.stat().st_size < 5_000_000
    assert "larger than it" in verdict.sentence


def test_files_of_a_zip_that_lie_over_each_other_are_not_read(
    journal: Path, pack: Path, tmp_path: Path
) -> None:
    over = tmp_path / "over.zip"
    with zipfile.ZipFile(over, "w") as made:
        made.writestr(MANIFEST, members(pack)[MANIFEST])
        one = zipfile.ZipInfo("journal.jsonl")
        made.writestr(one, b"x" * 10_000)
        for number in range(5):
            twin = zipfile.ZipInfo(f"twin-{number}")
            twin.header_offset, twin.CRC = one.header_offset, one.CRC
            twin.file_size = twin.compress_size = one.file_size
            made.filelist.append(twin)
    assert "overlap" in verify_pack(over, journal).sentence


def test_a_pack_of_another_journal_is_told_as_such(
    journal: Path, pack: Path, tmp_path: Path
) -> None:
    with JournalReader.open(journal) as reader:
        entries = list(reader.read(1, 40))
    other = tmp_path / "other.journal"
    with Journal.create(other, durable=False) as made:
        made.append(entries)
    verdict = verify_pack(pack, other)
    assert (verdict.is_good, verdict.first_bad) == (False, "other.journal")
    assert "another journal" in verdict.sentence


def test_a_journal_altered_since_is_named_with_its_entry(
    journal: Path, pack: Path, tmp_path: Path
) -> None:
    altered = Path(shutil.copy(journal, tmp_path / "altered.journal"))
    content = bytearray(altered.read_bytes())
    place = content.index(b'"granted_by":"policy:all"') + 15
    content[place] ^= 1
    altered.write_bytes(content)
    verdict = verify_pack(pack, altered)
    assert (verdict.is_good, verdict.first_bad) == (False, "altered.journal")
    assert "not as it was written" in verdict.sentence


@pytest.mark.long
def test_a_journal_that_has_grown_still_proves_its_pack(
    journal: Path, pack: Path, tmp_path: Path
) -> None:
    grown = Path(shutil.copy(journal, tmp_path / "grown.journal"))
    with Journal.open(grown) as written:
        sequence, _ = written.head()
        at = datetime(2030, 1, 1, tzinfo=UTC)
        written.append(
            [
                Entry(sequence + place, at + timedelta(seconds=place), None, AlertCleared("none"))
                for place in (1, 2, 3)
            ]
        )
    verdict = verify_pack(pack, grown)
    assert verdict.is_good, verdict.sentence
    write_pack(grown, PERIOD, tmp_path / "new.zip")
    assert (tmp_path / "new.zip").read_bytes() != pack.read_bytes()


def test_a_period_the_journal_does_not_have_is_refused(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(PeriodUnknown):
        write_pack(journal, "2031-Q1", tmp_path / "none.zip")
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_kept_files_reads_as_it_was_written() -> None:
    kept = (KeptFile("backups/a<&\"'.journal", 3, "ab", None, None, 2), KeptFile("b", fault="no"))
    assert read_kept_json(kept_json(kept)) == kept
    for text in ("", "[]", "{}", '{"files": [{}]}', '{"files": 1}'):
        with pytest.raises(ValueError, match="no list"):
            read_kept_json(text)


def test_every_step_of_every_order_is_in_the_pack_as_the_raw_entries_have_it(pack: Path) -> None:
    """Another path than the audit's: the exported text of the entries, read as plain JSON."""
    held = members(pack)
    rows = {
        (int(row["entry"]), row["step"], row["detail"]): row
        for row in csv.DictReader(io.StringIO(held["orders.csv"].decode()))
    }
    wanted = 0
    accounts: dict[str, str] = {}
    for line in held["journal.jsonl"].decode().splitlines():
        entry = json.loads(line)
        body, place = json.loads(entry["body"]), entry["sequence"]
        found = [row for key, row in rows.items() if key[0] == place]
        match entry["kind"]:
            case "ProposalMade" if body["proposal"]["legs"]:
                accounts[body["proposal"]["id"]] = body["proposal"]["account"]
                rule = body["proposal"]["rule"]
                told = ("proposed", body["proposal"]["quantity"], body["proposal"]["credit_net"])
                assert found[0]["rule"] == f"{rule['rulebook']}/{rule['rule']}"
            case "OrderWritten":
                told = ("written", body["order"]["quantity"], body["order"]["limit"])
            case "OrderMoved":
                told = ("moved", body["quantity"], body["limit"])
            case "OrderStatusChanged":
                words = [
                    body[name].lower().replace("_", " ") for name in ("status_before", "status")
                ]
                told = ("status", 0, None)
                assert found[0]["detail"].startswith(" to ".join(words))
            case "ProposalApproved" if body["proposal"] in accounts:
                told = ("approved", body["quantity"] or 0, None)
                assert found[0]["who"] == body["granted_by"]
            case "FillBooked":
                for fill, row in zip(body["fills"], found, strict=True):
                    assert (row["step"], int(row["quantity"])) == ("filled", fill["quantity"])
                    assert Decimal(row["price_usd_a_share"]) == Decimal(fill["price"])
                    assert fill["id"] in row["detail"]
                    wanted += 1
                continue
            case _:
                continue
        (row,) = found
        assert (row["step"], int(row["quantity"])) == told[:2]
        assert row["price_usd_a_share"] == ("" if told[2] is None else told[2])
        instant = datetime.fromisoformat(entry["recorded_at"])
        assert datetime.fromisoformat(row["utc"]) == instant
        assert datetime.fromisoformat(row["new_york"]) == instant
        wanted += 1
    others = [row for row in rows.values() if row["step"] in {"over", "not sent", "refused"}]
    assert wanted + len(others) == len(rows)
    assert wanted > 20
