"""What to do when price moves against a position, or for it (protocol, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.instruments import Right
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.closing_orders import (
    Outcome,
    barred,
    buy_back,
    close_by,
    closing_mid,
    decision_of,
)
from allusedesk.protocol.early_assignment import close_early, close_for_dividend
from allusedesk.protocol.levels import (
    STRIKE_LEVELS,
    LevelReading,
    cent_under,
    highest_level,
    level_alarm,
    read_strike_levels,
    refuse_flat,
    spot_of,
    strike_alarms,
    true_range_of,
)
from allusedesk.protocol.rolls import find_put_roll, roll_wish
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import EntryDistances
from allusedesk.protocol.schedule import closing_window, is_final_session
from allusedesk.protocol.strike_management import decide_strike_management
from allusedesk.protocol.verdicts import RuleAbsent, Verdict, compared, ratio, written
from allusedesk.protocol.views import Decision, SleeveView

HOLD, WATCH, PREPARE, MANDATORY = "hold", "watch", "prepare", "mandatory"
LEVELS = (HOLD, WATCH, PREPARE, MANDATORY)


def level_of(entry: Decimal, spot: Decimal, atr: Decimal, rulebook: Rulebook) -> Verdict:
    """hold, watch, prepare or mandatory, by the fall from the price at entry in ATR(14)."""
    rules, against = _distances(rulebook), entry - spot
    refuse_flat(atr)
    steps = (
        (WATCH, f"watch from {written(rules.watch)}", against >= rules.watch * atr),
        (PREPARE, f"prepare from {written(rules.prepare)}", against >= rules.prepare * atr),
        (
            MANDATORY,
            f"mandatory above {written(rules.mandatory_above)}",
            against > rules.mandatory_above * atr,
        ),
    )
    return highest_level(HOLD, steps, ratio(against, atr))


def _distances(rulebook: Rulebook) -> EntryDistances:
    distances = rulebook.management.from_entry
    if distances is None:
        raise RuleAbsent(
            f"{rulebook.id} measures from the strike, not from the price at entry: give --right "
            "put with --strike, or --shares with --basis."
        )
    return distances


def levels_of(rulebook: Rulebook) -> tuple[str, ...]:
    """The names of a rulebook's levels, calmest first."""
    return LEVELS if rulebook.levels is None else STRIKE_LEVELS


