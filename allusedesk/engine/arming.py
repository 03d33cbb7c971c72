"""Live arming in the step: armed by a checklist alone, disarmed by anything that casts doubt."""

from __future__ import annotations

from datetime import datetime

from allusedesk.approvals.arming import DeskFacts, arming_lines
from allusedesk.domain.arming import (
    ArmingEvidence,
    ArmingLine,
    ArmingRefused,
    ArmingRequested,
    DisarmingRequested,
    LiveArmed,
    LiveDisarmed,
    TraderDeclaration,
)
from allusedesk.domain.changing import replace
from allusedesk.domain.inputs import Mode
from allusedesk.engine.draft import Draft
from allusedesk.engine.sending import take_back
from allusedesk.engine.state import NEW_YORK, DeskState


def checklist(
    state: DeskState, evidence: ArmingEvidence, declaration: TraderDeclaration, typed: str
) -> tuple[ArmingLine, ...]:
    """The checklist as it stands now; pure, so that a screen shows what the step will judge."""
    facts = DeskFacts(
        now=state.instant,
        today=state.day,
        compared_at=state.compared_at,
        halted_by=state.halted_by,
        killed_at=state.killed_at,
        killed_on=None if state.killed_at is None else state.killed_at.astimezone(NEW_YORK).date(),
        sleeves=sum(1 for pile in state.book.cash.values() if pile.whole),
    )
    return arming_lines(facts, evidence, declaration, typed, state.rules)


def checklist_at(
    state: DeskState,
    at: datetime,
    evidence: ArmingEvidence,
    declaration: TraderDeclaration,
    typed: str,
) -> tuple[ArmingLine, ...]:
    """The checklist as it would be judged at an instant, of a desk that last thought earlier."""
    return checklist(replace(state, now=at), evidence, declaration, typed)


def on_arming(draft: Draft, event: ArmingRequested) -> None:
    """Arm the desk if every line holds; a desk that is no live one is never armed."""
    state, evidence = draft.state, event.evidence
    lines = checklist(state, evidence, event.declaration, event.typed)
    is_live = state.mode is Mode.LIVE
    lines = (ArmingLine("live desk", is_live, f"This desk runs as {state.mode.value}."), *lines)
    if all(line.passed for line in lines):
        is_paper = evidence.is_paper is True
        draft.record(LiveArmed(event.operator, evidence.account, is_paper, lines))
    else:
        draft.record(ArmingRefused(event.operator, lines))


def on_disarming(draft: Draft, event: DisarmingRequested) -> None:
    """A person's word disarms at once, without a question."""
    disarm(draft, f"{event.operator}: {event.reason}")


def disarm(draft: Draft, reason: str) -> None:
    """Let no order leave any more, and take back the openings that still rest.

    What protects stays at the broker until it fills, for nothing new could take its place.
    """
    if draft.state.armed is not None:
        _let_go(draft, reason)


def on_restart(draft: Draft, before: DeskState) -> None:
    """A desk that was armed when it stopped goes on disarmed, and says so."""
    if before.armed is not None:
        _let_go(draft, "the desk started again")


def _let_go(draft: Draft, reason: str) -> None:
    draft.record(LiveDisarmed(reason))
    for name in sorted(draft.state.orders):
        order = draft.state.orders[name]
        if order.is_opening and name not in draft.state.taken_back:
            take_back(draft, order, f"disarmed: {reason}")
