from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.levels import STRIKE_LEVELS, step_levels, strike_level, true_range_of
from allusedesk.protocol.trade_management import (
    LEVELS,
    decide_management,
    judge_profit,
    level_of,
    price_alarms_of,
    read_levels,
)
from allusedesk.protocol.verdicts import RuleAbsent
from allusedesk.protocol.views import Decision, SleeveView, TrueRange
from tests.protocol.examples import (
    FRIDAY,
    MONDAY,
    REV,
    THURSDAY,
    WEEK,
    D,
    at,
    chain,
    classic,
    classic_with,
    constitution,
    indicators,
    lot,
    market,
    option,
    price,
    quote,
    shares,
    short_call,
    underlying,
    view,
)

NEXT_FRIDAY = FRIDAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("spot", "level"),
    [
        ("104", "hold"), ("98.01", "hold"),
        ("98", "watch"), ("96.01", "watch"),
        ("96", "prepare"), ("94", "prepare"),
        ("93.99", "mandatory"), ("80", "mandatory"),
    ],
)  # fmt: skip
def test_classic_levels_at_and_beside_each_boundary(spot: str, level: str) -> None:
    verdict = level_of(D(100), D(spot), D(4), classic())
    assert (verdict.verdict, verdict.rule) == (level, f"level.{level}")


@pytest.mark.parametrize("rounding", [ROUND_FLOOR, ROUND_CEILING])
@pytest.mark.parametrize(
    ("multiple", "at_it", "past_it", "before_it"),
    [
        ("0.5", "watch", "watch", "hold"),
        ("1.0", "prepare", "prepare", "watch"),
        ("1.5", "prepare", "mandatory", "prepare"),
    ],
)
def test_levels_are_exact_with_a_range_that_does_not_divide(
    multiple: str, at_it: str, past_it: str, before_it: str, rounding: str
) -> None:
    entry, atr, fine = D("123.45"), D("3.337"), D("0.0000001")
    exactly = entry - D(multiple) * atr
    assert level_of(entry, exactly, atr, classic()).verdict == at_it
    step = -fine if rounding == ROUND_FLOOR else fine
    beside = price(exactly + step).rounded_to(fine, rounding).per_unit
    wanted = past_it if rounding == ROUND_FLOOR else before_it
    assert level_of(entry, beside, atr, classic()).verdict == wanted


def test_a_distance_needs_a_range() -> None:
    with pytest.raises(ValueError, match="above zero"):
        level_of(D(100), D(90), D(0), classic())


def test_levels_from_the_strike_belong_to_rulebooks_that_have_them() -> None:
    with pytest.raises(RuleAbsent, match=r"classic@1\.0 measures from the price at entry"):
        strike_level(D(100), D(92), D(4), classic())
    levelled = constitution()
    found = [
        strike_level(D(100), D(spot), D(4), levelled).verdict
        for spot in ("96.01", "96", "92.01", "92", "88.01", "88")
    ]
    assert found == ["L0", "L1", "L1", "L2", "L2", "L3"]


def test_levels_move_one_at_a_time() -> None:
    assert step_levels("hold", "mandatory", LEVELS) == ("watch", "prepare", "mandatory")
    assert step_levels("mandatory", "watch", LEVELS) == ("prepare", "watch")
    assert step_levels("watch", "watch", LEVELS) == ()
    assert step_levels("L0", "L3", STRIKE_LEVELS) == ("L1", "L2", "L3")


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_every_step_is_to_a_neighbour(before: str, after: str) -> None:
    walked = [before, *step_levels(before, after, LEVELS)]
    assert walked[-1] == after
    ranks = [LEVELS.index(level) for level in walked]
    assert all(abs(a - b) == 1 for a, b in pairwise(ranks))


def test_a13_without_a_range_today_the_last_one_enlarged_or_a_part_of_price() -> None:
    seen = view(REV, ranges_known=(TrueRange("AAPL", D(5)),))
    bare = market(underlying(indicators=indicators(atr_14=None)))
    assert true_range_of("AAPL", D(100), seen, market(underlying()), classic()) == D(4)
    assert true_range_of("AAPL", D(100), seen, bare, classic()) == D("5.5")
    assert true_range_of("AAPL", D(100), view(REV), bare, classic()) == D("2.00")
    assert true_range_of("MSFT", D(50), view(REV), bare, classic()) == D("1.00")


def test_only_short_puts_with_known_prices_have_a_level() -> None:
    lots = (
        lot(option(95)),
        lot(option(90), id=PositionId("blind"), spot_at_open=None),
        lot(option(90, symbol="MSFT"), id=PositionId("unseen")),
        shares(),
        short_call(),
    )
    (reading,) = read_levels(view(REV, lots=lots), market(underlying(spot="95")), classic())
    assert (reading.position, reading.level, reading.distance) == ("put", "prepare", D("1.25"))


