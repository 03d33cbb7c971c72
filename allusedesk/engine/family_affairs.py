"""Forks, merges, reinvestment and recovery, once they were approved."""

from __future__ import annotations

from allusedesk.domain.accounts import (
    Account,
    AccountKind,
    Family,
    FamilyId,
    account_id,
    family_of,
    kind_of,
)
from allusedesk.domain.events import (
    BreakerLowered,
    CashBooked,
    FamilyForked,
    FamilyMerged,
    FamilyOpened,
    GainReinvested,
    MergeBegun,
    ProposalCompleted,
    ProposalVoided,
    RecoveryBegun,
    SleeveState,
    SleeveThawed,
)
from allusedesk.domain.money import total
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.engine.draft import Draft
from allusedesk.engine.sleeve_views import cash_free
from allusedesk.portfolio.transfers import Transfer, book_transfer
from allusedesk.protocol.forking import fork_shares
from allusedesk.protocol.levels import FREEZE_EXIT
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.recovery import begin_recovery as terms_of_recovery
from allusedesk.risk.circuit_breakers import Breaker


def carry_out(draft: Draft, proposal: Proposal) -> None:
    """Do what an approved proposal without legs asks for."""
    match proposal.kind:
        case ProposalKind.FORK:
            _fork(draft, proposal)
        case ProposalKind.MERGE:
            _begin_merge(draft, proposal)
        case ProposalKind.REINVESTMENT:
            _reinvest(draft, proposal)
        case ProposalKind.RESUME:
            _resume(draft, proposal)
        case _:
            draft.record(ProposalCompleted(proposal.id, 0, "noted; nothing is to be traded"))


def begin_recovery(draft: Draft, proposal: Proposal) -> None:
    """GBR-4 was approved: the raised buffer and the smaller sizes set in."""
    for position in proposal.concerns:
        terms = terms_of_recovery(position, draft.state.day, draft.state.rules)
        draft.record(RecoveryBegun(proposal.account, position, terms.until))


def finish_merges(draft: Draft) -> None:
    """Bring home the cash of every merging family that holds nothing any more."""
    for family in sorted(draft.state.merging):
        into = draft.state.merging[family]
        book = draft.state.book
        accounts = book.accounts_of(family)
        holds = any(book.positions_of(account.id) for account in accounts)
        waits = any(book.cash[account.id].pending for account in accounts)
        if holds or waits or _has_open_tickets(draft, family):
            continue
        piles = [(account.id, book.cash[account.id].settled) for account in accounts]
        whole = total([amount for _, amount in piles])
        moves = [Transfer(account, -amount) for account, amount in piles if amount]
        if moves:
            booking = book_transfer(book, [*moves, Transfer(into, whole)], draft.state.day, "merge")
            draft.record(CashBooked(booking, "merge"))
        draft.record(FamilyMerged(family, into, whole))


def _has_open_tickets(draft: Draft, family: FamilyId) -> bool:
    return any(
        family_of(ticket.proposal.account) == family for ticket in draft.state.tickets.values()
    )


def _fork(draft: Draft, proposal: Proposal) -> None:
    """The surplus leaves the sleeve for a new family, shared as the rulebook says."""
    state = draft.state
    surplus = proposal.amount("surplus")
    free = cash_free(state, proposal.account)
    if free < surplus:
        reason = f"{free} is free and settled, the surplus is {surplus}"
        draft.record(ProposalVoided(proposal.id, "fork.cash_short", reason))
        return
    parts = [
        part for part in fork_shares(kind_of(proposal.account), surplus, state.rules) if part.amount
    ]
    family = FamilyId(f"F{state.families_made + 1}")
    parent = family_of(proposal.account)
    accounts = tuple(
        Account(account_id(family, part.account), family, part.account, state.day) for part in parts
    )
    amounts = tuple(part.amount for part in parts)
    draft.record(FamilyOpened(Family(family, parent, state.day), accounts, amounts))
    transfers = [Transfer(proposal.account, -surplus)]
    transfers += [
        Transfer(account.id, amount) for account, amount in zip(accounts, amounts, strict=True)
    ]
    booking = book_transfer(draft.state.book, transfers, state.day, "fork")
    draft.record(CashBooked(booking, "fork"))
    draft.record(FamilyForked(proposal.account, family, surplus))
    draft.record(ProposalCompleted(proposal.id, 0, f"{family} was opened with {surplus}"))


def _begin_merge(draft: Draft, proposal: Proposal) -> None:
    family = family_of(proposal.account)
    parent = draft.state.book.families[family].parent
    if parent is None:
        draft.record(ProposalVoided(proposal.id, "merge.no_parent", f"{family} is no fork"))
        return
    into = account_id(parent, AccountKind.COMPOUNDING)
    draft.record(MergeBegun(family, into))
    draft.record(ProposalCompleted(proposal.id, 0, f"{family} comes home to {into}"))
    finish_merges(draft)


def _reinvest(draft: Draft, proposal: Proposal) -> None:
    quarter = f"{draft.state.day.year}-Q{(draft.state.day.month - 1) // 3 + 1}"
    event = GainReinvested(
        proposal.account,
        proposal.note or quarter,
        proposal.amount("gain"),
        proposal.amount("tax"),
        proposal.amount("contracts"),
        proposal.amount("leaps"),
    )
    draft.record(event)
    draft.record(ProposalCompleted(proposal.id, 0, "the gain was split"))


def _resume(draft: Draft, proposal: Proposal) -> None:
    """A person lets a sleeve, or after a breaker the desk, go on."""
    approval = draft.state.tickets[proposal.id].approval
    by = approval.granted_by if approval is not None else ""
    if proposal.note in (FREEZE_RECOVERY, FREEZE_EXIT):
        draft.record(SleeveThawed(proposal.account, proposal.note))
    elif proposal.note == "drawdown":
        draft.record(BreakerLowered("drawdown", by, proposal.account, resets_high=True))
    else:
        draft.record(BreakerLowered(proposal.note, by))
        if proposal.note == Breaker.KILL.value:
            for account in sorted(draft.state.sleeves):
                if draft.state.sleeves[account].state is SleeveState.EMERGENCY:
                    draft.move_sleeve(account, SleeveState.SAFE, f"lowered by {by}")
    draft.record(ProposalCompleted(proposal.id, 0, f"resumed: {proposal.note}"))
