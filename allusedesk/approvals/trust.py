"""`TrustLedger`: what each kind of decision has earned, folded from past decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from immutables import Map

from allusedesk.domain.book import LotChange
from allusedesk.domain.changing import replace
from allusedesk.domain.events import OutcomeClassified, ProposalApproved, ProposalCompleted
from allusedesk.domain.identifiers import PositionId, ProposalId
from allusedesk.domain.proposals import Proposal, ProposalKind, Side
from allusedesk.domain.trust import (
    POLICY,
    STANDING_AUTHORITY,
    TrustAllowed,
    TrustLevel,
    is_person,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_trading import TrustRules

# An exit waits for nobody as it is, and whether to go on after a stop is a person's to say. A new
# rulebook, a reset and live arming are no proposals, so trust never meets them.
NEVER_BY_TRUST = frozenset({ProposalKind.EMERGENCY_EXIT, ProposalKind.RESUME})
# A wish of a person's own, such as `operator.close`: agreeing with oneself proves nothing.
_BY_HAND = "operator."
KINDS_OF_TRUST = tuple(kind for kind in ProposalKind if kind not in NEVER_BY_TRUST)
_NONE = Decimal(0)
_WHOLE = Decimal(1)
_INTERIM = "interim"
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class TrustRecord:
    """What became of the decisions of one kind.

    `agreed` and `borne_out` are sums of worths from 0 to 1, over `decided` proposals and over
    `measured` results; idle weeks take their share off both sums, `idle_weeks` of them so far.
    `week` is the Monday of the last decision's week.
    """

    decided: int = 0
    agreed: Decimal = _NONE
    measured: int = 0
    borne_out: Decimal = _NONE
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    week: date | None = None
    idle_weeks: int = 0

    @property
    def agreement(self) -> Decimal:
        """The part of the proposals that persons agreed to; zero where none was decided."""
        return self.agreed / self.decided if self.decided else _NONE

    @property
    def outcome(self) -> Decimal:
        """The part of what was carried out that bore out; zero where nothing was measured."""
        return self.borne_out / self.measured if self.measured else _NONE


@dataclass(frozen=True, slots=True)
class Underway:
    """An approved proposal that is not over: what its approval was worth, None for trust's own.

    `covers` are the shares its calls are sold on; `is_watched` tells that a lot of it will be
    measured at the end of its week.
    """

    kind: ProposalKind
    quantity: int
    worth: Decimal | None
    covers: tuple[PositionId, ...] = ()
    is_watched: bool = False


@dataclass(frozen=True, slots=True)
class TrustLedger:
    """Every kind's record and switch, and what is still under way or waits for its result."""

    records: Map[ProposalKind, TrustRecord] = field(default_factory=Map)
    switches: Map[ProposalKind, TrustLevel] = field(default_factory=Map)
    underway: Map[ProposalId, Underway] = field(default_factory=Map)
    watched: Map[PositionId, ProposalKind] = field(default_factory=Map)

    def record(self, kind: ProposalKind) -> TrustRecord:
        """The record of a kind, empty where nothing was decided yet."""
        return self.records.get(kind, TrustRecord())

    def switch(self, kind: ProposalKind) -> TrustLevel:
        """Up to which level a person lets trust act for a kind."""
        return self.switches.get(kind, TrustLevel.INITIAL)


@dataclass(frozen=True, slots=True)
class Leave:
    """What trust may do about one proposal: approve it at `acts_at`, or nothing but pre-tick it."""

    level: TrustLevel
    score: Decimal
    acts_at: datetime | None


def monday_of(day: date) -> date:
    """The Monday of a day's week, by which idle weeks are counted."""
    return day - timedelta(days=day.weekday())


