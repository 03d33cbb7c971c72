"""What each alarm needs to see before the desk can think about it."""

from __future__ import annotations

from dataclasses import replace

from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.alarms import Alarm, AlarmKind, Crossing, PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.instruments import Right
from allusedesk.domain.money import Price
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Leg
from allusedesk.domain.quotes import ChainWish
from allusedesk.engine.hedging import hedge_chains, tracked_symbols
from allusedesk.engine.laddering import ladder_chains
from allusedesk.engine.sleeve_views import busy_symbols
from allusedesk.engine.state import DeskState
from allusedesk.engine.strategies import intents_watch, strategies_watch
from allusedesk.protocol.hedges import HEDGE_TRIGGER
from allusedesk.protocol.levels import LEVEL_ONE, LEVEL_TWO
from allusedesk.protocol.market_condition import condition_binds
from allusedesk.protocol.rulebook import Condition, EntryInstrument
from allusedesk.protocol.schedule import entry_dates, is_final_session

_ASKED = frozenset({AlarmKind.CLOSE_ASKED, AlarmKind.ROLL_ASKED})
_WORTH_A_CHAIN = frozenset({"prepare", "mandatory", LEVEL_ONE, LEVEL_TWO})


def watch_for(state: DeskState, alarm: Alarm | PriceAlarm) -> Watch | None:
    """The watch list of an alarm; None where there is nothing to look at."""
    if isinstance(alarm, PriceAlarm):
        return _price_watch(state, alarm)
    match alarm.kind:
        case AlarmKind.CONDITION | AlarmKind.CONDITION_ASKED:
            return Watch(symbols=tracked_symbols(state), needs_trend=True)
        case AlarmKind.ENTRY:
            return _entry_watch(state, AccountKind(alarm.subject))
        case AlarmKind.MANAGE:
            return _manage_watch(state)
        case AlarmKind.CLOSING:
            return _closing_watch(state)
        case AlarmKind.LADDER:
            chains = ladder_chains(state)
            return _held(list(state.book.positions.values()), chains) if chains else None
        case AlarmKind.ORDER_SEND:
            return _legs_of_ticket(state, ProposalId(alarm.subject))
        case AlarmKind.ORDER_PATIENCE:
            return _legs_of_order(state, OrderId(alarm.subject))
        case AlarmKind.CLOSE:
            return _close_watch(state)
        case AlarmKind.FINAL_REPORT:
            return _held(list(state.book.positions.values()), ())
        case AlarmKind.ASSIGNMENT | AlarmKind.PIN_RISK:
            lots = list(state.book.positions.values())
            return _held(lots, ()) if _ending(state, lots) else None
        case AlarmKind.OPENING:
            if state.rules.levels is not None:
                return _manage_watch(state, is_opening=True)
            lots = list(state.book.positions.values())
            return _held(lots, ()) if any(lot.is_short for lot in lots) else None
        case _:
            return _watch_asked(state, alarm)


def _price_watch(state: DeskState, alarm: PriceAlarm) -> Watch | None:
    held = state.book.positions_of(alarm.account)
    lots = [lot for lot in held if lot.underlying == alarm.symbol]
    if not lots:
        return None
    hedges = hedge_chains(state) if _reaches_two(state, lots, alarm) else ()
    return _held(lots, (*_roll_chains(state, _pressed(state, lots, alarm)), *hedges))


def _close_watch(state: DeskState) -> Watch:
    """What is held; where the market may call for hedges, the index and every symbol tracked."""
    held = _held(list(state.book.positions.values()), ())
    if state.rules.hedging is None:
        return held
    symbols = tuple(sorted({*held.symbols, *tracked_symbols(state)}))
    return replace(held, symbols=symbols, needs_trend=True)


def _pressed(state: DeskState, lots: list[Position], rang: PriceAlarm) -> list[Position]:
    """The lots that may be rolled at once: a look at the rest needs no chain.

    A price that has jumped over several levels counts for all of them. Levels from the strike
    search for rolls from the first of them on.
    """
    if state.rules.levels is not None:
        return lots
    price = state.spots.get(rang.symbol)
    if price is None:
        return lots
    crossed = _crossed(state, rang, price)
    return [
        lot
        for lot in lots
        if state.levels.get(lot.id) in _WORTH_A_CHAIN
        or any(f"{lot.id}/{level}" in crossed for level in _WORTH_A_CHAIN)
    ]


