"""People at a simulated desk: what they answer, late or never, and what they do unasked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from allusedesk.domain.accounts import FamilyId
from allusedesk.domain.inputs import (
    Answer,
    CapitalDeposited,
    CapitalWithdrawn,
    Input,
    Instruction,
    OperatorAsked,
    OperatorDecided,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal
from allusedesk.engine.state import NEW_YORK, DeskState
from tests.simulation.dice import Dice

PERSON = "simulated person"
LATE_SECONDS_MIN, LATE_SECONDS_MAX = 30, 3_600


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person does unasked; `size` from 0 to 1 says how much, or to which lot."""

    number: int
    at: datetime
    what: str
    size: float


class SimulatedOperator:
    """A person who mostly says yes, sometimes no, late, with changes, or nothing at all."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.later: list[tuple[datetime, OperatorDecided]] = []

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        dice = self._dice
        if dice.happens("no answer", proposal.id):
            return None
        if dice.happens("rejection", proposal.id):
            return OperatorDecided(proposal.id, Answer.REJECT, PERSON, "not today")
        yes = OperatorDecided(proposal.id, Answer.APPROVE, PERSON)
        if proposal.legs and dice.happens("edit", proposal.id):
            yes = _edited(proposal, dice.amount())
        elif proposal.legs and dice.happens("beside the rules", proposal.id):
            more = proposal.quantity + 1 + int(5 * dice.amount())
            yes = OperatorDecided(proposal.id, Answer.APPROVE, PERSON, "more", quantity=more)
        if dice.happens("late answer", proposal.id):
            late = LATE_SECONDS_MIN + dice.amount() * (LATE_SECONDS_MAX - LATE_SECONDS_MIN)
            self.later.append((dice.now() + timedelta(seconds=late), yes))
            return None
        return yes


def _edited(proposal: Proposal, drawn: float) -> OperatorDecided:
    """Fewer units, and at times a somewhat better price."""
    quantity = max(1, round(proposal.quantity * drawn))
    limit = proposal.credit_net
    if limit is not None and drawn > 0.5:
        limit = Price((limit.per_unit + Decimal("0.01")).quantize(Decimal("0.01")))
    else:
        limit = None
    return OperatorDecided(
        proposal.id, Answer.APPROVE, PERSON, "smaller", quantity=quantity, limit=limit
    )


def inputs_of(act: Act, state: DeskState, family: FamilyId) -> Input | None:
    """What reaches the desk from a person's act, as the desk stands then."""
    reason = "a whim"
    if act.what in ("kill", "reset", "pause", "continue"):
        return OperatorInstructed(Instruction(act.what), PERSON, reason)
    amount = Money(Decimal(int(1_000 + 60_000 * act.size)))
    today = act.at.astimezone(NEW_YORK).date()
    if act.what == "deposit":
        return CapitalDeposited(family, amount, today)
    accounts = sorted(state.book.accounts)
    if not accounts:
        return None
    account = accounts[int(act.size * len(accounts)) % len(accounts)]
    if act.what == "withdraw":
        return CapitalWithdrawn(account, amount, today)
    request, lots = OperatorRequest(act.what), sorted(state.book.positions)
    subject = {
        OperatorRequest.CANCEL: "",
        OperatorRequest.CLASSIFY: str(state.week.id) if state.week is not None else "",
        OperatorRequest.FORK: account,
        OperatorRequest.MERGE: family,
    }.get(request)
    if subject is None:
        if not lots:
            return None
        subject = lots[int(act.size * len(lots)) % len(lots)]
    return OperatorAsked(request, subject, PERSON, reason)


@dataclass
class Person:
    """Does what was planned when its time has come."""

    acts: list[Act]
    dice: Dice
    family: FamilyId
    state: Callable[[], DeskState]

    def next_at(self) -> datetime | None:
        return self.acts[0].at if self.acts else None

    def due(self, to: datetime) -> list[Input]:
        found = []
        while self.acts and self.acts[0].at <= to:
            act = self.acts.pop(0)
            event = inputs_of(act, self.state(), self.family)
            if event is not None:
                self.dice.note(("instruction", act.number), act.what)
                found.append(event)
        return found
