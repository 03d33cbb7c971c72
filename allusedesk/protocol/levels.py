"""Levels: where a position stands against its strike or basis (protocol, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import CENT, Price
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import LevelRules
from allusedesk.protocol.verdicts import RuleAbsent, Verdict, compared, ratio, written
from allusedesk.protocol.views import SleeveView

STRIKE_LEVELS = ("L0", "L1", "L2", "L3")
# Why a sleeve (or its puts in one symbol) may not enter while a position stands at a level; the
# last holds until a person resets the sleeve.
FREEZE_LEVEL, FREEZE_SHARES, FREEZE_EXIT = "level.L2", "level.shares", "level.L3"
LEVEL_ZERO, LEVEL_ONE, LEVEL_TWO, LEVEL_THREE = STRIKE_LEVELS


@dataclass(frozen=True, slots=True)
class LevelReading:
    """Where one position stands; `distance` is in true ranges, against the position.

    `entry` is the price it is measured from: the underlying's when a put was sold, a strike, or
    the basis of shares. `spot` is the underlying's price now.
    """

    position: PositionId
    symbol: str
    level: str
    distance: Decimal
    atr: Decimal
    entry: Price
    spot: Price
    verdict: Verdict


def level_rules(rulebook: Rulebook) -> LevelRules:
    """The levels from the strike. Raises RuleAbsent under a rulebook without them."""
    if rulebook.levels is None:
        raise RuleAbsent(
            f"{rulebook.id} measures from the price at entry, not from the strike: "
            "give --entry, or ask a rulebook with levels L0 to L3."
        )
    return rulebook.levels


def strike_level(reference: Decimal, spot: Decimal, atr: Decimal, rulebook: Rulebook) -> Verdict:
    """L0 to L3, by how far price lies under the strike (shares: the basis) in ATR(5).

    Raises RuleAbsent under a rulebook without these levels.
    """
    rules, against = level_rules(rulebook), reference - spot
    refuse_flat(atr)
    limits = zip(STRIKE_LEVELS[1:], (rules.one, rules.two, rules.three), strict=True)
    steps = tuple(
        (level, f"{level} from {written(limit)}", against >= limit * atr) for level, limit in limits
    )
    return highest_level(LEVEL_ZERO, steps, ratio(against, atr))


def shares_level(basis: Decimal, spot: Decimal, atr: Decimal, rulebook: Rulebook) -> Verdict:
    """The level of shares: by true ranges under their basis, or at once when they fell deep."""
    verdict = strike_level(basis, spot, atr, rulebook)
    deep = level_rules(rulebook).shares_deep
    fall = basis - spot
    is_deep = fall >= deep * basis
    limit = f"{LEVEL_THREE} from {written(deep)}"
    against = compared("fall below the cost basis", ratio(fall, basis), limit, passed=is_deep)
    level = LEVEL_THREE if is_deep else verdict.verdict
    return Verdict(level, f"level.{level}", (*verdict.comparisons, against))


def step_levels(before: str, after: str, levels: Sequence[str]) -> tuple[str, ...]:
    """The levels passed on the way, one at a time, the last being `after`."""
    start, end = levels.index(before), levels.index(after)
    if end >= start:
        return tuple(levels[start + 1 : end + 1])
    return tuple(reversed(levels[end:start]))


def true_range_of(
    symbol: str, spot: Decimal, view: SleeveView, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Decimal:
    """ATR(5) under levels from the strike, else ATR(14); the last valid one enlarged; a part."""
    seen = snapshot.underlying(symbol)
    if seen is not None:
        known = seen.indicators.atr_14 if rulebook.levels is None else seen.indicators.atr_5
        if known:
            return known
    earlier = view.range_known(symbol)
    if earlier:
        return earlier * rulebook.management.atr_stale_factor
    return spot * rulebook.management.atr_price_share


def read_strike_levels(
    view: SleeveView, snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[LevelReading, ...]:
    """The level of each short put and each lot of shares whose price now is known."""
    readings = []
    for lot in view.lots:
        spot, reference = spot_of(lot, snapshot), _reference(lot)
        if spot is None or reference is None:
            continue
        atr = true_range_of(lot.underlying, spot.per_unit, view, snapshot, rulebook)
        judge = shares_level if lot.is_shares else strike_level
        verdict = judge(reference.per_unit, spot.per_unit, atr, rulebook)
        distance = Decimal(ratio((reference - spot).per_unit, atr))
        readings.append(
            LevelReading(
                lot.id, lot.underlying, verdict.verdict, distance, atr, reference, spot, verdict
            )
        )
    return tuple(readings)


def strike_alarms(
    view: SleeveView, readings: Iterable[LevelReading], rulebook: Rulebook
) -> tuple[PriceAlarm, ...]:
    """The prices, not reached yet, at which a put or a lot of shares reaches its next levels."""
    alarms = []
    for reading in readings:
        alarms += [
            level_alarm(view, reading, name, price, Crossing.AT_OR_BELOW)
            for name, price in _prices_of(view, reading, rulebook)
            if 0 < price < reading.spot.per_unit
        ]
    return tuple(alarms)


def _prices_of(
    view: SleeveView, reading: LevelReading, rulebook: Rulebook
) -> Iterator[tuple[str, Decimal]]:
    rules, reference = level_rules(rulebook), reading.entry.per_unit
    limits = [(LEVEL_ONE, rules.one), (LEVEL_TWO, rules.two), (LEVEL_THREE, rules.three)]
    prepare = rulebook.account(view.kind).prepare_distance
    if prepare is not None:
        limits.append(("prepare", prepare))
    for name, limit in limits:
        yield name, cent_under(reference - limit * reading.atr, is_past=False)
    lot = view.lot(reading.position)
    if lot is not None and lot.is_shares:
        yield "deep", cent_under(reference * (1 - rules.shares_deep), is_past=False)


def _reference(lot: Position) -> Price | None:
    if lot.is_short_put and lot.option is not None:
        return Price(lot.option.strike)
    return lot.basis if lot.is_shares else None


def highest_level(lowest: str, steps: tuple[tuple[str, str, bool], ...], distance: str) -> Verdict:
    """The last of the levels that is reached, with each comparison made."""
    reached = [level for level, _, is_met in steps if is_met]
    level = reached[-1] if reached else lowest
    comparisons = tuple(
        compared("distance in ATR", distance, limit, passed=is_met) for _, limit, is_met in steps
    )
    return Verdict(level, f"level.{level}", comparisons)


def refuse_flat(atr: Decimal) -> None:
    """Raises ValueError for a true range that nothing can be measured in."""
    if atr <= 0:
        raise ValueError(f"A distance needs a true range above zero, not {written(atr)}.")


def spot_of(lot: Position, snapshot: MarketSnapshot) -> Price | None:
    """The price of a lot's underlying, where the look shows it."""
    seen = snapshot.underlying(lot.underlying)
    return seen.quote.mark if seen else None


def cent_under(level: Decimal, *, is_past: bool) -> Decimal:
    """The highest whole cent at or under a level; strictly under it where `is_past`."""
    cent = level.quantize(CENT, ROUND_FLOOR)
    return cent - CENT if is_past and cent == level else cent


def level_alarm(
    view: SleeveView, reading: LevelReading, name: str, price: Decimal, crossing: Crossing
) -> PriceAlarm:
    """The alarm of one position for one price, under a name that never changes."""
    lot_id = reading.position
    return PriceAlarm(f"{lot_id}/{name}", reading.symbol, Price(price), crossing, view.account)
