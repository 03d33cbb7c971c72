from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.money import Money
from allusedesk.portfolio.attribution_days import LotDay, SleeveDay
from allusedesk.portfolio.brinson import Brinson, BrinsonGroup, brinson, groups_of

BASE = Money(Decimal(1_000_000))


def effects(found: Brinson, name: str) -> tuple[Decimal, Decimal, Decimal]:
    one = next(part for part in found.parts if part.name == name)
    return one.allocation.amount, one.selection.amount, one.interaction.amount


def test_the_textbook_example_comes_out() -> None:
    """Weights 70/20/10 against 40/30/30, as in Bacon's Practical Portfolio Performance, 2008."""
    groups = [
        BrinsonGroup("UK", 0.4, 0.4 * 0.20, 0.4, 0.10),
        BrinsonGroup("Japan", 0.3, 0.3 * -0.05, 0.2, -0.04),
        BrinsonGroup("US", 0.3, 0.3 * 0.06, 0.4, 0.08),
    ]
    found = brinson(groups, BASE)
    assert found.whole_return == pytest.approx(0.083)
    assert found.benchmark_return == pytest.approx(0.064)
    assert effects(found, "UK") == (Decimal("0.00"), Decimal("40000.00"), Decimal("0.00"))
    assert effects(found, "Japan") == (
        Decimal("-10400.00"),
        Decimal("-2000.00"),
        Decimal("-1000.00"),
    )
    assert effects(found, "US") == (Decimal("-1600.00"), Decimal("-8000.00"), Decimal("2000.00"))
    assert found.difference == Money(Decimal("19000.00"))


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(-0.5, 0.5), st.floats(0.01, 1), st.floats(-0.5, 0.5)),
        min_size=1,
        max_size=8,
    )
)
def test_effects_sum_to_the_difference_to_the_cent(
    rows: list[tuple[float, float, float, float]],
) -> None:
    ours, theirs = math.fsum(row[0] for row in rows), math.fsum(row[2] for row in rows)
    groups = [
        BrinsonGroup(str(place), row[0] / (ours or 1.0), row[1], row[2] / theirs, row[3])
        for place, row in enumerate(rows)
    ]
    if not ours:
        groups.append(BrinsonGroup("rest", 1.0, 0.0, 0.0, 0.0))
    found = brinson(groups, BASE)
    whole = sum(
        (
            part.allocation.amount + part.selection.amount + part.interaction.amount
            for part in found.parts
        ),
        Decimal(0),
    )
    assert whole == found.difference.amount
    exact = found.whole_return - found.benchmark_return
    assert float(whole) == pytest.approx(exact * 1e6, abs=0.011)


def test_what_has_no_weight_and_earned_is_selection() -> None:
    groups = [BrinsonGroup("A", 0.0, 0.01, 0.0, 0.2), BrinsonGroup("cash", 1.0, 0.0, 1.0, 0.0)]
    assert effects(brinson(groups, BASE), "A") == (0, Decimal("10000.00"), 0)


def test_no_capital_is_refused() -> None:
    with pytest.raises(ValueError, match="capital above zero"):
        brinson([BrinsonGroup("A", 1.0, 0.0, 1.0, 0.0)], Money(Decimal(0)))


def test_the_desk_stands_with_its_mean_weights_and_its_cash() -> None:
    day = date(2020, 3, 2)
    lot = LotDay(
        day,
        AccountId("F1.com"),
        PositionId("L"),
        OrderId("O"),
        "AAPL",
        *(Decimal(one) for one in (500, 500, 0, 0, 0)),
        dividends=Decimal(0),
        costs=Decimal(0),
    )
    sleeves = [
        SleeveDay(
            on,
            AccountId("F1.com"),
            Money(Decimal(10_000)),
            Money(Decimal(0)),
            Money(Decimal(0)),
            Decimal(other),
            (("AAPL", Decimal(engaged)),),
        )
        for on, engaged, other in ((day, 4000, 0), (date(2020, 3, 3), 6000, 20))
    ]
    weights = {"AAPL": 0.5, "MSFT": 0.5}
    found = groups_of([lot], sleeves, Money(Decimal(10_000)), weights, {"AAPL": 0.1, "MSFT": 0.02})
    assert found == (
        BrinsonGroup("AAPL", 0.5, 0.05, 0.5, 0.1),
        BrinsonGroup("MSFT", 0.0, 0.0, 0.5, 0.02),
        BrinsonGroup("cash", 0.5, 0.002, 0.0, 0.0),
    )
