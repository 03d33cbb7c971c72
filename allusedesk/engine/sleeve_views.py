"""What the rules may see of each sleeve: built from the state and one snapshot."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.domain.book import SymbolHeld
from allusedesk.domain.changing import replace
from allusedesk.domain.collateral import Units, held_by, held_by_lots
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional, total
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Leg
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.state import DeskState, Sleeve, Ticket
from allusedesk.execution.slicing import Clip
from allusedesk.execution.ticket import Unpriceable, net_mid
from allusedesk.portfolio.valuation import BookValue, value_book
from allusedesk.protocol.hedges import HEDGE_TRIGGER
from allusedesk.protocol.levels import FREEZE_LEVEL, FREEZE_SHARES, LEVEL_THREE, LEVEL_TWO
from allusedesk.protocol.views import FirstCredit, Freeze, IssuerRoom, SleeveView, TrueRange
from allusedesk.risk.circuit_breakers import VIX_BREAKERS, Breaker
from allusedesk.risk.compliance import Around
from allusedesk.risk.limits import is_share_purchase, shares_within_caps
from allusedesk.strategy.weekly_protocol import estimates_of

MERGING = "merging"
HALTED = "halted"


def fee_per_contract(state: DeskState) -> Money:
    """What closing or assigning one contract costs."""
    return Money(state.rules.costs.contract)


def values_now(state: DeskState) -> BookValue:
    """Every sleeve at the last marks the desk has seen, those of the present sample included."""
    return value_book(state.book, state.marks.get, state.marks.get, fee_per_contract(state))


def view_of(
    state: DeskState,
    account: AccountId,
    snapshot: MarketSnapshot,
    values: BookValue,
) -> SleeveView:
    """One sleeve for the rules, at the instant of the snapshot."""
    sleeve = state.sleeves[account]
    kind = kind_of(account)
    lots = own_lots(state, account)
    return SleeveView(
        account=account,
        kind=kind,
        symbols=state.symbols_of(kind),
        equity=values.of(account).equity,
        cash_free=cash_free(state, account),
        lots=lots,
        busy=busy_symbols(state, account),
        entered=sleeve.entered,
        freezes=freezes_of(state, sleeve),
        puts_suspended_by="breaker.drawdown" if sleeve.is_calls_only else "",
        size_factor=_size_factor(state, sleeve),
        cash_buffer=cash_buffer(state, sleeve),
        has_traded=sleeve.has_traded,
        issuer_rooms=issuer_rooms(state, kind_symbols=state.symbols_of(kind), values=values),
        covered=sleeve.covered,
        equity_high=sleeve.high,
        ranges_known=tuple(
            TrueRange(symbol, state.ranges[symbol])
            for symbol in sorted({lot.underlying for lot in lots})
            if symbol in state.ranges
        ),
        is_hedged=any(name in state.breakers for name in (HEDGE_TRIGGER, *VIX_BREAKERS)),
        reenters=tuple(
            symbol for symbol in sleeve.shares_had if not _holds_shares_of(lots, symbol)
        ),
        marks=_marks_of(state, sleeve, snapshot),
        first_credits=tuple(
            FirstCredit(lot.id, state.first_credits[lot.id], state.chain_gains.get(lot.id))
            for lot in lots
            if lot.id in state.first_credits
        ),
        recovering=sleeve.recovering,
    )


def with_estimates(
    state: DeskState, view: SleeveView, lots: tuple[Position, ...], snapshot: MarketSnapshot
) -> SleeveView:
    """The view with probabilities and expected losses of some of its lots; few rules ask."""
    return replace(view, estimates=estimates_of(lots, snapshot, state.instant, state.rules))


def own_lots(state: DeskState, account: AccountId) -> tuple[Position, ...]:
    """The sleeve's lots that the protocol manages itself: those of strategies are theirs."""
    lots = state.book.positions_of(account)
    if not state.owners:
        return lots
    return tuple(lot for lot in lots if state.owner_of(lot) is None)


def _holds_shares_of(lots: tuple[Position, ...], symbol: str) -> bool:
    return any(lot.is_shares and lot.underlying == symbol for lot in lots)


def _marks_of(state: DeskState, sleeve: Sleeve, snapshot: MarketSnapshot) -> tuple[str, ...]:
    """What every put of a sleeve says that falls deep while VIX is too high for the pivot."""
    below, volatility = state.rules.breakers.drawdown_vix_below, snapshot.volatility
    deepest = state.rules.account(kind_of(sleeve.account)).drawdown_max
    if below is None or volatility is None or sleeve.drawdown < deepest:
        return ()
    if volatility.vix < below or sleeve.is_calls_only:
        return ()
    said = f"the sleeve is {sleeve.drawdown} under its high with VIX at {volatility.vix}"
    return (f"{said}, and puts are suspended only while VIX is below {below}",)


