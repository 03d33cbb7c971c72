"""Alpaca's statement: orders, executions, cash and positions that belong to one another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerNotice, BrokerStatement, Fill
from allusedesk.execution.brokers.alpaca_account import activities_since, orders_since
from allusedesk.execution.brokers.alpaca_rest import Refused, Rest
from allusedesk.execution.brokers.alpaca_trades import EXECUTIONS, Trades
from allusedesk.execution.brokers.alpaca_words import (
    NOTICES,
    amount_of,
    read_execution,
    read_notice,
    read_order,
    read_position,
)
from allusedesk.execution.reconciliation import is_ours

# Alpaca has no call that tells all of it at one instant.
_TRIES = 3


class Statements:
    """Reads statements and notices; what a statement told is not told as news afterwards."""

    def __init__(
        self, trades: Trades, since: Callable[[], datetime], now: Callable[[], datetime]
    ) -> None:
        self._trades, self._since, self._now = trades, since, now
        self._told: set[str] = set()
        self._unknown: set[str] = set()
        self._has_begun = False
        self._opened_at = now()

    def take(self, rest: Rest) -> BrokerStatement:
        """Cash and positions between two readings of the executions that agree.

        Taken as it is after the third try, where executions come faster than they can be read.
        """
        for _ in range(_TRIES):
            # What happens from here on may be missing in it, so it is a statement of this instant.
            as_of = self._now()
            before = self._read(rest)
            cash = amount_of(rest.row("/account").get("cash"))
            held = tuple(read_position(row) for row in rest.rows("/positions"))
            notices = self._notices(rest)
            if self._read(rest) == before:
                break
        with self._trades.lock:
            for known in self._trades.ledger.followed():
                self._trades.tell_news(known)
            every = self._trades.ledger.all()
            lines = [known.on_statement() for known in every]
            fills = [fill for known in every for fill in known.whole_fills()]
            for known in every:
                known.told.update(fill.id for fill in known.whole_fills())
        self._told.update(notice.notice for notice in notices)
        self._has_begun = True
        return BrokerStatement(
            as_of=as_of,
            cash=Money(cash),
            held=held,
            open_orders=tuple(line for line in lines if line is not None),
            executions=tuple(
                sorted(
                    (fill for fill in fills if self._is_told(fill)),
                    key=lambda fill: (fill.filled_at, fill.id),
                )
            ),
            notices=tuple(notices),
        )

    def _is_told(self, fill: Fill) -> bool:
        """True within what is remembered; what others traded before us shows in positions alone."""
        is_of_now = fill.filled_at >= self._opened_at
        return fill.filled_at >= self._since() and (is_of_now or is_ours(fill.order))

    def new_notices(self, rest: Rest) -> list[BrokerNotice]:
        """Notices that were not told yet; none before the first statement, which tells all."""
        if not self._has_begun:
            return []
        fresh = [one for one in self._notices(rest) if one.notice not in self._told]
        self._told.update(one.notice for one in fresh)
        return fresh

    def _notices(self, rest: Rest) -> list[BrokerNotice]:
        rows = activities_since(rest, NOTICES, self._since())
        return [notice for row in rows if (notice := read_notice(row)) is not None]

    def _read(self, rest: Rest) -> frozenset[str]:
        """Orders and executions into the ledger; what there was, to be compared."""
        since, trades = self._since(), self._trades
        for row in orders_since(rest, since):
            wire = read_order(row)
            with trades.lock:
                trades.ledger.hear(wire)
        found: set[str] = set()
        for row in activities_since(rest, (EXECUTIONS,), since):
            execution = read_execution(row)
            found.add(execution.id)
            with trades.lock:
                is_known = trades.ledger.add(execution) is not None
            if not is_known and execution.leg not in self._unknown:
                self._hear_of_older(rest, execution.leg)
                with trades.lock:
                    trades.ledger.add(execution)
        return frozenset(found)

    def _hear_of_older(self, rest: Rest, wire: str) -> None:
        """An order from before the records reach, which was filled since."""
        try:
            row = rest.by_id(wire)
        except Refused:
            self._unknown.add(wire)
            return
        with self._trades.lock:
            self._trades.ledger.hear(read_order(row))
