"""The gates of orders, liquidity and quotes (protocol, section 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Comparison, Side
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, compared, percent, written

PASS, REFUSE = "pass", "refuse"
GATES = "order.gates"
INVALID = "quote.invalid"
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """An order against the market it meets; None where a figure is not known.

    `volume` is what the daily gate reads, `volume_average` what the order's size is measured
    against; the desk hands in the five-session average for both.
    """

    quantity: int
    bid: Decimal | None
    ask: Decimal | None
    quote_age: Decimal
    tick: Decimal
    open_interest: int | None
    volume: Decimal | None
    volume_average: Decimal | None
    is_closing: bool = False


def judge_order(question: OrderQuestion, rulebook: Rulebook) -> Verdict:
    """Openings must pass every gate; closes are warned and sent, save on an invalid quote.

    The verdict is `pass` or `refuse`; its rule is the first gate that failed.
    """
    clips = clips_of(question.quantity, rulebook)
    validity = _judge_quote(question)
    if not validity.passed:
        return Verdict(REFUSE, INVALID, (validity,), clips=clips)
    gates = (
        ("quote.age", _judge_age(question, rulebook)),
        ("liquidity.open_interest", _judge_open_interest(question, rulebook)),
        ("liquidity.volume", _judge_volume(question, rulebook)),
        ("liquidity.spread", _judge_spread(question, rulebook)),
        ("liquidity.size", _judge_size(question, rulebook)),
    )
    comparisons = (validity, *(comparison for _, comparison in gates))
    failed = [(rule, comparison) for rule, comparison in gates if not comparison.passed]
    if failed and not question.is_closing:
        return Verdict(REFUSE, failed[0][0], comparisons, clips=clips)
    warnings = tuple(
        f"{rule}: the {met.name} is {met.value}; it should be {met.limit}." for rule, met in failed
    )
    return Verdict(PASS, GATES, comparisons, clips=clips, warnings=warnings)


def clips_of(quantity: int, rulebook: Rulebook) -> tuple[int, ...]:
    """The clips an order is cut into; they sum to it. Raises ValueError for none."""
    if quantity < 1:
        raise ValueError(f"An order is for one contract or more, not {quantity}.")
    most = rulebook.orders.clip_contracts
    whole, rest = divmod(quantity, most)
    return (most,) * whole + ((rest,) if rest else ())


def tick_of(symbol: str, price: Decimal, rulebook: Rulebook) -> Decimal:
    """The price step of an option on `symbol` at a premium of `price`."""
    rules = rulebook.orders
    rule = next((row for row in rules.ticks if symbol in row.symbols), rules.tick_otherwise)
    return rule.below if price < rule.threshold else rule.above


def worst_price(mid: Price, side: Side, tick: Decimal, rulebook: Rulebook) -> Price:
    """As far from mid as an order may ever be moved, on the grid of `tick`, above zero."""
    allowance = max(rulebook.orders.worst_price * mid.per_unit, tick)
    if side is Side.SELL:
        floor = Price(mid.per_unit - allowance, mid.currency).rounded_to(tick, ROUND_CEILING)
        return max(floor, Price(tick, mid.currency))
    return Price(mid.per_unit + allowance, mid.currency).rounded_to(tick, ROUND_FLOOR)


def mid_against_us(mid: Price, side: Side, age: Decimal, rulebook: Rulebook) -> Price:
    """The mid, moved against us by the buffer where the quote is too old."""
    if age <= rulebook.quotes.age_seconds_max:
        return mid
    buffer = mid.per_unit * rulebook.quotes.stale_buffer
    return Price(mid.per_unit + buffer * side.value, mid.currency)


def contracts_admitted(volume_average: Decimal, rulebook: Rulebook) -> int:
    """The largest order the average volume admits."""
    return int((rulebook.orders.volume_share_max * volume_average) // 1)


def first_failed(comparisons: Sequence[Comparison]) -> Comparison:
    """The comparison that refused an order."""
    return next(comparison for comparison in comparisons if not comparison.passed)


def _judge_quote(question: OrderQuestion) -> Comparison:
    bid, ask = question.bid, question.ask
    shown = f"{_shown(bid)} / {_shown(ask)}"
    if bid is None and question.is_closing:
        bid = Decimal(0)
    limit = "both sides above zero, the bid not above the ask"
    if question.is_closing:
        # What has become worthless has no bid, and can still be bought back.
        limit = "an ask above zero, the bid neither negative nor above it"
    if bid is None or ask is None or not bid.is_finite() or not ask.is_finite():
        return compared("bid and ask", shown, limit, passed=False)
    floor = bid >= 0 if question.is_closing else bid > 0
    return compared("bid and ask", shown, limit, passed=floor and ask > 0 and bid <= ask)


def _judge_age(question: OrderQuestion, rulebook: Rulebook) -> Comparison:
    most = rulebook.quotes.age_seconds_max
    age = question.quote_age
    return compared("quote age in seconds", age, f"at most {written(most)}", passed=age <= most)


def _judge_open_interest(question: OrderQuestion, rulebook: Rulebook) -> Comparison:
    least, known = rulebook.orders.open_interest_min, question.open_interest
    value = "unknown" if known is None else str(known)
    passed = known is not None and known >= least
    return compared("open interest", value, f"at least {least}", passed=passed)


def _judge_volume(question: OrderQuestion, rulebook: Rulebook) -> Comparison:
    least, known = rulebook.orders.volume_min, question.volume
    passed = known is not None and known >= least
    return compared("option volume a day", _shown(known), f"at least {least}", passed=passed)


def _judge_spread(question: OrderQuestion, rulebook: Rulebook) -> Comparison:
    bid, ask = question.bid or Decimal(0), question.ask or Decimal(0)
    mid, spread = (bid + ask) / 2, ask - bid
    share = rulebook.orders.spread_max
    return compared(
        "spread",
        f"{written(spread)}, which is {percent(spread, mid)} of mid",
        f"at most {percent(share, _WHOLE)} of mid, or one tick of {written(question.tick)}",
        passed=spread <= max(share * mid, question.tick),
    )


def _judge_size(question: OrderQuestion, rulebook: Rulebook) -> Comparison:
    share, known = rulebook.orders.volume_share_max, question.volume_average
    limit = f"at most {percent(share, _WHOLE)} of the average volume, {_shown(known)}"
    passed = known is not None and question.quantity <= share * known
    return compared("order size", question.quantity, limit, passed=passed)


def _shown(value: Decimal | None) -> str:
    return "unknown" if value is None else written(value)