def _alarms(seen: SleeveView, snapshot: MarketSnapshot) -> tuple[PriceAlarm, ...]:
    return price_alarms_of(seen, read_levels(seen, snapshot, classic()), classic())


def test_price_alarms_stand_at_the_levels_not_reached_yet() -> None:
    seen = view(REV, lots=(lot(option(95)),))
    alarms = _alarms(seen, market(underlying(spot="97")))
    assert [(a.id, str(a.level), a.crossing) for a in alarms] == [
        ("put/prepare", "96.00", Crossing.AT_OR_BELOW),
        ("put/mandatory", "93.99", Crossing.AT_OR_BELOW),
        ("put/favour", "104.01", Crossing.AT_OR_ABOVE),
    ]
    flown = _alarms(seen, market(underlying(spot="105")))
    assert [a.id for a in flown] == ["put/watch", "put/prepare", "put/mandatory"]
    fine = market(underlying(spot="97", indicators=indicators(atr_14=D("3.333"))))
    assert [str(a.level) for a in _alarms(seen, fine)] == [
        "96.66", "95.00", "103.34",
    ]  # fmt: skip


@given(st.decimals("1", "30", places=4), st.decimals("60", "140", places=2))
def test_at_the_price_of_an_alarm_the_level_has_changed(atr: D, spot: D) -> None:
    seen = view(REV, lots=(lot(option(95)),))
    snapshot = market(underlying(spot=str(spot), indicators=indicators(atr_14=atr)))
    for alarm in _alarms(seen, snapshot):
        name = alarm.id.rpartition("/")[2]
        level = alarm.level.per_unit
        if name == "favour":
            assert level - 100 > atr
            assert level - D("0.01") - 100 <= atr
        else:
            assert level < spot
            assert level_of(D(100), level, atr, classic()).verdict == name
            before = level_of(D(100), level + D("0.01"), atr, classic()).verdict
            assert LEVELS.index(before) < LEVELS.index(name)


@pytest.mark.parametrize(
    ("mark", "favour", "rule"),
    [
        ("1.00", "0", "profit.take"), ("0.99", "9", "profit.take"), ("1.01", "9", None),
    ],
)  # fmt: skip
def test_profit_is_taken_at_half_the_premium(mark: str, favour: str, rule: str | None) -> None:
    verdict = judge_profit(D(2), D(mark), D(favour), D(4), classic())
    assert (verdict.rule if verdict else None) == rule


@pytest.mark.parametrize(
    ("mark", "favour", "is_taken"),
    [("0.99", "4.01", True), ("0.99", "4", False), ("1.00", "4.01", False)],
)
def test_profit_in_favour_needs_more_than_a_range_and_more_than_half(
    mark: str, favour: str, is_taken: bool
) -> None:
    patient = classic_with(("profit_at = 0.50", "profit_at = 0.80"))
    verdict = judge_profit(D(2), D(mark), D(favour), D(4), patient)
    assert (verdict is not None) is is_taken
    if verdict is not None:
        assert verdict.rule == "profit.in_favour"


def look(spot: str, *quotes: Quote, **announced: Any) -> MarketSnapshot:
    seen = underlying(spot=spot, now=at(MONDAY, "12:30"), **announced)
    return market(seen, chains=(chain(*quotes),) if quotes else (), now=at(MONDAY, "12:30"))


def manage(
    snapshot: MarketSnapshot,
    *lots: Position,
    day: date = MONDAY,
    clock: str = "12:30",
    **changes: Any,
) -> Decision:
    seen = view(REV, lots=lots, **changes)
    today = WEEK.session_on(day)
    assert today is not None
    levels = read_levels(seen, snapshot, classic())
    return decide_management(seen, snapshot, levels, WEEK, today, at(day, clock), classic())


def rung(strike: str, expiry: date, bid: str, ask: str, right: Right = Right.PUT) -> Quote:
    return quote(option(strike, expiry, right), bid, ask, now=at(MONDAY, "12:30"))


HELD = rung("95", FRIDAY, "4.90", "5.10")


def test_mandatory_rolls_to_the_lowest_strike_with_a_net_credit() -> None:
    snapshot = look(
        "93",
        HELD,
        rung("93", NEXT_FRIDAY, "5.90", "6.10"),
        rung("92", NEXT_FRIDAY, "5.00", "5.20"),
        rung("91", NEXT_FRIDAY, "4.90", "5.10"),
        rung("90", NEXT_FRIDAY, "4.00", "4.20"),
    )
    (wish,) = manage(snapshot, lot(option(95), -3)).wishes
    assert (wish.kind, wish.rule, wish.quantity) == (ProposalKind.ROLL, "level.mandatory", 3)
    assert [leg.side for leg in wish.legs] == [Side.BUY, Side.SELL]
    # At mid 92 would bring a credit; at what the market pays, bid against ask, it costs.
    assert wish.legs[1].instrument == option(93, NEXT_FRIDAY)
    assert wish.legs[0].closes == PositionId("put")
    assert str(wish.credit_net) == "0.80"
    assert str(wish.credit_least) == "0.01"
    assert [(row.rule, row.count) for row in wish.turned_down] == [("roll.unfavourable", 3)]


