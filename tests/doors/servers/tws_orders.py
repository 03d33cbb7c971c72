"""The venue's order book: what it takes, matches, moves and cancels, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tests.doors.servers.tws_account import Account
from tests.doors.servers.tws_tickets import Done, Shown, Ticket
from tests.doors.servers.tws_wire import (
    ComboLeg,
    Listing,
    Wish,
    completed_order_fields,
    open_order_fields,
)

CONTRACT_FEE = Decimal("0.65")
SHARE_FEE, SHARES_FEE_MIN = Decimal("0.005"), Decimal(1)
LIVE = -1


class Listener(Protocol):
    """One connection of a client."""

    client_id: int

    def send(self, *fields: object) -> None: ...

    def error(self, request: int, code: int, text: str) -> None: ...


@dataclass
class Venue:
    """Accounts, listings, quotes and orders; it tells every connection what concerns it.

    It fills where the limit reaches the middle of what is shown, at that middle, a combination
    as one. `units_per_fill` bounds what one look fills. A closed venue keeps orders waiting.
    """

    now: Callable[[], datetime]
    accounts: dict[str, Account] = field(default_factory=dict)
    listings: dict[int, Listing] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)
    tickets: list[Ticket] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    lines: list[Listener] = field(default_factory=list)
    moved: Callable[[Account, Listing], None] = lambda _account, _listing: None
    units_per_fill: int | None = None
    is_open: bool = True
    reason_to_reject: str = ""
    mute_fees: bool = False

    # What clients ask.

    def place(self, line: Listener, wish: Wish) -> None:
        """Take a new order or move one of the same client and number."""
        known = self.find(line.client_id, wish.order_id)
        if known is not None:
            self._move(line, known, wish)
            return
        code, reason = self._refusal(wish)
        if code:
            line.error(wish.order_id, code, reason)
            return
        ticket = Ticket(wish, line.client_id, 1_000_001 + len(self.tickets))
        if not self.is_open:
            ticket.status = "PreSubmitted"
        self.tickets.append(ticket)
        self.tell(ticket)
        self._look_at(ticket)

    def _move(self, line: Listener, known: Ticket, wish: Wish) -> None:
        if known.status == "Filled":
            line.error(wish.order_id, 104, "Cannot modify a filled order.")
        elif known.is_over:
            line.error(wish.order_id, 103, "Duplicate order id")
        elif (wish.action, wish.con_id, wish.legs) != (
            known.wish.action,
            known.wish.con_id,
            known.wish.legs,
        ):
            line.error(wish.order_id, 105, "Order being modified does not match original order.")
        elif self.reason_to_reject:
            line.error(wish.order_id, 201, f"Order rejected - reason:{self.reason_to_reject}")
        else:
            known.wish = replace(known.wish, limit=wish.limit, quantity=wish.quantity)
            self.tell(known)
            self._look_at(known)

    def cancel(self, line: Listener, order_id: int) -> None:
        known = self.find(line.client_id, order_id)
        if known is None:
            line.error(
                order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found."
            )
        elif known.is_over:
            line.error(
                order_id,
                10148,
                f"OrderId {order_id} that needs to be cancelled can not be cancelled, "
                f"state: {known.status}.",
            )
        else:
            self.end(known, "Cancelled", "Cancelled by Trader")
            line.error(order_id, 202, "Order Canceled - reason:")

    def find(self, client_id: int, order_id: int) -> Ticket | None:
        for ticket in self.tickets:
            if (ticket.client_id, ticket.wish.order_id) == (client_id, order_id):
                return ticket
        return None

    # What it tells.

    def tell(self, ticket: Ticket) -> None:
        """The order and its status, to the client that placed it."""
        for line in self.lines:
            if line.client_id == ticket.client_id:
                self.tell_to(line, ticket)

    def tell_to(self, line: Listener, ticket: Ticket) -> None:
        line.send(*open_order_fields(ticket.wish, ticket.client_id, ticket.perm_id, ticket.status))
        line.send(*ticket.status_fields())

    def completed(self, ticket: Ticket) -> list[object]:
        return completed_order_fields(
            ticket.wish, ticket.perm_id, ticket.status, ticket.filled, ticket.ended
        )

    # What happens.

    def show(self, con_id: int, bid: Decimal, ask: Decimal) -> None:
        """A quote moves; every order is looked at once."""
        self.shown[con_id] = Shown(bid, ask)
        for ticket in list(self.tickets):
            self._look_at(ticket)

    def end(self, ticket: Ticket, status: str, how: str) -> None:
        ticket.status = status
        ticket.ended = (f"{self.now():%Y%m%d %H:%M:%S} UTC", how)
        for line in self.lines:
            if line.client_id == ticket.client_id:
                line.send(*ticket.status_fields())

    def close_session(self) -> None:
        """The session is over: orders for the day end, and new ones wait."""
        self.is_open = False
        for ticket in self.tickets:
            if not ticket.is_over and ticket.wish.time_in_force == "DAY":
                self.end(ticket, "Cancelled", "Expired at the close")

    def deliver(self, account: str, con_id: int, signed: int, share_id: int) -> None:
        """Options of one account are exercised: they go, and shares come or go at the strike."""
        option = self.listings[con_id]
        towards = 1 if option.right == "C" else -1
        shares = Decimal(signed * towards * option.multiplier)
        self._executed(None, account, option, Decimal(-signed), Decimal(0), Decimal(0))
        self._executed(None, account, self.listings[share_id], shares, option.strike, Decimal(0))

    def expire(self, account: str, con_id: int, *, is_told: bool = True) -> None:
        """Options of one account end worthless, with or without an execution of their own."""
        held = self.accounts[account].positions.get(con_id, Decimal(0))
        listing = self.listings[con_id]
        if is_told:
            self._executed(None, account, listing, -held, Decimal(0), Decimal(0))
        else:
            self.accounts[account].trade(listing, -held, Decimal(0), Decimal(0))
            self.moved(self.accounts[account], listing)

    def fill(self, ticket: Ticket, units: int) -> None:
        """Fill so many units at what is shown, whatever the limit says."""
        prices = [self.shown[leg.con_id].middle for leg in _legs(ticket.wish)]
        self._trade(ticket, Decimal(units), prices)

    # How it matches.

    def _refusal(self, wish: Wish) -> tuple[int, str]:
        if wish.quantity <= 0:
            return 434, "The order size cannot be zero."
        if wish.account not in self.accounts:
            return 321, "Error validating request.-'bO' : cause - Invalid account code"
        if any(leg.con_id not in self.listings for leg in _legs(wish)):
            return 200, "No security definition has been found for the request"
        if self.reason_to_reject:
            return 201, f"Order rejected - reason:{self.reason_to_reject}"
        if self._needs(wish) > self.accounts[wish.account].cash:
            return 201, "Order rejected - reason:YOUR ACCOUNT HAS INSUFFICIENT AVAILABLE FUNDS"
        return 0, ""

    def _needs(self, wish: Wish) -> Decimal:
        """What a cash account must have free: strikes of short puts, the debit and the fees."""
        after = dict(self.accounts[wish.account].positions)
        fees = Decimal(0)
        for leg in _legs(wish):
            signed = wish.quantity if leg.action == "BUY" else -wish.quantity
            after[leg.con_id] = after.get(leg.con_id, Decimal(0)) + signed
            fees += _fee(self.listings[leg.con_id], wish.quantity)
        reserved = Decimal(0)
        for con_id, held in after.items():
            listing = self.listings[con_id]
            if listing.right == "P" and held < 0:
                reserved -= held * listing.strike * listing.multiplier
        net = wish.limit if wish.limit is not None and wish.action == "BUY" else Decimal(0)
        multiplier = self.listings[_legs(wish)[0].con_id].multiplier
        return reserved + max(net, Decimal(0)) * wish.quantity * multiplier + fees

    def _look_at(self, ticket: Ticket) -> None:
        legs = _legs(ticket.wish)
        if ticket.is_over or not self.is_open or any(leg.con_id not in self.shown for leg in legs):
            return
        middles = [self.shown[leg.con_id].middle for leg in legs]
        net = Decimal(0)
        for leg, middle in zip(legs, middles, strict=True):
            net += middle if leg.action == "BUY" else -middle
        limit = ticket.wish.limit
        if limit is not None and ticket.wish.action == "SELL":
            limit = -limit
        if ticket.wish.type == "LMT" and (limit is None or net > limit):
            return
        units = ticket.remaining
        if self.units_per_fill is not None:
            units = min(units, Decimal(self.units_per_fill))
        self._trade(ticket, units, middles)

    def _trade(self, ticket: Ticket, units: Decimal, prices: list[Decimal]) -> None:
        wish = ticket.wish
        legs = _legs(wish)
        net = Decimal(0)
        for leg, price in zip(legs, prices, strict=True):
            net += price if leg.action == "BUY" else -price
        paid = net if wish.is_combo or wish.action == "BUY" else -net
        ticket.filled += units
        ticket.paid += units * paid
        ticket.last_price = paid
        if ticket.remaining <= 0:
            ticket.ended = (f"{self.now():%Y%m%d %H:%M:%S} UTC", f"Filled Size: {ticket.filled}")
            ticket.status = "Filled"
        if wish.is_combo:
            self._tell_done(self._whole(ticket, units, paid))
        for leg, price in zip(legs, prices, strict=True):
            signed = units if leg.action == "BUY" else -units
            fee = _fee(self.listings[leg.con_id], units)
            self._executed(ticket, wish.account, self.listings[leg.con_id], signed, price, fee)
        self.tell(ticket)

    def _whole(self, ticket: Ticket, units: Decimal, price: Decimal) -> Done:
        """The execution of a combination itself, told besides those of its legs, without a fee."""
        side = "BOT" if ticket.wish.action == "BUY" else "SLD"
        contract = tuple(ticket.wish.contract)
        return Done(
            self._next_id(),
            self.now(),
            ticket.wish.account,
            contract,
            side,
            units,
            price,
            ticket,
            ticket.filled,
            None,
        )

    def _executed(
        self,
        ticket: Ticket | None,
        account: str,
        listing: Listing,
        signed: Decimal,
        price: Decimal,
        fee: Decimal,
    ) -> None:
        holder = self.accounts[account]
        holder.trade(listing, signed, price, fee)
        execution = Done(
            self._next_id(),
            self.now(),
            account,
            tuple(listing.fields("CBOE")),
            "BOT" if signed > 0 else "SLD",
            abs(signed),
            price,
            ticket,
            ticket.filled if ticket else abs(signed),
            fee,
        )
        self._tell_done(execution)
        self.moved(holder, listing)

    def _tell_done(self, execution: Done) -> None:
        self.done.append(execution)
        for line in self.lines:
            if execution.ticket is None or line.client_id == execution.ticket.client_id:
                line.send(*execution.fields(LIVE))
                if execution.fee is not None and not self.mute_fees:
                    line.send(*execution.fee_fields())

    def _next_id(self) -> str:
        return f"0000e0d5.{len(self.done) + 1:08x}.01.01"


def _legs(wish: Wish) -> list[ComboLeg]:
    return wish.legs or [ComboLeg(wish.con_id, 1, wish.action, "SMART")]


def _fee(listing: Listing, units: Decimal) -> Decimal:
    if listing.kind == "OPT":
        return CONTRACT_FEE * units
    return max(SHARE_FEE * units, SHARES_FEE_MIN)
