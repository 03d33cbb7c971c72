"""The tests of a record against arithmetic written out in fifty decimals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import comb

import pytest

from allusedesk.risk.backtesting_of_var import (
    VarDay,
    Zone,
    conditional_coverage,
    independence_of,
    judge_record,
    proportion_of_failures,
    traffic_light,
)


def log(value: Decimal) -> Decimal:
    return value.ln()


def chance_of_one(ratio: Decimal) -> Decimal:
    """1 - erf(sqrt(x/2)) by erf's own series, in fifty decimals."""
    z = (ratio / 2).sqrt()
    term, total, n = z, z, 0
    while abs(term) > Decimal("1e-45"):
        n += 1
        term = -term * z * z / n
        total += term / (2 * n + 1)
    pi = Decimal("3.14159265358979323846264338327950288419716939937510")
    return 1 - 2 * total / pi.sqrt()


@pytest.mark.parametrize(("days", "count"), [(250, 4), (250, 7), (255, 10), (1000, 3)])
def test_kupiec_is_the_ratio_of_two_binomial_likelihoods(days: int, count: int) -> None:
    with localcontext() as context:
        context.prec = 60
        p, n, x = Decimal("0.01"), Decimal(days), Decimal(count)
        told = (n - x) * log(1 - p) + x * log(p)
        seen = (n - x) * log(1 - x / n) + x * log(x / n)
        ratio = -2 * (told - seen)
        chance = chance_of_one(ratio)
    found = proportion_of_failures(days, count, 0.01)
    assert found.ratio == pytest.approx(float(ratio), abs=1e-10)
    assert found.probability == pytest.approx(float(chance), abs=1e-10)


def test_kupiec_without_a_single_exception() -> None:
    # -2 ln(0.99^250) = -500 ln 0.99.
    assert proportion_of_failures(250, 0, 0.01).ratio == pytest.approx(
        float(-500 * Decimal("0.99").ln()), abs=1e-10
    )
    assert proportion_of_failures(100, 100, 0.01).ratio == pytest.approx(
        float(-200 * Decimal("0.01").ln()), abs=1e-9
    )


def test_kupiec_of_exactly_what_was_told_is_nothing() -> None:
    found = proportion_of_failures(200, 2, 0.01)
    assert found.ratio == pytest.approx(0.0, abs=1e-10)
    assert found.probability == pytest.approx(1.0, abs=1e-5)


def test_christoffersen_by_hand() -> None:
    # Ten days: hits on the 3rd, 4th and 8th. Pairs: 4 calm-calm, 2 calm-hit, 2 hit-calm, 1 hit-hit.
    hits = [day in (3, 4, 8) for day in range(1, 11)]
    with localcontext() as context:
        context.prec = 60
        third, share = Decimal(1) / 3, Decimal(3) / 9
        alike = 6 * log(1 - share) + 3 * log(share)
        apart = 4 * log(1 - third) + 2 * log(third) + 2 * log(1 - third) + 1 * log(third)
        ratio = -2 * (alike - apart)
    assert ratio == pytest.approx(Decimal(0), abs=Decimal("1e-50"))
    assert independence_of(hits).ratio == pytest.approx(0.0, abs=1e-10)


def test_christoffersen_finds_a_cluster() -> None:
    # Hits on days 5, 6, 7 of 12: calm-calm 7, calm-hit 1, hit-calm 1, hit-hit 2.
    hits = [day in (5, 6, 7) for day in range(1, 13)]
    with localcontext() as context:
        context.prec = 60
        share = Decimal(3) / 11
        calm, hit = Decimal(1) / 8, Decimal(2) / 3
        alike = 8 * log(1 - share) + 3 * log(share)
        apart = 7 * log(1 - calm) + log(calm) + log(1 - hit) + 2 * log(hit)
        ratio = -2 * (alike - apart)
        chance = chance_of_one(ratio)
        both = ratio + (-2) * (
            9 * log(Decimal("0.99"))
            + 3 * log(Decimal("0.01"))
            - 9 * log(Decimal(9) / 12)
            - 3 * log(Decimal(3) / 12)
        )
        joint = (-both / 2).exp()
    found = independence_of(hits)
    assert found.ratio == pytest.approx(float(ratio), abs=1e-10)
    assert found.probability == pytest.approx(float(chance), abs=1e-10)
    assert found.ratio > 3.0
    together = conditional_coverage(proportion_of_failures(12, 3, 0.01), found)
    assert together.ratio == pytest.approx(float(both), abs=1e-10)
    assert together.probability == pytest.approx(float(joint), abs=1e-10)


def test_a_ratio_of_nothing_has_no_sign() -> None:
    assert str(independence_of([True, *[False] * 124]).ratio) == "0.0"


def test_a_record_without_a_pair_to_compare_says_nothing() -> None:
    assert independence_of([False, False, True]).probability == 1.0
    assert independence_of([True, True]).ratio == 0.0
    assert independence_of([]).ratio == 0.0


@pytest.mark.parametrize(
    ("count", "zone", "added"),
    [
        (0, Zone.GREEN, 0.0),
        (4, Zone.GREEN, 0.0),
        (5, Zone.YELLOW, 0.40),
        (9, Zone.YELLOW, 0.85),
        (10, Zone.RED, 1.0),
        (30, Zone.RED, 1.0),
    ],
)
def test_the_traffic_light_is_the_table_of_the_committee(
    count: int, zone: Zone, added: float
) -> None:
    found = traffic_light(250, count, 0.01)
    assert (found.zone, found.added) == (zone, added)
    share = Fraction(1, 100)
    exact = sum(
        Fraction(comb(250, k)) * share**k * (1 - share) ** (250 - k) for k in range(count + 1)
    )
    assert found.cumulative == pytest.approx(float(exact), abs=1e-10)


def test_what_basel_adds_is_defined_for_its_own_record_alone() -> None:
    assert traffic_light(250, 3, 0.05).added is None
    assert traffic_light(100, 3, 0.01).added is None


def test_a_short_record_without_an_exception_is_green() -> None:
    # In five days none at all is likelier than 95%, which says nothing against the measure.
    assert traffic_light(5, 0, 0.01).zone is Zone.GREEN
    assert traffic_light(5, 1, 0.01).zone is Zone.YELLOW


def test_a_record_is_judged_whole() -> None:
    first = date(2020, 1, 2)
    days = [
        VarDay(first + timedelta(days=place), 100.0, -100.5 if place in (5, 6, 7) else -100.0)
        for place in range(12)
    ]
    record = judge_record(days, 0.99)
    assert (record.days, record.exceptions) == (12, 3)
    assert record.expected == pytest.approx(0.12)
    assert record.light.zone is Zone.RED
    assert record.conditional.ratio == pytest.approx(
        record.coverage.ratio + record.independence.ratio
    )


def test_a_record_of_nothing_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="no day yet"):
        judge_record([], 0.99)
    with pytest.raises(ValueError, match="cannot be"):
        proportion_of_failures(10, 11, 0.01)
    with pytest.raises(ValueError, match="no tail"):
        proportion_of_failures(10, 1, 1.0)