def account_around(state: DeskState, values: BookValue) -> Around | None:
    """The whole account as law and broker see it; None where no profile is part of the rules."""
    if state.rules.conduct is None:
        return None
    settled = total([pile.settled for pile in state.book.cash.values()])
    orders = (*state.orders_over.values(), *state.orders.values())
    return Around(orders, values.equity, settled)


def cash_free(state: DeskState, account: AccountId) -> Money:
    """Settled cash less collateral, less what open proposals still to be filled would hold."""
    free = state.book.cash[account].settled
    free = free - state.book.collateral_of(account, fee_per_contract(state))
    free = free - state.sleeves[account].tax_reserve - ladder_cash(state, account)
    for ticket in state.tickets.values():
        if ticket.proposal.account == account:
            free = free - reserved_for(state, ticket)
    for order in state.orders.values():
        # An order outlives its proposal where a kill switch took the proposal back.
        if order.account == account and order.proposal not in state.tickets and order.is_opening:
            spot = state.spots.get(order.legs[0].instrument.underlying)
            free = free - _opening_cash(state, order.legs, order.quantity_open, spot)
    return free


def ladder_cash(state: DeskState, account: AccountId) -> Money:
    """What a sleeve keeps for the rungs of its ladder; nothing where the rulebook's is off."""
    rules = state.rules.ladder
    if rules is None or not rules.is_on:
        return NOTHING
    return max(state.sleeves[account].leaps_budget, NOTHING)


def reserved_for(state: DeskState, ticket: Ticket) -> Money:
    """Settled cash the unfilled part of an opening proposal would hold."""
    proposal = ticket.proposal
    if not proposal.is_opening:
        return NOTHING
    held = _opening_cash(state, proposal.legs, ticket.quantity_left, proposal.spot)
    price, first = proposal.credit_net, proposal.legs[0].instrument
    if proposal.is_of_strategy and price is not None and isinstance(first, OptionContract):
        paid = Price(max(-price.per_unit, Decimal(0)))
        held = held + notional(paid, ticket.quantity_left, first.multiplier)
    return held


def _opening_cash(
    state: DeskState, legs: tuple[Leg, ...], quantity: int, spot: Price | None
) -> Money:
    shares = [
        notional(spot, quantity)
        for leg in legs
        if isinstance(leg.instrument, Stock) and spot is not None
    ]
    options = [
        Units(leg.instrument, leg.side.value * quantity, leg.linked_to is not None)
        for leg in legs
        if isinstance(leg.instrument, OptionContract)
    ]
    return held_by(options, fee_per_contract(state)).cash + total(shares)


def busy_symbols(state: DeskState, account: AccountId) -> tuple[str, ...]:
    """Symbols with an open proposal of the sleeve, or with an order of unknown fate anywhere."""
    busy = {
        leg.instrument.underlying
        for ticket in state.tickets.values()
        if ticket.proposal.account == account and not ticket.proposal.is_rung
        for leg in ticket.proposal.legs
    }
    return tuple(sorted(busy))


def freezes_of(state: DeskState, sleeve: Sleeve) -> tuple[Freeze, ...]:
    """Every reason not to enter that holds for a sleeve now."""
    reasons = list(sleeve.freezes)
    if state.halted_by:
        reasons.append(Freeze(f"{HALTED}: {state.halted_by}"))
    if not state.is_link_up:
        reasons.append(Freeze("broker.unreachable"))
    if is_merging(state, sleeve.account):
        reasons.append(Freeze(MERGING))
    reasons.extend(_freezes_by_level(state, sleeve))
    stops = (Breaker.SAFE.value, Breaker.KILL.value)
    reasons.extend(Freeze(f"breaker.{name}") for name in state.breakers if name in stops)
    return tuple(reasons)


def is_merging(state: DeskState, account: AccountId) -> bool:
    """True where a sleeve's family is on its way home."""
    return state.book.accounts[account].family in state.merging


def _freezes_by_level(state: DeskState, sleeve: Sleeve) -> list[Freeze]:
    """A put at L2 stops its sleeve's entries; shares at L2 stop puts in their symbol."""
    if state.rules.levels is None:
        return []
    found: list[Freeze] = []
    for lot in state.book.positions_of(sleeve.account):
        if state.levels.get(lot.id) not in (LEVEL_TWO, LEVEL_THREE):
            continue
        freeze = Freeze(FREEZE_SHARES, lot.underlying) if lot.is_shares else Freeze(FREEZE_LEVEL)
        if freeze not in found:
            found.append(freeze)
    return found


