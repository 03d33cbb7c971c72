"""Gathers what the regulatory report says from a journal, and from the files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import DeskOpened
from allusedesk.journal.backup import backups_of
from allusedesk.journal.evidence import EvidenceWalk
from allusedesk.journal.faults import JournalFault
from allusedesk.journal.order_audit import OrderWalk
from allusedesk.journal.origins import Origins
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_differences import differences
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.kinds import ReportPeriod, Span
from allusedesk.reports.regulatory.values import (
    KeptFile,
    RegulatoryEvidence,
    Requirement,
    RulesInForce,
    day_of,
)
from allusedesk.resource_files import resource_path
from allusedesk.wiring.choices import UNKNOWN_PROFILE, conduct_of
from allusedesk.wiring.conduct_record import conduct_record
from allusedesk.wiring.conduct_verdicts import verdicts_of, wash_sales
from allusedesk.wiring.requests import RequestRefused

_DAYS_A_WEEK = 7


def regulatory_evidence(
    side: ReadSide, period: ReportPeriod, kept: Sequence[KeptFile] | None = None
) -> RegulatoryEvidence:
    """All the report says of a period; `kept` is what lies beside it, or else it is looked up.

    Nothing after the period's last day counts, but for the chain head; a week ends on Sunday.
    Raises JournalDamaged where an entry is not as it was written.
    """
    period = _whole_days(period)
    sequence, head = side.journal.head()
    opened = next(side.journal.read(1, 1)).event
    if not isinstance(opened, DeskOpened):
        raise RequestRefused("The journal does not begin with the opening of a desk: name another.")
    rulebook = parse_rulebook(opened.rulebook_text)
    walk, orders = EvidenceWalk(period.first, period.last), OrderWalk()
    asked = conduct_of(UNKNOWN_PROFILE)
    passing = _followed(side.journal, sequence, period, walk, orders)
    record = conduct_record(passing, asked.levels)
    conduct = asked if record.conduct is None else record.conduct
    audit = orders.audit()
    verdicts = verdicts_of(record, conduct, wash_sales(side, period.last), audit.executions)
    days = (period.first, period.last)
    return RegulatoryEvidence(
        period=period,
        mode=opened.mode.value,
        rulebook=rulebook.id,
        program=opened.program,
        sequence_head=sequence,
        chain_head=head,
        seen=walk.evidence(),
        lines=tuple(one for one in audit.lines if days[0] <= day_of(one.at) <= days[1]),
        executions=tuple(one for one in audit.executions if days[0] <= day_of(one.at) <= days[1]),
        requirements=tuple(
            Requirement(one.title, one.is_kept, one.evidence, one.source) for one in verdicts
        ),
        equity=record.equity,
        rules=_rules(opened, rulebook, conduct.profile, is_own=record.conduct is not None),
        kept=tuple(files_beside(side.journal) if kept is None else kept),
        keep_until=record.keep_until,
    )


def _whole_days(period: ReportPeriod) -> ReportPeriod:
    """A week with the weekend around its sessions, so that no day is in no report."""
    if period.span is not Span.WEEK:
        return period
    monday = period.first - timedelta(days=period.first.weekday())
    return replace(period, first=monday, last=monday + timedelta(days=_DAYS_A_WEEK - 1))


def _followed(
    journal: JournalReader,
    last: int,
    period: ReportPeriod,
    walk: EvidenceWalk,
    orders: OrderWalk,
) -> Iterator[Entry]:
    """The entries up to the end of the period, each shown to both walks on its way."""
    origins = Origins()
    for entry in journal.read(1, last):
        if day_of(entry.recorded_at) > period.last:
            return
        by = origins.take(entry)
        walk.take(entry, by)
        orders.take(entry, by)
        yield entry


def _rules(opened: DeskOpened, rulebook: Rulebook, profile: str, *, is_own: bool) -> RulesInForce:
    shipped = resource_path("rulebooks") / f"{rulebook.name}.toml"
    text, found = "", tuple[tuple[str, str, str], ...]()
    if shipped.is_file():
        text = shipped.read_text(encoding="utf-8")
        found = differences(parse_rulebook(text), rulebook)
    return RulesInForce(
        text=opened.rulebook_text,
        published=parse_rulebook(text).id if text else "",
        published_text=text,
        profile=profile if is_own else f"{profile} (no profile is part of the rules)",
        changelog=rulebook.changelog,
        differences=found,
    )


def files_beside(journal: JournalReader) -> tuple[KeptFile, ...]:
    """The journals in the folder of a journal and the copies made of it, by their names."""
    folder = journal.path.parent
    others = [path for path in sorted(folder.glob("*.journal")) if not _is_same(path, journal.path)]
    until = next(journal.read(journal.head()[0]))
    return tuple(
        _kept(path, path.relative_to(folder).as_posix(), until)
        for path in (*others, *backups_of(journal.path))
    )


def _is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def _kept(path: Path, name: str, until: Entry) -> KeptFile:
    try:
        with JournalReader.open(path) as reader:
            entries, head = reader.head()
            if not entries:
                return KeptFile(name, fault="It holds no entry.")
            first, last = (next(reader.read(place)).recorded_at for place in (1, entries))
    except JournalFault as fault:
        return KeptFile(name, fault=str(fault).replace(str(path), name))
    behind = (day_of(until.recorded_at) - day_of(last)).days
    return KeptFile(name, entries, head, day_of(first), day_of(last), behind)
