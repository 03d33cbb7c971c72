"""The wish that buys a short option back, priced at mid on the exchange's grid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from allusedesk.domain.money import CENT, Price, notional
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    ProposalKind,
    Side,
    TurnedDown,
)
from allusedesk.domain.quotes import MarketSnapshot, Quote, Underlying
from allusedesk.protocol.liquidity import mid_against_us, tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, exact
from allusedesk.protocol.views import Decision, SleeveView, Wish

NO_QUOTE = "quote.none"
Outcome = Wish | TurnedDown


def decision_of(outcomes: Iterable[Outcome]) -> Decision:
    """Wishes and refusals, each in the order they were found."""
    found = tuple(outcomes)
    return Decision(
        tuple(item for item in found if isinstance(item, Wish)),
        tuple(item for item in found if isinstance(item, TurnedDown)),
    )


def buy_back(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    kind: ProposalKind,
    cause: tuple[str, str],
    comparisons: tuple[Comparison, ...],
    rulebook: Rulebook,
    *,
    turned_down: tuple[TurnedDown, ...] = (),
    amounts: tuple[NamedAmount, ...] = (),
) -> Outcome:
    """The wish to close a short option whole; `cause` is the rule's id and the reason."""
    rule, reason = cause
    quote = snapshot.quote_of(lot.instrument)
    price = closing_price(lot, quote, snapshot, rulebook)
    if quote is None or price is None:
        return TurnedDown(str(lot.instrument), NO_QUOTE, f"No price to close at, for {rule}.")
    spot = snapshot.underlying(lot.underlying)
    cost = NamedAmount("cost", notional(price, lot.quantity, lot.instrument.multiplier))
    return Wish(
        kind,
        view.account,
        (Leg(lot.instrument, Side.BUY, lot.role, closes=lot.id),),
        lot.quantity,
        Price(-price.per_unit, price.currency),
        rule,
        reason,
        comparisons,
        turned_down,
        spot=spot.quote.mark if spot else None,
        amounts=(*amounts, cost),
        concerns=(lot.id,),
        is_modelled=quote.is_modelled,
    )


def barred(view: SleeveView, lot: Position, seen: Underlying | None) -> TurnedDown | None:
    """Why nothing can be done about a lot now: it is busy, without a price, or halted."""
    name = str(lot.instrument)
    if lot.underlying in view.busy:
        return TurnedDown(name, "cycle.busy", "a proposal or an order is open")
    if seen is None or seen.quote.mark is None:
        return TurnedDown(name, NO_QUOTE, f"{lot.underlying} has no price")
    if seen.is_halted:
        return TurnedDown(name, "underlying.halted", f"{lot.underlying} is halted")
    return None


def close_by(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    verdict: Verdict,
    reason: str,
    rulebook: Rulebook,
) -> Outcome:
    """The adjustment that a verdict on a lot asks for: it is bought back whole."""
    cause, kind = (verdict.rule, reason), ProposalKind.ADJUSTMENT
    return buy_back(view, lot, snapshot, kind, cause, verdict.comparisons, rulebook)


def close_by_hand(
    view: SleeveView, lot: Position, snapshot: MarketSnapshot, rule: str, rulebook: Rulebook
) -> Outcome:
    """The wish to close any lot whole because a person asks: bought back, or sold at mid."""
    reason = f"Close {lot.instrument}: asked for by hand."
    if lot.is_short:
        return buy_back(view, lot, snapshot, ProposalKind.ADJUSTMENT, (rule, reason), (), rulebook)
    quote = snapshot.quote_of(lot.instrument)
    mid = quote.mid if quote is not None else None
    if quote is None or mid is None or mid.per_unit <= 0:
        return TurnedDown(str(lot.instrument), NO_QUOTE, f"No price to close at, for {rule}.")
    tick = tick_of(lot.underlying, mid.per_unit, rulebook) if lot.option else CENT
    price = max(mid.rounded_to(tick, ROUND_HALF_UP), Price(tick, mid.currency))
    spot = snapshot.underlying(lot.underlying)
    proceeds = notional(price, lot.quantity, lot.instrument.multiplier)
    return Wish(
        ProposalKind.ADJUSTMENT,
        view.account,
        (Leg(lot.instrument, Side.SELL, lot.role, closes=lot.id),),
        lot.quantity,
        price,
        rule,
        reason,
        (),
        spot=spot.quote.mark if spot else None,
        amounts=(NamedAmount("proceeds", proceeds),),
        concerns=(lot.id,),
        is_modelled=quote.is_modelled,
    )


def closing_mid(quote: Quote | None) -> Price | None:
    """The mid of an option to be bought; one that nobody bids for is half its ask."""
    if quote is None or quote.ask is None or quote.ask.per_unit <= 0:
        return None
    bid = quote.bid.per_unit if quote.bid is not None else Decimal(0)
    return Price((bid + quote.ask.per_unit) / 2, quote.ask.currency)


def closing_price(
    lot: Position, quote: Quote | None, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Price | None:
    """What to bid for a short option: mid on the grid, a tick at least, dearer on stale quotes."""
    mid = closing_mid(quote)
    if quote is None or mid is None:
        return None
    age = exact(quote.age_seconds(snapshot.taken_at))
    wanted = mid_against_us(mid, Side.BUY, age, rulebook)
    tick = tick_of(lot.underlying, wanted.per_unit, rulebook)
    return max(wanted.rounded_to(tick, ROUND_HALF_UP), Price(tick, mid.currency))