def _size_factor(state: DeskState, sleeve: Sleeve) -> Decimal:
    factor = Decimal(1)
    if sleeve.recovery_until is not None and state.day <= sleeve.recovery_until:
        factor *= state.rules.recovery.size_factor
    if Breaker.HEDGED.value in state.breakers:
        factor *= state.rules.breakers.hedged_factor
    return factor


def cash_buffer(state: DeskState, sleeve: Sleeve) -> Decimal:
    """The fraction of its equity that a sleeve keeps in cash now; more of it while GBR-4 runs."""
    if sleeve.recovery_until is not None and state.day <= sleeve.recovery_until:
        return state.rules.recovery.cash_buffer
    return state.rules.account(kind_of(sleeve.account)).cash_buffer


def issuer_rooms(
    state: DeskState, kind_symbols: tuple[str, ...], values: BookValue
) -> tuple[IssuerRoom, ...]:
    """How much more of each issuer all families together may take on."""
    rules = state.rules
    cap = values.equity * rules.capital.issuer_cap
    # The sleeves of a look, and most proposals of a step, ask about the same lots and tickets.
    taken = state.book.while_same(
        (issuer_rooms,), (state.tickets, state.spots, rules), partial(_taken_by_issuer, state)
    )
    return tuple(
        IssuerRoom(symbol, cap - taken.get(rules.issuer_of(symbol), NOTHING))
        for symbol in kind_symbols
    )


def _taken_by_issuer(state: DeskState) -> dict[str, Money]:
    """What lots and open proposals of every family have taken on, by issuer."""
    rules = state.rules
    used: dict[str, list[Money]] = {
        held.symbol: [_taken_of(state, held)] for held in state.book.held_by_symbol()
    }
    for ticket in state.tickets.values():
        legs = ticket.proposal.legs
        if legs:
            symbol = legs[0].instrument.underlying
            used.setdefault(symbol, []).append(reserved_for(state, ticket))
    taken: dict[str, Money] = {}
    for symbol, amounts in used.items():
        issuer = rules.issuer_of(symbol)
        taken[issuer] = taken.get(issuer, NOTHING).plus(amounts)
    return taken


def _taken_of(state: DeskState, held: SymbolHeld) -> Money:
    """What the lots of one underlying count for; shares move it only when their price does."""

    def taken() -> Money:
        return held.secured.plus([exposure_of(state, lot) for lot in held.shares])

    spot = state.spots.get(held.symbol)
    return state.book.while_same((issuer_rooms, held.symbol), (spot,), taken)


def exposure_of(state: DeskState, lot: Position) -> Money:
    """What a lot counts for under the caps: a put its strike, shares their price, else nothing."""
    if lot.role is PositionRole.STRATEGY and lot.is_short:
        # What one order opened protects itself; the first of its shorts counts for all of them.
        lots = state.book.positions_of(lot.account)
        own = [one for one in lots if one.opened_by == lot.opened_by]
        is_first = lot.id == min(one.id for one in own if one.is_short)
        return held_by_lots(own, NOTHING).cash if is_first else NOTHING
    if lot.is_short_put:
        return lot.assignment_cost()
    if lot.is_shares:
        return lot.value_at(state.spots.get(lot.underlying, lot.price_average))
    return NOTHING


def clip_that_fits(
    state: DeskState, ticket: Ticket, clip: Clip, snapshot: MarketSnapshot, values: BookValue
) -> Clip:
    """A clip of shares to buy, smaller where the caps leave less room at the price of now.

    The proposal was judged at another price, and equity may have moved since.
    """
    proposal = ticket.proposal
    if not is_share_purchase(proposal):
        return clip
    try:
        mid = net_mid(proposal.legs, snapshot, state.rules)
    except Unpriceable:
        return clip
    symbol, own = proposal.legs[0].instrument.underlying, reserved_for(state, ticket)
    view = view_of(state, proposal.account, snapshot, values)
    rooms = tuple(
        replace(room, room=room.room + own) if room.symbol == symbol else room
        for room in view.issuer_rooms
    )
    view = replace(view, lots=state.book.positions_of(proposal.account), issuer_rooms=rooms)
    price = Price(-mid.per_unit)
    fits = shares_within_caps(symbol, clip.quantity, price, view, state.rules)
    return replace(clip, quantity=fits)
