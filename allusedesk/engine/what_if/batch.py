"""Several questions answered at once: priced together, and what each line adds to the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.proposals import NamedAmount, Side
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.sleeve_views import cash_free, reserved_for
from allusedesk.engine.state import DeskState
from allusedesk.risk.margin import MarginLeg, regulation_t
from allusedesk.risk.payoff import scenarios, worst_case

_FALLS = (Decimal("0.10"), Decimal("0.20"))


@dataclass(frozen=True, slots=True)
class BatchSums:
    """What some questions would do together; shares of different issuers fall together.

    `worst_case` adds up the smallest profit at expiry of each underlying.
    """

    premium: Money
    margin: Money
    cash_needed: Money
    worst_case: Money
    scenarios: tuple[NamedAmount, ...]


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One question of a batch; `adds` is what the batch has with it and has not without it."""

    proposal: ProposalId
    account: AccountId
    adds: BatchSums
    blocked: str


@dataclass(frozen=True, slots=True)
class CashAfter:
    """A sleeve's free settled cash before and after the batch; below nothing it is not enough."""

    account: AccountId
    before: Money
    after: Money

    @property
    def is_short(self) -> bool:
        return self.after < NOTHING


@dataclass(frozen=True, slots=True)
class BatchCard:
    """A batch priced jointly; `blocked` says why it cannot be approved as it is."""

    sums: BatchSums
    lines: tuple[BatchLine, ...]
    cash: tuple[CashAfter, ...]
    blocked: str


def price_batch(state: DeskState, cards: Sequence[ApprovalCard]) -> BatchCard:
    """What the open questions of these cards do together; questions that are over are left out."""
    cards = [card for card in cards if _is_open(state, card)]
    whole = _sums(state, cards)
    lines = []
    for card in cards:
        rest = _sums(state, [other for other in cards if other is not card])
        lines.append(
            BatchLine(card.proposal.id, card.proposal.account, _less(whole, rest), card.blocked)
        )
    cash = _cash(state, cards)
    return BatchCard(whole, tuple(lines), cash, _blocked(lines, cash))


def _is_open(state: DeskState, card: ApprovalCard) -> bool:
    ticket = state.tickets.get(card.proposal.id)
    return ticket is not None and not ticket.is_approved


def _sums(state: DeskState, cards: Sequence[ApprovalCard]) -> BatchSums:
    groups: dict[str, list[ApprovalCard]] = {}
    for card in cards:
        if card.proposal.legs:
            groups.setdefault(card.proposal.legs[0].instrument.underlying, []).append(card)
    worst, margin = NOTHING, NOTHING
    shown: dict[str, Money] = {}
    for symbol in sorted(groups):
        legs = [leg for card in groups[symbol] for leg in card.positions]
        lowest = worst_case(legs)
        worst = worst + (NOTHING if lowest is None else lowest)
        spot = groups[symbol][0].spot
        if spot is None:
            continue
        margin = margin + _margin(state, groups[symbol], spot)
        for scenario in scenarios(legs, spot, _FALLS):
            shown[scenario.name] = shown.get(scenario.name, NOTHING) + scenario.profit
    return BatchSums(
        premium=total([card.premium for card in cards]),
        margin=margin,
        cash_needed=total([card.cash_before - card.cash_after for card in cards]),
        worst_case=worst,
        scenarios=tuple(NamedAmount(name, amount) for name, amount in shown.items()),
    )


def _margin(state: DeskState, cards: Sequence[ApprovalCard], spot: Price) -> Money:
    """Regulation T for the puts that all of them sell, and what their purchases cost."""
    legs, bought = [], NOTHING
    for card in cards:
        marks = {quote.instrument: quote.mark for quote in card.terms.quotes}
        for leg in card.proposal.legs:
            mark = marks.get(leg.instrument)
            if leg.closes is not None or mark is None or leg.linked_to is not None:
                continue
            if leg.side is Side.SELL and isinstance(leg.instrument, OptionContract):
                legs.append(MarginLeg(leg.instrument, -card.proposal.quantity, mark))
            elif leg.side is Side.BUY:
                multiplier = leg.instrument.multiplier
                bought = bought + notional(mark, card.proposal.quantity, multiplier)
    return regulation_t(legs, spot, state.rules.margin).maintenance + bought


def _less(whole: BatchSums, rest: BatchSums) -> BatchSums:
    amounts = {named.name: named.amount for named in rest.scenarios}
    return BatchSums(
        whole.premium - rest.premium,
        whole.margin - rest.margin,
        whole.cash_needed - rest.cash_needed,
        whole.worst_case - rest.worst_case,
        tuple(
            NamedAmount(named.name, named.amount - amounts.get(named.name, NOTHING))
            for named in whole.scenarios
        ),
    )


def _cash(state: DeskState, cards: Sequence[ApprovalCard]) -> tuple[CashAfter, ...]:
    """Free cash with none of the batch's questions open, and with all of them filled."""
    found = []
    for account in sorted({card.proposal.account for card in cards}):
        own = [card for card in cards if card.proposal.account == account]
        held = [reserved_for(state, state.tickets[card.proposal.id]) for card in own]
        before = cash_free(state, account).plus(held)
        needed = total([card.cash_before - card.cash_after for card in own])
        found.append(CashAfter(account, before, before - needed))
    return tuple(found)


def _blocked(lines: Sequence[BatchLine], cash: Sequence[CashAfter]) -> str:
    for line in lines:
        if line.blocked:
            return f"{line.proposal}: {line.blocked}"
    for pile in cash:
        if pile.is_short:
            return f"{pile.account} would lack {-pile.after} of settled cash: take a line out."
    return "" if lines else "Nothing of this batch is open any more."
