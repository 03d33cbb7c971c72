"""Strategies beside the protocol: when they look, what they see, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.collateral import held_by_lots
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import RequestDenied, StrategiesWeighed
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.inputs import OperatorRequest
from allusedesk.domain.instruments import STANDARD_MULTIPLIER, OptionContract
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.strategies import refusal_of
from allusedesk.engine.proposing import propose_all
from allusedesk.engine.sleeve_views import (
    cash_buffer,
    cash_free,
    exposure_of,
    is_merging,
    issuer_rooms,
    reserved_for,
    values_now,
    view_of,
)
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.portfolio.valuation import BookValue
from allusedesk.protocol.views import Freeze, IssuerRoom, SleeveView
from allusedesk.strategy import runner
from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import definition_on_record
from allusedesk.strategy.standing import Holding, Scene, Standing, Taken, Uncovered

RUN_BY_STRATEGIES = "strategies.run"
_LOOK = "/strategies-"


def on_switch(draft: Draft, before: DeskState, event: StrategySwitched) -> None:
    """Say why a strategy could not be switched; one switched on looks from now on."""
    reason = refusal_of(before, event)
    if reason:
        subject = f"{event.strategy} in {event.account}"
        request = OperatorRequest.STRATEGY
        draft.record(RequestDenied(request, subject, "strategy.definition", reason.rstrip(".")))
        return
    week = draft.state.week
    if week is not None:
        draft.set_alarms(*looks_of_week(draft.state, week))


def looks_of_week(state: DeskState, week: TradingWeek) -> tuple[Alarm, ...]:
    """The looks of a week that are still to come, at the times the definitions name.

    A session that is quoted at recorded instants alone is looked at then.
    """
    clocks = sorted({clock for one in _definitions(state) for clock in one.looks})
    alarms: list[Alarm] = []
    for session in week.sessions if clocks else ():
        for due in _instants(session, clocks):
            if state.now is None or due > state.now:
                local = due.astimezone(NEW_YORK)
                name = f"{local:%a}{_LOOK}{local:%H%M%S}"
                alarms.append(Alarm(f"{week.id}/{name}", AlarmKind.STRATEGIES, due))
    return tuple(alarms)


def _instants(session: Session, clocks: list[time]) -> list[datetime]:
    if session.quoted_at is not None:
        return [due for due in session.quoted_at if session.opens_at <= due < session.closes_at]
    local = [datetime.combine(session.date, clock, NEW_YORK) for clock in clocks]
    dues = [due.astimezone(UTC) for due in local]
    return [due for due in dues if session.opens_at < due < session.closes_at]


def strategies_watch(state: DeskState) -> Watch | None:
    """What the strategies need to see: their symbols, parts of chains, and all that is held."""
    return _watch_of(state, _standings(state, None))


def intents_watch(state: DeskState) -> Watch | None:
    """What has to be seen for what a class wants: its legs and all that is held."""
    return _watch_of(state, _asking(state, None))


def _watch_of(state: DeskState, standings: list[Standing]) -> Watch | None:
    if not standings:
        return None
    scene = _scene(state, MarketSnapshot(state.instant))
    chains = runner.chains_wanted(standings, scene)
    lots = list(state.book.positions.values())
    symbols = {symbol for one in standings if one.is_on for symbol in one.symbols}
    symbols |= {lot.underlying for lot in lots}
    options = sorted({lot.option for lot in lots if lot.option is not None}, key=str)
    return Watch(tuple(sorted(symbols)), chains, tuple(options))


def on_strategies(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Let every strategy think about one look; what it wants goes the way of every proposal."""
    _weigh(draft, snapshot, _standings(draft.state, draft.values))


