"""Signatures, levels of trust and the settings a person gives them, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.terms import TermsSeen

# Who grants what no person granted: a rehearsal's policy, an exit's clause, trust that was earned.
POLICY = "policy:"
STANDING_AUTHORITY = "standing authority of"
TRUST = "trust at level"


class TrustLevel(Enum):
    """How much one kind of decision has earned; each level lets the desk do a little more."""

    INITIAL = "initial"
    LEARNING = "learning"
    MATURE = "mature"
    EXPERT = "expert"

    @property
    def rank(self) -> int:
        """Zero for the first level."""
        return list(TrustLevel).index(self)


def is_person(name: str) -> bool:
    """True for a person's name: no policy, no standing authority, no trust, and not empty."""
    return bool(name.strip()) and not name.startswith((POLICY, STANDING_AUTHORITY, TRUST))


def is_same_person(one: str, other: str) -> bool:
    """True where two names differ in blanks and capitals at most."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True, slots=True)
class TrustSwitched:
    """A person lets trust act for one kind up to a level; `INITIAL` switches it off."""

    kind: ProposalKind
    level: TrustLevel
    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SecondSignatureSet:
    """A person sets the worst case above which a second one has to sign; None asks for none."""

    above: Money | None
    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrustAllowed:
    """From now on trust acts for a kind up to this level, as far as it has been earned."""

    kind: ProposalKind
    level: TrustLevel
    operator: str


@dataclass(frozen=True, slots=True)
class FourEyesAwaited:
    """A looser limit was asked for, which a second, different person has to ask for as well."""

    above: Money | None
    operator: str


@dataclass(frozen=True, slots=True)
class FourEyesChanged:
    """The worst case above which two persons have to sign; by one person, or by two if looser."""

    above: Money | None
    operator: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class ProposalSigned:
    """The first of two persons said yes; nothing is sent before the second has.

    `quantity` and `limit` are those of an edited answer, `seen` is what the card showed.
    """

    proposal: ProposalId
    operator: str
    signed_at: datetime
    quantity: int | None
    limit: Price | None
    seen: TermsSeen


@dataclass(frozen=True, slots=True)
class ApprovalAnnounced:
    """Trust approves a proposal at `acts_at` unless a person says no before.

    `seen` is what the market showed when it was announced: sent is only what is still so.
    """

    proposal: ProposalId
    level: TrustLevel
    score: Decimal
    acts_at: datetime
    seen: TermsSeen


@dataclass(frozen=True, slots=True)
class AnnouncementWithdrawn:
    """Trust does not approve what it had announced; the question waits for a person."""

    proposal: ProposalId
    reason: str
