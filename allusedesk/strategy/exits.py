"""When a strategy leaves what it holds: each rule of exit in its order, and the closing wish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from allusedesk.domain.instruments import Right
from allusedesk.domain.money import Price, notional
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, Leg, NamedAmount, ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import Underlying
from allusedesk.protocol.closing_orders import NO_QUOTE, Outcome
from allusedesk.protocol.verdicts import compared, exact, written
from allusedesk.protocol.views import Wish
from allusedesk.strategy.definition import Part, Structure
from allusedesk.strategy.standing import Holding, Scene, Standing
from allusedesk.strategy.structures import net_credit

_CENT = Decimal("0.01")
_Reason = tuple[str, ProposalKind, str, tuple[Comparison, ...]]


def exits_of(standing: Standing, scene: Scene) -> Iterator[Outcome]:
    """Every close that the definition asks for now; what has no price to close at says so."""
    for held in standing.holdings:
        if any(lot.id in standing.busy for lot in held.lots):
            continue
        reason = _reason_to_leave(held, standing, scene) or _asked_to_leave(held, standing)
        if reason is not None:
            yield from _close(held, reason, standing, scene)


def _reason_to_leave(held: Holding, standing: Standing, scene: Scene) -> _Reason | None:
    part = standing.definition.part(held.part)
    calm, breach = ProposalKind.ADJUSTMENT, ProposalKind.RISK_BREACH
    if standing.is_leaving:
        return "exit.merging", calm, "its family goes home and closes what it holds", ()
    if held.is_shares:
        if _is_unwanted(held, standing):
            return "exit.assigned", calm, "shares were put to it that it does not keep", ()
        return None
    if part is None or _is_orphan(held, part, standing):
        return "exit.orphan", calm, "what it belonged to is gone", ()
    seen = scene.snapshot.underlying(held.symbol)
    if part.structure.is_limited and _loses_dividend(held, seen, scene):
        return "exit.dividend", breach, "its call may be exercised for the dividend", ()
    for found in (_by_days(held, part, scene), _by_delta(held, part, scene)):
        if found is not None:
            return found
    return _by_profit(held, part, scene)


def _asked_to_leave(held: Holding, standing: Standing) -> _Reason | None:
    """The wish of the strategy's class to leave; it can only hasten what the definition does."""
    for intent in standing.intents.closings if standing.intents is not None else ():
        if (intent.part, intent.symbol) == (held.part, held.symbol):
            why = intent.reason or "its class wants to leave it"
            return "exit.intent", ProposalKind.ADJUSTMENT, why, ()
    return None


def _is_unwanted(held: Holding, standing: Standing) -> bool:
    return held.lots[0].linked_to is not None and not standing.definition.keeps_shares


def _is_orphan(held: Holding, part: Part, standing: Standing) -> bool:
    """What protected something that has ended, or stood beside shares that were called away."""
    if part.structure is Structure.LONG_OPTION:
        return False
    if part.structure is Structure.COLLAR:
        linked = {lot.linked_to for lot in held.lots}
        return not any(lot.id in linked for lot in standing.shares_of(held.symbol))
    return not any(lot.is_short for lot in held.lots)


def _loses_dividend(held: Holding, seen: Underlying | None, scene: Scene) -> bool:
    """A short call on the eve of an ex-date whose time value is less than the dividend.

    That is when its holder does better to exercise; an unknown dividend counts as large.
    """
    mark = seen.quote.mark if seen is not None else None
    ex_date = seen.ex_dividend_next if seen is not None else None
    if seen is None or mark is None or ex_date is None or ex_date > scene.session_next:
        return False
    for lot in held.lots:
        quote = scene.snapshot.quote_of(lot.instrument)
        depth = mark.per_unit - lot.option.strike if lot.option is not None else Decimal(0)
        if not lot.is_short_call or depth <= 0:
            continue
        worth = quote.mark.per_unit if quote is not None and quote.mark is not None else depth
        if seen.dividend_next is None or worth - depth < seen.dividend_next:
            return True
    return False


def _by_days(held: Holding, part: Part, scene: Scene) -> _Reason | None:
    if part.exit.days_left is None:
        return None
    days = min((lot.option.expiry - scene.today).days for lot in held.lots if lot.option)
    if days > part.exit.days_left:
        return None
    met = compared("days to expiry", days, f"at most {part.exit.days_left}", passed=True)
    return "exit.days_left", ProposalKind.ADJUSTMENT, "its time is over", (met,)


def _by_delta(held: Holding, part: Part, scene: Scene) -> _Reason | None:
    band = part.exit.delta
    if band is None or len(held.lots) != 1:
        return None
    quote = scene.snapshot.quote_of(held.lots[0].instrument)
    if quote is None or quote.greeks is None:
        return None
    delta = exact(quote.greeks.delta_quoted)
    if band.holds(delta):
        return None
    met = compared("delta", delta, f"{written(band.low)} to {written(band.high)}", passed=False)
    return "exit.delta", ProposalKind.ADJUSTMENT, "its delta has left the band", (met,)


