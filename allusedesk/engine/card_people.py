"""Who has to answer a proposal: one person, two, or trust for as long as nobody says no."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.approvals.four_eyes import limit_in_force, needs_second
from allusedesk.approvals.trust import Leave, concerns_trust, leave_for
from allusedesk.domain.accounts import kind_of
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.trust import ApprovalAnnounced, ProposalSigned, TrustLevel
from allusedesk.engine.state import DeskState, Ticket


@dataclass(frozen=True, slots=True)
class CardPeople:
    """Who signs, who has, and what trust would do.

    `second_above` is the limit that makes `needs_second`. `level` is what trust acts at for the
    kind, `score` what the kind has earned; with `is_pre_ticked` trust would approve, and a person
    decides. `announced` is what it will do by itself.
    """

    needs_second: bool = False
    second_above: Money | None = None
    signed: ProposalSigned | None = None
    level: TrustLevel = TrustLevel.INITIAL
    score: Decimal | None = None
    is_pre_ticked: bool = False
    announced: ApprovalAnnounced | None = None


NOBODY = CardPeople()


def limit_of(state: DeskState) -> Money | None:
    """The worst case above which two persons have to sign; None asks for one."""
    return limit_in_force(state.second_above, state.rules)


def leave_of(state: DeskState, proposal: Proposal) -> Leave | None:
    """What trust may do about a proposal; None where a person has to answer in any case.

    A put sold in a sleeve that stands below its greatest drawdown goes on only because VIX is
    high: section 9 wants a person's word on each.
    """
    rules = state.rules
    if not concerns_trust(proposal):
        return None
    sleeve = state.sleeves.get(proposal.account)
    most = rules.account(kind_of(proposal.account)).drawdown_max
    if proposal.kind is ProposalKind.ENTRY and sleeve is not None and sleeve.drawdown >= most:
        return None
    return leave_for(state.trust, proposal, state.instant, state.day, rules)


def people_of(state: DeskState, ticket: Ticket) -> CardPeople:
    """Who answers an open question, as its card shows it."""
    proposal, above = ticket.proposal, limit_of(state)
    is_second = ticket.signed is not None or needs_second(proposal, None, above)
    leave = None if is_second else leave_of(state, proposal)
    level = TrustLevel.INITIAL if leave is None else leave.level
    if not is_second and level is TrustLevel.INITIAL and ticket.announced is None:
        return NOBODY
    return CardPeople(
        needs_second=is_second,
        second_above=above if is_second else None,
        signed=ticket.signed,
        level=level,
        score=None if leave is None else leave.score,
        is_pre_ticked=level is not TrustLevel.INITIAL,
        announced=ticket.announced,
    )
