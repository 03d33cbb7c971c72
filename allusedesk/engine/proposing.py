"""A wish becomes a proposal: numbered, judged, and put before a person with a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allusedesk.approvals.gate import route
from allusedesk.approvals.trust import Leave
from allusedesk.domain.changing import replace
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import ProposalMade, ProposalRefused, RiskJudged
from allusedesk.domain.identifiers import ProposalId, proposal_id
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.proposals import Proposal, RuleReference
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.allowing import announce
from allusedesk.engine.card_people import leave_of, limit_of
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.orders import question_of, subject_of
from allusedesk.engine.sleeve_views import account_around, cash_free, issuer_rooms, ladder_cash
from allusedesk.protocol.deadlines import expires_at
from allusedesk.protocol.views import SleeveView, Wish
from allusedesk.risk.alternatives import greeks_of, neighbours_of
from allusedesk.risk.limits import Standing, judge
from allusedesk.risk.probability import probability_of_proposal


def propose_all(
    draft: Draft,
    wishes: Iterable[Wish],
    view: SleeveView,
    snapshot: MarketSnapshot,
    window_end: datetime,
) -> tuple[ProposalId, ...]:
    """Make, judge and ask for each wish in turn; returns those that were put before a person.

    No deadline lies beyond `window_end`. What a person turned down today is not asked again.
    """
    made = []
    for wish in wishes:
        if draft.state.unwanted.get(question_of(wish)) != draft.state.day:
            asked = _propose(draft, wish, view, snapshot, window_end)
            if asked is not None:
                made.append(asked)
    return tuple(made)


def propose_asked(
    draft: Draft, wish: Wish, view: SleeveView, snapshot: MarketSnapshot, window_end: datetime
) -> ProposalId | None:
    """As `propose_all` for what a person asked for: put again even if it was turned down today."""
    return _propose(draft, wish, view, snapshot, window_end)


def _propose(
    draft: Draft,
    wish: Wish,
    view: SleeveView,
    snapshot: MarketSnapshot,
    window_end: datetime,
) -> ProposalId | None:
    proposal = _proposal_of(draft, wish, window_end)
    if any(is_about_the_same(ticket.proposal, proposal) for ticket in draft.state.tickets.values()):
        return None
    standing = _standing(draft, view, proposal)
    made = draft.record(ProposalMade(proposal))
    leave, above = leave_of(draft.state, proposal), limit_of(draft.state)
    if proposal.legs:
        asked = _judged(draft, proposal, standing, snapshot, made, leave)
    else:
        asked = route(proposal, None, leave, above)
    if isinstance(asked, ProposalRefused):
        return None
    if isinstance(asked, Leave):
        announce(draft, proposal, asked, snapshot)
    draft.wish(AskOperator(proposal))
    return proposal.id


def propose_exit(
    draft: Draft, wish: Wish, view: SleeveView, snapshot: MarketSnapshot, window_end: datetime
) -> Proposal | None:
    """Make and judge an exit, which asks nobody; None where our own checks refused it."""
    proposal = _proposal_of(draft, wish, window_end)
    made = draft.record(ProposalMade(proposal))
    asked = _judged(draft, proposal, _standing(draft, view, proposal), snapshot, made)
    return None if isinstance(asked, ProposalRefused) else proposal


def is_about_the_same(open_one: Proposal, proposal: Proposal) -> bool:
    """True where an open proposal asks for the same already, or closes one of the same lots."""
    ours = {leg.closes for leg in proposal.legs if leg.closes is not None}
    theirs = {leg.closes for leg in open_one.legs if leg.closes is not None}
    return bool(ours & theirs) or subject_of(open_one) == subject_of(proposal)


def _standing(draft: Draft, view: SleeveView, proposal: Proposal) -> Standing:
    """The sleeve as it stands after the proposals made a moment ago, without this one."""
    state = draft.state
    symbols = view.symbols
    if proposal.is_of_strategy and proposal.legs[0].instrument.underlying not in symbols:
        symbols = (*symbols, proposal.legs[0].instrument.underlying)
    rooms = issuer_rooms(state, symbols, draft.values)
    free = cash_free(state, view.account)
    if proposal.is_rung:
        free = free + ladder_cash(state, view.account)
    # Our checks see every lot of the sleeve, whoever manages it.
    lots = state.book.positions_of(view.account)
    view = replace(view, cash_free=free, issuer_rooms=rooms, lots=lots)
    return Standing(view, tuple(state.orders.values()), account_around(state, draft.values))


def _judged(
    draft: Draft,
    proposal: Proposal,
    standing: Standing,
    snapshot: MarketSnapshot,
    made: int,
    leave: Leave | None = None,
) -> ProposalRefused | AskOperator | Leave:
    """Our own checks on record, and where the proposal goes from there."""
    verdict = judge(proposal, draft.state.book, standing, snapshot, draft.state.rules)
    routed = route(proposal, verdict, leave, limit_of(draft.state))
    if isinstance(routed, ProposalRefused):
        draft.record(routed, cause=made)
        return routed
    judged = RiskJudged(
        proposal.id,
        verdict.comparisons,
        verdict.warnings,
        verdict.worst_case,
        verdict.scenarios,
        verdict.break_evens,
        verdict.collateral_before,
        verdict.collateral_after,
        verdict.cash_free_after,
        probability_of_proposal(proposal, snapshot),
        greeks_of(proposal, snapshot),
        neighbours_of(proposal, draft.state.book, standing.view, snapshot, draft.state.rules),
        draft.look,
    )
    draft.record(judged, cause=made)
    return routed


def _proposal_of(draft: Draft, wish: Wish, window_end: datetime) -> Proposal:
    state = draft.state
    week = state.week_id
    return Proposal(
        id=proposal_id(week, wish.account, state.proposals_made + 1),
        account=wish.account,
        week=week,
        kind=wish.kind,
        legs=wish.legs,
        quantity=wish.quantity,
        credit_net=wish.credit_net,
        rule=RuleReference(wish.strategy or state.rules.id, wish.rule),
        reason=wish.reason,
        comparisons=wish.comparisons,
        turned_down=wish.turned_down,
        snapshot_sequence=draft.entry.sequence,
        made_at=state.instant,
        expires_at=expires_at(
            wish.kind, state.instant, window_end, _days_to_expiry(draft, wish), state.rules
        ),
        spot=wish.spot,
        amounts=wish.amounts,
        most_earnable=wish.most_earnable,
        target=wish.target,
        concerns=wish.concerns,
        note=wish.note,
        credit_least=wish.credit_least,
        is_modelled=wish.is_modelled,
    )


def _days_to_expiry(draft: Draft, wish: Wish) -> int | None:
    """Days to the nearest expiry among the legs; None where none expires."""
    days = [
        (leg.instrument.expiry - draft.state.day).days
        for leg in wish.legs
        if isinstance(leg.instrument, OptionContract)
    ]
    return min(days, default=None)
