"""One plain sentence for each kind of entry, to be read on a list and searched in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from allusedesk.domain import arming
from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain import orders as reported
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.forecast_words import likeliest_of
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.weeks import Session
from allusedesk.journal.words.decisions import (
    breaker_tripped,
    failed_in_words,
    level_changed,
    outcome_classified,
    proposal_made,
    sleeve_frozen,
    sleeve_thawed,
    turned_down,
)
from allusedesk.journal.words.phrases import (
    because,
    edited,
    legs_in_words,
    listed,
    net_in_words,
    percent,
)
from allusedesk.journal.words.strategies import SENTENCES_OF_STRATEGIES
from allusedesk.journal.words.trust import SENTENCES_OF_TRUST

_Sentence = Callable[[Any], str]
_NEW_YORK = ZoneInfo("America/New_York")


def describe(event: told.Event) -> str:
    """What an entry says, as one sentence."""
    return _SENTENCES[type(event)](event)


def describe_sample(alarm: str, quotes: int, modelled: int) -> str:
    """As `describe` of a `MarketSampled`, from what `quote_rows.sample_in_brief` found."""
    return f"The market was sampled for {alarm}: {quotes} quotes, {modelled} of them modelled."


def _booking(booking: Booking) -> str:
    moved = [f"{move.amount} for {move.account}{because(move.reason)}" for move in booking.cash]
    return f"lots: {listed(map(_lot, booking.changes))}; cash: {listed(moved)}"


def _lot(change: LotChange) -> str:
    lot = change.after or change.before
    if lot is None:
        return "none"
    before = change.before.quantity_signed if change.before else 0
    after = change.after.quantity_signed if change.after else 0
    return f"{lot.instrument} of {lot.account} {before} -> {after}"


def _fills(fills: Sequence[Fill]) -> str:
    return listed(f"{fill.quantity} at {fill.price}" for fill in fills)


def _order(event: told.OrderWritten) -> str:
    order: Order = event.order
    return (
        f"Order {order.id}: {order.quantity} x {legs_in_words(order.legs)}, {order.type.value} "
        f"at {net_in_words(order.limit)}, at worst {net_in_words(order.limit_worst)}."
    )


def _report(event: heard.BrokerReported) -> str:
    return "The broker says: " + _REPORTS[type(event.report)](event.report)


def _sample(event: heard.MarketSampled) -> str:
    seen = event.snapshot
    quotes = [*(one.quote for one in seen.underlyings), *seen.held]
    quotes.extend(quote for chain in seen.chains for quote in chain.quotes)
    if seen.trend:
        quotes.append(seen.trend.quote)
    return describe_sample(event.alarm, len(quotes), sum(one.is_modelled for one in quotes))


_REPORTS: dict[type, _Sentence] = {
    reported.OrderAcknowledged: lambda r: f"{r.order} is taken in version {r.version}.",
    reported.OrderFilled: lambda r: f"{r.order} traded {_fills(r.executions)}.",
    reported.OrderCancelled: lambda r: f"{r.order} is cancelled.",
    reported.OrderRejected: lambda r: f"{r.order} is rejected{because(r.reason)}.",
    reported.OrderRunOut: lambda r: f"the time of {r.order} is over.",
    reported.OrderUnclear: lambda r: f"something of {r.order} cannot be read{because(r.reason)}.",
    reported.OrderLookedUp: lambda r: (
        f"{r.order} is {r.standing.value}, traded {_fills(r.executions)}."
    ),
    reported.OptionsExpired: lambda r: (
        f"{r.quantity_signed} x {r.contract} ended worthless{because(r.reason)}."
    ),
    reported.OptionsAssigned: lambda r: (
        f"{r.quantity} x {r.contract} were assigned to us{because(r.reason)}."
    ),
    reported.OptionsExercised: lambda r: (
        f"{r.quantity} x {r.contract} were exercised for us{because(r.reason)}."
    ),
    reported.OptionsSettled: lambda r: (
        f"{r.quantity_signed} x {r.contract} were settled in cash at {r.per_share} a share"
        f"{because(r.reason)}."
    ),
    reported.DividendPaid: lambda r: (
        f"{r.symbol} pays {r.per_share} on {r.shares} shares held before {r.ex_date}."
    ),
    reported.CashCharged: lambda r: f"the broker books {r.amount} on {r.on}: {r.reason}.",
    reported.SplitTookEffect: lambda r: (
        f"{r.symbol} gives {r.ratio} shares for one from {r.effective_on}."
    ),
    reported.StrikesReduced: lambda r: (
        f"the strikes of {r.symbol} fall by its special dividend of {r.per_share} on "
        f"{r.effective_on}."
    ),
    reported.BrokerStatement: lambda r: (
        f"cash {r.cash}, {len(r.held)} positions, {len(r.open_orders)} open orders."
    ),
    reported.LinkChanged: lambda r: (
        f"the connection is {'up' if r.is_up else 'down'}{because(r.reason)}."
    ),
}


def _quoted_alone(sessions: tuple[Session, ...]) -> str:
    """The only instants at which a recorded market was quoted, on days it was not throughout."""
    rare = [session for session in sessions if session.quoted_at is not None]
    instants = [instant for session in rare for instant in session.quoted_at or ()]
    if not rare:
        return ""
    days = "its days" if len(rare) == len(sessions) else f"{len(rare)} of its days"
    if not instants:
        return f" No quotes of {days} were recorded: nothing trades then."
    told = ", ".join(f"{instant.astimezone(_NEW_YORK):%m-%d %H:%M:%S}" for instant in instants)
    return (
        f" Of {days} quotes were recorded at {told} in New York alone: looks, windows and trades "
        "are at these instants."
    )


def _forecast(event: ForecastMade) -> str:
    """The likeliest code of each thing forecast with its record, or that the model is silent."""
    told, record = likeliest_of(event.targets)
    known = f"{event.weeks_labelled} of {event.weeks_needed} labelled weeks"
    said = f"{listed(told)}{record}" if told else f"silent, {known}"
    return f"The forecast for week {event.week}: {said}."


_SENTENCES: dict[type, _Sentence] = {
    heard.DeskOpened: lambda e: (
        f"The desk was opened for {e.mode.value} under {e.rulebook} with seed {e.seed}."
    ),
    heard.CapitalDeposited: lambda e: f"{e.amount} came in for {e.family} on {e.on}.",
    heard.CapitalWithdrawn: lambda e: f"{e.amount} was taken out of {e.account} on {e.on}.",
    heard.WeekPlanned: lambda e: (
        f"Week {e.week.id} has {len(e.week.sessions)} sessions and its expiry on "
        f"{e.week.expiry}.{_quoted_alone(e.week.sessions)}"
    ),
    heard.AlarmRang: lambda e: f"Alarm {e.alarm.id} rang: {e.alarm.kind.value}.",
    heard.PriceAlarmRang: lambda e: (
        f"{e.alarm.symbol} at {e.price} came {e.alarm.crossing.value} {e.alarm.level} "
        f"for {e.alarm.account}."
    ),
    heard.MarketSampled: _sample,
    heard.BrokerReported: _report,
    heard.OperatorDecided: lambda e: (
        f"{e.operator} says {e.answer.value} to {e.proposal}"
        f"{edited(e.quantity, e.limit)}{because(e.reason)}."
    ),
    heard.OperatorInstructed: lambda e: (
        f"{e.operator} orders: {e.instruction.value} for {e.account or 'the desk'}"
        f"{because(e.reason)}."
    ),
    heard.OperatorAsked: lambda e: (
        f"{e.operator} asks to {e.request.value} {e.subject or 'every order'}{because(e.reason)}."
    ),
    **SENTENCES_OF_TRUST,
    **SENTENCES_OF_STRATEGIES,
    heard.DeskLockTurned: lambda e: (
        f"The desk's lock: {e.turn.value}, with {e.operator} at it{because(e.reason)}."
    ),
    ForecastMade: _forecast,
    heard.AlertRaised: lambda e: f"{e.alert.severity.value.capitalize()}: {e.alert.text}",
    heard.AlertCleared: lambda e: f"The alert {e.alert} is over.",
    heard.AlertAcknowledged: lambda e: (
        f"{e.operator} took note of the alert {e.alert}{because(e.reason)}."
    ),
    arming.ArmingRequested: lambda e: (
        f"{e.operator} asks to arm the live desk for account {e.evidence.account}."
    ),
    arming.DisarmingRequested: lambda e: f"{e.operator} disarms the live desk{because(e.reason)}.",
    heard.DeskResumed: lambda e: f"The desk went on at {e.at:%Y-%m-%d %H:%M:%S} UTC.",
    told.FamilyOpened: lambda e: (
        f"Family {e.family.id} was opened with {listed(account.id for account in e.accounts)}."
    ),
    told.CashBooked: lambda e: f"Cash was booked, {e.reason}: {_booking(e.booking)}.",
    told.SurplusFloorSet: lambda e: (
        f"The base of {e.account} is {e.base} from now on{because(e.reason)}."
    ),
    told.AlarmsSet: lambda e: f"Alarms were set: {listed(one.id for one in e.alarms)}.",
    told.AlarmsDropped: lambda e: f"Alarms were dropped: {listed(e.alarms)}.",
    told.PriceAlarmsSet: lambda e: (
        f"Price alarms of {e.account}: {listed(f'{one.symbol} {one.level}' for one in e.alarms)}."
    ),
    told.ConditionClassified: lambda e: (
        f"Week {e.week} is {e.condition} by {e.rule}: {percent(e.deploy)} may be deployed, "
        f"VIX {e.vix} against {e.vix_average} over a year; "
        f"{listed(f'{one.name} {one.value}' for one in e.comparisons)}."
    ),
    told.ConditionMissing: lambda e: f"Week {e.week} has no condition: {e.reason}",
    told.EntriesWeighed: lambda e: (
        f"{e.account} looked for entries: proposed {listed(e.proposals)}; "
        f"turned down {turned_down(e.turned_down)}."
    ),
    told.PositionsWeighed: lambda e: (
        f"{e.account} was looked at ({e.look}): proposed {listed(e.proposals)}; "
        f"turned down {turned_down(e.turned_down)}."
    ),
    told.ProposalMade: proposal_made,
    told.ProposalRefused: lambda e: (
        f"{e.proposal} was refused by {e.rule}: {failed_in_words(e.comparisons)}."
    ),
    told.RiskJudged: lambda e: (
        f"{e.proposal} passed {len(e.comparisons)} checks; worst case {e.worst_case}, collateral "
        f"{e.collateral_before} -> {e.collateral_after}; warnings: {listed(e.warnings)}."
    ),
    told.ProposalDeclined: lambda e: (
        f"{e.proposal} was declined by {e.operator}{because(e.reason)}."
    ),
    told.ProposalLapsed: lambda e: f"{e.proposal} lapsed: nobody answered in time.",
    told.ProposalVoided: lambda e: f"{e.proposal} is not sent, by {e.rule}: {e.reason}",
    told.ProposalCompleted: lambda e: (
        f"{e.proposal} is over, {e.quantity_done} traded{because(e.reason)}."
    ),
    told.AnswerIgnored: lambda e: f"An answer to {e.proposal} changed nothing: {e.reason}",
    told.OrderWritten: _order,
    told.OrderStatusChanged: lambda e: (
        f"Order {e.order} went from {e.status_before.value} to {e.status.value}{because(e.reason)}."
    ),
    told.OrderMoved: lambda e: (
        f"Order {e.order} was moved to {net_in_words(e.limit)} for {e.quantity}, "
        f"version {e.version}."
    ),
    told.FillBooked: lambda e: f"{e.order} traded {_fills(e.fills)}; {_booking(e.booking)}.",
    told.ReportIgnored: lambda e: f"The report {e.report} changed nothing: {e.reason}",
    told.AssignmentBooked: lambda e: f"Assignment {e.notice}: {_booking(e.booking)}.",
    told.SettlementBooked: lambda e: f"Settlement {e.notice}: {_booking(e.booking)}.",
    told.ExpiryBooked: lambda e: f"Expiry {e.notice}: {_booking(e.booking)}.",
    told.ChargeBooked: lambda e: f"Charge {e.notice} ({e.reason}): {_booking(e.booking)}.",
    told.DividendBooked: lambda e: f"Dividend {e.notice}: {_booking(e.booking)}.",
    told.SplitBooked: lambda e: f"Adjustment {e.notice}: {_booking(e.booking)}.",
    told.LevelChanged: level_changed,
    told.AssignmentPrepared: lambda e: (
        f"{e.position} is assigned with a probability of {percent(e.probability)}: it needs "
        f"{e.cash_needed}, settled is {e.cash_settled}."
    ),
    told.OutcomeClassified: outcome_classified,
    told.WeekLabelled: lambda e: (
        f"Week {e.week} of {e.family} is labelled {e.label}{because(', '.join(e.tags))}."
    ),
    told.SleeveStateChanged: lambda e: (
        f"{e.account} went from {e.state_before.value} to {e.state.value}{because(e.cause)}."
    ),
    told.SleeveFrozen: sleeve_frozen,
    told.SleeveThawed: sleeve_thawed,
    told.RecoveryBegun: lambda e: (
        f"GBR-4 began in {e.account} for {e.position}: until {e.until} its cash buffer is raised "
        "and its sizes are cut."
    ),
    told.BreakerTripped: breaker_tripped,
    told.BreakerLowered: lambda e: (
        f"Breaker {e.breaker} of {e.account or 'the desk'} was taken back by {e.by}."
    ),
    told.DeskHalted: lambda e: f"The desk was halted: {e.reason}",
    told.DeskReleased: lambda e: f"The desk was released by {e.by}.",
    told.BalancesMarked: lambda e: (
        f"Balances on {e.on}: {listed(f'{one.account} {one.equity}' for one in e.marks)}."
    ),
    told.FamilyForked: lambda e: f"{e.surplus} of {e.parent} became family {e.family}.",
    told.MergeBegun: lambda e: f"Family {e.family} is coming home to {e.into}.",
    told.FamilyMerged: lambda e: f"{e.amount} of {e.family} came home to {e.into}.",
    told.QuarterClosed: lambda e: (
        f"Quarter {e.quarter} of {e.account} closed at {e.equity} with a gain of {e.gain}."
    ),
    told.GainReinvested: lambda e: (
        f"The gain of {e.account} in {e.quarter}, {e.gain}: {e.tax} for tax, {e.contracts} for "
        f"contracts, {e.leaps} for LEAPS."
    ),
    told.HedgeMissed: lambda e: (
        f"{e.family} is to be hedged and is not, with {e.budget} to spend: "
        f"{turned_down(e.turned_down)}."
    ),
    told.HedgeBudgetCarried: lambda e: (
        f"Hedges of {e.family} in {e.quarter} had a budget of {e.budget} and took {e.spent}; "
        f"carried on: {listed(f'{one.amount} of {one.quarter}' for one in e.carried)}."
    ),
    told.LadderWeighed: lambda e: (
        f"The ladder of {e.account} has {e.growth} in growth, {e.hedge} in hedges and {e.budget} "
        f"in cash: proposed {listed(e.proposals)}; turned down {turned_down(e.turned_down)}."
    ),
    told.RequestDenied: lambda e: (
        f"Asked to {e.request.value} {e.subject or 'every order'}: not possible, for {e.reason}."
    ),
    told.NoticeRaised: lambda e: f"{e.severity.capitalize()}, {e.subject}: {e.text}",
    told.DifferenceFound: lambda e: (
        f"Book and broker differ in {e.what}: ours {e.ours}, theirs {e.theirs}."
    ),
    told.DeskReconciled: lambda e: (
        f"Book and broker were compared as of {e.as_of:%Y-%m-%d %H:%M:%S} UTC: "
        f"{e.differences} differences."
    ),
    told.LiveArmed: lambda e: (
        f"LIVE: {e.operator} armed the desk for {'practice' if e.is_paper else 'real money'} in "
        f"account {e.account}; all {len(e.lines)} lines of the checklist hold."
    ),
    told.ArmingRefused: lambda e: (
        "The desk was not armed: "
        f"{'; '.join(f'{one.name} ({one.evidence})' for one in e.lines if not one.passed)}"
    ),
    told.LiveDisarmed: lambda e: f"The live desk was disarmed: {e.reason}.",
    told.WeekClosed: lambda e: (
        f"The {'final' if e.is_final else 'provisional'} report of week {e.week} was cut, "
        f"version {e.version}."
    ),
}
