from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import TurnedDown
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.hedges import (
    HedgeEvidence,
    hedge_budget,
    judge_release,
    judge_triggers,
    propose_hedge,
    release_wish,
)
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.views import Wish
from tests.protocol.examples import (
    MONDAY,
    D,
    chain,
    constitution,
    dollars,
    lot,
    market,
    option,
    price,
    quote,
    underlying,
    view,
)

HALF_A_YEAR = MONDAY + timedelta(days=182)


def rules() -> HedgeRules:
    hedging = constitution().hedging
    assert hedging is not None
    return hedging


def offered(
    strike: str, expiry: date, ask: str = "2.00", spread: str = "0.02", symbol: str = "SPY"
) -> tuple[Outcome, ...]:
    contract = option(strike, expiry, symbol=symbol)
    put = quote(contract, str(D(ask) - D(spread)), ask)
    seen = market(underlying(symbol, "100"), chains=(chain(put, symbol=symbol),))
    return propose_hedge(view(), dollars(1000), seen, MONDAY, constitution())


@pytest.mark.parametrize(
    ("evidence", "is_called"),
    [
        (HedgeEvidence(), False),
        (HedgeEvidence(is_breached=True), True),
        (HedgeEvidence(vix_days=4), False),
        (HedgeEvidence(vix_days=5), True),
        (HedgeEvidence(index_fall=D("0.1999")), False),
        (HedgeEvidence(index_fall=D("0.20")), True),
        (HedgeEvidence(breadth=D("0.20")), False),
        (HedgeEvidence(breadth=D("0.1999")), True),
    ],
)
def test_a15_each_trigger_calls_for_hedges_from_its_number(
    evidence: HedgeEvidence, *, is_called: bool
) -> None:
    verdict = judge_triggers(evidence, rules())
    assert (verdict.verdict == "hedge") is is_called
    assert len(verdict.comparisons) == 4


def test_a15_the_budget_is_the_greater_of_two_parts() -> None:
    assert hedge_budget(dollars(300_000), dollars(50_000), rules()) == dollars(3000)
    assert hedge_budget(dollars(300_000), dollars(80_000), rules()) == dollars(4000)
    assert hedge_budget(dollars(300_000), dollars(-80_000), rules()) == dollars(3000)


@pytest.mark.parametrize(
    ("strike", "days", "is_bought"),
    [
        ("90", 182, True),
        ("80", 182, True),
        ("90.5", 182, False),
        ("79.5", 182, False),
        ("85", 181, False),
        ("85", 365, True),
        ("85", 366, False),
    ],
)
def test_a15_the_put_lies_in_both_bands(strike: str, days: int, *, is_bought: bool) -> None:
    outcomes = offered(strike, MONDAY + timedelta(days=days))
    wishes = [item for item in outcomes if isinstance(item, Wish)]
    assert bool(wishes) is is_bought
    if is_bought:
        assert wishes[0].quantity == 5
        assert wishes[0].legs[0].role is PositionRole.HEDGE


def test_a15_whole_contracts_within_the_budget_or_none() -> None:
    assert not [item for item in offered("85", HALF_A_YEAR, ask="10.50") if isinstance(item, Wish)]
    [told] = [
        item
        for item in offered("85", HALF_A_YEAR, ask="10.50")
        if isinstance(item, TurnedDown) and "budget" in item.reason
    ]
    assert told.rule == "hedge.none"


def test_of_the_gates_only_the_spread_binds() -> None:
    assert [i for i in offered("85", HALF_A_YEAR, spread="0.09") if isinstance(i, Wish)]
    assert not [i for i in offered("85", HALF_A_YEAR, spread="0.12") if isinstance(i, Wish)]


def test_the_first_index_that_is_quoted_is_taken() -> None:
    outcomes = offered("85", HALF_A_YEAR, symbol="XSP")
    assert [item.candidate for item in outcomes if isinstance(item, TurnedDown)] == ["SPX", "VIX"]
    [wish] = [item for item in outcomes if isinstance(item, Wish)]
    bought = wish.legs[0].instrument
    assert isinstance(bought, OptionContract)
    assert bought.underlying == "XSP"


@pytest.mark.parametrize(
    ("mark", "vix", "is_called", "is_sold"),
    [
        ("6.00", "40", True, True),
        ("5.99", "40", True, False),
        ("1.00", "19.99", False, True),
        ("1.00", "20", False, False),
        ("1.00", "19.99", True, False),
    ],
)
def test_a15_a_hedge_goes_at_three_times_its_price_or_when_stress_has_gone(
    mark: str, vix: str, *, is_called: bool, is_sold: bool
) -> None:
    held = lot(option("85", HALF_A_YEAR, symbol="SPY"), 2, role=PositionRole.HEDGE)
    verdict = judge_release(held, price(mark), Decimal(vix), rules(), is_called=is_called)
    assert (verdict is not None) is is_sold
    if verdict is not None:
        shown = quote(held.instrument, mark, str(D(mark) + D("0.02")))
        wish = release_wish(view(), held, shown, verdict, constitution())
        assert wish is not None
        assert (wish.quantity, wish.legs[0].closes) == (2, held.id)
