"""Questions only a screen asks: what a day brought, and why a symbol got no proposal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import EntryLine, Notice
from allusedesk.journal.scalars import write_instant

# What a trader would call an event of the day; looks, samples and alarms being set are none.
_HAPPENINGS = (
    "AlarmRang",
    "PriceAlarmRang",
    "ConditionClassified",
    "ConditionMissing",
    "ProposalMade",
    "ProposalRefused",
    "ProposalApproved",
    "ProposalDeclined",
    "ProposalLapsed",
    "ProposalVoided",
    "ProposalSigned",
    "ApprovalAnnounced",
    "AnnouncementWithdrawn",
    "TrustAllowed",
    "FourEyesChanged",
    "OrderWritten",
    "FillBooked",
    "AssignmentBooked",
    "SettlementBooked",
    "ExpiryBooked",
    "DividendBooked",
    "ChargeBooked",
    "SplitBooked",
    "LevelChanged",
    "OutcomeClassified",
    "WeekLabelled",
    "BreakerTripped",
    "BreakerLowered",
    "DeskHalted",
    "DeskReleased",
    "FamilyForked",
    "FamilyMerged",
    "GainReinvested",
    "NoticeRaised",
    "WeekClosed",
)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What stopped a candidate at the last entry look of a sleeve, and by how much."""

    sequence: int
    account: str
    candidate: str
    rule: str
    reason: str
    value: str
    limit_value: str
    count: int

    @property
    def symbol(self) -> str:
        """The underlying it was about."""
        return self.candidate.split(" ", 1)[0]


def why_not(side: ReadSide, week: str) -> tuple[WhyNot, ...]:
    """Candidates that became no proposal, as each sleeve's last entry look of the week left them.

    A symbol that was entered in the week already is no puzzle and left out; what stopped several
    parts of a look for one reason is told once.
    """
    found = side.figures(
        WhyNot,
        "FROM turned_down WHERE week = ? AND proposal = '' AND rule != 'cycle.entered' "
        "AND sequence IN (SELECT max(sequence) FROM looks WHERE week = ? AND look = 'entry' "
        "GROUP BY account) ORDER BY account, candidate, rule",
        (week, week),
    )
    return tuple(dict.fromkeys(found))


def happenings(
    side: ReadSide, since: datetime, until: datetime, limit: int = 2_000
) -> tuple[EntryLine, ...]:
    """What happened from one instant to another, the newest `limit` of it, oldest first."""
    marks = ", ".join("?" * len(_HAPPENINGS))
    found = side.lines(
        EntryLine,
        f"FROM lines WHERE kind IN ({marks}) AND recorded_at BETWEEN ? AND ? "
        "ORDER BY sequence DESC LIMIT ?",
        (*_HAPPENINGS, write_instant(since), write_instant(until), limit),
    )
    return tuple(reversed(found))


def newest_notices(side: ReadSide, limit: int = 200) -> tuple[Notice, ...]:
    """What the desk wanted read, the newest first."""
    return tuple(side.figures(Notice, "FROM notices ORDER BY sequence DESC LIMIT ?", (limit,)))