def brought_to(record: TrustRecord, day: date, rules: TrustRules) -> TrustRecord:
    """The record as it stands on a day: each whole week without a decision costs its part.

    The week of the last decision and the present one are not idle. Bringing a record to the same
    day, or to an earlier one, changes nothing.
    """
    if record.week is None:
        return record
    idle = max((monday_of(day) - record.week) // _WEEK - 1, 0)
    if idle <= record.idle_weeks:
        return record
    kept = (_WHOLE - rules.idle_decay) ** (idle - record.idle_weeks)
    return replace(
        record, agreed=record.agreed * kept, borne_out=record.borne_out * kept, idle_weeks=idle
    )


def score_of(record: TrustRecord, day: date, rules: TrustRules) -> Decimal:
    """Agreement and outcome, weighed by the rulebook; from 0 to 1."""
    now = brought_to(record, day, rules)
    return rules.agreement_weight * now.agreement + rules.outcome_weight * now.outcome


def level_earned(record: TrustRecord, day: date, rules: TrustRules) -> TrustLevel:
    """The highest level whose count and score the record reaches on a day."""
    score, earned = score_of(record, day, rules), TrustLevel.INITIAL
    for step in rules.levels:
        if record.decided >= step.decided_min and score >= step.score_min:
            earned = step.level
    return earned


def level_acting(
    ledger: TrustLedger, kind: ProposalKind, day: date, rulebook: Rulebook
) -> TrustLevel:
    """The level trust acts at: what was earned, and never above what a person switched on."""
    rules = rulebook.approvals.trust
    if rules is None or kind in NEVER_BY_TRUST:
        return TrustLevel.INITIAL
    earned, switch = level_earned(ledger.record(kind), day, rules), ledger.switch(kind)
    return min(earned, switch, key=lambda level: level.rank)


def concerns_trust(proposal: Proposal) -> bool:
    """True for what the desk proposes by its rules, of a kind that can earn trust.

    What strategies want is always asked: what the protocol's entries earned speaks for no other's.
    """
    is_own = not proposal.rule.rule.startswith(_BY_HAND) and not proposal.is_of_strategy
    return is_own and proposal.kind not in NEVER_BY_TRUST


def leave_for(
    ledger: TrustLedger, proposal: Proposal, now: datetime, day: date, rulebook: Rulebook
) -> Leave:
    """What trust may do about a proposal, were nothing else against it.

    A veto that would not end before the proposal's deadline leaves it to a person.
    """
    rules = rulebook.approvals.trust
    if rules is None or not concerns_trust(proposal):
        return Leave(TrustLevel.INITIAL, _NONE, None)
    level = level_acting(ledger, proposal.kind, day, rulebook)
    score = score_of(ledger.record(proposal.kind), day, rules)
    acts_at = None
    if level is TrustLevel.EXPERT:
        acts_at = now
    elif level is TrustLevel.MATURE:
        acts_at = now + timedelta(minutes=rules.veto_minutes)
    if acts_at is not None and acts_at >= proposal.expires_at:
        acts_at = None
    return Leave(level, score, acts_at)


def with_approval(
    ledger: TrustLedger, proposal: Proposal, event: ProposalApproved, rulebook: Rulebook
) -> TrustLedger:
    """Remember an approval until its proposal is over; a policy's proves nothing about a person."""
    rules = rulebook.approvals.trust
    is_bare = event.granted_by.startswith((POLICY, STANDING_AUTHORITY))
    if rules is None or is_bare or not concerns_trust(proposal):
        return ledger
    worth: Decimal | None = None
    if is_person(event.granted_by):
        is_edited = event.quantity is not None or event.limit is not None
        worth = rules.edited_worth if is_edited else _WHOLE
    quantity = proposal.quantity if event.quantity is None else event.quantity
    covers = tuple(
        leg.linked_to
        for leg in proposal.legs
        if leg.linked_to is not None and leg.side is Side.SELL
    )
    begun = Underway(proposal.kind, quantity, worth, covers)
    return replace(ledger, underway=ledger.underway.set(proposal.id, begun))


def with_refusal(
    ledger: TrustLedger, proposal: Proposal, operator: str, day: date, rulebook: Rulebook
) -> TrustLedger:
    """Count a person's no, a veto included, as a decision that agreed to nothing."""
    rules = rulebook.approvals.trust
    if rules is None or not is_person(operator) or not concerns_trust(proposal):
        return ledger
    record = _decided(ledger.record(proposal.kind), _NONE, day, rules)
    record = replace(record, rejected=record.rejected + 1)
    return replace(ledger, records=ledger.records.set(proposal.kind, record))


def without(ledger: TrustLedger, proposal: ProposalId) -> TrustLedger:
    """Forget an approval of which nothing came, such as one that was void before it was sent."""
    if proposal not in ledger.underway:
        return ledger
    return replace(ledger, underway=ledger.underway.delete(proposal))


def with_lots(
    ledger: TrustLedger, proposal: ProposalId, changes: Iterable[LotChange]
) -> TrustLedger:
    """Watch what a fill opened: a put for its own outcome, a call for that of its shares."""
    begun = ledger.underway.get(proposal)
    if begun is None:
        return ledger
    opened = [
        change.after.id
        for change in changes
        if change.before is None and change.after is not None and change.after.is_short_put
    ]
    watched = ledger.watched
    for lot in (*opened, *begun.covers):
        watched = watched.set(lot, begun.kind)
    if watched is ledger.watched:
        return ledger
    underway = ledger.underway.set(proposal, replace(begun, is_watched=True))
    return replace(ledger, watched=watched, underway=underway)


def with_end(
    ledger: TrustLedger, event: ProposalCompleted, day: date, rulebook: Rulebook
) -> TrustLedger:
    """Count a decision that was carried out; what no week will measure is measured by its share."""
    begun, rules = ledger.underway.get(event.proposal), rulebook.approvals.trust
    if begun is None or rules is None:
        return ledger
    record = ledger.record(begun.kind)
    if begun.worth is not None:
        record = _decided(record, begun.worth, day, rules)
        is_edited = begun.worth != _WHOLE
        record = replace(
            record,
            approved=record.approved + (not is_edited),
            edited=record.edited + is_edited,
        )
    if not begun.is_watched:
        whole = begun.quantity
        done = _WHOLE if not whole else min(Decimal(event.quantity_done) / whole, _WHOLE)
        record = _measured(record, done, day, rules)
    ledger = without(ledger, event.proposal)
    return replace(ledger, records=ledger.records.set(begun.kind, record))


def with_outcome(
    ledger: TrustLedger, event: OutcomeClassified, day: date, rulebook: Rulebook
) -> TrustLedger:
    """Count how a watched lot ended its week, against what a week is expected to earn."""
    rules = rulebook.approvals.trust
    kind = ledger.watched.get(event.position) if event.position is not None else None
    if kind is None or event.position is None or rules is None or event.tag == _INTERIM:
        return ledger
    worth = worth_of_outcome(event.outcome, rulebook, rules)
    record = _measured(ledger.record(kind), worth, day, rules)
    return replace(
        ledger,
        records=ledger.records.set(kind, record),
        watched=ledger.watched.delete(event.position),
    )


def worth_of_outcome(code: str, rulebook: Rulebook, rules: TrustRules) -> Decimal:
    """An outcome's weekly target against the expected one, from 0 to 1."""
    row = rulebook.outcomes.row(code)
    target = (row.target_low + row.target_high) / 2
    return min(max(target / rules.outcome_expected, _NONE), _WHOLE)


def with_switch(ledger: TrustLedger, event: TrustAllowed) -> TrustLedger:
    """Take a person's switch of one kind."""
    return replace(ledger, switches=ledger.switches.set(event.kind, event.level))


def _decided(record: TrustRecord, worth: Decimal, day: date, rules: TrustRules) -> TrustRecord:
    now = brought_to(record, day, rules)
    return replace(
        now,
        decided=now.decided + 1,
        agreed=now.agreed + worth,
        week=monday_of(day),
        idle_weeks=0,
    )


def _measured(record: TrustRecord, worth: Decimal, day: date, rules: TrustRules) -> TrustRecord:
    now = brought_to(record, day, rules)
    return replace(now, measured=now.measured + 1, borne_out=now.borne_out + worth)