def _reaches_two(state: DeskState, lots: list[Position], rang: PriceAlarm) -> bool:
    """Tell whether a put comes to stand at L2, where a hedge is looked for, or stands there."""
    price = state.spots.get(rang.symbol)
    crossed = _crossed(state, rang, price) if price is not None else {rang.id}
    return any(
        state.levels.get(lot.id) == LEVEL_TWO or f"{lot.id}/{LEVEL_TWO}" in crossed
        for lot in lots
        if lot.is_short_put
    )


def _crossed(state: DeskState, rang: PriceAlarm, price: Price) -> set[str]:
    """The price alarms of the symbol, of those that stand and the one that rang, now crossed."""
    return {
        alarm.id
        for alarm in (rang, *state.price_alarms.values())
        if alarm.symbol == rang.symbol
        and alarm.crossing is Crossing.AT_OR_BELOW
        and price <= alarm.level
    }


def _held(lots: list[Position], chains: tuple[ChainWish, ...]) -> Watch:
    symbols = sorted({lot.underlying for lot in lots} | {wish.underlying for wish in chains})
    options = sorted({lot.option for lot in lots if lot.option is not None}, key=str)
    return Watch(symbols=tuple(symbols), chains=chains, held=tuple(options))


def _watch_asked(state: DeskState, alarm: Alarm) -> Watch | None:
    """What strategies see, or the lot a person asks about; None for other alarms."""
    if alarm.kind is AlarmKind.STRATEGIES:
        return strategies_watch(state)
    if alarm.kind is AlarmKind.INTENTS:
        return intents_watch(state)
    lot = state.book.positions.get(PositionId(alarm.subject)) if alarm.kind in _ASKED else None
    if lot is None:
        return None
    return _held([lot], _roll_chains(state, [lot]) if alarm.kind is AlarmKind.ROLL_ASKED else ())


def _entry_watch(state: DeskState, kind: AccountKind) -> Watch | None:
    """Every symbol of the tier with the expiries its entries may take, while a sleeve can enter."""
    condition = Condition(state.condition.condition) if state.condition is not None else None
    if state.week is None or state.day not in entry_dates(kind, condition, state.week, state.rules):
        return None
    is_barred = False
    is_idle = state.condition is None or not state.condition.deploy
    if is_idle and condition_binds(state.rules):
        wants_puts: set[str] = set()
    else:
        wished = _symbols_for_puts(state, kind)
        barred = {account: _barred(state, account) for account in _sleeves_of(state, kind)}
        wants_puts = {symbol for account, symbol in wished if symbol not in barred[account]}
        is_barred = bool(wished)
    wants_calls = _symbols_for_calls(state, kind)
    everything_held = list(state.book.positions.values())
    if not wants_puts and not wants_calls:
        # What stands in the way of each symbol is put down all the same.
        return _held(everything_held, ()) if is_barred else None
    rules = state.rules.account(kind)
    days_high = max(rules.days_to_expiry.high, state.rules.entry.widened_days.high)
    chains = []
    for symbol in sorted(wants_puts | wants_calls):
        rights = tuple(
            right
            for right, wanted in ((Right.PUT, wants_puts), (Right.CALL, wants_calls))
            if symbol in wanted
        )
        chains.append(ChainWish(symbol, rights, 0, days_high))
    return _held(everything_held, tuple(chains))


def _barred(state: DeskState, account: AccountId) -> set[str]:
    """Symbols in which what a sleeve holds or asks for rules out a put, whatever the chain."""
    resumes = kind_of(account) in state.rules.assignment.puts_resume
    lots = state.book.positions_of(account)
    held = {lot.underlying for lot in lots if lot.is_short_put or (lot.is_shares and not resumes)}
    return held | set(busy_symbols(state, account))


def _sleeves_of(state: DeskState, kind: AccountKind) -> list[AccountId]:
    return sorted(account for account in state.sleeves if kind_of(account) is kind)


