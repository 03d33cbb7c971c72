from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import NOTHING
from allusedesk.portfolio.holding_periods import Term
from allusedesk.portfolio.tax_lots import TaxConcern
from allusedesk.portfolio.tax_trades import TaxAdjustment
from tests.portfolio.tax_days import (
    GOOG,
    GOOGL,
    closing,
    concerns,
    gains,
    on,
    option,
    picture,
    trade,
)
from tests.trading import COM, GEN, REV, STOCK, dollars, price


# The example of IRS Publication 550: 100 shares for 1,000, sold for 750, bought again for 800.
@pytest.mark.parametrize("bought_again", [-30, 1, 30])
def test_a_wash_sale_moves_the_loss_into_the_replacement(bought_again: int) -> None:
    first, loss = trade(0, STOCK, 100, -1000), closing(40, STOCK, -100, 750, account=GEN)
    again = trade(40 + bought_again, STOCK, 100, -800, account=COM)
    found = picture(*sorted((first, loss, again), key=lambda one: one.on))
    assert found.closings[0].disallowed == dollars(250)
    assert gains(found) == ["0"]
    assert found.lots[0].cost + found.lots[0].deferred == dollars(1050)
    # The forty days the first were held come before those of the replacement.
    assert found.lots[0].held_from == again.on - timedelta(days=40)
    assert TaxConcern.WASH_SALE in concerns(found)


@pytest.mark.parametrize("bought_again", [-31, 31])
def test_beyond_thirty_days_a_loss_stands(bought_again: int) -> None:
    first, loss = trade(0, STOCK, 100, -1000), closing(40, STOCK, -100, 750)
    again = trade(40 + bought_again, STOCK, 100, -800)
    found = picture(*sorted((first, loss, again), key=lambda one: one.on))
    assert gains(found) == ["-250"]


def test_a_later_loss_does_not_end_the_wait_of_an_earlier_one() -> None:
    found = picture(
        trade(0, STOCK, 100, -1000),
        trade(1, STOCK, 100, -900),
        closing(40, STOCK, -100, 750),
        closing(70, STOCK, -100, 850),
        trade(70, STOCK, 200, -1600),
    )
    assert gains(found) == ["0", "0"]


def test_a_smaller_replacement_defers_its_part() -> None:
    found = picture(
        trade(0, STOCK, 100, -1000),
        closing(40, STOCK, -100, 700),
        trade(50, STOCK, 40, -300),
        trade(60, STOCK, 100, -800),
    )
    assert found.closings[0].disallowed == dollars(300)
    assert [(lot.units, lot.deferred) for lot in found.lots] == [
        (40, dollars(120)),
        (60, dollars(180)),
        (40, NOTHING),
    ]


def test_a_part_of_one_purchase_does_not_replace_another() -> None:
    found = picture(trade(0, STOCK, 200, -2000), closing(10, STOCK, -100, 800))
    assert gains(found) == ["-200"]


@pytest.mark.parametrize(
    ("bought", "units", "spot", "washes"),
    [
        (option("call 120"), 1, "80", True),
        (option("call 120"), -1, "80", False),
        (option("put 90"), -1, "80", True),
        (option("put 80"), -1, "80", False),
        (option("put 90"), 1, "80", False),
        (option("call 120", root="MSFT"), 1, "80", False),
        (Stock("MSFT"), 100, "80", False),
    ],
)
def test_options_on_the_share_replace_it(
    bought: Instrument, units: int, spot: str, *, washes: bool
) -> None:
    found = picture(
        trade(0, STOCK, 100, -1000),
        closing(40, STOCK, -100, 750),
        trade(45, bought, units, -50 * units, spot=price(spot)),
    )
    assert gains(found) == (["0"] if washes else ["-250"])
    assert found.lots[0].deferred == (dollars(250) if washes else NOTHING)


def test_two_classes_of_one_issuer_do_not_replace_each_other() -> None:
    lost = trade(0, GOOG, 100, -1000), closing(40, GOOG, -100, 750)
    assert gains(picture(*lost, trade(45, GOOGL, 100, -800))) == ["-250"]
    assert gains(picture(*lost, trade(45, GOOG, 100, -800))) == ["0"]


def test_only_the_same_series_replaces_an_option() -> None:
    near, other = option("put 90", days=300), option("put 85", days=300)
    lost = trade(0, near, -1, 200), closing(10, near, 1, -500)
    assert gains(picture(*lost, trade(11, other, -1, 250))) == ["-300"]
    assert gains(picture(*lost, trade(11, near, 1, -250))) == ["-300"]
    assert gains(picture(*lost, trade(11, STOCK, 100, -8000))) == ["-300"]
    found = picture(*lost, trade(11, near, -1, 250), closing(90, near, 1, -100))
    assert gains(found) == ["0", "-150"]


def test_section_1256_stands_outside_wash_sales() -> None:
    index = option("put 1300", root="SPX", days=300)
    found = picture(
        trade(0, index, 1, -900), closing(9, index, -1, 400), trade(10, index, 1, -500), through=30
    )
    assert (gains(found), found.flags) == (["-500"], ())
    assert found.closings[0].term is Term.SECTION_1256


def test_a_loss_before_a_split_is_washed_by_shares_after_it() -> None:
    found = picture(
        trade(0, STOCK, 200, -2000),
        closing(40, STOCK, -100, 750),
        TaxAdjustment(on(45), REV, STOCK, STOCK, Decimal(2)),
        trade(50, STOCK, 100, -400),
    )
    assert found.closings[0].disallowed == dollars(125)
