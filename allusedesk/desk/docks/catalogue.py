"""Which panels there are, where they stand at first, and how each is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock


class Place(Enum):
    """Where a panel stands until somebody moves it."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class DockSpec:
    """One panel: `id` is kept in layouts, `page` is the handbook's page that F1 opens."""

    id: str
    title: str
    place: Place
    keys: str
    page: str
    build: Callable[[DeskContext], Dock]


def _week(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.week import WeekDock

    return WeekDock(context)


def _approvals(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.approvals import ApprovalsDock

    return ApprovalsDock(context)


def _journal(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.journal import JournalDock

    return JournalDock(context)


def _health(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.health import HealthDock

    return HealthDock(context)


def _reports(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.reports import ReportsDock

    return ReportsDock(context)


def _positions(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.positions import PositionsDock

    return PositionsDock(context)


def _orders(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.orders import OrdersDock

    return OrdersDock(context)


def _fills(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.fills import FillsDock

    return FillsDock(context)


def _accounts(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.accounts import AccountsDock

    return AccountsDock(context)


def _chart(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.chart import ChartDock

    return ChartDock(context)


def _option_chain(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.option_chain import OptionChainDock

    return OptionChainDock(context)


def _risk(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.risk import RiskDock

    return RiskDock(context)


def _performance(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.performance import PerformanceDock

    return PerformanceDock(context)


def _trust(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.trust import TrustDock

    return TrustDock(context)


def _strategies(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.strategies import StrategiesDock

    return StrategiesDock(context)


def _laboratory(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.laboratory import LaboratoryDock

    return LaboratoryDock(context)


def _advice(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.advice import AdviceDock

    return AdviceDock(context)


def _answers(context: DeskContext) -> Dock:
    from allusedesk.desk.docks.answers import AnswersDock

    return AnswersDock(context)


# Panels of one place share it as tabs, in this order; the first is on top.
DOCKS: tuple[DockSpec, ...] = (
    DockSpec("week", "Week", Place.LEFT, "Alt+1", "desk-week", _week),
    DockSpec("approvals", "Approvals", Place.BOTTOM, "Alt+2", "desk-approvals", _approvals),
    DockSpec("chart", "Chart", Place.MIDDLE, "Alt+3", "desk-chart", _chart),
    DockSpec("chain", "Option chain", Place.MIDDLE, "Alt+4", "desk-option-chain", _option_chain),
    DockSpec("laboratory", "Laboratory", Place.MIDDLE, "Alt+L", "desk-laboratory", _laboratory),
    DockSpec("strategies", "Strategies", Place.MIDDLE, "Alt+G", "desk-strategies", _strategies),
    DockSpec("risk", "Risk", Place.RIGHT, "Alt+9", "desk-risk", _risk),
    DockSpec("performance", "Performance", Place.RIGHT, "Alt+0", "desk-performance", _performance),
    DockSpec("positions", "Positions", Place.BOTTOM, "Alt+5", "desk-positions", _positions),
    DockSpec("orders", "Orders", Place.BOTTOM, "Alt+6", "desk-orders", _orders),
    DockSpec("fills", "Fills", Place.BOTTOM, "Alt+7", "desk-fills", _fills),
    DockSpec("accounts", "Accounts", Place.BOTTOM, "Alt+8", "desk-accounts", _accounts),
    DockSpec("journal", "Journal", Place.BOTTOM, "Alt+J", "desk-journal", _journal),
    DockSpec("reports", "Reports", Place.RIGHT, "Alt+R", "desk-reports", _reports),
    DockSpec("answers", "Answers", Place.RIGHT, "Alt+Q", "desk-answers", _answers),
    DockSpec("advice", "Advice", Place.RIGHT, "Alt+I", "desk-advice", _advice),
    DockSpec("trust", "Trust", Place.RIGHT, "Alt+U", "desk-trust", _trust),
    DockSpec("health", "Health", Place.RIGHT, "Alt+H", "desk-health", _health),
)
