"""Figures folded from entries: the same from a running engine and from its journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.registry import CollectorRegistry

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain.events import Entry
from allusedesk.monitoring.order_metrics import OrderMetrics, ProposalMetrics
from allusedesk.monitoring.tallies import Level, Shelf, Tally
from allusedesk.monitoring.week_metrics import LookMetrics, SleeveMetrics

_Fold = Callable[[Any, datetime], None]


class EntryMetrics:
    """Counts every entry in its kind, and what it says under its subject.

    The series enter `registry`; `observe` costs a few microseconds an entry.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        shelf = Shelf()
        registry.register(shelf)
        self._entries = Tally("entries", "Facts recorded, by kind", ("kind",))
        self._reports = Tally("broker_reports", "What the broker said, by kind", ("report",))
        self._differences = Tally("differences_found", "Differences between book and broker")
        self._open = Level("differences_open", "Differences at the last reconciliation")
        self._raised = Tally("alerts_raised", "Alerts raised, by rule", ("rule",))
        self._cleared = Tally("alerts_cleared", "Alerts that cleared")
        self._noted = Tally("alerts_acknowledged", "Alerts a person took note of")
        shelf.put(self._entries, self._reports, self._differences, self._open)
        shelf.put(self._raised, self._cleared, self._noted)
        self._folds: dict[type, _Fold] = {
            **_folds_of_trade(ProposalMetrics(shelf), OrderMetrics(shelf)),
            **_folds_of_week(LookMetrics(shelf), SleeveMetrics(shelf)),
            heard.BrokerReported: self._reported,
            heard.AlertRaised: lambda event, _: self._raised.add(event.alert.rule),
            heard.AlertCleared: lambda _event, _: self._cleared.add(),
            heard.AlertAcknowledged: lambda _event, _: self._noted.add(),
            told.DifferenceFound: lambda _event, _: self._differences.add(),
            told.DeskReconciled: self._reconciled,
        }

    def observe(self, entry: Entry) -> None:
        """Count one entry."""
        event = entry.event
        kind = type(event)
        self._entries.add(kind.__name__)
        fold = self._folds.get(kind)
        if fold is not None:
            fold(event, entry.recorded_at)

    def _reported(self, event: heard.BrokerReported, _at: datetime) -> None:
        self._reports.add(type(event.report).__name__)

    def _reconciled(self, event: told.DeskReconciled, _at: datetime) -> None:
        self._open.set(value=event.differences)


def _folds_of_trade(proposals: ProposalMetrics, orders: OrderMetrics) -> Mapping[type, _Fold]:
    return {
        heard.OperatorDecided: proposals.answered,
        told.ProposalMade: proposals.made,
        told.ProposalApproved: proposals.approved,
        told.ProposalDeclined: proposals.declined,
        told.ProposalLapsed: proposals.lapsed,
        told.ProposalVoided: proposals.voided,
        told.ProposalCompleted: proposals.completed,
        told.ProposalRefused: proposals.refused,
        told.AnswerIgnored: proposals.ignored,
        told.RiskJudged: proposals.judged,
        told.EntriesWeighed: proposals.entries_weighed,
        told.PositionsWeighed: proposals.positions_weighed,
        told.LadderWeighed: proposals.ladder_weighed,
        told.HedgeMissed: proposals.hedge_missed,
        told.OrderWritten: orders.written,
        told.OrderStatusChanged: orders.stepped,
        told.OrderMoved: orders.moved,
        told.FillBooked: orders.filled,
        told.ReportIgnored: orders.ignored,
        told.AssignmentBooked: orders.assigned,
        told.SettlementBooked: orders.assigned,
        told.ExpiryBooked: orders.assigned,
    }


def _folds_of_week(looks: LookMetrics, sleeves: SleeveMetrics) -> Mapping[type, _Fold]:
    return {
        heard.AlarmRang: looks.rang,
        heard.PriceAlarmRang: looks.crossed,
        heard.MarketSampled: looks.sampled,
        told.ConditionClassified: looks.classified,
        told.SleeveStateChanged: sleeves.stepped,
        told.SleeveFrozen: sleeves.frozen,
        told.SleeveThawed: sleeves.thawed,
        told.LevelChanged: sleeves.level_changed,
        told.OutcomeClassified: sleeves.classified,
        told.WeekLabelled: sleeves.labelled,
        told.WeekClosed: sleeves.reported,
        told.NoticeRaised: sleeves.noticed,
        told.BreakerTripped: sleeves.tripped,
        told.CashBooked: sleeves.booked,
        told.GainReinvested: sleeves.reinvested,
        told.FamilyOpened: sleeves.opened,
        told.SurplusFloorSet: sleeves.based,
        told.BalancesMarked: sleeves.marked,
    }
