"""Which contract a rung of the LEAPS ladder would be (protocol, section 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import Comparison, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.long_options import cost_of_one, days_of, is_tradable, options_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import LadderRules
from allusedesk.protocol.verdicts import compared, exact, written
from allusedesk.protocol.views import SleeveView

NO_RUNG = "ladder.none"
SIDES = {Right.CALL: "growth", Right.PUT: "hedge"}


@dataclass(frozen=True, slots=True)
class Found:
    """A contract for a rung: its quote, what one costs, and the figures it was chosen by."""

    quote: Quote
    option: OptionContract
    cost: Money
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """One look at a sleeve's ladder: its whole worth, and the cash of it still to be laid out.

    `taken` are the contracts that this look wants already.
    """

    view: SleeveView
    snapshot: MarketSnapshot
    today: date
    rulebook: Rulebook
    rules: LadderRules
    whole: Money
    left: Money
    taken: tuple[OptionContract, ...] = ()

    def rungs(self, right: Right) -> list[Position]:
        return rungs_of(self.view.lots, right)

    def most_per_rung(self) -> Money:
        return self.whole * self.rules.rung_share_max


def rungs_of(lots: Iterable[Position], right: Right) -> list[Position]:
    """The rungs of one side, growth (calls) or hedge (puts), those that end first in front."""
    found = [
        (lot.option.expiry, lot.id, lot)
        for lot in lots
        if lot.role is PositionRole.LEAPS_RUNG and lot.option and lot.option.right is right
    ]
    return [lot for _, _, lot in sorted(found, key=lambda row: row[:2])]


def contract_for(
    ladder: Ladder, symbol: str, right: Right, without: Position | None = None
) -> Found | TurnedDown:
    """The contract of a symbol for a rung of a side, its expiry apart from those held.

    `without` is a rung that is on its way out and holds no place any more.
    """
    rules, today = ladder.rules, ladder.today
    months = rules.growth_months if right is Right.CALL else rules.hedge_months
    low, high = days_of(months.low), days_of(months.high)
    options = [
        (option, quote)
        for option, quote in options_of(ladder.snapshot, symbol)
        if option.right is right and low <= (option.expiry - today).days <= high
    ]
    side = SIDES[right]
    if not options:
        return TurnedDown(symbol, NO_RUNG, f"no {side} rung on {symbol}: no quotes of such months")
    held = [
        lot.option.expiry
        for lot in ladder.rungs(right)
        if lot.option is not None and (without is None or lot.id != without.id)
    ]
    held += [option.expiry for option in ladder.taken if option.right is right]
    expiry = _staggered({option.expiry for option, _ in options}, held, today, ladder.rules, right)
    if expiry is None:
        reason = f"no {side} rung on {symbol}: every expiry is within {rules.days_apart_min} days"
        return TurnedDown(symbol, NO_RUNG, f"{reason} of a rung held")
    own = [(option, quote) for option, quote in options if option.expiry == expiry]
    chosen = _growth(own, ladder) if right is Right.CALL else _cover(own, symbol, ladder)
    if chosen is None:
        reason = f"no {side} rung on {symbol} {expiry}: no strike in the band fresh and tight"
        return TurnedDown(symbol, NO_RUNG, reason)
    option, quote, met = chosen
    days = (expiry - today).days
    away = compared("days to expiry", days, f"{low} to {high}", passed=True)
    return Found(quote, option, cost_of_one(quote, ladder.rulebook), (met, away))


def _staggered(
    listed: set[date], held: list[date], today: date, rules: LadderRules, right: Right
) -> date | None:
    """The expiry farthest from those held; without any, the one nearest to the band's middle."""
    months = rules.growth_months if right is Right.CALL else rules.hedge_months
    middle = (days_of(months.low) + days_of(months.high)) // 2
    if not held:
        return min(listed, key=lambda day: (abs((day - today).days - middle), day))
    apart = {day: min(abs((day - other).days) for other in held) for day in listed}
    free = [day for day in listed if apart[day] >= rules.days_apart_min]
    return min(free, key=lambda day: (-apart[day], day)) if free else None


_Chosen = tuple[OptionContract, Quote, Comparison]


def _growth(options: list[tuple[OptionContract, Quote]], ladder: Ladder) -> _Chosen | None:
    """The call whose delta is nearest to the middle of the band."""
    band = ladder.rules.growth_delta
    middle = (band.low + band.high) / 2
    limit = f"{written(band.low)} to {written(band.high)}"
    ranked: list[tuple[Decimal, Decimal, _Chosen]] = []
    for option, quote in options:
        if quote.greeks is None or not is_tradable(
            quote, ladder.snapshot.taken_at, ladder.rulebook
        ):
            continue
        delta = exact(quote.greeks.delta_quoted)
        if band.low <= delta <= band.high:
            met = compared("delta", delta, limit, passed=True)
            ranked.append((abs(delta - middle), option.strike, (option, quote, met)))
    return min(ranked, key=lambda row: row[:2])[2] if ranked else None


def _cover(
    options: list[tuple[OptionContract, Quote]], symbol: str, ladder: Ladder
) -> _Chosen | None:
    """The put whose distance from the spot is nearest to the middle of the band."""
    rules, seen = ladder.rules, ladder.snapshot.underlying(symbol)
    spot = seen.quote.mark if seen is not None else None
    if spot is None:
        return None
    low, high = rules.hedge_out_of_money_low, rules.hedge_out_of_money_high
    limit = f"{written(low)} to {written(high)}"
    ranked: list[tuple[Decimal, Decimal, _Chosen]] = []
    for option, quote in options:
        away = ((spot.per_unit - option.strike) / spot.per_unit).quantize(Decimal("0.0001"))
        if low <= away <= high and is_tradable(quote, ladder.snapshot.taken_at, ladder.rulebook):
            met = compared("out of the money", away, limit, passed=True)
            ranked.append((abs(away - (low + high) / 2), option.strike, (option, quote, met)))
    return min(ranked, key=lambda row: row[:2])[2] if ranked else None
