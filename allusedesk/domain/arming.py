"""Live arming: what a person states, what was measured, and the facts that follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from allusedesk.domain.weeks import WeekId

# What the desk trades, as brokers approve it: each needs a level of its own.
STRATEGIES = ("cash-secured puts", "covered calls", "long options")


def confirmation_of(account: str) -> str:
    """The words a person types to arm a desk for this account."""
    return f"LIVE {account}"


@dataclass(frozen=True, slots=True)
class StrategyPermission:
    """The options level the broker has approved for one strategy, as the account's owner says."""

    strategy: str
    level: int


@dataclass(frozen=True, slots=True)
class TraderDeclaration:
    """What only a person can say before real orders leave the desk.

    `profile` is the account's kind and owner in a few words. `disclosure_on` is the day on which
    the options disclosure document was received. `adviser` is who confirmed in writing that the
    money may be traded so, where it is not the trader's own.
    """

    permissions: tuple[StrategyPermission, ...]
    profile: str
    disclosure_on: date | None
    is_own_money: bool
    adviser: str = ""


@dataclass(frozen=True, slots=True)
class PaperWeek:
    """A week that was closed on paper without a difference or a halt, and where that stands."""

    week: WeekId
    journal: str
    chain_head: str


@dataclass(frozen=True, slots=True)
class ArmingEvidence:
    """What the desk has measured itself, right before it is asked to be armed.

    Times in seconds; None where nothing could be measured. `journal_fault` is empty for a record
    whose chain of hashes holds. `is_unlocked` says that the lock's passphrase was just given.
    """

    measured_at: datetime
    is_line_up: bool
    account: str
    is_paper: bool | None
    margin_kind: str
    options_level: int | None
    clock_offset_seconds: float | None
    quote_age_seconds: float | None
    entries_verified: int
    chain_head: str
    journal_fault: str
    paper_weeks: tuple[PaperWeek, ...]
    is_unlocked: bool


@dataclass(frozen=True, slots=True)
class ArmingLine:
    """One line of the checklist: whether it holds, and what that rests on, in a sentence."""

    name: str
    passed: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ArmedBy:
    """Who armed the desk, when, and for which account."""

    operator: str
    account: str
    is_paper: bool
    armed_at: datetime


@dataclass(frozen=True, slots=True)
class ArmingRequested:
    """A person asks to arm the live desk; `typed` is the confirmation as it was typed."""

    operator: str
    typed: str
    declaration: TraderDeclaration
    evidence: ArmingEvidence


@dataclass(frozen=True, slots=True)
class DisarmingRequested:
    """A person disarms the live desk."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiveArmed:
    """Orders may leave the live desk from now on, by this checklist."""

    operator: str
    account: str
    is_paper: bool
    lines: tuple[ArmingLine, ...]


@dataclass(frozen=True, slots=True)
class ArmingRefused:
    """The checklist does not hold, so the desk stays as it was."""

    operator: str
    lines: tuple[ArmingLine, ...]


@dataclass(frozen=True, slots=True)
class LiveDisarmed:
    """No order leaves the live desk any more until a person arms it again."""

    reason: str
