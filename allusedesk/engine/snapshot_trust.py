"""What each kind of decision has earned, as a screen and the command line show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from allusedesk.approvals.trust import (
    KINDS_OF_TRUST,
    TrustLedger,
    brought_to,
    level_acting,
    level_earned,
    score_of,
)
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import FourEyesAwaited, TrustLevel
from allusedesk.engine.card_people import limit_of
from allusedesk.engine.state import DeskState
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_trading import TrustRules

_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class TrustPicture:
    """One kind: what it has earned, what a person lets trust do, and what it does.

    `level` is earned, `switch` allowed, `acting` the lower of both. Score, agreement and outcome
    are fractions of one, with what idle weeks cost taken off. `wanting` says what the next level
    asks for, empty at the last.
    """

    kind: ProposalKind
    level: TrustLevel
    switch: TrustLevel
    acting: TrustLevel
    score: Decimal
    agreement: Decimal
    outcome: Decimal
    decided: int
    approved: int
    edited: int
    rejected: int
    measured: int
    idle_weeks: int
    wanting: str


@dataclass(frozen=True, slots=True)
class PeoplePicture:
    """Trust of every kind, and above which worst case two persons sign.

    `awaited` is a looser limit that one person asked for and a second one has not yet. `ledger`
    and `day` are what the kinds were drawn from.
    """

    kinds: tuple[TrustPicture, ...] = ()
    second_above: Money | None = None
    awaited: FourEyesAwaited | None = None
    ledger: TrustLedger | None = None
    day: date | None = None


NO_PEOPLE = PeoplePicture()


def people_picture(state: DeskState, before: PeoplePicture = NO_PEOPLE) -> PeoplePicture:
    """Trust and signatures as they stand; no kinds before a desk was opened.

    A picture of `before` that still holds is given back as it is: most entries decide nothing.
    """
    if state.rulebook is None:
        return NO_PEOPLE
    above, awaited = limit_of(state), state.second_awaited
    kinds = before.kinds
    if before.ledger is not state.trust or before.day != state.day:
        kinds = trust_pictures(state.trust, state.day, state.rules)
    elif before.second_above == above and before.awaited == awaited:
        return before
    return PeoplePicture(kinds, above, awaited, state.trust, state.day)


def trust_pictures(ledger: TrustLedger, day: date, rulebook: Rulebook) -> tuple[TrustPicture, ...]:
    """Every kind that can earn trust, in the protocol's order; none where the rulebook has none."""
    rules = rulebook.approvals.trust
    if rules is None:
        return ()
    return tuple(_picture(ledger, kind, day, rules, rulebook) for kind in KINDS_OF_TRUST)


def _picture(
    ledger: TrustLedger, kind: ProposalKind, day: date, rules: TrustRules, rulebook: Rulebook
) -> TrustPicture:
    record = brought_to(ledger.record(kind), day, rules)
    score, level = score_of(record, day, rules), level_earned(record, day, rules)
    return TrustPicture(
        kind=kind,
        level=level,
        switch=ledger.switch(kind),
        acting=level_acting(ledger, kind, day, rulebook),
        score=_shown(score),
        agreement=_shown(record.agreement),
        outcome=_shown(record.outcome),
        decided=record.decided,
        approved=record.approved,
        edited=record.edited,
        rejected=record.rejected,
        measured=record.measured,
        idle_weeks=record.idle_weeks,
        wanting=_wanting(record.decided, score, level, rules),
    )


def _shown(fraction: Decimal) -> Decimal:
    """Never rounded up: a score that is shown as enough is enough."""
    return fraction.quantize(_STEP, rounding=ROUND_DOWN)


def _wanting(decided: int, score: Decimal, level: TrustLevel, rules: TrustRules) -> str:
    """What the next level asks for beyond what there is."""
    step = next((step for step in rules.levels if step.level.rank == level.rank + 1), None)
    if step is None:
        return ""
    asked = []
    if decided < step.decided_min:
        asked.append(f"{step.decided_min - decided} more decided")
    if score < step.score_min:
        asked.append(f"a score of {step.score_min}")
    return f"{step.level.value}: {' and '.join(asked)}"
