from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import Right
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind
from allusedesk.protocol.levels import (
    read_strike_levels,
    shares_level,
    strike_alarms,
    strike_level,
    true_range_of,
)
from allusedesk.protocol.strike_management import judge_call_profit
from allusedesk.protocol.trade_management import decide_management, read_levels
from allusedesk.protocol.views import Decision, FirstCredit, SleeveView, TrueRange
from tests.protocol.examples import (
    FRIDAY,
    REV,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    WEEK,
    D,
    at,
    chain,
    constitution,
    constitution_with,
    indicators,
    lot,
    market,
    option,
    price,
    quote,
    session,
    shares,
    short_call,
    underlying,
    view,
)

NEXT_FRIDAY = FRIDAY + timedelta(days=7)


def look(held: Position, spot: str, *, credit: str = "", later: str = "3.98") -> Decision:
    """One look at a put of 100, with a later put of the same strike bid at `later`."""
    candidate = quote(option(100, NEXT_FRIDAY), later, str(D(later) + D("0.02")), delta=60)
    seen = market(
        underlying("AAPL", spot),
        chains=(chain(candidate),),
        held=(quote(option(100, FRIDAY), "4.00", "4.04", delta=60),),
        now=at(WEDNESDAY, "11:00"),
    )
    firsts = (FirstCredit(held.id, price(credit)),) if credit else ()
    sleeve: SleeveView = view(REV, lots=(held,), first_credits=firsts)
    rules = constitution()
    readings = read_levels(sleeve, seen, rules)
    return decide_management(
        sleeve, seen, readings, WEEK, session(WEDNESDAY), at(WEDNESDAY, "11:00"), rules
    )


def put(**changes: object) -> Position:
    return replace(lot(option(100, FRIDAY)), **{"price_average": price("0.12"), **changes})


@pytest.mark.parametrize(
    ("spot", "level"),
    [("97.01", "L0"), ("97", "L1"), ("94.01", "L1"), ("94", "L2"), ("91.01", "L2"), ("91", "L3")],
)
def test_levels_of_a_put_begin_at_their_numbers(spot: str, level: str) -> None:
    assert strike_level(D(100), D(spot), D(3), constitution()).verdict == level


@pytest.mark.parametrize(
    ("spot", "level"), [("97.01", "L0"), ("85.01", "L1"), ("85", "L3"), ("70", "L3")]
)
def test_shares_fall_deep_whatever_their_true_range(spot: str, level: str) -> None:
    verdict = shares_level(D(100), D(spot), D(10) if spot != "97.01" else D(3), constitution())
    assert verdict.verdict == level


def test_a13_a_missing_true_range_is_the_last_one_enlarged_or_a_part_of_price() -> None:
    seen = market(underlying("AAPL", indicators=indicators(atr_5=None)))
    known = view(ranges_known=(TrueRange("AAPL", D(4)),))
    assert true_range_of("AAPL", D(100), known, seen, constitution()) == D("4.4")
    assert true_range_of("AAPL", D(100), view(), seen, constitution()) == D(2)
    today = market(underlying("AAPL", indicators=indicators(atr_5=D(5), atr_14=D(9))))
    assert true_range_of("AAPL", D(100), known, today, constitution()) == D(5)


def test_alarms_stand_at_every_level_not_reached_yet() -> None:
    seen = market(underlying("AAPL", "96.50", indicators=indicators(atr_5=D(3))))
    sleeve = view(REV, lots=(put(), shares(basis=price(98))))
    levels = {reading.position: reading.level for reading in read_strike_levels(
        sleeve, seen, constitution()
    )}  # fmt: skip
    assert levels == {"put": "L1", "shares": "L0"}
    alarms = {alarm.id: alarm.level.per_unit for alarm in strike_alarms(
        sleeve, read_strike_levels(sleeve, seen, constitution()), constitution()
    )}  # fmt: skip
    assert alarms == {
        "put/prepare": D("95.5"),
        "put/L2": D(94),
        "put/L3": D(91),
        "shares/L1": D(95),
        "shares/prepare": D("93.5"),
        "shares/L2": D(92),
        "shares/L3": D(89),
        "shares/deep": D("83.3"),
    }


def test_a2_the_cost_of_a_roll_is_held_against_the_first_credit() -> None:
    # 4.04 back against 3.98 sold costs 0.06: half of 0.12, and more than half of 0.11.
    [roll] = look(put(), "94").wishes
    assert (roll.kind, roll.rule) == (ProposalKind.ROLL, "level.L2")
    assert roll.credit_least == price("-0.06")
    [leaving] = look(put(price_average=price("0.11")), "94").wishes
    assert (leaving.kind, leaving.rule) == (ProposalKind.EMERGENCY_EXIT, "roll.none_escalates")
    # A put that was rolled into carries a large premium of its own, which counts for nothing.
    [leaving] = look(put(price_average=price("4.00")), "94", credit="0.11").wishes
    assert leaving.rule == "roll.none_escalates"


