from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, notional
from allusedesk.domain.proposals import Comparison, Proposal
from allusedesk.risk.limits import Standing, judge
from allusedesk.risk.margin import (
    MarginLeg,
    Requirement,
    cash_secured,
    margin_use,
    regulation_t,
    uncovered,
)
from tests.trading import (
    FRIDAY,
    call,
    classic,
    dollars,
    funded_book,
    price,
    proposal,
    put,
    sell,
    snapshot,
    view,
)

RULES = classic().margin
LATER = FRIDAY + timedelta(days=30)


def leg(text: str, symbol: str = "AAPL", expiry: date = FRIDAY) -> MarginLeg:
    """`-2 put 430 at 7.80`, or `100 shares at 98`."""
    units, what, *rest = text.split()
    mark = price(rest[-1])
    if what == "shares":
        return MarginLeg(Stock(symbol), int(units), mark)
    right = Right.PUT if what == "put" else Right.CALL
    return MarginLeg(OptionContract(symbol, expiry, right, Decimal(rest[0])), int(units), mark)


def asked(spot: str, *texts: str, symbol: str = "AAPL") -> Requirement:
    return regulation_t([leg(text, symbol) for text in texts], price(spot), RULES)


def test_short_puts_hold_their_strike_and_fees() -> None:
    assert cash_secured(put(95), 3, dollars("0.65")) == dollars("28501.95")
    assert cash_secured(put(95, multiplier=150), 1, dollars(0)) == dollars(14_250)
    with pytest.raises(ValueError, match="is no put"):
        cash_secured(call(95), 1, dollars(0))


# Worked examples of the Chicago Board Options Exchange's margin manual: options sold alone. Where
# the manual rounds to the dollar, the cents are those of its own arithmetic.
@pytest.mark.parametrize(
    ("text", "spot", "symbol", "required"),
    [
        ("-1 put 80 at 2", "95", "AAPL", "1000"),
        ("-1 put 20 at 1.50", "19.50", "AAPL", "540"),
        ("-1 put 410 at 0.10", "445.35", "SPX", "4110"),
        ("-1 put 430 at 7.80", "433.35", "SPX", "6945.25"),
        ("-1 put 45 at 2.85", "43.34", "XSP", "935.10"),
        ("-1 call 120 at 8.40", "128.50", "AAPL", "3410"),
        ("-1 call 30 at 0.05", "26.38", "AAPL", "268.80"),
        ("-1 call 430 at 8.70", "433.35", "SPX", "7370.25"),
        ("-1 call 45 at 1.35", "43.34", "XSP", "619.10"),
        ("-1 call 370 at 12.85", "378.50", "SPY", "6962.50"),
        # A broker's page: 100% of proceeds, 20% of 209.00 less 9.00 out of the money.
        ("-1 put 200 at 1.20", "209", "AAPL", "3400"),
    ],
)
def test_options_sold_alone(text: str, spot: str, symbol: str, required: str) -> None:
    found = asked(spot, text, symbol=symbol)
    assert found.initial == found.maintenance == dollars(required)
    one = leg(text, symbol)
    assert isinstance(one.instrument, OptionContract)
    for quantity in (1, 7):
        each = uncovered(one.instrument, quantity, one.mark, price(spot), RULES)
        assert each == dollars(required) * quantity


class Example(NamedTuple):
    """A position and what the manual asks for, the shorts' proceeds counted."""

    spot: str
    legs: tuple[str, ...]
    deposit: str
    symbol: str = "AAPL"


