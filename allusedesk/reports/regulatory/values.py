"""What the regulatory report is made of, and how its times are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from allusedesk.domain.money import Money
from allusedesk.journal.evidence import Evidence
from allusedesk.journal.order_audit import Execution, LifeLine
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.reports.kinds import ReportPeriod


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is asked, whether it was kept, by which evidence, and where it is written."""

    title: str
    is_kept: bool
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A journal or a copy of one, as it was found beside the journal reported on.

    `days_behind` counts from its last entry to the last one of that journal; `fault` says why a
    file could not be read, and then the other figures are empty.
    """

    name: str
    entries: int = 0
    chain_head: str = ""
    first: date | None = None
    last: date | None = None
    days_behind: int | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules the desk was opened under, and how they differ from what is published.

    `published` names the published rulebook they were held against, empty where none bears the
    name. `differences` are rule, published value, value in force.
    """

    text: str
    published: str
    published_text: str
    profile: str
    changelog: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RegulatoryEvidence:
    """All that the report says of one period; orders and fills are those of its days.

    `sequence_head` and `chain_head` are the last entry of the journal when it was read.
    """

    period: ReportPeriod
    mode: str
    rulebook: str
    program: str
    sequence_head: int
    chain_head: str
    seen: Evidence
    lines: tuple[LifeLine, ...]
    executions: tuple[Execution, ...]
    requirements: tuple[Requirement, ...]
    equity: Money
    rules: RulesInForce
    kept: tuple[KeptFile, ...]
    keep_until: date | None


def utc_of(at: datetime) -> str:
    """An instant to the millisecond in UTC, such as `2013-02-12 14:45:00.032`."""
    return f"{at.astimezone(UTC):%Y-%m-%d} {_clock(at.astimezone(UTC))}"


def new_york_of(at: datetime) -> str:
    """As `utc_of`, in New York."""
    local = at.astimezone(NEW_YORK)
    return f"{local:%Y-%m-%d} {_clock(local)}"


def clocks_of(at: datetime) -> tuple[str, str]:
    """The time of day in UTC and in New York; in UTC with `+1d` where it is the next day there."""
    there, here = at.astimezone(UTC), at.astimezone(NEW_YORK)
    later = (there.date() - here.date()).days
    return _clock(there) + (f" +{later}d" if later else ""), _clock(here)


def day_of(at: datetime) -> date:
    """The day in New York."""
    return at.astimezone(NEW_YORK).date()


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
