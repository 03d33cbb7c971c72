from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Money
from allusedesk.protocol.sizing import (
    Funds,
    LotPrice,
    Sizing,
    allot_lots,
    funds_of,
    sleeve_too_small,
)
from tests.protocol.examples import (
    GEN,
    REV,
    D,
    classic,
    classic_with,
    dollars,
    lot,
    option,
    view,
)


def priced(symbol: str, cost: str | int, room: str | int | None = None) -> LotPrice:
    return LotPrice(symbol, dollars(cost), None if room is None else dollars(room))


def allotted(
    *prices: LotPrice, room: str | int = 95_000, equity: int = 100_000, cap: str | None = None
) -> Sizing:
    funds = Funds(dollars(equity), dollars(room), D("0.95"))
    return allot_lots(prices, funds, None if cap is None else D(cap), classic())


def lots(sizing: Sizing) -> dict[str, int]:
    return {item.symbol: item.lots for item in sizing.allotments}


def test_the_room_is_divided_and_rounded_down() -> None:
    sizing = allotted(priced("A", 10_000), priced("B", 9_500), room=57_000)
    assert lots(sizing) == {"A": 2, "B": 3}
    assert sizing.turned_down == ()


def test_a_lot_exactly_at_its_share_fits_and_a_cent_more_does_not() -> None:
    assert lots(allotted(priced("A", 1_000), priced("B", 47_500))) == {"A": 47, "B": 1}
    assert lots(allotted(priced("A", 1_000), priced("B", "47500.01"))) == {"A": 95}


def test_a1d_a_lot_above_the_cap_is_unaffordable_and_its_money_goes_to_the_others() -> None:
    sizing = allotted(priced("TSLA", 50_000), priced("NVDA", 19_000))
    assert lots(sizing) == {"NVDA": 5}
    (dropped,) = sizing.turned_down
    assert (dropped.candidate, dropped.rule) == ("TSLA", "lot.unaffordable")
    assert "a sleeve of 105263.16" in dropped.reason


def test_a1d_under_a_cap_the_sleeve_it_needs_follows_from_the_cap() -> None:
    sizing = allotted(priced("A", "25000.01"), priced("B", 25_000), cap="0.25")
    assert lots(sizing) == {"B": 1}
    assert "a sleeve of 100000.04" in sizing.turned_down[0].reason


def test_a1d_the_dearest_goes_first_so_that_one_which_then_fits_stays() -> None:
    sizing = allotted(priced("A", 60_000), priced("B", 50_000))
    assert lots(sizing) == {"B": 1}


def test_nothing_may_be_deployed_and_money_that_works_elsewhere() -> None:
    funds = Funds(dollars(100_000), dollars(0), D(0))
    none = allot_lots((priced("A", 100),), funds, None, classic())
    assert none.turned_down[0].rule == "deployment.none"
    busy = allotted(priced("A", 20_000), room=10_000)
    assert busy.turned_down[0].rule == "cash.committed"


def test_a_sleeve_exactly_large_enough_lacks_only_free_money() -> None:
    busy = allotted(priced("A", 95_000), room=10_000)
    assert busy.turned_down[0].rule == "cash.committed"
    four = allotted(*(priced(name, 25_000) for name in "ABCD"), cap="0.25")
    assert lots(four) == {"A": 1, "B": 1, "C": 1}
    assert "a sleeve of 105263.16" in four.turned_down[0].reason


def test_the_issuers_room_binds_and_is_shared_by_its_symbols() -> None:
    sizing = allotted(priced("A", 10_000, 9_999), priced("B", 10_000, 25_000))
    assert lots(sizing) == {"B": 2}
    assert sizing.turned_down[0].rule == "issuer.cap"
    assert lots(allotted(priced("A", 10_000, 10_000))) == {"A": 1}
    both = allotted(priced("GOOG", 10_000, 25_000), priced("GOOGL", 10_000, 25_000))
    assert lots(both) == {"GOOG": 2}
    assert both.turned_down[0].rule == "issuer.cap"
    assert both.lots_of("GOOGL") == 0


def test_funds_keep_back_the_buffer_and_all_that_is_not_free() -> None:
    plain = funds_of(view(REV), D("0.95"), classic())
    assert plain.room == dollars(95_000)
    committed = funds_of(view(REV, cash_free=dollars(40_000)), D("0.95"), classic())
    assert committed.room == dollars(35_000)
    recovering = view(REV, cash_buffer=D("0.10"), size_factor=D("0.5"))
    assert funds_of(recovering, D("0.95"), classic()).room == dollars(45_000)


def test_premiums_of_open_puts_are_not_deployed_a_second_time() -> None:
    # Nine puts at 100 hold 90,000; their premium is in the cash, and no equity yet.
    held = (lot(option(100), -9),)
    funds = funds_of(view(REV, lots=held, cash_free=dollars(11_800)), D("0.95"), classic())
    assert funds.room == dollars(5_000)
    shares = (lot(Stock("AAPL"), 900),)
    assert funds_of(view(REV, lots=shares), D("0.95"), classic()).room == dollars(5_000)


def test_a_sleeve_too_small_says_what_it_would_need() -> None:
    small = sleeve_too_small(GEN, dollars(10_000), (priced("A", 9_501),), classic())
    assert (small.verdict, small.rule) == ("too small", "sleeve.too_small")
    assert small.comparisons[0].limit == "at least 10001.06"
    assert sleeve_too_small(GEN, dollars(10_000), (priced("A", 9_500),), classic()).verdict == (
        "large enough"
    )
    capped = classic_with(("weekly_target = 0.015", "weekly_target = 0.015\nsymbol_cap = 0.25"))
    under_cap = sleeve_too_small(GEN, dollars(10_000), (priced("A", 9_500),), capped)
    assert under_cap.comparisons[0].limit == "at least 38000"
    buffered = classic_with(("cash_buffer = 0.05", "cash_buffer = 0.10"))
    assert sleeve_too_small(GEN, dollars(10_000), (priced("A", 9_001),), buffered).verdict == (
        "too small"
    )
    assert sleeve_too_small(GEN, dollars(1), (), classic()).verdict == "too small"


COSTS = st.lists(st.decimals("10", "90000", places=2), min_size=1, max_size=6)


@given(
    COSTS,
    st.decimals("-5000", "200000", places=2),
    st.none() | st.decimals("0.01", "1", places=2),
    st.none() | st.decimals("0", "60000", places=2),
)
def test_sizes_never_exceed_room_cap_or_issuer(
    costs: list[D], room: D, cap: D | None, issuer: D | None
) -> None:
    prices = [
        LotPrice(f"S{n}", Money(cost), None if issuer is None else Money(issuer))
        for n, cost in enumerate(costs)
    ]
    funds = Funds(dollars(200_000), Money(room), D("0.95"))
    sizing = allot_lots(prices, funds, cap, classic())
    spent = {item.symbol: item.lots * costs[int(item.symbol[1:])] for item in sizing.allotments}
    assert sum(spent.values()) <= max(room, 0)
    assert all(amount <= 200_000 * (cap or 1) for amount in spent.values())
    assert all(issuer is None or amount <= issuer for amount in spent.values())
    named = {item.symbol for item in sizing.allotments} | {t.candidate for t in sizing.turned_down}
    assert named == {price.symbol for price in prices}