PUBLISHED = {
    "long call": Example("128.50", ("1 call 125 at 5",), "500"),
    "long index put": Example("433.35", ("1 put 430 at 5.50",), "550", "SPX"),
    "put debit spread": Example("255", ("1 put 250 at 3", "-1 put 240 at 0.95"), "205"),
    "put credit spread": Example(
        "433.35", ("1 put 425 at 6.40", "-1 put 430 at 7.80"), "360", "SPX"
    ),
    "put credit spread, in the money": Example(
        "43.34", ("1 put 42.5 at 2", "-1 put 45 at 2.90"), "160", "XSP"
    ),
    "call credit spread": Example("128.50", ("1 call 125 at 3.80", "-1 call 120 at 8.40"), "40"),
    "broker's put credit spread": Example(
        "130", ("1 put 120 at 0.80", "-1 put 125 at 1.24"), "456"
    ),
    "long put butterfly": Example(
        "550", ("1 put 540 at 5.60", "-2 put 550 at 7.20", "1 put 555 at 9.80"), "600"
    ),
    "long call butterfly": Example(
        "550", ("1 call 545 at 12.40", "-2 call 550 at 8.80", "1 call 565 at 2"), "680"
    ),
    "put condor": Example(
        "1160",
        (
            "1 put 1050 at 47.10",
            "-1 put 1075 at 55.70",
            "-1 put 1100 at 66.30",
            "1 put 1125 at 85.40",
        ),
        "1050",
    ),
    "iron butterfly": Example(
        "26.75",
        ("1 put 16 at 0.10", "-1 put 20 at 0.20", "-1 call 20 at 7", "1 call 24 at 4"),
        "90",
    ),
    "iron condor": Example(
        "1060",
        ("1 put 1000 at 32", "-1 put 1025 at 35.10", "-1 call 1150 at 9.40", "1 call 1175 at 6.30"),
        "1880",
    ),
    # The exchange's table of sample positions: IBM at 97.73, the index at 1,451.19, 100 lots.
    "100 calls": Example("97.73", ("-100 call 100 at 1.68",), "172760", "IBM"),
    "100 puts": Example("97.73", ("-100 put 100 at 3.18",), "195460", "IBM"),
    "100 index calls": Example("1451.19", ("-100 call 1460 at 21.66",), "2088685", "SPX"),
    "100 index puts": Example("1451.19", ("-100 put 1460 at 22.55",), "2176785", "SPX"),
    "covered calls": Example(
        "97.73", ("10000 shares at 97.73", "-100 call 100 at 1.68"), "471850", "IBM"
    ),
    "protective puts": Example(
        "97.73", ("10000 shares at 97.73", "100 put 95 at 1.02"), "498850", "IBM"
    ),
    "collar": Example(
        "97.73",
        ("10000 shares at 97.73", "100 put 95 at 1.02", "-100 call 105 at 0.40"),
        "494850",
        "IBM",
    ),
    "synthetic long": Example(
        "97.73", ("100 call 100 at 1.68", "-100 put 100 at 3.18"), "212260", "IBM"
    ),
    "risk reversal": Example(
        "97.73", ("100 put 95 at 1.02", "-100 call 105 at 0.40"), "132960", "IBM"
    ),
    "index risk reversal": Example(
        "1451.19", ("100 put 1450 at 18.72", "-100 call 1500 at 5.96"), "1875885", "SPX"
    ),
    "vertical calls": Example(
        "97.73", ("100 call 95 at 4.53", "-100 call 105 at 0.40"), "41300", "IBM"
    ),
    "vertical index calls": Example(
        "1451.19", ("100 call 1450 at 27.57", "-100 call 1500 at 5.96"), "216100", "SPX"
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_positions_of_the_margin_manual(name: str) -> None:
    example = PUBLISHED[name]
    found = asked(example.spot, *example.legs, symbol=example.symbol)
    assert found.deposit == dollars(example.deposit)


# Straddles and strangles: the larger side and the other's premium, the proceeds not yet counted.
@pytest.mark.parametrize(
    ("spot", "legs", "symbol", "required"),
    [
        ("92.63", ("-1 call 90 at 7", "-1 put 90 at 3.70"), "AAPL", "2922.60"),
        ("433.35", ("-1 call 435 at 5.50", "-1 put 435 at 7.20"), "SPX", "7770.25"),
        ("43.34", ("-1 call 45 at 1.35", "-1 put 45 at 2.85"), "XSP", "1070.10"),
        # A broker's page: 910 for the call, the larger side, and 120 for the put.
        ("45", ("-1 call 47 at 2.10", "-1 put 43 at 1.20"), "AAPL", "1030"),
        # Two more calls stand alone.
        ("45", ("-3 call 47 at 2.10", "-1 put 43 at 1.20"), "AAPL", "2850"),
    ],
)
def test_straddles_and_strangles(
    spot: str, legs: tuple[str, ...], symbol: str, required: str
) -> None:
    assert asked(spot, *legs, symbol=symbol).initial == dollars(required)


def test_shorts_that_outlive_their_longs_stand_alone() -> None:
    near, far = leg("1 call 70 at 5"), leg("-1 call 70 at 8", expiry=LATER)
    found = regulation_t([near, far], price(75), RULES)
    assert found.deposit == dollars(500 + 2300 - 800)
    calendar = [leg("-1 call 70 at 5"), leg("1 call 70 at 8", expiry=LATER)]
    assert regulation_t(calendar, price(75), RULES).deposit == dollars(300)


def test_a_wide_spread_asks_for_no_more_than_its_short() -> None:
    assert asked("95", "1 put 40 at 0.10", "-1 put 80 at 2").maintenance == dollars(1000)


def test_ratios_leave_what_no_long_matches() -> None:
    found = asked("95", "1 put 90 at 3", "-3 put 80 at 2")
    assert found.maintenance == dollars(2 * 1000)
    assert asked("95", "3 put 90 at 3", "-1 put 80 at 2").maintenance == NOTHING


# Maintenance of shares on margin: 25% of their price, under a call of no more than its strike, with
# a put the lesser of that and 10% of its strike plus its distance; a conversion 10% of its strike.
@pytest.mark.parametrize(
    ("legs", "required"),
    [
        (("200 shares at 98",), "4900"),
        (("100 shares at 98", "-1 call 100 at 2"), "2450"),
        (("100 shares at 98", "-1 call 90 at 9"), "2250"),
        (("100 shares at 98", "1 put 95 at 1"), "1250"),
        (("100 shares at 98", "1 put 75 at 1"), "2450"),
        (("100 shares at 98", "1 put 95 at 1", "-1 call 105 at 1"), "1250"),
        (("100 shares at 98", "1 put 80 at 1", "-1 call 100 at 1"), "2500"),
        (("100 shares at 98", "1 put 100 at 3", "-1 call 100 at 2"), "1000"),
        # One lot collared, the next covered, the last alone.
        (("300 shares at 98", "1 put 95 at 1", "-2 call 105 at 1"), "6150"),
    ],
)
def test_shares_on_margin(legs: tuple[str, ...], required: str) -> None:
    assert asked("98", *legs).maintenance == dollars(required)


def test_calls_beyond_the_shares_stand_alone() -> None:
    both = asked("98", "150 shares at 98", "-2 call 100 at 2")
    alone = asked("98", "-1 call 100 at 2")
    assert both.maintenance == alone.maintenance + dollars("3675")


def test_one_underlying_and_no_shares_sold_short() -> None:
    with pytest.raises(ValueError, match="one underlying"):
        regulation_t([leg("1 put 90 at 1"), leg("1 put 90 at 1", "MSFT")], price(95), RULES)
    with pytest.raises(ValueError, match="no shares short"):
        asked("95", "-100 shares at 95")
    assert regulation_t([], price(95), RULES) == Requirement(NOTHING, NOTHING, NOTHING)


def test_margin_use_takes_the_larger_figure() -> None:
    assert margin_use(dollars(6000), dollars(10_000)) == Decimal("0.6")
    assert margin_use(dollars(6000), dollars(10_000), dollars(5000)) == Decimal("0.6")
    assert margin_use(dollars(6000), dollars(10_000), dollars(7000)) == Decimal("0.7")
    assert margin_use(NOTHING, NOTHING) == 0
    assert margin_use(dollars(1), NOTHING) == 1


def test_margin_use_counts_only_what_is_neither_secured_nor_covered() -> None:
    def used(wanted: Proposal, cash: int) -> Comparison:
        seen = view(equity=dollars(cash), cash_free=dollars(cash))
        verdict = judge(wanted, funded_book(), Standing(seen), snapshot(), classic())
        return next(one for one in verdict.comparisons if one.name == "margin use after")

    secured = used(proposal(sell(put(95)), quantity=3), 100_000)
    assert (secured.value, secured.limit, secured.passed) == ("0.0%", "at most 60%", True)
    # 200 of premium and 2,020 of spot for each of three.
    unsecured = used(proposal(sell(put(101)), quantity=3), 10_000)
    assert (unsecured.value, unsecured.passed) == ("66.6%", False)
    assert used(proposal(sell(put(101)), quantity=2), 10_000).value == "44.4%"
    assert not used(proposal(sell(call(101))), 3_000).passed


_STRIKES = some.integers(70, 120)
_LEGS = some.tuples(
    some.sampled_from(["put", "call"]), _STRIKES, some.integers(-3, 3), some.integers(0, 20)
)


@given(some.lists(_LEGS, max_size=6), some.integers(60, 130))
def test_a_long_option_never_raises_what_is_asked(
    rows: list[tuple[str, int, int, int]], spot: int
) -> None:
    texts = [f"{units} {right} {strike} at {mark}" for right, strike, units, mark in rows]
    found = asked(str(spot), *texts)
    shorts = [text for text in texts if text.startswith("-")]
    alone = asked(str(spot), *shorts)
    apart = [asked(str(spot), text) for text in shorts]
    # In pairs the dearest meet, and a long only takes away: never dearer than one by one.
    one_by_one = NOTHING.plus([one.maintenance for one in apart])
    assert NOTHING <= found.maintenance <= one_by_one
    assert alone.maintenance <= one_by_one
    paid = NOTHING.plus(
        [notional(price(mark), units, 100) for _, _, units, mark in rows if units > 0]
    )
    assert found.initial == found.maintenance + paid