def _symbols_for_puts(state: DeskState, kind: AccountKind) -> set[tuple[AccountId, str]]:
    if EntryInstrument.PUT not in state.rules.account(kind).instruments or state.halted_by:
        return set()
    wanted: set[tuple[AccountId, str]] = set()
    for account in _sleeves_of(state, kind):
        sleeve = state.sleeves[account]
        symbols = state.symbols_of(kind)
        if state.rules.account(kind).puts_reenter and sleeve.has_traded:
            symbols = tuple(symbol for symbol in symbols if symbol in sleeve.shares_had)
        wanted.update((account, symbol) for symbol in symbols if symbol not in sleeve.entered)
    return wanted


def _symbols_for_calls(state: DeskState, kind: AccountKind) -> set[str]:
    """Shares of the tier, and those assigned to others whose calls take this tier's days."""
    is_lent = state.rules.assignment.call_days_as is kind
    return {
        lot.underlying
        for account in sorted(state.sleeves)
        for lot in state.book.positions_of(account)
        if lot.is_shares
        and state.book.shares_uncovered(lot) > 0
        and (kind_of(account) is kind or (is_lent and lot.linked_to is not None))
    }


def _roll_chains(state: DeskState, lots: list[Position]) -> tuple[ChainWish, ...]:
    """The later expiries short options could be rolled to, measured in days from today."""
    high = state.rules.roll.days_later_high
    days_left: dict[tuple[str, Right], list[int]] = {}
    for lot in lots:
        option = lot.option
        if option is None or not lot.is_short:
            continue
        left = (option.expiry - state.day).days
        days_left.setdefault((option.underlying, option.right), []).append(left)
    return tuple(
        ChainWish(symbol, (right,), min(left) + 1, max(left) + high)
        for (symbol, right), left in sorted(days_left.items(), key=_symbol_and_right)
    )


def _symbol_and_right(item: tuple[tuple[str, Right], list[int]]) -> tuple[str, str]:
    (symbol, right), _ = item
    return symbol, right.value


def _manage_watch(state: DeskState, *, is_opening: bool = False) -> Watch | None:
    """What is held; where hedging is called for, once a day what it could be done with."""
    lots = list(state.book.positions.values())
    is_called = is_opening and HEDGE_TRIGGER in state.breakers
    hedges = hedge_chains(state) if is_called else ()
    if not hedges and not any(lot.is_short or _manages_shares(state) for lot in lots):
        return None
    pressed = [lot for lot in lots if state.levels.get(lot.id) in _WORTH_A_CHAIN]
    at_two = any(lot.is_short_put and state.levels.get(lot.id) == LEVEL_TWO for lot in pressed)
    if at_two and not hedges:
        hedges = hedge_chains(state)
    return _held(lots, (*_roll_chains(state, pressed), *hedges))


def _manages_shares(state: DeskState) -> bool:
    """Shares have levels from their basis, and those of a family on its way home are sold."""
    return state.rules.levels is not None or bool(state.merging)


def _closing_watch(state: DeskState) -> Watch | None:
    """What ends today; on the week's last session shares are measured too."""
    lots = list(state.book.positions.values())
    ending = _ending(state, lots)
    is_last = state.week is not None and state.day == state.week.sessions[-1].date
    if not ending and not (is_last and any(lot.is_shares for lot in lots)):
        return None
    return _held(lots, _roll_chains(state, ending))


def _ending(state: DeskState, lots: list[Position]) -> list[Position]:
    """The lots of options that trade for the last time today."""
    week = state.week
    session = week.session_on(state.day) if week is not None else None
    if week is None or session is None:
        return []
    return [
        lot
        for lot in lots
        if lot.option is not None and is_final_session(lot.option.expiry, session, week)
    ]


def _legs_of_ticket(state: DeskState, proposal: ProposalId) -> Watch | None:
    ticket = state.tickets.get(proposal)
    return _legs(ticket.proposal.legs) if ticket is not None else None


def _legs_of_order(state: DeskState, order: OrderId) -> Watch | None:
    live = state.orders.get(order)
    return _legs(live.legs) if live is not None else None


def _legs(legs: tuple[Leg, ...]) -> Watch:
    symbols = tuple(sorted({leg.instrument.underlying for leg in legs}))
    options = tuple(leg.instrument for leg in legs if leg.instrument.multiplier != 1)
    return Watch(symbols=symbols, held=options)