def read_levels(
    view: SleeveView, snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[LevelReading, ...]:
    """The level of each position that has one, where its prices are known.

    Measured from the price at entry only short puts have levels; from the strike shares too.
    """
    if rulebook.levels is not None:
        return read_strike_levels(view, snapshot, rulebook)
    readings = []
    for lot in view.lots:
        spot = spot_of(lot, snapshot)
        if not lot.is_short_put or lot.spot_at_open is None or spot is None:
            continue
        entry = lot.spot_at_open
        atr = true_range_of(lot.underlying, spot.per_unit, view, snapshot, rulebook)
        verdict = level_of(entry.per_unit, spot.per_unit, atr, rulebook)
        distance = Decimal(ratio((entry - spot).per_unit, atr))
        readings.append(
            LevelReading(
                lot.id, lot.underlying, verdict.verdict, distance, atr, entry, spot, verdict
            )
        )
    return tuple(readings)


def price_alarms_of(
    view: SleeveView, readings: Iterable[LevelReading], rulebook: Rulebook
) -> tuple[PriceAlarm, ...]:
    """The prices, not reached yet, at which a position changes its level or its favour.

    `readings` are those of `read_levels` for the same view.
    """
    if rulebook.levels is not None:
        return strike_alarms(view, readings, rulebook)
    alarms = []
    rules = _distances(rulebook)
    for reading in readings:
        entry, spot, atr = reading.entry.per_unit, reading.spot.per_unit, reading.atr
        # Beyond its number means at the first cent past it; from its number means at that cent.
        below = (
            (WATCH, cent_under(entry - rules.watch * atr, is_past=False)),
            (PREPARE, cent_under(entry - rules.prepare * atr, is_past=False)),
            (MANDATORY, cent_under(entry - rules.mandatory_above * atr, is_past=True)),
        )
        alarms += [
            level_alarm(view, reading, name, price, Crossing.AT_OR_BELOW)
            for name, price in below
            if 0 < price < spot
        ]
        favour = -cent_under(-(entry + rules.favour_above * atr), is_past=True)
        if favour > spot:
            alarms.append(level_alarm(view, reading, "favour", favour, Crossing.AT_OR_ABOVE))
    return tuple(alarms)


def decide_management(
    view: SleeveView,
    snapshot: MarketSnapshot,
    levels: Sequence[LevelReading],
    week: TradingWeek,
    session: Session,
    now: datetime,
    rulebook: Rulebook,
) -> Decision:
    """Rolls, closes and profits of every short option; nothing inside its closing window.

    Levels from the strike hold to the last minute.
    """
    if rulebook.levels is not None:
        return decide_strike_management(view, snapshot, levels, week, session, rulebook)
    closing, _ = closing_window(session, rulebook)
    outcomes: list[Outcome] = []
    for lot in view.lots:
        option = lot.option
        if option is None or not lot.is_short:
            continue
        if now >= closing and is_final_session(option.expiry, session, week):
            continue
        seen = snapshot.underlying(lot.underlying)
        if seen is None:
            # A look that a price alarm asked for shows its own symbol alone.
            continue
        bar = barred(view, lot, seen)
        if bar is not None:
            outcomes.append(bar)
            continue
        reading = next((item for item in levels if item.position == lot.id), None)
        if option.right is Right.PUT:
            outcomes += _manage_put(view, lot, snapshot, reading, session, rulebook)
        else:
            outcomes += _manage_call(view, lot, snapshot, week, session, rulebook)
    return decision_of(outcomes)


def judge_profit(
    premium: Decimal, mark: Decimal, favour: Decimal, atr: Decimal, rulebook: Rulebook
) -> Verdict | None:
    """The profit rule that closes a short option, if one does.

    `favour` is how far price moved for the position since entry; `mark` what it costs now.
    """
    rules, earned = _distances(rulebook), premium - mark
    shown = ratio(earned, premium)
    if earned >= rules.profit_at * premium:
        limit = f"at least {written(rules.profit_at)}"
        return Verdict(
            "close", "profit.take", (compared("premium earned", shown, limit, passed=True),)
        )
    if favour > rules.favour_above * atr and earned > rules.favour_earned_above * premium:
        moved = f"above {written(rules.favour_above)}"
        limit = f"above {written(rules.favour_earned_above)}"
        return Verdict(
            "close",
            "profit.in_favour",
            (
                compared("favour in ATR(14)", ratio(favour, atr), moved, passed=True),
                compared("premium earned", shown, limit, passed=True),
            ),
        )
    return None


def _manage_put(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading | None,
    session: Session,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    if reading is not None and reading.level == MANDATORY:
        yield _roll_or_close(view, lot, snapshot, reading, rulebook)
        return
    early = close_early(view, lot, snapshot, session, rulebook)
    if early is not None:
        yield early
        return
    if reading is not None and reading.level == PREPARE:
        search = find_put_roll(lot, snapshot, rulebook)
        if search.best is not None:
            yield TurnedDown(
                f"roll to {search.best.contract}",
                "level.prepare",
                "prepared, not due yet",
                f"net {written(search.best.credit_net.per_unit)}",
                f"mandatory above {written(_distances(rulebook).mandatory_above)} ATR",
            )
        yield from search.turned_down()
    yield from _take_profit(view, lot, snapshot, reading, rulebook)


def _roll_or_close(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading,
    rulebook: Rulebook,
) -> Outcome:
    search = find_put_roll(lot, snapshot, rulebook)
    evidence = reading.verdict.comparisons
    if search.best is not None:
        rule = "level.mandatory"
        return roll_wish(view, lot, search.best, search, snapshot, rule, evidence, rulebook)
    return buy_back(
        view,
        lot,
        snapshot,
        ProposalKind.ADJUSTMENT,
        ("level.mandatory", f"Close {lot.instrument}: no roll brings a net credit."),
        evidence,
        rulebook,
        turned_down=search.turned_down(),
    )


def _manage_call(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    week: TradingWeek,
    session: Session,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    dividend = close_for_dividend(view, lot, snapshot, week, session, rulebook)
    if dividend is not None:
        yield dividend
        return
    yield from _take_profit(view, lot, snapshot, None, rulebook)


def _take_profit(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    reading: LevelReading | None,
    rulebook: Rulebook,
) -> Iterator[Outcome]:
    mark = closing_mid(snapshot.quote_of(lot.instrument))
    if mark is None:
        return
    # A call's favour is the fall of its shares: no profit that the premium does not show.
    favour = atr = Decimal(0)
    if reading is not None:
        favour, atr = (reading.spot - reading.entry).per_unit, reading.atr
    premium = lot.price_average.per_unit
    verdict = judge_profit(premium, mark.per_unit, favour, atr, rulebook)
    if verdict is not None:
        reason = f"Close {lot.instrument}: the profit is earned."
        yield close_by(view, lot, snapshot, verdict, reason, rulebook)
