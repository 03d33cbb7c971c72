"""Trades of strategies, folded from a journal's entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from allusedesk.domain import events as told
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Booking
from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money, Price, allocate, total
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.strategy_trades import StrategyTrade

_DELIVERIES: dict[type, str] = {
    told.AssignmentBooked: "assigned",
    told.ExpiryBooked: "expired",
    told.SettlementBooked: "settled in cash",
    told.SplitBooked: "split",
}


@dataclass(slots=True)
class _Trade:
    """A trade while it is being told."""

    proposal: Proposal
    order: OrderId
    opened_on: date
    units: int = 0
    opened_for: Money = NOTHING
    realised: Money = NOTHING
    dividends: Money = NOTHING
    commission: Money = NOTHING
    lots: dict[PositionId, Position] = field(default_factory=dict)
    closed_on: date | None = None
    ending: str = ""


def strategy_trades(entries: Iterable[told.Entry]) -> tuple[StrategyTrade, ...]:
    """Every trade of every strategy, in the order opened; empty where no strategy traded."""
    trades: dict[OrderId, _Trade] = {}
    proposals: dict[ProposalId, Proposal] = {}
    orders: dict[OrderId, Proposal] = {}
    marks: dict[Instrument, Price] = {}
    for entry in entries:
        event, day = entry.event, entry.recorded_at.date()
        match event:
            case told.ProposalMade() if event.proposal.is_of_strategy or event.proposal.concerns:
                proposals[event.proposal.id] = event.proposal
            case told.OrderWritten() if event.order.proposal in proposals:
                orders[event.order.id] = proposals[event.order.proposal]
            case told.FillBooked() if event.order in orders:
                _fill(trades, orders[event.order], event, day)
            case told.DividendBooked():
                _dividend(trades, event.booking)
            case told.BalancesMarked():
                found = ((quote.instrument, quote.mark) for quote in event.quotes)
                marks |= {instrument: mark for instrument, mark in found if mark is not None}
            case (
                told.AssignmentBooked()
                | told.ExpiryBooked()
                | told.SettlementBooked()
                | told.SplitBooked()
            ):
                _booked(trades, event.booking, day, _DELIVERIES[type(event)])
    return tuple(_told(trade, marks) for trade in trades.values())


def _fill(
    trades: dict[OrderId, _Trade], proposal: Proposal, event: told.FillBooked, day: date
) -> None:
    if proposal.is_opening and proposal.is_of_strategy:
        trade = trades.setdefault(event.order, _Trade(proposal, event.order, day))
        trade.units += max(fill.quantity for fill in event.fills)
        trade.commission = trade.commission + event.booking.commission
        cash = total([move.amount for move in event.booking.cash])
        trade.opened_for = trade.opened_for + cash + event.booking.commission
    _booked(trades, event.booking, day, proposal.rule.rule.partition(".")[2])
    if not proposal.is_opening:
        owners = [trades[name] for name in _owners(event.booking) if name in trades]
        shares = allocate(event.booking.commission, [Decimal(1)] * len(owners)) if owners else ()
        for owner, share in zip(owners, shares, strict=True):
            owner.commission = owner.commission + share


def _owners(booking: Booking) -> tuple[OrderId, ...]:
    lots = (change.before or change.after for change in booking.changes)
    return tuple(dict.fromkeys(lot.opened_by for lot in lots if lot is not None))


def _booked(trades: dict[OrderId, _Trade], booking: Booking, day: date, ending: str) -> None:
    """Lots come, shrink and go; the trade ends with its last one."""
    for change in booking.changes:
        lot = change.before or change.after
        trade = trades.get(lot.opened_by) if lot is not None else None
        if trade is None:
            continue
        trade.realised = trade.realised + change.realised
        if change.before is not None:
            trade.lots.pop(change.before.id, None)
        if change.after is not None:
            trade.lots[change.after.id] = change.after
    for name in _owners(booking):
        trade = trades.get(name)
        if trade is not None:
            trade.closed_on = None if trade.lots else day
            trade.ending = "" if trade.lots else ending


def _dividend(trades: dict[OrderId, _Trade], booking: Booking) -> None:
    """A sleeve's dividend by the shares of each trade; what else holds shares takes its part."""
    for move in booking.cash:
        symbol = move.reason.removeprefix("dividend of ").partition(",")[0]
        held = [
            (trade, Decimal(shares))
            for trade in trades.values()
            if (shares := _shares_of(trade, move.account, symbol))
        ]
        if held:
            parts = allocate(move.amount, [shares for _, shares in held])
            for (trade, _), part in zip(held, parts, strict=True):
                trade.dividends = trade.dividends + part


def _shares_of(trade: _Trade, account: AccountId, symbol: str) -> int:
    return sum(
        lot.quantity
        for lot in trade.lots.values()
        if lot.is_shares and lot.account == account and lot.underlying == symbol
    )


def _told(trade: _Trade, marks: dict[Instrument, Price]) -> StrategyTrade:
    proposal = trade.proposal
    open_now = [
        lot.value_at(marks.get(lot.instrument, lot.price_average) - lot.price_average)
        for lot in trade.lots.values()
    ]
    return StrategyTrade(
        strategy=proposal.rule.rulebook,
        account=proposal.account,
        part=proposal.rule.rule.partition(".")[0],
        order=trade.order,
        symbol=proposal.legs[0].instrument.underlying,
        opened_on=trade.opened_on,
        closed_on=trade.closed_on,
        units=trade.units,
        opened_for=trade.opened_for,
        realised=trade.realised,
        unrealised=total(open_now),
        dividends=trade.dividends,
        commission=trade.commission,
        ending=trade.ending,
        is_modelled=proposal.is_modelled,
    )
