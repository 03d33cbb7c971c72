from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Money, Price
from allusedesk.portfolio.rebalancing import (
    CannotRebalance,
    DriftRules,
    Holding,
    RebalancePlan,
    RebalanceRow,
    TaxView,
    propose_rebalance,
)
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.portfolio.tax_trades import TaxEvent, TaxTrade

TODAY = date(2021, 6, 1)
ACCOUNT = AccountId("F1.com")
RULES = DriftRules(Decimal("0.05"), 1, Decimal(4), Decimal(0))


def bought(name: str, shares: int, cost: str, on: date) -> tuple[date, TaxEvent]:
    trade = TaxTrade(
        on,
        ACCOUNT,
        PositionId(f"{name}/{on}"),
        Stock(name),
        shares,
        Money(-Decimal(cost) * shares),
        Money(Decimal(0)),
        is_opening=shares > 0,
    )
    return on, trade


def held(name: str, shares: int, price: str = "100", **changes: object) -> Holding:
    plain = Holding(name, shares, shares, Price(Decimal(price)), Price(Decimal("0.05")), 0.3)
    return replace(plain, **changes)


def plan(
    targets: dict[str, str],
    holdings: list[Holding],
    cash: Decimal | int = 0,
    rules: DriftRules = RULES,
    events: list[tuple[date, TaxEvent]] | None = None,
) -> RebalancePlan:
    lots = events
    if lots is None:
        old = TODAY - timedelta(days=800)
        lots = [
            bought(one.name, one.shares, str(one.price.per_unit), old)
            for one in holdings
            if one.shares
        ]
    tax = TaxView(tuple(lots), TODAY, ACCOUNT, LotChoice.FIFO, Decimal("0.32"), Decimal("0.15"))
    wanted = {name: Decimal(part) for name, part in targets.items()}
    return propose_rebalance(
        wanted, holdings, Money(Decimal(cash)), rules, tax, lambda _: Money(Decimal(1))
    )


def row(found: RebalancePlan, name: str) -> RebalanceRow:
    return next(one for one in found.rows if one.name == name)


def test_sales_come_first_and_pay_for_purchases() -> None:
    found = plan({"A": "0.5", "B": "0.5"}, [held("A", 200), held("B", 800)])
    assert [(one.name, one.shares_signed) for one in found.rows] == [("B", -300), ("A", 299)]
    assert row(found, "B").spread == Money(Decimal("15.00"))
    assert row(found, "A").reason == "the cash does not reach further"
    assert found.cash_after == Money(Decimal(30000 - 16 - 29900 - 1) - Decimal("14.95"))
    assert row(found, "B").weight_after == Decimal("0.5")


def test_the_use_of_a_trade_is_the_variance_it_takes_away() -> None:
    found = plan({"A": "0.5", "B": "0.5"}, [held("A", 200), held("B", 800)])
    # Half of 4, times 0.3 squared, times 0.3 squared of drift, on 100,000.
    assert row(found, "B").benefit == Money(Decimal("1620.00"))


def test_what_drifted_less_than_the_band_stays() -> None:
    found = plan({"A": "0.5", "B": "0.5"}, [held("A", 455), held("B", 545)])
    assert not any(one.is_traded for one in found.rows)
    assert {one.reason for one in found.rows} == {"within the band of 5.00 %"}
    assert found.cost == Money(Decimal(0))


def test_a_tax_above_the_use_of_a_trade_keeps_the_shares_and_says_so() -> None:
    events = [
        bought("A", 400, "100", TODAY - timedelta(days=900)),
        bought("B", 600, "10", TODAY - timedelta(days=100)),
    ]
    found = plan({"A": "0.5", "B": "0.5"}, [held("A", 400), held("B", 600)], events=events)
    sale = row(found, "B")
    assert sale.tax.short_gain == Money(Decimal(100 * 90 - 1 - 5))
    assert sale.tax.tax == Money(Decimal("2878.08"))
    assert not sale.is_traded
    assert sale.weight_after == sale.weight
    assert sale.reason == "kept: it would cost 2,884.08 and bring 180.00 in a year"
    assert row(found, "A").reason == "the cash does not reach further"


def test_long_and_short_gains_are_taxed_apart_oldest_lot_first() -> None:
    events = [
        bought("B", 100, "60", TODAY - timedelta(days=900)),
        bought("B", 700, "90", TODAY - timedelta(days=100)),
    ]
    found = plan({"B": "0.4"}, [held("B", 800)], cash=20_000, events=events)
    sale = row(found, "B")
    assert sale.shares_signed == -400
    # 21 dollars of costs, shared by the shares of each lot.
    assert sale.tax.long_gain == Money(Decimal(100 * 40) - Decimal("5.25"))
    assert sale.tax.short_gain == Money(Decimal(300 * 10) - Decimal("15.75"))
    expected = Decimal("3994.75") * Decimal("0.15") + Decimal("2984.25") * Decimal("0.32")
    assert sale.tax.tax.amount == expected.quantize(Decimal("0.01"))


