"""What is done at Alpaca about an order: sent, moved, cancelled, asked about.

A submission whose answer was lost is never repeated blindly: it is looked for under its name, and
sent again under that same name alone, which Alpaca takes once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    BrokerReport,
    Order,
    OrderAcknowledged,
    OrderCancelled,
    OrderRejected,
)
from allusedesk.execution.brokers.alpaca_account import activities_since
from allusedesk.execution.brokers.alpaca_ledger import KnownOrder, Move, OrderLedger
from allusedesk.execution.brokers.alpaca_rest import Refused, Rest, TooFast, Unanswered
from allusedesk.execution.brokers.alpaca_words import (
    Row,
    Ticket,
    Unreadable,
    WireOrder,
    limit_for,
    objection_to,
    read_execution,
    read_order,
    read_update,
    ticket_of,
)

_NAME_IS_TAKEN = "client_order_id must be unique"
_UNPROCESSABLE = 422
EXECUTIONS = "FILL"
_TRIES = 4
_LAG_SECONDS = 0.25
# An order whose submission went astray is sent again within minutes, or not at all.
_AGE_MAX = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Needs:
    """What trading asks of the door.

    `tell` takes reports in their order; `is_open` says whether the market is; `since` how far
    back records are read; `go_on` has a move pursued; `options_level` is the account's; `pause`
    waits so many seconds.
    """

    tell: Callable[[Sequence[BrokerReport]], None]
    is_open: Callable[[Rest], bool]
    since: Callable[[], datetime]
    go_on: Callable[[OrderId], None]
    options_level: Callable[[], int | None]
    pause: Callable[[float], None]


class Trades:
    """The orders of one account; each public method but `heard` is called with a thread's calls.

    `lock` guards the ledger; no call is made while it is held.
    """

    def __init__(self, needs: Needs) -> None:
        self.lock = RLock()
        self.ledger = OrderLedger()
        self._needs, self._tell = needs, needs.tell

    def heard(self, told: Row) -> KnownOrder | None:
        """Take an update of the stream; the order it belongs to, for what has to follow.

        Raises Unreadable where it is not what Alpaca documents.
        """
        row = told.get("order")
        if not isinstance(row, dict):
            raise Unreadable("Alpaca sent an update without an order.")
        wire = read_order(row)
        execution = read_update(told, wire)
        with self.lock:
            known = self.ledger.hear(wire)
            if known is None:
                return None
            known.is_followed = True
            if execution is not None:
                known.add(execution)
            self._tell(known.news())
        return known

    def place(self, rest: Rest, order: Order) -> None:
        """Send an order, or what is missing of one that is over."""
        with self.lock:
            known = self.ledger.order(order.id)
            known.is_followed = True
            is_done = self._is_answered_already(known, order)
        if is_done:
            return
        if order.version > 1 and not known.wires:
            self.probe(rest, known)
        if known.open_wire is not None and order.limit is not None:
            self.replace(rest, order.id, order.version, order.quantity, order.limit)
            return
        objection = objection_to(order) or (
            "" if self._needs.is_open(rest) else "the market is closed"
        )
        units = order.quantity - known.filled
        if not objection and units <= 0:
            objection = "nothing of it is left to fill"
        if objection:
            self._refuse(known, order, objection)
            return
        self._submit(rest, known, replace(ticket_of(order), quantity=units), order)

    def replace(
        self, rest: Rest, order: OrderId, version: int, quantity: int, limit: Price
    ) -> None:
        """Move a working order; how depends on what Alpaca would do about its executions."""
        known = self.ledger.order(order)
        known.is_followed = True
        if not known.wires:
            self.probe(rest, known)
        with self.lock:
            if version <= known.version:
                return
            if known.open_wire is None:
                self._tell([OrderRejected(order, "there is no working order to replace")])
                return
            known.version = version
            known.move = Move(version, quantity, limit)
        self._needs.go_on(order)

    def pursue(self, rest: Rest, order: OrderId) -> None:
        """Go on with a move, as far as the order's present state lets it.

        Alpaca lets a replacement fill its whole quantity, whatever the replaced order filled in
        the meantime. A single unit is filled or not, so it is replaced; of several the order is
        cancelled and, once that is sure, only what is missing is sent.
        """
        known = self.ledger.order(order)
        with self.lock:
            move, wire = known.move, known.open_wire
            ticket = known.ticket()
        if move is None or ticket is None:
            return
        if wire is None:
            self._send_rest(rest, known, move, ticket)
        elif not wire.is_resting or known.is_leaving_to_move:
            return
        elif wire.quantity == 1 and move.quantity == 1:
            self._exchange(rest, known, move, wire)
        else:
            known.is_leaving_to_move = True
            self._cancel_wire(rest, known, wire)

    def cancel(self, rest: Rest, order: OrderId) -> None:
        """Take an order back, whatever else was wished of it."""
        known = self.ledger.order(order)
        with self.lock:
            known.is_followed = True
            known.move, known.is_leaving_to_move = None, False
        if known.open_wire is None:
            self.probe(rest, known)
        wire = known.open_wire
        if wire is None:
            self._answer(known)
        else:
            self._cancel_wire(rest, known, wire)

    def look_up(self, rest: Rest, order: OrderId) -> None:
        """Answer what became of an order; nothing is said while Alpaca does not say all of it."""
        known = self.ledger.order(order)
        known.is_followed = True
        self.probe(rest, known)
        if known.move is not None and known.open_wire is None:
            self.pursue(rest, order)
        if known.move is None or known.open_wire is not None:
            self._answer(known)

    def refresh(self, rest: Rest, order: OrderId) -> None:
        """Ask for an order anew, go on with its move, and tell what is new."""
        known = self.ledger.order(order)
        self.probe(rest, known)
        if known.move is not None:
            wire = known.open_wire
            if wire is not None and wire.is_resting:
                # Alpaca did not hear, or did not follow, that it was to be cancelled.
                known.is_leaving_to_move = False
            self.pursue(rest, order)
        self.tell_news(known)

    def take_back_unsent(self, order: OrderId) -> bool:
        """Take back what was never sent, without a call; False where some of it was."""
        with self.lock:
            known = self.ledger.order(order)
            if known.wires or known.names:
                return False
            known.is_followed = known.is_taken_back = True
            self._tell([OrderCancelled(order)])
            return True

    def probe(self, rest: Rest, known: KnownOrder) -> None:
        """Ask for every submission of an order anew, and for those whose answer was lost."""
        known.is_in_doubt = False
        for wire in [one for one in known.wires.values() if not one.is_over]:
            self._hear(rest.by_id(wire.id))
        while (row := rest.by_name(name := known.free_name())) is not None:
            self._hear(row)
            if known.free_name() == name:
                raise Unreadable(f"Alpaca answered the question for {name} with another order.")
        if known.wires and not known.has_all_executions:
            self.fetch(rest, known)

    def fetch(self, rest: Rest, known: KnownOrder) -> None:
        """Executions of an order that are missing, from the activities, which may lag a little."""
        after = min([self._needs.since(), *(wire.created_at for wire in known.wires.values())])
        for _ in range(_TRIES):
            for row in activities_since(rest, (EXECUTIONS,), after):
                with self.lock:
                    self.ledger.add(read_execution(row))
            if known.has_all_executions:
                return
            self._needs.pause(_LAG_SECONDS)

    def tell_news(self, known: KnownOrder) -> None:
        """What is new of an order, to the desk."""
        with self.lock:
            self._tell(known.news())

    def _tell_all(self, rest: Rest, known: KnownOrder) -> None:
        """What is new of an order, with executions that no update told."""
        if not known.has_all_executions:
            self.fetch(rest, known)
        self.tell_news(known)

    def _answer(self, known: KnownOrder) -> None:
        with self.lock:
            answer = known.looked_up()
            if answer is not None:
                known.is_end_told = known.open_wire is None
                self._tell([answer])

    def _is_answered_already(self, known: KnownOrder, order: Order) -> bool:
        """True for a version that was wished before, which is said again, or an older one."""
        if known.wish is None and not known.version:
            return False
        if order.version != known.version or known.wish is None:
            return order.version < known.version
        if _content(order) != _content(known.wish):
            self._tell([OrderRejected(order.id, "this id was used for another order")])
        elif known.open_wire is not None:
            self._tell([OrderAcknowledged(order.id, order.version)])
        return True

    def _refuse(self, known: KnownOrder, order: Order, reason: str) -> None:
        with self.lock:
            known.wish = known.wish or order
            known.version, known.refused = order.version, reason
            self._tell([OrderRejected(order.id, reason)])

    def _submit(self, rest: Rest, known: KnownOrder, ticket: Ticket, order: Order) -> None:
        """One POST under the order's free name, and what its outcome means."""
        with self.lock:
            before = known.wish, known.version
            name = known.free_name()
            known.wish, known.version = order, order.version
            known.submitted(name, order.version)
        try:
            self._hear(rest.place(ticket, name))
        except TooFast:
            known.wish, known.version = before
            raise
        except (Unanswered, Unreadable):
            self._look_for(rest, name)
        except Refused as no:
            if _is_taken(no):
                # An earlier submission of this name arrived after all: it is moved to be this.
                self._adopt(rest, known, name, order)
                return
            self._refuse(known, order, f"Alpaca refused it: {no.words}{self._hint(order)}")
        self._tell_all(rest, known)

    def _hint(self, order: Order) -> str:
        """What a person should know of an account that trades no options at all."""
        has_options = any(not isinstance(leg.instrument, Stock) for leg in order.legs)
        if not has_options or self._needs.options_level() != 0:
            return ""
        return "; the account is not approved for options, so apply for a level at Alpaca"

    def _adopt(self, rest: Rest, known: KnownOrder, name: str, order: Order) -> None:
        self._look_for(rest, name)
        if not _could_be(known, name, order):
            self._refuse(known, order, "this id was used for another order")
            return
        wire = known.open_wire
        if wire is not None and order.limit is not None:
            units = order.quantity - known.filled + wire.filled
            if (wire.limit, wire.quantity) != (limit_for(wire.legs, order.limit), units):
                known.move = Move(order.version, order.quantity, order.limit)
                self._needs.go_on(known.id)
        self._tell_all(rest, known)

    def _send_rest(self, rest: Rest, known: KnownOrder, move: Move, ticket: Ticket) -> None:
        """The old submission is over: what it did not fill is sent at the new limit."""
        units = move.quantity - known.filled
        is_ours_to_send = known.is_leaving_to_move and known.is_cancelled
        if units <= 0 or not is_ours_to_send or not self._needs.is_open(rest):
            with self.lock:
                known.move, known.is_leaving_to_move = None, False
            self._tell_all(rest, known)
            return
        name = known.free_name()
        limit = limit_for(ticket.legs, move.limit)
        known.submitted(name, move.version)
        try:
            self._hear(rest.place(replace(ticket, quantity=units, limit=limit), name))
        except (Unanswered, Unreadable):
            if not self._look_for(rest, name):
                return
        except Refused as no:
            if not (_is_taken(no) and self._look_for(rest, name)):
                self._tell([OrderRejected(known.id, f"Alpaca refused to move it: {no.words}")])
        with self.lock:
            known.move, known.is_leaving_to_move = None, False
        self._tell_all(rest, known)

    def _exchange(self, rest: Rest, known: KnownOrder, move: Move, wire: WireOrder) -> None:
        """Alpaca's own replacement, of an order that fills at once or not at all."""
        name = known.free_name()
        known.names[name] = move.version
        try:
            self._hear(rest.replace(wire.id, str(limit_for(wire.legs, move.limit)), name))
        except (Unanswered, Unreadable):
            if not self._look_for(rest, name):
                return
        except Refused as no:
            now = self._hear(rest.by_id(wire.id))
            if _is_taken(no):
                self._look_for(rest, name)
            if not now.is_over and not now.is_resting:
                return
            if now.is_resting:
                self._tell([OrderRejected(known.id, f"Alpaca refused to move it: {no.words}")])
        known.move = None
        self._tell_all(rest, known)

    def _cancel_wire(self, rest: Rest, known: KnownOrder, wire: WireOrder) -> None:
        """Ask for the end of a submission; where that comes too late, hear what it became."""
        try:
            rest.cancel(wire.id)
        except Unanswered:
            # Whether it was heard shows when the order is looked at again.
            return
        except Refused:
            self._hear(rest.by_id(wire.id))
        self._tell_all(rest, known)

    def _look_for(self, rest: Rest, name: str) -> bool:
        """True where Alpaca has the submission of that name; silence is no answer."""
        try:
            row = rest.by_name(name)
        except (Unanswered, Refused):
            return False
        if row is not None:
            self._hear(row)
        return row is not None

    def _hear(self, row: Row) -> WireOrder:
        wire = read_order(row)
        with self.lock:
            self.ledger.hear(wire)
        return wire


def _is_taken(no: Refused) -> bool:
    """True where an earlier submission of the same name arrived after all."""
    return no.status == _UNPROCESSABLE and _NAME_IS_TAKEN in no.words


def _could_be(known: KnownOrder, name: str, order: Order) -> bool:
    """False where Alpaca has something else under the name, such as an earlier desk's order."""
    asked = [(leg.symbol, leg.side) for leg in ticket_of(order).legs]
    return all(
        [(leg.symbol, leg.side) for leg in wire.legs] == asked
        and wire.quantity <= order.quantity
        and order.written_at - wire.created_at < _AGE_MAX
        for wire in known.wires.values()
        if wire.name == name
    )


def _content(order: Order) -> tuple[object, ...]:
    """What makes two orders of one id and version the same."""
    return order.account, order.legs, order.quantity, order.type, order.limit, order.time_in_force
