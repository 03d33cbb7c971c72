"""The desks that the checks of section 15 play with, and questions to their records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind, account_id
from allusedesk.domain.proposals import ProposalKind, TurnedDown
from tests.acceptance.stage import FAMILY, Stage
from tests.simulation.invariants import Watcher

GEN, REV, COM = AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING
F1_GEN, F1_REV, F1_COM = (account_id(FAMILY, kind) for kind in (GEN, REV, COM))
MONDAY = date(2013, 1, 28)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in range(1, 5))
NEXT_MONDAY = MONDAY + timedelta(days=7)
REV_ONLY = {GEN: (), REV: ("AAPL",), COM: ()}


def stage(symbols: dict[AccountKind, tuple[str, ...]] | None = None, **changes: Any) -> Stage:
    spots = changes.pop("spots", {"AAPL": "100", "IBM": "100"})
    return Stage(MONDAY, spots, symbols or REV_ONLY, **changes)


def kept_to_the_end() -> Stage:
    """A desk whose person answers no proposal to close, so that options run to their expiry."""
    desk = stage()
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    return desk


def refusals(of: Stage, account: str = F1_REV) -> list[TurnedDown]:
    return [
        item
        for event in (*of.all(ev.EntriesWeighed), *of.all(ev.PositionsWeighed))
        if event.account == account
        for item in event.turned_down
    ]


def rules_refused(of: Stage, account: str = F1_REV) -> set[str]:
    return {item.rule for item in refusals(of, account)}


def proposals(of: Stage, *kinds: ProposalKind) -> list[Any]:
    return [e.proposal for e in of.all(ev.ProposalMade) if not kinds or e.proposal.kind in kinds]


def sound(of: Stage) -> Watcher:
    """The record keeps every invariant, and the book is the broker's."""
    watcher = of.watched()
    watcher.check_weeks()
    watcher.check_broker(of.broker.statement())
    assert not of.state.halted_by
    return watcher
