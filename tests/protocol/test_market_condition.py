from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.quotes import Volatility
from allusedesk.protocol.market_condition import (
    MissingEvidence,
    classify_market,
    condition_binds,
    delta_shift,
    deployment_of,
    read_market,
    support_of,
    tier_deployment,
    trend_of,
)
from allusedesk.protocol.rulebook import Condition, Support, Trend
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.verdicts import RuleAbsent
from tests.protocol.examples import (
    COM,
    GEN,
    MONDAY,
    D,
    classic,
    classic_with,
    constitution_text,
    constitution_with,
    indicators,
    market,
    price,
    quote,
    underlying,
)

GREEN, RED, CHOP = Condition
UP, DOWN, FLAT = Trend
STRONG, MIXED, ABOVE, BELOW = Support
VIX = D(20)


@pytest.mark.parametrize(
    ("trend", "vix", "support", "condition"),
    [
        (UP, 25, STRONG, GREEN), (UP, 15, STRONG, GREEN),
        (UP, 15, MIXED, CHOP), (UP, 25, BELOW, CHOP), (UP, 15, ABOVE, CHOP),
        (DOWN, 20, STRONG, CHOP), (DOWN, 19, MIXED, CHOP), (DOWN, 19, ABOVE, CHOP),
        (DOWN, 20, BELOW, RED),
        (DOWN, "20.01", STRONG, RED), (DOWN, 25, BELOW, RED),
        (FLAT, 20, BELOW, CHOP), (FLAT, 20, STRONG, CHOP), (FLAT, "20.01", STRONG, RED),
    ],
)  # fmt: skip
def test_the_condition_is_the_row_that_holds(
    trend: Trend, vix: Any, support: Support, condition: Condition
) -> None:
    verdict = classify_market(trend, D(vix), VIX, support, classic())
    assert verdict.condition is condition
    assert verdict.rule == f"condition.{condition.value.lower()}"
    assert len(verdict.comparisons) == 3


@pytest.mark.parametrize(
    ("shown", "trend"),
    [
        ("99.01", UP), ("99", FLAT), ("98.5", FLAT),
    ],
)  # fmt: skip
def test_trend_up_needs_price_beyond_the_shortest_average(shown: str, trend: Trend) -> None:
    assert trend_of(indicators(), D(shown)) is trend


def test_trend_down_and_unstacked_averages() -> None:
    falling = indicators(average_10=D(97), average_20=D(98), average_50=D(99))
    assert trend_of(falling, D("96.99")) is DOWN
    assert trend_of(falling, D(97)) is FLAT
    assert trend_of(indicators(average_20=D(96)), D(120)) is FLAT
    assert isinstance(trend_of(indicators(average_50=None), D(100)), MissingEvidence)
    assert trend_of(indicators(average_20=D(99)), D(120)) is FLAT
    assert trend_of(indicators(average_50=D(98)), D(120)) is FLAT
    assert trend_of(replace(falling, average_20=D(97)), D(90)) is FLAT
    assert trend_of(replace(falling, average_50=D(98)), D(90)) is FLAT


@pytest.mark.parametrize("rounding", [ROUND_FLOOR, ROUND_CEILING])
@pytest.mark.parametrize(
    ("shown", "support"),
    [("94.01", STRONG), ("94", MIXED), ("90", MIXED), ("89.99", BELOW)],
)
def test_support_is_measured_from_the_low_in_true_ranges(
    shown: str, support: Support, rounding: str
) -> None:
    spot = price(shown).rounded_to(D("0.01"), rounding).per_unit
    assert support_of(indicators(), spot, classic()) is support


def test_support_without_history_names_what_is_missing() -> None:
    low = support_of(indicators(low_20=None), D(100), classic())
    atr = support_of(indicators(atr_14=None), D(100), classic())
    assert isinstance(low, MissingEvidence)
    assert isinstance(atr, MissingEvidence)
    assert "lowest low" in low.reason
    assert "ATR(14)" in atr.reason


@pytest.mark.parametrize(
    ("condition", "vix", "fraction"),
    [
        (GREEN, "20", "0.95"), (GREEN, "20.01", "0.90"),
        (RED, "20", "0.76"), (RED, "20.01", "0.665"),
        (CHOP, "20", "0.57"), (CHOP, "20.01", "0.475"),
        (GREEN, "30", "0.90"), (GREEN, "30.01", "0"),
    ],
)  # fmt: skip
def test_deployment_by_condition_and_vix(condition: Condition, vix: str, fraction: str) -> None:
    deployment = deployment_of(condition, D(vix), VIX, classic())
    assert deployment.fraction == D(fraction)
    wanted = "condition.idle" if fraction == "0" else f"condition.{condition.value.lower()}.deploy"
    assert deployment.rule == wanted


