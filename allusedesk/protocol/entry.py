"""The weekly entries: which puts, calls or first shares a sleeve wants now (section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from allusedesk.domain.instruments import STANDARD_MULTIPLIER as LOT
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import CENT, Money, Price, notional, total
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    ProposalKind,
    Side,
    TurnedDown,
)
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import Outcome, decision_of
from allusedesk.protocol.costs import contract_commission, share_commission
from allusedesk.protocol.covered_calls import decide_covered_calls, puts_may_resume
from allusedesk.protocol.earnings import REFUSE, judge_earnings, marks_of
from allusedesk.protocol.entry_contracts import (
    PricedQuote,
    choose_by_delta,
    choose_expiry,
    listed_days,
)
from allusedesk.protocol.entry_window import (
    EntryLook,
    SeenSymbol,
    frozen,
    judge_instant,
    refused,
    see_symbol,
)
from allusedesk.protocol.market_condition import delta_shift
from allusedesk.protocol.rulebook import Condition, EntryInstrument, Rulebook
from allusedesk.protocol.schedule import entry_expiries
from allusedesk.protocol.selling import Sale, selling_wish
from allusedesk.protocol.sizing import Funds, LotPrice, Sizing, allot_lots, funds_of
from allusedesk.protocol.verdicts import written
from allusedesk.protocol.views import Decision, SleeveView, Wish


@dataclass(frozen=True, slots=True)
class PutCandidate:
    """The put that would be sold on one symbol, before the money is shared out."""

    symbol: str
    seen: SeenSymbol
    picked: PricedQuote
    cost: Money
    rule: str
    comparisons: tuple[Comparison, ...]
    turned_down: tuple[TurnedDown, ...]
    notes: tuple[str, ...]


def decide_entries(
    view: SleeveView,
    snapshot: MarketSnapshot,
    condition_name: str | None,
    deploy_fraction: Decimal,
    week: TradingWeek,
    session: Session,
    now: datetime,
    rulebook: Rulebook,
) -> Decision:
    """What a sleeve wants to open at this look, and every candidate turned down with its rule.

    In an idle week nothing new is entered; calls on shares held are management and go on. In the
    window of the tier whose days calls on assigned shares take, those alone are looked for.
    Asked twice in one cycle it makes no second wish for a symbol, since `view` names those busy
    or entered already. Under a rulebook without a market condition its name is None.
    """
    condition = None if condition_name is None else Condition(condition_name)
    label = f"{view.kind.label} entries"
    instant = judge_instant(view.kind, condition, week, now, rulebook)
    look = EntryLook(view, snapshot, condition, deploy_fraction, week, session, now, rulebook)
    if instant.verdict == REFUSE:
        if _is_lent_a_window(look):
            return decision_of(decide_covered_calls(look, is_assigned_only=True))
        return Decision((), (refused(label, instant),))
    outcomes = [*decide_covered_calls(look)]
    if deploy_fraction <= 0:
        reason = "VIX is too far above its average: an idle week"
        return decision_of([*outcomes, TurnedDown(label, "condition.idle", reason)])
    if look.rules.first_shares and not view.has_traded and not view.lots:
        purchases = decide_first_shares(look)
        if any(not isinstance(item, TurnedDown) for item in purchases):
            # What the purchases leave is shared out at the next look, once it is known.
            return decision_of([*outcomes, *purchases])
        outcomes += purchases
    return decision_of([*outcomes, *_decide_puts(look, instant.comparisons)])


def _is_lent_a_window(look: EntryLook) -> bool:
    """True in the window of the tier whose days calls on shares put to this sleeve take."""
    days_as = look.rulebook.assignment.call_days_as
    if days_as is None or not any(lot.is_shares and lot.linked_to for lot in look.view.lots):
        return False
    lent = judge_instant(days_as, look.condition, look.week, look.now, look.rulebook)
    return lent.verdict != REFUSE


def decide_first_shares(look: EntryLook) -> tuple[Outcome, ...]:
    """Purchases of whole lots within the per-symbol share, at a sleeve's set-up."""
    seen_of: dict[str, SeenSymbol] = {}
    outcomes: list[Outcome] = []
    prices: list[LotPrice] = []
    for symbol in look.view.symbols:
        if Stock(symbol).is_index:
            outcomes.append(TurnedDown(symbol, "accounts.first_shares", "an index has no shares"))
            continue
        seen = _barred(look, symbol) or see_symbol(look, symbol)
        if isinstance(seen, TurnedDown):
            outcomes.append(seen)
            continue
        seen_of[symbol] = seen
        cost = notional(Price(seen.spot), LOT) + share_commission(LOT, look.rulebook)
        prices.append(LotPrice(symbol, cost, look.view.issuer_room(symbol)))
    sizing = _allot(look, prices)
    outcomes += sizing.turned_down
    for symbol, seen in seen_of.items():
        if sizing.lots_of(symbol):
            outcomes.append(_purchase(look, symbol, seen, sizing.lots_of(symbol)))
    return tuple(outcomes)


