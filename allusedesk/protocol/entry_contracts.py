"""The contract to sell: its expiry, its delta and the gates it must pass (sections 2, 4, 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_DOWN, Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Comparison, TurnedDown
from allusedesk.domain.quotes import OptionChain, Quote
from allusedesk.protocol.liquidity import (
    PASS,
    OrderQuestion,
    first_failed,
    judge_order,
    tick_of,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_ranges import DayBand, DeltaBand
from allusedesk.protocol.verdicts import Verdict, compared, exact, written

DELTA = "entry.delta"


@dataclass(frozen=True, slots=True)
class ExpiryChoice:
    """The listed days to expiry that were chosen, or None; `rule` says how."""

    days: int | None
    rule: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class PricedQuote:
    """A contract and the price to ask for it."""

    quote: Quote
    credit: Price


@dataclass(frozen=True, slots=True)
class ContractChoice:
    """The contract that was picked, or None, with what was compared and turned down."""

    picked: PricedQuote | None
    comparisons: tuple[Comparison, ...]
    turned_down: tuple[TurnedDown, ...]


def choose_expiry(
    listed: Sequence[int], band: DayBand, rulebook: Rulebook, *, widens: bool
) -> ExpiryChoice:
    """The listed expiry in the band nearest to the rulebook's day, ties shorter.

    With none in the band it widens where the tier may: `expiry.widened`, else `expiry.none`.
    """
    rules = rulebook.entry
    choices = [("entry.days_to_expiry", band)]
    if widens:
        choices.append(("expiry.widened", rules.widened_days))
    shown = ", ".join(str(days) for days in sorted(listed)) or "none"
    for rule, days_band in choices:
        inside = [days for days in listed if days_band.holds(days)]
        if inside:
            chosen = min(inside, key=lambda days: (abs(days - rules.widened_nearest), days))
            limit = f"{days_band.low} to {days_band.high}"
            against = compared("days to expiry", chosen, limit, passed=True)
            return ExpiryChoice(chosen, rule, against)
    last = choices[-1][1]
    against = compared("listed days to expiry", shown, f"{last.low} to {last.high}", passed=False)
    return ExpiryChoice(None, "expiry.none", against)


def listed_days(chain: OptionChain, today: date) -> tuple[int, ...]:
    """Calendar days to every listed expiry that is not over."""
    return tuple((day - today).days for day in chain.expiries if day >= today)


def choose_by_delta(
    quotes: Sequence[Quote],
    band: DeltaBand,
    now: datetime,
    rulebook: Rulebook,
    target: Decimal | None = None,
) -> ContractChoice:
    """The contract nearest the target that passes the gates, ties to the lower delta.

    The target is the band's middle unless another is given.
    Lower deltas within the slack are admitted only where no strike lies in the band.
    """
    known = [
        (exact(quote.greeks.delta_quoted), quote) for quote in quotes if quote.greeks is not None
    ]
    limit = f"{written(band.low)} to {written(band.high)}"
    admitted, slack = band, rulebook.entry.band_slack_below
    if slack and not any(band.holds(delta) for delta, _ in known):
        admitted = DeltaBand(max(band.low - slack, Decimal(0)), band.high)
        limit = f"{written(admitted.low)} to {written(band.high)}, lower only for want of better"
    turned_down = [*_outside(known, admitted, limit)]
    if len(known) < len(quotes):
        turned_down.append(_group(quotes, len(quotes) - len(known), "greeks.none", "no delta"))
    wanted = band.middle if target is None else target
    inside = sorted(
        (row for row in known if admitted.holds(row[0])),
        key=lambda row: (abs(row[0] - wanted), row[0], _contract(row[1]).strike),
    )
    picked, refused = _first_passing([quote for _, quote in inside], now, rulebook)
    met = tuple(
        compared("delta", delta, limit, passed=True)
        for delta, quote in inside
        if picked is not None and quote is picked.quote
    )
    return ContractChoice(picked, met, (*turned_down, *refused))


def choose_at_the_money(
    quotes: Sequence[Quote], spot: Decimal, now: datetime, rulebook: Rulebook
) -> ContractChoice:
    """The contract whose strike is nearest to price, ties to the higher, passing the gates."""
    ranked = sorted(
        quotes,
        key=lambda q: (
            abs(_contract(q).strike - spot),
            -_contract(q).strike,
            not _contract(q).is_standard,
        ),
    )
    picked, refused = _first_passing(ranked[:1], now, rulebook)
    if picked is None:
        return ContractChoice(None, (), refused)
    limit = f"nearest to {written(spot)}"
    met = compared("strike", _contract(picked.quote).strike, limit, passed=True)
    return ContractChoice(picked, (met,), refused)


def judge_opening(quote: Quote, quantity: int, now: datetime, rulebook: Rulebook) -> Verdict:
    """The gates of section 8 for selling a contract."""
    contract = _contract(quote)
    if not contract.is_standard:
        against = compared("shares it delivers", contract.multiplier, "100", passed=False)
        return Verdict("refuse", "deliverable.standard", (against,))
    volume = None if quote.volume_average is None else exact(quote.volume_average)
    mid = quote.mid.per_unit if quote.mid is not None else Decimal(0)
    return judge_order(
        OrderQuestion(
            quantity,
            quote.bid.per_unit if quote.bid is not None else None,
            quote.ask.per_unit if quote.ask is not None else None,
            exact(quote.age_seconds(now)),
            tick_of(contract.underlying, mid, rulebook),
            quote.open_interest,
            volume,
            volume,
        ),
        rulebook,
    )


def selling_price(quote: Quote, rulebook: Rulebook) -> Price | None:
    """The mid on the exchange's grid, half a tick rounded down; None where nothing is left."""
    mid = quote.mid or Price(Decimal(0))
    tick = tick_of(_contract(quote).underlying, mid.per_unit, rulebook)
    price = mid.rounded_to(tick, ROUND_HALF_DOWN)
    return price if price.per_unit > 0 else None