def test_a_market_is_read_whole() -> None:
    calm = Volatility(D(15), D(20), MONDAY)
    reading = read_market(market(trend=underlying("SPY", "100"), volatility=calm), classic())
    assert not isinstance(reading, MissingEvidence)
    assert (reading.trend, reading.support) == (UP, STRONG)
    assert reading.verdict.condition is GREEN
    assert reading.deployment.fraction == D("0.95")


def test_fifty_closes_are_enough() -> None:
    calm = Volatility(D(15), D(20), MONDAY)
    seen = underlying("SPY", indicators=indicators("SPY", closes_known=50))
    assert not isinstance(
        read_market(market(trend=seen, volatility=calm), classic()), MissingEvidence
    )


def test_before_the_open_the_last_close_speaks() -> None:
    silent = replace(underlying("SPY"), quote=quote(underlying("SPY").quote.instrument, None, None))
    calm = Volatility(D(15), D(20), MONDAY)
    reading = read_market(market(trend=silent, volatility=calm), classic())
    assert not isinstance(reading, MissingEvidence)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trend": None}, "index is missing"),
        ({"volatility": None}, "VIX is missing"),
        ({"volatility": Volatility(D(15), None, MONDAY)}, "one-year average of VIX"),
        ({"known": {"closes_known": 49}}, "49 closes are known"),
        ({"known": {"average_10": None}}, "averages of SPY"),
        ({"known": {"low_20": None}}, "lowest low"),
        ({"known": {"close": None}, "silent": True}, "price of SPY"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], said: str) -> None:
    changes = dict(changes)
    known = changes.pop("known", {})
    seen = underlying("SPY", indicators=indicators("SPY", **known))
    if changes.pop("silent", False):
        seen = replace(seen, quote=quote(seen.quote.instrument, None, None))
    given_ = {"trend": seen, "volatility": Volatility(D(15), D(20), MONDAY), **changes}
    reading = read_market(market(**given_), classic())
    assert isinstance(reading, MissingEvidence)
    assert said in reading.reason


@given(
    st.sampled_from(Trend),
    st.decimals("5", "90", places=2),
    st.decimals("5", "90", places=2),
    st.sampled_from(Support),
)
def test_every_market_has_one_condition(trend: Trend, vix: D, average: D, support: Support) -> None:
    verdict = classify_market(trend, vix, average, support, classic())
    deployment = deployment_of(verdict.condition, vix, average, classic())
    assert 0 <= deployment.fraction <= D("0.95")
    assert (deployment.fraction == 0) == (vix > D("1.5") * average)


def test_without_a_rule_for_idle_weeks_no_vix_stops_trading() -> None:
    rules = classic_with(("idle_vix_ratio = 1.5\n", ""))
    deployment = deployment_of(GREEN, D(90), VIX, rules)
    assert (deployment.fraction, deployment.rule) == (D("0.90"), "condition.green.deploy")
    # The evidence holds what was compared, and a ratio nobody asks for is not in it.
    assert [item.name for item in deployment.comparisons] == ["VIX for the upper end"]


def test_a_rulebook_may_know_no_condition_and_says_so() -> None:
    text = constitution_text()
    rules = parse_rulebook(text[: text.index("[condition]")] + text[text.index("[entry]") :])
    assert not condition_binds(rules)
    assert delta_shift(RED, rules) == 0
    with pytest.raises(RuleAbsent, match="knows no market condition"):
        classify_market(UP, D(15), VIX, STRONG, rules)
    with pytest.raises(RuleAbsent, match="Ask a rulebook that has one"):
        deployment_of(GREEN, D(15), VIX, rules)


def test_where_no_condition_binds_each_tier_deploys_its_own_part() -> None:
    own = constitution_with(("deploy_low = 0.95", "deploy_low = 0.60"))
    for vix, fraction in ((D(20), D(1)), (D("20.01"), D("0.60"))):
        deployment = deployment_of(RED, vix, VIX, own)
        assert (deployment.fraction, deployment.rule) == (fraction, "accounts.deploy")
        assert [item.passed for item in deployment.comparisons] == [vix == VIX]
        assert tier_deployment(GEN, own, is_calm=vix == VIX) == fraction
    assert tier_deployment(COM, own, is_calm=False) == D("0.95")
    # A tier that says nothing works with all it has.
    assert tier_deployment(GEN, classic(), is_calm=False) == 1