def _decide_puts(look: EntryLook, instant: tuple[Comparison, ...]) -> list[Outcome]:
    if EntryInstrument.PUT not in look.rules.instruments:
        return []
    if look.view.puts_suspended_by:
        label = f"{look.view.kind.label} puts"
        return [TurnedDown(label, look.view.puts_suspended_by, "puts are suspended")]
    outcomes: list[Outcome] = []
    candidates = []
    for symbol in look.view.symbols:
        if look.rules.puts_reenter and symbol not in look.view.reenters:
            reason = "puts only where shares were called away"
            outcomes.append(TurnedDown(symbol, "entry.reenter", reason))
            continue
        found = _candidate(look, symbol)
        if isinstance(found, PutCandidate):
            candidates.append(found)
        else:
            outcomes += found
    prices = []
    for candidate in tuple(candidates):
        room = _room_under_cap(look, candidate)
        if isinstance(room, TurnedDown):
            outcomes.append(room)
            candidates.remove(candidate)
        else:
            prices.append(LotPrice(candidate.symbol, candidate.cost, room))
    sizing = _allot(look, prices)
    outcomes += sizing.turned_down
    for candidate in candidates:
        lots = sizing.lots_of(candidate.symbol)
        if lots:
            outcomes.append(_sell(look, candidate, lots, instant))
    return outcomes


def _room_under_cap(look: EntryLook, candidate: PutCandidate) -> Money | TurnedDown | None:
    """What the issuer leaves, less what the sleeve holds of the symbol under its own cap."""
    room, cap = look.view.issuer_room(candidate.symbol), _cap(look)
    spot = Price(candidate.seen.spot)
    held = [
        lot.value_at(spot) if lot.is_shares else lot.assignment_cost()
        for lot in look.view.lots
        if lot.underlying == candidate.symbol
    ]
    if cap is None or not held:
        return room
    left = look.view.equity * cap - total(held)
    if left < candidate.cost:
        value = f"a lot of {written(candidate.cost.amount)}"
        limit = f"room {written(left.amount)}"
        reason = "the sleeve's part of one symbol is used"
        return TurnedDown(candidate.symbol, "cap.symbol", reason, value, limit)
    return left if room is None else min(room, left)


