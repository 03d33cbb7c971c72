"""One plain sentence for each kind of entry, to be read on a list and searched in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain import orders as reported
from allusedesk.domain.book import Booking, LotChange
from allusedesk.domain.money import Price
from allusedesk.domain.orders import Fill, Order
from allusedesk.domain.proposals import Comparison, Leg, Proposal, Side, TurnedDown
from allusedesk.domain.weeks import Session

_Sentence = Callable[[Any], str]
_SHOWN_MAX = 6
_NEW_YORK = ZoneInfo("America/New_York")


def describe(event: told.Event) -> str:
    """What an entry says, as one sentence."""
    return _SENTENCES[type(event)](event)


def describe_sample(alarm: str, quotes: int, modelled: int) -> str:
    """As `describe` of a `MarketSampled`, from what `quote_rows.sample_in_brief` found."""
    return f"The market was sampled for {alarm}: {quotes} quotes, {modelled} of them modelled."


def legs_in_words(legs: Sequence[Leg]) -> str:
    """What an order or a proposal trades, such as `sell AAPL 2026-02-13 260 put`."""
    return _list(
        f"{'buy' if leg.side is Side.BUY else 'sell'} {leg.instrument}"
        f"{' to close' if leg.closes else ''}"
        for leg in legs
    )


def comparison_in_words(comparison: Comparison) -> str:
    """A figure beside its limit, such as `delta 41 against 40 to 45: passed`."""
    verdict = "passed" if comparison.passed else "not passed"
    return f"{comparison.name} {comparison.value} against {comparison.limit}: {verdict}"


def _list(parts: Iterable[str]) -> str:
    shown = list(parts)
    if len(shown) > _SHOWN_MAX:
        shown = [*shown[:_SHOWN_MAX], f"and {len(shown) - _SHOWN_MAX} more"]
    return ", ".join(shown) or "nothing"


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _failed(comparisons: Sequence[Comparison]) -> str:
    return _list(comparison_in_words(one) for one in comparisons if not one.passed)


def _net(price: Price | None) -> str:
    if price is None:
        return "no price"
    return f"a credit of {price}" if price.per_unit >= 0 else f"a debit of {-price.per_unit}"


def _percent(fraction: Decimal) -> str:
    return f"{fraction * 100:.2f}%"


def _booking(booking: Booking) -> str:
    moved = [f"{move.amount} for {move.account}{_because(move.reason)}" for move in booking.cash]
    return f"lots: {_list(map(_lot, booking.changes))}; cash: {_list(moved)}"


def _lot(change: LotChange) -> str:
    lot = change.after or change.before
    if lot is None:
        return "none"
    before = change.before.quantity_signed if change.before else 0
    after = change.after.quantity_signed if change.after else 0
    return f"{lot.instrument} of {lot.account} {before} -> {after}"


def _fills(fills: Sequence[Fill]) -> str:
    return _list(f"{fill.quantity} at {fill.price}" for fill in fills)


def _turned_down(turned: Sequence[TurnedDown]) -> str:
    return _list(f"{one.candidate} by {one.rule} ({one.reason})" for one in turned)


def _proposal(event: told.ProposalMade) -> str:
    made: Proposal = event.proposal
    trade = f"{made.quantity} x {legs_in_words(made.legs)} for {_net(made.credit_net)} as "
    kind = made.kind.value
    return f"{made.id} proposes {trade if made.legs else ''}{kind} under {made.rule}: {made.reason}"


def _order(event: told.OrderWritten) -> str:
    order: Order = event.order
    return (
        f"Order {order.id}: {order.quantity} x {legs_in_words(order.legs)}, {order.type.value} "
        f"at {_net(order.limit)}, at worst {_net(order.limit_worst)}."
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
    reported.OrderRejected: lambda r: f"{r.order} is rejected{_because(r.reason)}.",
    reported.OrderRunOut: lambda r: f"the time of {r.order} is over.",
    reported.OrderLookedUp: lambda r: (
        f"{r.order} is {r.standing.value}, traded {_fills(r.executions)}."
    ),
    reported.OptionsExpired: lambda r: (
        f"{r.quantity_signed} x {r.contract} ended worthless{_because(r.reason)}."
    ),
    reported.OptionsAssigned: lambda r: (
        f"{r.quantity} x {r.contract} were assigned to us{_because(r.reason)}."
    ),
    reported.OptionsExercised: lambda r: (
        f"{r.quantity} x {r.contract} were exercised for us{_because(r.reason)}."
    ),
    reported.OptionsSettled: lambda r: (
        f"{r.quantity_signed} x {r.contract} were settled in cash at {r.per_share} a share"
        f"{_because(r.reason)}."
    ),
    reported.DividendPaid: lambda r: (
        f"{r.symbol} pays {r.per_share} on {r.shares} shares held before {r.ex_date}."
    ),
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
        f"the connection is {'up' if r.is_up else 'down'}{_because(r.reason)}."
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
        f"{e.operator} says {e.answer.value} to {e.proposal}{_because(e.reason)}."
    ),
    heard.OperatorInstructed: lambda e: (
        f"{e.operator} orders: {e.instruction.value} for {e.account or 'the desk'}"
        f"{_because(e.reason)}."
    ),
    heard.DeskResumed: lambda e: f"The desk went on at {e.at:%Y-%m-%d %H:%M:%S} UTC.",
    told.FamilyOpened: lambda e: (
        f"Family {e.family.id} was opened with {_list(account.id for account in e.accounts)}."
    ),
    told.CashBooked: lambda e: f"Cash was booked, {e.reason}: {_booking(e.booking)}.",
    told.SurplusFloorSet: lambda e: (
        f"The base of {e.account} is {e.base} from now on{_because(e.reason)}."
    ),
    told.AlarmsSet: lambda e: f"Alarms were set: {_list(one.id for one in e.alarms)}.",
    told.AlarmsDropped: lambda e: f"Alarms were dropped: {_list(e.alarms)}.",
    told.PriceAlarmsSet: lambda e: (
        f"Price alarms of {e.account}: {_list(f'{one.symbol} {one.level}' for one in e.alarms)}."
    ),
    told.ConditionClassified: lambda e: (
        f"Week {e.week} is {e.condition} by {e.rule}: {_percent(e.deploy)} may be deployed, "
        f"VIX {e.vix} against {e.vix_average}."
    ),
    told.ConditionMissing: lambda e: f"Week {e.week} has no condition: {e.reason}",
    told.EntriesWeighed: lambda e: (
        f"{e.account} looked for entries: proposed {_list(e.proposals)}; "
        f"turned down {_turned_down(e.turned_down)}."
    ),
    told.PositionsWeighed: lambda e: (
        f"{e.account} was looked at ({e.look}): proposed {_list(e.proposals)}; "
        f"turned down {_turned_down(e.turned_down)}."
    ),
    told.ProposalMade: _proposal,
    told.ProposalRefused: lambda e: (
        f"{e.proposal} was refused by {e.rule}: {_failed(e.comparisons)}."
    ),
    told.RiskJudged: lambda e: (
        f"{e.proposal} passed {len(e.comparisons)} checks; worst case {e.worst_case}, collateral "
        f"{e.collateral_before} -> {e.collateral_after}; warnings: {_list(e.warnings)}."
    ),
    told.ProposalApproved: lambda e: f"{e.proposal} was approved by {e.granted_by}.",
    told.ProposalDeclined: lambda e: (
        f"{e.proposal} was declined by {e.operator}{_because(e.reason)}."
    ),
    told.ProposalLapsed: lambda e: f"{e.proposal} lapsed: nobody answered in time.",
    told.ProposalVoided: lambda e: f"{e.proposal} is not sent, by {e.rule}: {e.reason}",
    told.ProposalCompleted: lambda e: (
        f"{e.proposal} is over, {e.quantity_done} traded{_because(e.reason)}."
    ),
    told.AnswerIgnored: lambda e: f"An answer to {e.proposal} changed nothing: {e.reason}",
    told.OrderWritten: _order,
    told.OrderStatusChanged: lambda e: (
        f"Order {e.order} went from {e.status_before.value} to {e.status.value}"
        f"{_because(e.reason)}."
    ),
    told.OrderMoved: lambda e: (
        f"Order {e.order} was moved to {_net(e.limit)} for {e.quantity}, version {e.version}."
    ),
    told.FillBooked: lambda e: f"{e.order} traded {_fills(e.fills)}; {_booking(e.booking)}.",
    told.ReportIgnored: lambda e: f"The report {e.report} changed nothing: {e.reason}",
    told.AssignmentBooked: lambda e: f"Assignment {e.notice}: {_booking(e.booking)}.",
    told.SettlementBooked: lambda e: f"Settlement {e.notice}: {_booking(e.booking)}.",
    told.ExpiryBooked: lambda e: f"Expiry {e.notice}: {_booking(e.booking)}.",
    told.DividendBooked: lambda e: f"Dividend {e.notice}: {_booking(e.booking)}.",
    told.SplitBooked: lambda e: f"Adjustment {e.notice}: {_booking(e.booking)}.",
    told.LevelChanged: lambda e: (
        f"{e.position} went from {e.level_before} to {e.level}: {e.distance:.2f} true ranges of "
        f"{e.atr} at {e.spot}."
    ),
    told.AssignmentPrepared: lambda e: (
        f"{e.position} is assigned with a probability of {_percent(e.probability)}: it needs "
        f"{e.cash_needed}, settled is {e.cash_settled}."
    ),
    told.OutcomeClassified: lambda e: (
        f"Week {e.week} of {e.position or e.account} ended as {e.outcome} ({e.tag}): {e.action}"
    ),
    told.WeekLabelled: lambda e: (
        f"Week {e.week} of {e.family} is labelled {e.label}{_because(', '.join(e.tags))}."
    ),
    told.SleeveStateChanged: lambda e: (
        f"{e.account} went from {e.state_before.value} to {e.state.value}{_because(e.cause)}."
    ),
    told.SleeveFrozen: lambda e: (
        f"{e.account} enters nothing{f' in {e.symbol}' if e.symbol else ''}: {e.reason}"
    ),
    told.SleeveThawed: lambda e: (
        f"{e.account} may enter again{f' in {e.symbol}' if e.symbol else ''}: {e.reason}"
    ),
    told.RecoveryBegun: lambda e: f"{e.account} recovers from {e.position} until {e.until}.",
    told.BreakerTripped: lambda e: (
        f"Breaker {e.breaker} tripped for {e.account or 'the desk'}: {e.effect}; "
        f"{_list(f'{one.name} {one.value}, {one.limit}' for one in e.comparisons if one.passed)}."
    ),
    told.BreakerLowered: lambda e: (
        f"Breaker {e.breaker} of {e.account or 'the desk'} was taken back by {e.by}."
    ),
    told.DeskHalted: lambda e: f"The desk was halted: {e.reason}",
    told.DeskReleased: lambda e: f"The desk was released by {e.by}.",
    told.BalancesMarked: lambda e: (
        f"Balances on {e.on}: {_list(f'{one.account} {one.equity}' for one in e.marks)}."
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
    told.NoticeRaised: lambda e: f"{e.severity.capitalize()}, {e.subject}: {e.text}",
    told.DifferenceFound: lambda e: (
        f"Book and broker differ in {e.what}: ours {e.ours}, theirs {e.theirs}."
    ),
    told.DeskReconciled: lambda e: (
        f"Book and broker were compared as of {e.as_of:%Y-%m-%d %H:%M:%S} UTC: "
        f"{e.differences} differences."
    ),
    told.WeekClosed: lambda e: (
        f"The {'final' if e.is_final else 'provisional'} report of week {e.week} was cut, "
        f"version {e.version}."
    ),
}