def on_intents_seen(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Think about what a class wants at the prices of now; it is judged like any other wish."""
    _weigh(draft, snapshot, _asking(draft.state, draft.values))


def decided_by_class(
    state: DeskState, alarm: str, snapshot: MarketSnapshot
) -> tuple[tuple[Standing, Scene], ...]:
    """Each strategy whose class is to be asked after the look of an alarm, and what it may see."""
    if _LOOK not in alarm or not any(one.decided_by_class for one in _definitions(state)):
        return ()
    scene = _scene(state, snapshot)
    return tuple(
        (one, scene)
        for one in _standings(state, values_now(state))
        if one.definition.decided_by_class
    )


def _asking(state: DeskState, values: BookValue | None) -> list[Standing]:
    """The strategy that the last intents are of, with them."""
    given = state.intents
    return [
        replace(one, intents=given)
        for one in _standings(state, values)
        if given is not None and (one.account, one.definition.id) == (given.account, given.strategy)
    ]


def _weigh(draft: Draft, snapshot: MarketSnapshot, standings: list[Standing]) -> None:
    state = draft.state
    session = state.week.session_on(state.day) if state.week is not None else None
    if session is None or not standings:
        return
    scene = _scene(state, snapshot)
    for proposed in runner.propose_all(standings, scene):
        view = view_of(draft.state, proposed.account, snapshot, draft.values)
        decision = proposed.decision
        made = propose_all(draft, decision.wishes, view, snapshot, session.closes_at)
        if made or decision.turned_down:
            draft.record(
                StrategiesWeighed(
                    proposed.account,
                    proposed.strategy,
                    draft.state.week_id,
                    made,
                    decision.turned_down,
                )
            )


def barred_by_strategies(state: DeskState, view: SleeveView) -> SleeveView:
    """The view of a sleeve in which strategies are on, and none of them the protocol's own.

    The rulebook sells no puts and buys no shares in it; what it holds it manages to its end.
    """
    own = [one for one in state.strategies if one.is_on and one.account == view.account]
    if not own or any(definition_on_record(one.text).protocol is not None for one in own):
        return view
    barred = (Freeze(RUN_BY_STRATEGIES, symbol) for symbol in view.symbols)
    return replace(view, freezes=(*view.freezes, *barred))


def _definitions(state: DeskState) -> list[Definition]:
    return [definition_on_record(one.text) for one in state.strategies]


def _standings(state: DeskState, values: BookValue | None) -> list[Standing]:
    """Every strategy that is on or still holds something, in the order it was switched on."""
    found = []
    for switched in state.strategies:
        definition = definition_on_record(switched.text)
        holdings = _holdings(state, switched)
        if definition.protocol is not None or not (switched.is_on or holdings):
            continue
        account = switched.account
        equity = values.of(account).equity if values is not None else NOTHING
        symbols = definition.symbols or state.symbols_of(kind_of(account))
        rooms = _rooms(state, account, symbols, values) if values is not None else ()
        buffer = equity * cash_buffer(state, state.sleeves[account])
        found.append(
            Standing(
                definition=definition,
                account=account,
                symbols=symbols,
                equity=equity,
                cash_free=cash_free(state, account) - buffer,
                holdings=holdings,
                uncovered=_uncovered(state, holdings),
                busy=_busy(state),
                asked=_asked(state, switched),
                rooms=rooms,
                is_on=switched.is_on,
                is_leaving=is_merging(state, account),
            )
        )
    return found


def _rooms(
    state: DeskState, account: AccountId, symbols: tuple[str, ...], values: BookValue
) -> tuple[IssuerRoom, ...]:
    """What issuer and symbol leave: a wish that passes a cap is refused whole, not made smaller."""
    found = issuer_rooms(state, symbols, values)
    cap = state.rules.account(kind_of(account)).symbol_cap
    if cap is None:
        return found
    whole = values.of(account).equity * cap
    return tuple(
        replace(one, room=min(one.room, whole - _used(state, account, one.symbol))) for one in found
    )


def _used(state: DeskState, account: AccountId, symbol: str) -> Money:
    """What a sleeve holds of a symbol and has asked for, as its cap counts it."""
    lots = [lot for lot in state.book.positions_of(account) if lot.underlying == symbol]
    shares = [exposure_of(state, lot) for lot in lots if lot.is_shares]
    asked = [
        reserved_for(state, ticket)
        for ticket in state.tickets.values()
        if ticket.proposal.account == account
        and ticket.proposal.is_opening
        and ticket.proposal.legs[0].instrument.underlying == symbol
    ]
    return total([held_by_lots(lots, NOTHING).cash, *shares, *asked])


def _holdings(state: DeskState, switched: StrategySwitched) -> tuple[Holding, ...]:
    """What its orders opened, order by order; shares that came of it stand for themselves."""
    orders: dict[tuple[OrderId, bool], list[Position]] = {}
    for lot in state.book.positions_of(switched.account):
        owner = state.owner_of(lot)
        if owner is not None and owner.strategy == switched.strategy:
            orders.setdefault((lot.opened_by, lot.is_shares), []).append(lot)
    return tuple(
        Holding(state.owners[order].part, tuple(lots)) for (order, _), lots in orders.items()
    )


def _uncovered(state: DeskState, holdings: tuple[Holding, ...]) -> tuple[Uncovered, ...]:
    """What can still be written on, less what open proposals are about to write."""
    found = []
    for lot in (lot for held in holdings for lot in held.lots if not lot.is_short):
        wanted = sum(
            ticket.quantity_left * STANDARD_MULTIPLIER
            for ticket in state.tickets.values()
            if any(leg.linked_to == lot.id for leg in ticket.proposal.legs)
        )
        free = state.book.shares_uncovered(lot) - wanted
        if free > 0:
            found.append(Uncovered(lot.id, free))
    return tuple(found)


def _busy(state: DeskState) -> tuple[PositionId, ...]:
    return tuple(
        leg.closes
        for name in sorted(state.tickets)
        for leg in state.tickets[name].proposal.legs
        if leg.closes is not None
    )


def _asked(state: DeskState, switched: StrategySwitched) -> tuple[tuple[str, str], ...]:
    """Parts and symbols of which an opening is open: asked, approved or on its way."""
    return tuple(
        (proposal.rule.rule.partition(".")[0], proposal.legs[0].instrument.underlying)
        for proposal in (state.tickets[name].proposal for name in sorted(state.tickets))
        if proposal.is_opening
        and proposal.account == switched.account
        and proposal.rule.rulebook == switched.strategy
    )


def _scene(state: DeskState, snapshot: MarketSnapshot) -> Scene:
    held = [
        Taken(lot.instrument, Side.SELL if lot.is_short else Side.BUY, _holder(state, lot))
        for lot in state.book.all_positions()
        if isinstance(lot.instrument, OptionContract)
    ]
    asked = [
        Taken(leg.instrument, leg.side, f"the open proposal {name}")
        for name in sorted(state.tickets)
        for leg in state.tickets[name].proposal.legs
        if leg.closes is None and isinstance(leg.instrument, OptionContract)
    ]
    return Scene(snapshot, state.day, _session_next(state), state.rules, (*held, *asked))


def _holder(state: DeskState, lot: Position) -> str:
    owner = state.owner_of(lot)
    return f"{owner.strategy if owner is not None else state.rules.id} in {lot.account}"


def _session_next(state: DeskState) -> date:
    sessions = state.week.sessions if state.week is not None else ()
    for session in sessions:
        if session.date > state.day:
            return session.date
    after = state.session_after
    return after.date if after is not None else state.day + timedelta(days=1)