def _by_profit(held: Holding, part: Part, scene: Scene) -> _Reason | None:
    """What closing at mid would earn or lose, against what was received or paid for it."""
    closing = net_credit(closing_legs(held.lots), scene.snapshot)
    opened = opening_credit(held.lots)
    base = abs(opened.per_unit)
    if closing is None or not base:
        return None
    share = ((opened + closing).per_unit / base).quantize(Decimal("0.0001"))
    rules = part.exit
    if rules.profit is not None and share >= rules.profit:
        met = compared("profit", share, f"from {written(rules.profit)}", passed=True)
        return "exit.profit", ProposalKind.ADJUSTMENT, "enough of it was earned", (met,)
    if rules.loss is not None and -share >= rules.loss:
        met = compared("loss", -share, f"from {written(rules.loss)}", passed=True)
        return "exit.loss", ProposalKind.RISK_BREACH, "it has lost what it may", (met,)
    return None


def opening_credit(lots: Sequence[Position]) -> Price:
    """What one unit of the lots brought in a share when they were opened; paid is negative."""
    net = Price(Decimal(0))
    for lot in lots:
        net = net + lot.price_average if lot.is_short else net - lot.price_average
    return net


def closing_legs(lots: Sequence[Position]) -> tuple[Leg, ...]:
    """The legs that close lots whole: shorts first."""
    ordered = sorted(lots, key=lambda lot: (not lot.is_short, lot.id))
    return tuple(
        Leg(lot.instrument, Side.BUY if lot.is_short else Side.SELL, lot.role, closes=lot.id)
        for lot in ordered
    )


def _close(held: Holding, reason: _Reason, standing: Standing, scene: Scene) -> Iterator[Outcome]:
    """One order for lots of one size; else one for each size. Worthless longs are left to end."""
    calls = _written_on(held, standing)
    if calls:
        # What is written on a long call or on shares goes first; these at the next look.
        first = ("exit.cover", reason[1], "what it is written on is to be left", reason[3])
        for short in calls:
            if not any(lot.id in standing.busy for lot in short.lots):
                yield from _close_lots(short.lots, first, standing, scene)
        return
    sizes = sorted({lot.quantity for lot in held.lots})
    for size in sizes:
        lots = [lot for lot in held.lots if lot.quantity == size]
        yield from _close_lots(lots, reason, standing, scene)


def _written_on(held: Holding, standing: Standing) -> list[Holding]:
    longs = {lot.id for lot in held.lots if _bears_calls(lot)}
    return [
        other
        for other in standing.holdings
        if other is not held and any(lot.is_short and lot.linked_to in longs for lot in other.lots)
    ]


def _bears_calls(lot: Position) -> bool:
    if lot.is_shares:
        return True
    return not lot.is_short and lot.option is not None and lot.option.right is Right.CALL


def _close_lots(
    lots: Sequence[Position], reason: _Reason, standing: Standing, scene: Scene
) -> Iterator[Outcome]:
    rule, kind, said, met = reason
    part = next((h.part for h in standing.holdings if lots[0] in h.lots), "")
    sold = [lot for lot in lots if lot.is_short or _has_bid(lot, scene)]
    if not sold:
        return
    name = ", ".join(str(lot.instrument) for lot in sold)
    price = net_credit(closing_legs(sold), scene.snapshot)
    missing = [lot for lot in sold if lot.is_short and not _has_ask(lot, scene)]
    if price is None or missing:
        yield TurnedDown(name, NO_QUOTE, f"No price to close at, for {part}.{rule}.")
        return
    if not price.per_unit:
        price = Price(-_CENT if any(lot.is_short for lot in sold) else _CENT)
    seen = scene.snapshot.underlying(lots[0].underlying)
    gain = opening_credit(sold) + price
    quantity, multiplier = sold[0].quantity, sold[0].instrument.multiplier
    quotes = [scene.snapshot.quote_of(lot.instrument) for lot in sold]
    yield Wish(
        kind,
        standing.account,
        closing_legs(sold),
        quantity,
        price,
        f"{part}.{rule}",
        f"Close {name}: {said}.",
        met,
        spot=seen.quote.mark if seen is not None else None,
        amounts=(NamedAmount("profit before fees", notional(gain, quantity, multiplier)),),
        concerns=tuple(lot.id for lot in sold),
        is_modelled=any(quote.is_modelled for quote in quotes if quote is not None),
        strategy=standing.definition.id,
    )


def _has_bid(lot: Position, scene: Scene) -> bool:
    quote = scene.snapshot.quote_of(lot.instrument)
    return quote is not None and quote.bid is not None and quote.bid.per_unit > 0


def _has_ask(lot: Position, scene: Scene) -> bool:
    quote = scene.snapshot.quote_of(lot.instrument)
    return quote is not None and quote.ask is not None and quote.ask.per_unit > 0
