"""Questions about persons' answers: whom the desk was overruled by, how often and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allusedesk.journal.read_side import ReadSide


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """One answer that changed or refused what was proposed, in the person's own words.

    `effect` is edited, rejected or vetoed; `reason` may be empty.
    """

    sequence: int
    recorded_at: datetime
    id: str
    account: str
    kind: str
    operator: str
    effect: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a kind of decision was changed or refused for one reason."""

    kind: str
    effect: str
    reason: str
    count: int


def reasons_given(side: ReadSide, kind: str = "", limit: int = 200) -> tuple[ReasonGiven, ...]:
    """Answers that overruled the desk, the newest first; of one kind, or of all."""
    return tuple(
        side.figures(
            ReasonGiven,
            "FROM answers WHERE effect IN ('edited', 'rejected', 'vetoed') "
            "AND (? = '' OR kind = ?) ORDER BY sequence DESC LIMIT ?",
            (kind, kind, limit),
        )
    )


def reason_counts(side: ReadSide) -> tuple[ReasonCount, ...]:
    """Every reason by kind, the most frequent first."""
    rows = side.rows(
        "SELECT kind, effect, reason, count(*) FROM answers "
        "WHERE effect IN ('edited', 'rejected', 'vetoed') GROUP BY kind, effect, reason "
        "ORDER BY kind, count(*) DESC, effect, reason"
    )
    return tuple(ReasonCount(*row) for row in rows)


def answers_by_effect(side: ReadSide) -> dict[str, int]:
    """How many answers of persons came to what."""
    return side.pairs("SELECT effect, count(*) FROM answers GROUP BY effect ORDER BY effect")