def test_a_loss_replaced_within_thirty_days_is_deferred() -> None:
    events = [
        bought("B", 700, "150", TODAY - timedelta(days=900)),
        bought("B", 100, "100", TODAY - timedelta(days=10)),
    ]
    found = plan({"B": "0.4"}, [held("B", 800)], cash=20_000, events=events)
    sale = row(found, "B")
    # 100 of the 400 sold were replaced ten days ago.
    assert sale.tax.washed == Money(Decimal("5005.25"))
    assert sale.tax.long_gain == Money(Decimal(-20021) + Decimal("5005.25"))


def test_a_purchase_that_washes_an_earlier_loss_bears_its_tax() -> None:
    events = [
        bought("A", 100, "150", TODAY - timedelta(days=900)),
        bought("A", -100, "100", TODAY - timedelta(days=5)),
    ]
    found = plan({"A": "0.5"}, [held("A", 0)], cash=100_000, events=events)
    purchase = row(found, "A")
    assert purchase.tax.washed == Money(Decimal(5000))
    assert purchase.tax.tax == Money(Decimal("750.00"))


def test_shares_behind_calls_are_not_sold() -> None:
    found = plan({"A": "0"}, [held("A", 300, free=150)], cash=70_000, rules=replace(RULES, lot=100))
    assert row(found, "A").shares_signed == -100
    assert row(found, "A").reason == "150 shares stand behind calls"


def test_the_commission_is_kept_back_from_what_is_bought() -> None:
    # Ten shares at 100.05 would take all the cash, and their commission is a dollar more.
    found = plan({"A": "1"}, [held("A", 0)], cash=Decimal("1000.50"))
    assert row(found, "A").shares_signed == 9
    found = plan({"A": "1"}, [held("A", 0)], cash=Decimal("1001.50"))
    assert row(found, "A").shares_signed == 10
    assert found.cash_after == Money(Decimal(0))


def test_less_than_a_lot_is_no_trade() -> None:
    found = plan({"A": "0.4"}, [held("A", 350)], cash=65_000, rules=replace(RULES, lot=100))
    assert row(found, "A").reason == "within the band of 5.00 %"
    tight = replace(RULES, lot=100, band=Decimal("0.01"))
    found = plan({"A": "0.4"}, [held("A", 350)], cash=65_000, rules=tight)
    assert row(found, "A").reason == "less than a lot of 100 away"


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(CannotRebalance, match="Z has a target but no price"):
        plan({"Z": "0.5"}, [held("A", 1)])
    with pytest.raises(CannotRebalance, match="parts of the whole"):
        plan({"A": "1.1"}, [held("A", 1)])
    with pytest.raises(CannotRebalance, match="no price above zero"):
        plan({"A": "0.5"}, [held("A", 1, "0")], events=[])
    with pytest.raises(CannotRebalance, match="held twice"):
        plan({"A": "0.5"}, [held("A", 1), held("A", 2)])
    with pytest.raises(CannotRebalance, match="nothing to rebalance"):
        plan({"A": "0.5"}, [held("A", 0)])
    with pytest.raises(CannotRebalance, match="A lot needs one share"):
        plan({"A": "0.5"}, [held("A", 1)], rules=replace(RULES, lot=0))


@given(
    shares=st.lists(st.integers(0, 2000), min_size=3, max_size=3),
    parts=st.lists(st.integers(0, 33), min_size=3, max_size=3),
    cash=st.integers(1, 200_000),
    least=st.integers(0, 20),
)
def test_plans_never_overdraw_nor_overshoot(
    shares: list[int], parts: list[int], cash: int, least: int
) -> None:
    targets = {name: str(Decimal(part) / 100) for name, part in zip("ABC", parts, strict=True)}
    holdings = [held(name, count) for name, count in zip("ABC", shares, strict=True)]
    rules = replace(RULES, cash_least=Decimal(least) / 100)
    found = plan(targets, holdings, cash, rules)
    floor = min(Money(Decimal(cash)), found.equity * rules.cash_least)
    assert found.cash_after >= floor - Money(Decimal("0.01"))
    for one in found.rows:
        low, high = sorted((one.weight, one.target))
        assert low - Decimal("0.000001") <= one.weight_after <= high + Decimal("0.000001")
        assert not one.is_traded or one.cost <= one.benefit