def _first_passing(
    ranked: Sequence[Quote], now: datetime, rulebook: Rulebook
) -> tuple[PricedQuote | None, tuple[TurnedDown, ...]]:
    refused: list[TurnedDown] = []
    for quote in ranked:
        verdict = judge_opening(quote, 1, now, rulebook)
        credit = selling_price(quote, rulebook)
        if verdict.verdict == PASS and credit is not None:
            return PricedQuote(quote, credit), tuple(refused)
        refused.append(_refusal(quote, verdict))
    return None, tuple(refused)


def _refusal(quote: Quote, verdict: Verdict) -> TurnedDown:
    name = str(quote.instrument)
    if verdict.verdict == PASS:
        return TurnedDown(name, "premium.none", "its mid rounds down to nothing")
    failed = first_failed(verdict.comparisons)
    return TurnedDown(name, verdict.rule, failed.name, failed.value, failed.limit)


def _outside(
    known: Sequence[tuple[Decimal, Quote]], band: DeltaBand, limit: str
) -> tuple[TurnedDown, ...]:
    """The contracts beside the band as one row, with the deltas nearest to it on either side."""
    rows = [row for row in known if not band.holds(row[0])]
    if not rows:
        return ()
    below = [delta for delta, _ in rows if delta < band.low]
    above = [delta for delta, _ in rows if delta > band.high]
    nearest = [f"{written(max(below))} below it"] if below else []
    nearest += [f"{written(min(above))} above it"] if above else []
    value = f"nearest {' and '.join(nearest)}"
    group = _group([quote for _, quote in rows], len(rows), DELTA, "delta outside the band")
    return (TurnedDown(group.candidate, DELTA, group.reason, value, limit, len(rows)),)


def _group(quotes: Sequence[Quote], count: int, rule: str, reason: str) -> TurnedDown:
    first = _contract(quotes[0])
    right = "puts" if first.right is Right.PUT else "calls"
    return TurnedDown(f"{first.underlying} {first.expiry} {right}", rule, reason, count=count)


def _contract(quote: Quote) -> OptionContract:
    if not isinstance(quote.instrument, OptionContract):
        raise TypeError(f"{quote.instrument} is no option.")
    return quote.instrument
