"""Rows for the read side, one small function for each kind of entry that leaves any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.journal.asked_projections import ASKED_PROJECTIONS
from allusedesk.journal.order_projections import ORDER_PROJECTIONS
from allusedesk.journal.read_tables import Place, compare, turn_down
from allusedesk.journal.words.sentences import describe

_Projection = Callable[[Place, Any], None]


def project(place: Place, event: told.Event) -> None:
    """Write the rows an entry leaves; nothing for kinds that leave none."""
    write = _PROJECTIONS.get(type(event))
    if write is not None:
        write(place, event)


def _desk_opened(place: Place, event: heard.DeskOpened) -> None:
    symbols = ";".join(f"{one.kind.value}={','.join(one.symbols)}" for one in event.symbols)
    place.put(
        "desk",
        mode=event.mode,
        rulebook=event.rulebook,
        symbols=symbols,
        trend_symbol=event.trend_symbol,
        seed=event.seed,
        program=event.program,
        notes="\n".join(event.market_notes),
    )


def _family_opened(place: Place, event: told.FamilyOpened) -> None:
    for account, opening in zip(event.accounts, event.bases, strict=False):
        place.put(
            "sleeves",
            account=account.id,
            family=account.family,
            kind=account.kind,
            parent=event.family.parent,
            opened_on=account.opened_on,
            base=opening,
        )


def _week_planned(place: Place, event: heard.WeekPlanned) -> None:
    place.put(
        "weeks",
        week=event.week.id,
        first_session=event.week.sessions[0].date,
        last_session=event.week.sessions[-1].date,
        expiry=event.week.expiry,
        session_after=event.session_after.date,
    )


def _condition(place: Place, event: told.ConditionClassified) -> None:
    place.put(
        "conditions",
        week=event.week,
        condition=event.condition,
        rule=event.rule,
        deploy=event.deploy,
        vix=event.vix,
        vix_average=event.vix_average,
        reason="",
    )
    compare(place, str(event.week), event.comparisons)


def _condition_missing(place: Place, event: told.ConditionMissing) -> None:
    place.put("conditions", week=event.week, rule="", reason=event.reason)


def _entries_weighed(place: Place, event: told.EntriesWeighed) -> None:
    count = len(event.proposals)
    place.put(
        "looks",
        week=event.week,
        account=event.account,
        look="entry",
        proposals=count,
        target=event.target,
    )
    turn_down(place, str(event.week), event.account, event.turned_down)


def _positions_weighed(place: Place, event: told.PositionsWeighed) -> None:
    count = len(event.proposals)
    place.put("looks", week=event.week, account=event.account, look=event.look, proposals=count)
    turn_down(place, str(event.week), event.account, event.turned_down)


def _level(place: Place, event: told.LevelChanged) -> None:
    place.put(
        "levels",
        week=place.week,
        position=event.position,
        level_before=event.level_before,
        level=event.level,
        distance=event.distance,
        atr=event.atr,
        spot=event.spot,
    )


def _outcome(place: Place, event: told.OutcomeClassified) -> None:
    place.put(
        "outcomes",
        week=event.week,
        account=event.account,
        position=event.position,
        outcome=event.outcome,
        tag=event.tag,
        action=event.action,
    )
    compare(place, str(event.week), event.comparisons)


def _label(place: Place, event: told.WeekLabelled) -> None:
    place.put(
        "labels",
        week=event.week,
        family=event.family,
        label=event.label,
        tags=", ".join(event.tags),
    )


def _forecast(place: Place, event: ForecastMade) -> None:
    for one in event.targets:
        for each in one.likelihoods:
            place.put(
                "forecasts",
                week=event.week,
                target=one.target,
                code=each.code,
                probability=each.probability,
                base_rate=each.base_rate,
            )


def _balances(place: Place, event: told.BalancesMarked) -> None:
    for one in event.marks:
        place.put(
            "marks",
            week=place.week,
            on_day=event.on,
            account=one.account,
            equity=one.equity,
            cash=one.cash,
            positions=one.positions,
            collateral=one.collateral,
            unrealised=one.unrealised,
            high=one.high,
            drawdown=one.drawdown,
            is_modelled=event.is_modelled,
        )


def _forked(place: Place, event: told.FamilyForked) -> None:
    place.put(
        "branchings",
        week=place.week,
        how="fork",
        account=event.parent,
        family=event.family,
        amount=event.surplus,
    )


def _merged(place: Place, event: told.FamilyMerged) -> None:
    place.put(
        "branchings",
        week=place.week,
        how="merge",
        account=event.into,
        family=event.family,
        amount=event.amount,
    )


def _reinvested(place: Place, event: told.GainReinvested) -> None:
    place.put(
        "reinvestments",
        week=place.week,
        account=event.account,
        quarter=event.quarter,
        gain=event.gain,
        tax=event.tax,
        contracts=event.contracts,
        leaps=event.leaps,
    )


def _closed(place: Place, event: told.WeekClosed) -> None:
    place.put("closings", week=event.week, is_final=event.is_final, version=event.version)


def _notice(place: Place, event: told.NoticeRaised) -> None:
    _remark(place, event.severity, event.subject, event.text)


def _remark(place: Place, severity: str, subject: str, text: str) -> None:
    place.put(
        "notices",
        recorded_at=place.recorded_at,
        week=place.week,
        severity=severity,
        subject=subject,
        text=place.naming_lots(text),
    )


def _remarkable(severity: str, subject: str) -> _Projection:
    """For what a person should see beside the notices, in the words of the journal."""
    return lambda place, event: _remark(place, severity, subject, describe(event))


_PROJECTIONS: dict[type, _Projection] = (
    ORDER_PROJECTIONS
    | ASKED_PROJECTIONS
    | {
        heard.DeskOpened: _desk_opened,
        heard.WeekPlanned: _week_planned,
        told.FamilyOpened: _family_opened,
        told.ConditionClassified: _condition,
        told.ConditionMissing: _condition_missing,
        told.EntriesWeighed: _entries_weighed,
        told.PositionsWeighed: _positions_weighed,
        told.LevelChanged: _level,
        told.OutcomeClassified: _outcome,
        told.WeekLabelled: _label,
        ForecastMade: _forecast,
        told.BalancesMarked: _balances,
        told.FamilyForked: _forked,
        told.FamilyMerged: _merged,
        told.GainReinvested: _reinvested,
        told.WeekClosed: _closed,
        told.NoticeRaised: _notice,
        told.SleeveFrozen: _remarkable("note", "freeze"),
        told.SleeveThawed: _remarkable("note", "freeze"),
        told.RecoveryBegun: _remarkable("warning", "recovery"),
        told.BreakerTripped: _remarkable("alarm", "breaker"),
        told.BreakerLowered: _remarkable("note", "breaker"),
        told.HedgeMissed: _remarkable("warning", "hedge"),
        told.HedgeBudgetCarried: _remarkable("note", "hedge"),
        told.LadderWeighed: _remarkable("note", "ladder"),
        told.DeskHalted: _remarkable("alarm", "halt"),
        told.DeskReleased: _remarkable("note", "halt"),
        told.AssignmentPrepared: _remarkable("note", "assignment"),
        told.MergeBegun: _remarkable("note", "merge"),
        told.DifferenceFound: _remarkable("alarm", "reconciliation"),
    }
)

# Entries of other kinds need not even be decoded to bring the figures up to date.
PROJECTED_KINDS = frozenset(kind.__name__ for kind in _PROJECTIONS)
