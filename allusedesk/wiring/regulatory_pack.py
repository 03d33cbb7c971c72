"""The regulatory pack: one ZIP of everything about a period, with the sums that prove it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from allusedesk.journal.export import export_json_lines
from allusedesk.journal.past_reader import PastReader
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.json_export import as_json
from allusedesk.reports.kinds import ReportKind, period_named
from allusedesk.reports.regulatory import files
from allusedesk.reports.regulatory.statement import build_regulatory_statement
from allusedesk.reports.regulatory.values import KeptFile, RegulatoryEvidence
from allusedesk.reports.wording import written_day
from allusedesk.resource_files import resource_path
from allusedesk.wiring.regulatory import regulatory_evidence
from allusedesk.wiring.requests import PROGRAM

FORMAT = "ALL-USE Desk regulatory pack, format 1"
MANIFEST, KEPT, JOURNAL, REPORT_PDF = (
    "MANIFEST.json",
    "retention.json",
    "journal.jsonl",
    "report.pdf",
)
# The first instant a ZIP can hold: the same pack is the same bytes whenever it is cut.
_INSTANT = (1980, 1, 1, 0, 0, 0)
_UNIX, _PRIVATE_FILE = 3, 0o100600 << 16
_READ_BYTES = 1 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9@._-]+")


@dataclass(frozen=True, slots=True)
class PackCut:
    """A pack as it was written: its period, how many files, and where the journal stood."""

    period: str
    files: int
    sequence: int
    chain_head: str


def write_pack(
    journal: Path,
    period: str,
    to: Path,
    *,
    until: int | None = None,
    kept: tuple[KeptFile, ...] | None = None,
) -> PackCut:
    """Write the pack of a period such as `2013-Q1` (or `last`) to `to`.

    It is cut from the journal as it stood after entry `until` (None: as it stands), and the same
    bytes come of the same entries and the same `kept` files, which are looked up where none are
    given. Raises PeriodUnknown, JournalFault, and OSError where it cannot be written.
    """
    # By its entries alone and as it stood: no side file is trusted, and nothing comes in meanwhile.
    with (
        ReadSide(PastReader.open_until(journal, until), alone=True) as side,
        TemporaryDirectory(dir=to.parent) as folder,
    ):
        found = period_named(side, ReportKind.REGULATORY, period)
        evidence = regulatory_evidence(side, found, kept)
        _lay_out(evidence, side, Path(folder))
        names = sorted(
            path.relative_to(folder).as_posix()
            for path in Path(folder).rglob("*")
            if path.is_file()
        )
        manifest = _manifest(evidence, Path(folder), names)
        (Path(folder) / MANIFEST).write_text(manifest, encoding="utf-8", newline="")
        with ZipFile(to, "w", ZIP_STORED) as pack:
            for name in (MANIFEST, *names):
                _add(pack, name, Path(folder) / name)
    return PackCut(found.name, len(names) + 1, evidence.sequence_head, evidence.chain_head)


def _lay_out(evidence: RegulatoryEvidence, side: ReadSide, folder: Path) -> None:
    """Every file but the manifest."""
    from allusedesk.reports.paper.pdf import draw_statement

    statement, rules = build_regulatory_statement(evidence), evidence.rules
    texts = {
        "README.txt": _words(evidence),
        "report.csv": as_csv(statement),
        "report.json": as_json(statement),
        "requirements.csv": files.requirements_csv(evidence),
        "orders.csv": files.orders_csv(evidence),
        "approvals.csv": files.approvals_csv(evidence),
        "executions.csv": files.executions_csv(evidence),
        "breaches.csv": files.breaches_csv(evidence),
        "events.csv": files.events_csv(evidence),
        "rules/in-force.toml": rules.text,
        "rules/differences.csv": files.differences_csv(evidence),
        KEPT: files.kept_json(evidence.kept),
    }
    if rules.published_text:
        texts["rules/published.toml"] = rules.published_text
    for one in evidence.seen.strategies:
        name = _UNSAFE.sub("-", one.strategy)
        texts[f"rules/strategies/{one.entry:08d}-{name}.toml"] = one.text
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    draw_statement(statement, folder / REPORT_PDF, resource_path("fonts"))
    first, last = evidence.seen.sequence_first, evidence.seen.sequence_last
    with (folder / JOURNAL).open("w", encoding="utf-8", newline="") as lines:
        if first:
            export_json_lines(side.journal, lines, first, last)


def _manifest(evidence: RegulatoryEvidence, folder: Path, names: list[str]) -> str:
    period = evidence.period
    content = {
        "format": FORMAT,
        "program": PROGRAM,
        "mode": evidence.mode,
        "rulebook": evidence.rulebook,
        "period": {
            "name": period.name,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "is_over": period.is_over,
        },
        "journal": {
            "sequence_at_cutting": evidence.sequence_head,
            "chain_head_at_cutting": evidence.chain_head,
            "sequence_first": evidence.seen.sequence_first,
            "sequence_last": evidence.seen.sequence_last,
        },
        "files": [
            {
                "name": name,
                "bytes": (folder / name).stat().st_size,
                "sha256": sum_of(folder / name),
            }
            for name in names
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def sum_of(path: Path) -> str:
    """The SHA-256 of a file, in 64 hexadecimal digits."""
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _add(pack: ZipFile, name: str, path: Path) -> None:
    info = ZipInfo(name, _INSTANT)
    info.compress_type, info.create_system, info.external_attr = ZIP_STORED, _UNIX, _PRIVATE_FILE
    info.file_size = path.stat().st_size
    with path.open("rb") as source, pack.open(info, "w") as target:
        while part := source.read(_READ_BYTES):
            target.write(part)


def _words(evidence: RegulatoryEvidence) -> str:
    period = evidence.period
    return f"""\
The regulatory pack of {period.name}: {written_day(period.first)} to {written_day(period.last)}
of a {evidence.mode} desk under {evidence.rulebook}.

report.pdf, report.csv, report.json   the report, three ways of writing down the same figures
requirements.csv                      what is asked, whether it was kept, the evidence, the source
orders.csv                            every step of every order: when, who, by which rule, entry
approvals.csv                         every answer: who, when, what was seen, why
executions.csv                        every fill beside mid and spread at decision, sending, fill
breaches.csv                          breaches, stops and exceptions, and what was done
events.csv                            alerts, halts, rules, trust, arming, access, corrections
rules/                                the rules in force as text, the published ones, differences
journal.jsonl                         the journal's own entries of the period, with their hashes
retention.json                        journals and copies beside the journal when this was cut
MANIFEST.json                         size and SHA-256 of each file, and the journal's chain head

To hold this pack against its journal:  allusedesk report verify PACK JOURNAL
It recomputes every hash of the journal, makes the pack anew from its entries and compares.
retention.json alone cannot be made anew: it says what was there on that day.
"""
