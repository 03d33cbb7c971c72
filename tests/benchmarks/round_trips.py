"""Orders through risk, ticket, lifecycle, simulated fill and book, with no disk anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from allusedesk.approvals.gate import approval_on_record, grant, route
from allusedesk.approvals.policy import APPROVE_ALL, answer
from allusedesk.approvals.request import ApprovalRequest
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import ProposalApproved
from allusedesk.domain.identifiers import ProposalId
from allusedesk.execution.lifecycle import advance
from allusedesk.execution.pretrade import last_look
from allusedesk.execution.slicing import next_clip
from allusedesk.execution.ticket import write_order
from allusedesk.portfolio.accounting import book_fill
from allusedesk.risk.limits import Standing, judge
from tests.doors.broker_rigs import Rig, two_sided
from tests.trading import (
    DAY,
    NOON,
    REV,
    buy,
    classic,
    funded_book,
    price,
    proposal,
    put,
    sell,
    sessions,
    snapshot,
    view,
)

SESSION = next(session for session in sessions() if session.date == DAY)
CONTRACT = put()


class RoundTrips:
    """A sleeve that sells one put and buys it back, over and over, each by its own proposal."""

    def __init__(self) -> None:
        self.rules = classic()
        self.book = funded_book()
        self.rig = Rig(cash=300_000)
        self.rig.show(two_sided(CONTRACT))
        self.seen = snapshot(two_sided(CONTRACT))
        self.until = NOON + timedelta(hours=4)
        self.done = 0

    def trade(self, count: int) -> None:
        for _ in range(count):
            self.one_order()

    def one_order(self) -> None:
        """From a proposal to a booked fill; raises AssertionError where any stage refuses."""
        held = self.book.positions_of(REV)
        leg = buy(CONTRACT, closes=held[0].id) if held else sell(CONTRACT)
        changes: dict[str, Any] = {"id": ProposalId(f"2013-W07/{REV}/P{self.done}")}
        wanted = proposal(leg, credit_net=price("-2.00" if held else "2.00"), **changes)
        standing = Standing(view(REV, self.book))
        routed = route(wanted, judge(wanted, self.book, standing, self.seen, self.rules))
        assert isinstance(routed, AskOperator)
        decided = answer(APPROVE_ALL, routed.proposal)
        assert decided is not None
        granted = grant(ApprovalRequest(wanted), decided, NOON, self.until, self.rules)
        assert isinstance(granted, ProposalApproved)
        clip = next_clip(wanted, (), self.rules.orders)
        assert clip is not None
        looked = last_look(wanted, clip, self.book, standing, self.seen, SESSION, self.rules)
        assert looked is None
        order = write_order(
            approval_on_record(granted), wanted, clip, self.seen, self.until, self.rules
        )
        # The clock stands still, so that a day without end holds any number of orders.
        self.rig.now = NOON
        self.rig.broker.place_order(order)
        for report in self.rig.broker.advance(NOON + timedelta(seconds=1)):
            progress = advance(order, report)  # type: ignore[arg-type]
            if progress.executions:
                booking = book_fill(
                    self.book, order, progress.executions, DAY, DAY + timedelta(days=1)
                )
                self.book = self.book.booked(booking, DAY)
            order = progress.order
        assert order.quantity_open == 0
        self.book = self.book.settled_through(DAY + timedelta(days=1))
        self.done += 1


def dispatch_only(count: int) -> None:
    """The limit of any such path in this language: one immutable value made a stage."""
    leg = sell(CONTRACT)
    wanted = proposal(leg)
    for _ in range(count):
        for stage in range(6):
            wanted = replace(wanted, quantity=stage + 1)
