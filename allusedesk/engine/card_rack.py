"""The cards of all open questions, drawn again only when what is on them has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.quotes import Quote
from allusedesk.engine.approval_card import ApprovalCard, card_of, instruments_of
from allusedesk.engine.state import DeskState, Ticket
from allusedesk.protocol.verdicts import exact


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A card and what it was drawn from."""

    ticket: Ticket
    state: DeskState
    quotes: tuple[Quote, ...]
    is_old: bool
    card: ApprovalCard

    def still_holds(
        self, ticket: Ticket, state: DeskState, quotes: tuple[Quote, ...], *, is_old: bool
    ) -> bool:
        return (
            self.ticket is ticket
            and self.state.book is state.book
            and self.state.tickets is state.tickets
            and self.state.orders is state.orders
            and self.state.marks is state.marks
            and self.state.trust is state.trust
            and self.state.second_above is state.second_above
            and self.state.forecast is state.forecast
            and self.is_old is is_old
            and self.quotes == quotes
        )


class CardRack:
    """Keeps the last card of each open question; belongs to the engine's thread."""

    def __init__(self) -> None:
        self._drawn: dict[ProposalId, _Drawn] = {}

    def cards(
        self,
        state: DeskState,
        now: datetime,
        quote_of: Callable[[Instrument], Quote | None],
    ) -> tuple[ApprovalCard, ...]:
        """The cards of what waits for an answer, soonest deadline first."""
        waiting = sorted(
            (ticket for ticket in state.tickets.values() if not ticket.is_approved),
            key=lambda ticket: (ticket.proposal.expires_at, ticket.proposal.id),
        )
        kept = {
            ticket.proposal.id: self._drawn_now(ticket, state, now, quote_of) for ticket in waiting
        }
        self._drawn = kept
        return tuple(drawn.card for drawn in kept.values())

    def _drawn_now(
        self,
        ticket: Ticket,
        state: DeskState,
        now: datetime,
        quote_of: Callable[[Instrument], Quote | None],
    ) -> _Drawn:
        proposal = ticket.proposal
        found = (quote_of(instrument) for instrument in instruments_of(proposal))
        quotes = tuple(quote for quote in found if quote is not None)
        most = state.rules.quotes.age_seconds_max
        is_old = any(exact(quote.age_seconds(now)) > most for quote in quotes)
        last = self._drawn.get(proposal.id)
        if last is not None and last.still_holds(ticket, state, quotes, is_old=is_old):
            return last
        card = card_of(state, ticket, quotes, now)
        return _Drawn(ticket, state, quotes, is_old, card)