def test_mandatory_closes_where_no_roll_brings_a_credit() -> None:
    snapshot = look("93", HELD, rung("90", NEXT_FRIDAY, "4.90", "5.10"))
    (wish,) = manage(snapshot, lot(option(95))).wishes
    assert (wish.kind, wish.rule) == (ProposalKind.ADJUSTMENT, "level.mandatory")
    assert str(wish.credit_net) == "-5.00"
    assert wish.turned_down[0].rule == "roll.unfavourable"


def test_at_prepare_candidates_are_priced_and_nothing_is_sent() -> None:
    snapshot = look("95", HELD, rung("93", NEXT_FRIDAY, "5.90", "6.10"))
    decision = manage(snapshot, lot(option(95)))
    assert decision.wishes == ()
    assert [row.rule for row in decision.turned_down] == ["level.prepare"]
    bare = manage(look("95", HELD), lot(option(95)))
    assert bare == Decision()


def test_a_profit_closes_a_put_and_a_call() -> None:
    cheap = rung("95", FRIDAY, "0.95", "1.05")
    (wish,) = manage(look("100", cheap), lot(option(95))).wishes
    assert (wish.kind, wish.rule, str(wish.credit_net)) == (
        ProposalKind.ADJUSTMENT, "profit.take", "-1.00",
    )  # fmt: skip
    call = rung("105", FRIDAY, "0.50", "0.52", Right.CALL)
    covered = (shares(), short_call(105))
    (closed,) = manage(look("100", call), *covered).wishes
    assert closed.legs[0].closes == PositionId("call")


def test_a_put_without_a_quote_is_left_and_one_likely_assigned_is_closed() -> None:
    assert manage(look("100"), lot(option(95))) == Decision()
    deep = rung("95", FRIDAY, "1.25", "1.35")
    monday = lot(option(95), spot_at_open=price(91))
    (wish,) = manage(look("91", deep), monday).wishes
    assert wish.rule == "early_assignment.close"


def test_inside_the_closing_window_of_its_day_management_is_silent() -> None:
    cheap = look("100", rung("95", FRIDAY, "0.10", "0.12"))
    assert manage(cheap, lot(option(95)), day=FRIDAY, clock="14:30") == Decision()
    assert manage(cheap, lot(option(95)), day=FRIDAY, clock="14:29:59").wishes
    assert manage(cheap, lot(option(95)), day=THURSDAY, clock="15:15").wishes


@pytest.mark.parametrize(
    ("snapshot", "changes", "rule"),
    [
        (look("93", HELD), {"busy": ("AAPL",)}, "cycle.busy"),
        (look("93", HELD, is_halted=True), {}, "underlying.halted"),
        (look("93", HELD, quote=quote(Stock("AAPL"), None, None)), {}, "quote.none"),
    ],
)
def test_what_bars_management(snapshot: MarketSnapshot, changes: dict[str, Any], rule: str) -> None:
    decision = manage(snapshot, lot(option(95)), **changes)
    assert [row.rule for row in decision.turned_down] == [rule]
    assert decision.wishes == ()


def test_what_a_look_does_not_show_is_left_to_the_next() -> None:
    assert manage(market(), lot(option(95)), short_call()) == Decision()


def test_a_mandatory_put_without_any_price_is_said_and_left() -> None:
    decision = manage(look("93"), lot(option(95)))
    assert [row.rule for row in decision.turned_down] == ["quote.none"]


def test_calls_above_the_strike_are_let_be_called() -> None:
    call = rung("100", FRIDAY, "12.00", "12.20", Right.CALL)
    assert manage(look("112", call), shares(), short_call()) == Decision()


def test_a12_a_call_is_closed_before_a_dividend_that_is_worth_more_than_its_time() -> None:
    call = rung("100", FRIDAY, "2.49", "2.51", Right.CALL)
    tomorrow = MONDAY + timedelta(days=1)
    snapshot = look("102", call, ex_dividend_next=tomorrow, dividend_next=D("0.51"))
    (wish,) = manage(snapshot, shares(), short_call()).wishes
    assert (wish.kind, wish.rule) == (ProposalKind.ADJUSTMENT, "dividend.close")


def test_a_level_may_be_missing_for_a_put_opened_blind() -> None:
    cheap = rung("95", FRIDAY, "0.95", "1.05")
    blind = lot(option(95), spot_at_open=None)
    (wish,) = manage(look("100", cheap), blind).wishes
    assert wish.rule == "profit.take"


def test_levels_from_the_entry_belong_to_rulebooks_that_have_them() -> None:
    with pytest.raises(RuleAbsent, match="measures from the strike"):
        level_of(D(100), D(96), D(4), constitution())