def test_a_put_rolled_into_today_is_not_rolled_again_before_tomorrow() -> None:
    today = look(put(opened_at=at(WEDNESDAY, "10:00")), "94", credit="0.12")
    assert not today.wishes
    assert [item.rule for item in today.turned_down] == ["roll.once"]
    yesterday = look(put(opened_at=at(TUESDAY, "10:00")), "94", credit="0.12")
    assert [wish.kind for wish in yesterday.wishes] == [ProposalKind.ROLL]


@pytest.mark.parametrize(("spot", "wishes"), [("91", 1), ("91.01", 0)])
def test_a3_the_stop_speaks_though_a_proposal_is_open(spot: str, wishes: int) -> None:
    seen = market(
        underlying("AAPL", spot),
        held=(quote(option(100, FRIDAY), "9.00", "9.04"),),
        now=at(WEDNESDAY, "11:00"),
    )
    sleeve = view(REV, lots=(put(),), busy=("AAPL",))
    readings = read_levels(sleeve, seen, constitution())
    now = at(WEDNESDAY, "11:00")
    decided = decide_management(
        sleeve, seen, readings, WEEK, session(WEDNESDAY), now, constitution()
    )
    assert len(decided.wishes) == wishes


@pytest.mark.parametrize(
    ("mark", "day", "spot", "rule"),
    [
        ("0.70", WEDNESDAY, "99", "profit.call_decay"),
        ("0.71", WEDNESDAY, "99", None),
        ("1.50", THURSDAY, "100", "profit.call_days_left"),
        ("1.50", THURSDAY, "100.01", None),
        ("1.50", WEDNESDAY, "99", None),
    ],
)
def test_a12_a_covered_call_closes_at_its_decay_or_a_day_before_its_end(
    mark: str, day: object, spot: str, rule: str | None
) -> None:
    held = short_call(100)
    assert held.option is not None
    assert held.option.right is Right.CALL
    at_day = session(day)  # type: ignore[arg-type]
    verdict = judge_call_profit(held.option, Decimal(2), D(mark), D(spot), at_day, constitution())
    assert (verdict.rule if verdict is not None else None) == rule


def test_without_a_distance_to_prepare_at_no_alarm_stands_there() -> None:
    seen = market(underlying("AAPL", "99.50", indicators=indicators(atr_5=D(3))))
    rules = constitution_with(("prepare_distance = 1.5\n", ""))
    sleeve = view(REV, lots=(put(),))
    readings = read_strike_levels(sleeve, seen, rules)
    alarms = {alarm.id for alarm in strike_alarms(sleeve, readings, rules)}
    assert alarms == {"put/L1", "put/L2", "put/L3"}


def test_where_nothing_escalates_a_put_without_a_roll_is_bought_back_by_choice() -> None:
    held = put(price_average=price("0.11"))
    rules = constitution_with(("none_escalates = true", "none_escalates = false"))
    seen = market(
        underlying("AAPL", "94"),
        chains=(chain(quote(option(100, NEXT_FRIDAY), "3.98", "4.00", delta=60)),),
        held=(quote(option(100, FRIDAY), "4.00", "4.04", delta=60),),
        now=at(WEDNESDAY, "11:00"),
    )
    sleeve = view(REV, lots=(held,))
    readings = read_levels(sleeve, seen, rules)
    now = at(WEDNESDAY, "11:00")
    [wish] = decide_management(sleeve, seen, readings, WEEK, session(WEDNESDAY), now, rules).wishes
    # An adjustment waits for a person and may lapse; an emergency exit would stop the sleeve.
    assert (wish.kind, wish.rule) == (ProposalKind.ADJUSTMENT, "roll.none")
    assert "let the shares be put to you" in wish.reason
    assert [leg.closes for leg in wish.legs] == [held.id]
    assert [row.rule for row in wish.turned_down] == ["roll.unfavourable"]


def test_a_covered_call_without_a_price_is_left_to_the_next_look() -> None:
    held = short_call(100)
    assert held.option is not None
    sleeve = view(REV, lots=(shares(), held))
    for ask, wishes in (("0.70", 1), (None, 0)):
        seen = market(
            underlying("AAPL", "99"),
            held=(quote(held.option, None, ask),),
            now=at(WEDNESDAY, "11:00"),
        )
        readings = read_levels(sleeve, seen, constitution())
        now = at(WEDNESDAY, "11:00")
        decided = decide_management(
            sleeve, seen, readings, WEEK, session(WEDNESDAY), now, constitution()
        )
        assert len(decided.wishes) == wishes