def _candidate(look: EntryLook, symbol: str) -> PutCandidate | tuple[TurnedDown, ...]:
    barred = _barred(look, symbol) or _barred_by_shares(look, symbol)
    if barred is not None:
        return (barred,)
    seen = see_symbol(look, symbol)
    if isinstance(seen, TurnedDown):
        return (seen,)
    hedged = look.view.is_hedged
    band = entry_expiries(look.view.kind, look.condition, look.rulebook, is_hedged=hedged)
    days = listed_days(seen.chain, look.today)
    expiry = choose_expiry(days, band, look.rulebook, widens=look.rules.widened)
    if expiry.days is None:
        met = expiry.comparison
        reason = "no listed expiry in the band"
        return (TurnedDown(symbol, expiry.rule, reason, met.value, met.limit),)
    day = next(d for d in seen.chain.expiries if (d - look.today).days == expiry.days)
    earnings = judge_earnings(
        seen.underlying.earnings_next,
        day,
        look.week,
        look.rulebook,
        is_estimate=seen.underlying.earnings_estimated,
    )
    if earnings.verdict == REFUSE:
        return (refused(symbol, earnings),)
    shift = delta_shift(look.condition, look.rulebook)
    quotes = seen.chain.of(Right.PUT, day)
    choice = choose_by_delta(quotes, look.rules.delta.shifted(shift), look.now, look.rulebook)
    if choice.picked is None:
        none = TurnedDown(symbol, "entry.delta", "no put fits", "", f"expiry {day}")
        return (*choice.turned_down, none)
    rule = expiry.rule if expiry.rule == "expiry.widened" else "entry.delta"
    comparisons = (expiry.comparison, *earnings.comparisons, *choice.comparisons)
    cost = _lot_cost(choice.picked.quote, look.rulebook)
    return PutCandidate(
        symbol,
        seen,
        choice.picked,
        cost,
        rule,
        comparisons,
        choice.turned_down,
        (*marks_of(expiry.rule, earnings.rule), *look.view.marks),
    )


def _barred(look: EntryLook, symbol: str) -> TurnedDown | None:
    view = look.view
    if symbol in view.busy:
        return TurnedDown(symbol, "cycle.busy", "a proposal or an order is open")
    if symbol in view.entered:
        return TurnedDown(symbol, "cycle.entered", "entered in this cycle already")
    return frozen(view, symbol)


def _barred_by_shares(look: EntryLook, symbol: str) -> TurnedDown | None:
    for lot in look.view.lots:
        if lot.underlying != symbol:
            continue
        if lot.is_short_put:
            return TurnedDown(symbol, "position.open", f"{lot.instrument} is still open")
        if lot.is_shares and not puts_may_resume(look):
            return TurnedDown(symbol, "assignment.calls_only", "calls only while shares are held")
    return None


def _allot(look: EntryLook, prices: Sequence[LotPrice]) -> Sizing:
    funds: Funds = funds_of(look.view, look.deploy, look.rulebook)
    return allot_lots(prices, funds, _cap(look), look.rulebook)


def _cap(look: EntryLook) -> Decimal | None:
    """The part of the sleeve one symbol may take; where sizes are halved it is halved too."""
    cap = look.rules.symbol_cap
    return None if cap is None else cap * look.view.size_factor


def _lot_cost(quote: Quote, rulebook: Rulebook) -> Money:
    """What a cash-secured put holds in settled cash: strike x 100 plus fees."""
    contract = quote.instrument
    strike = contract.strike if isinstance(contract, OptionContract) else Decimal(0)
    return notional(Price(strike), LOT) + contract_commission(1, rulebook)


def _sell(
    look: EntryLook, candidate: PutCandidate, lots: int, instant: tuple[Comparison, ...]
) -> Outcome:
    sale = Sale(
        ProposalKind.ENTRY,
        PositionRole.WEEKLY_PUT,
        candidate.picked,
        lots,
        candidate.cost,
        candidate.rule,
        (*instant, *candidate.comparisons),
        candidate.turned_down,
        notes=candidate.notes,
    )
    return selling_wish(look, candidate.seen, sale)


def _purchase(look: EntryLook, symbol: str, seen: SeenSymbol, lots: int) -> Outcome:
    price = Price(seen.spot).rounded_to(CENT, ROUND_HALF_UP)
    shares = lots * LOT
    cost = notional(price, shares)
    commission = share_commission(shares, look.rulebook)
    return Wish(
        ProposalKind.SHARE_PURCHASE,
        look.view.account,
        (Leg(Stock(symbol), Side.BUY, PositionRole.SHARES),),
        shares,
        Price(-price.per_unit, price.currency),
        "accounts.first_shares",
        f"Buy {shares} {symbol}, the first shares of {look.view.kind.label}.",
        (),
        spot=Price(seen.spot),
        amounts=(NamedAmount("cost", cost), NamedAmount("commission", commission)),
        target=look.rules.weekly_target,
        is_modelled=seen.underlying.quote.is_modelled,
    )
