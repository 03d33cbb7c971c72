from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountKind
from allusedesk.risk.circuit_breakers import (
    Breaker,
    VixPrint,
    VixWatch,
    awaits_print,
    breakers_that_may_lower,
    drawdown_breaker,
    up_to,
    vix_breaker,
    watch_vix,
)
from tests.protocol.examples import COM, GEN, MONDAY, REV, D, at, classic, classic_with

NOON = at(MONDAY, "12:00")


@pytest.mark.parametrize(
    ("vix", "effect"),
    [
        ("50", "none"), ("50.01", "hedged"), ("65", "hedged"), ("65.01", "safe"),
        ("80", "safe"), ("80.01", "kill"), ("12", "none"),
    ],
)  # fmt: skip
def test_a5_breakers_trip_strictly_above_their_numbers(vix: str, effect: str) -> None:
    assert vix_breaker(D(vix), classic()).verdict == effect


def watched(*prints: tuple[str, int], settled: bool = False) -> Breaker:
    watch = VixWatch()
    for vix, seconds in prints:
        seen = VixPrint(D(vix), NOON + timedelta(seconds=seconds), settled)
        watch = watch_vix(watch, seen, classic())
    return watch.confirmed


@pytest.mark.parametrize(
    ("prints", "breaker"),
    [
        ((("52", 0),), Breaker.NONE),
        ((("52", 0), ("52", 14)), Breaker.NONE),
        ((("52", 0), ("52", 15)), Breaker.HEDGED),
        ((("66", 0), ("66", 15)), Breaker.SAFE),
        ((("81", 0), ("81", 15)), Breaker.KILL),
        ((("52", 0), ("81", 15)), Breaker.HEDGED),
        ((("52", 0), ("49", 15), ("52", 30)), Breaker.NONE),
        ((("52", 0), ("52", 15), ("20", 30)), Breaker.HEDGED),
        ((("81", 0), ("81", 15), ("52", 30), ("52", 60)), Breaker.KILL),
        ((("50", 0), ("50", 15)), Breaker.NONE),
    ],
)
def test_a5_one_print_alone_trips_nothing(
    prints: tuple[tuple[str, int], ...], breaker: Breaker
) -> None:
    assert watched(*prints) is breaker


def test_a5_a_daily_close_speaks_alone() -> None:
    assert watched(("66", 0), settled=True) is Breaker.SAFE


@given(st.lists(st.tuples(st.decimals("10", "90", places=2), st.integers(1, 60)), max_size=12))
def test_a5_what_is_confirmed_was_called_for_twice_and_never_falls(
    steps: list[tuple[D, int]],
) -> None:
    watch, now, confirmed = VixWatch(), NOON, 0
    order = [Breaker.NONE, Breaker.HEDGED, Breaker.SAFE, Breaker.KILL]
    for vix, seconds in steps:
        now += timedelta(seconds=seconds)
        watch = watch_vix(watch, VixPrint(vix, now), classic())
        rank = order.index(watch.confirmed)
        assert rank >= confirmed
        if rank > confirmed:
            assert vix_breaker(vix, classic()).verdict != "none"
        confirmed = rank


@pytest.mark.parametrize(
    ("kind", "drawdown", "verdict"),
    [
        (GEN, "0.15", "calls-only"), (GEN, "0.1499", "none"),
        (REV, "0.10", "calls-only"), (REV, "0.0999", "none"),
        (COM, "0.07", "calls-only"), (COM, "0.0699", "none"),
    ],
)  # fmt: skip
def test_drawdown_trips_at_its_number_whatever_vix_says(
    kind: AccountKind, drawdown: str, verdict: str
) -> None:
    for vix in (D(12), D(45), None):
        assert drawdown_breaker(kind, D(drawdown), vix, classic()).verdict == verdict


@pytest.mark.parametrize(
    ("vix", "verdict"),
    [("29", "calls-only"), ("29.99", "calls-only"), ("30", "none"), ("31", "none"),
     (None, "calls-only")],
)  # fmt: skip
def test_a_rulebook_may_keep_selling_while_vix_is_high(vix: str | None, verdict: str) -> None:
    strict = classic_with(("hedged_factor = 0.5", "hedged_factor = 0.5\ndrawdown_vix_below = 30"))
    judged = drawdown_breaker(GEN, D("0.15"), None if vix is None else D(vix), strict)
    assert judged.verdict == verdict


def test_a_breaker_may_be_lowered_after_a_close_below_its_trigger() -> None:
    standing = ("hedged", "safe")
    lowered = breakers_that_may_lower(standing, D("64.99"), classic())
    assert [verdict.verdict for verdict in lowered] == ["safe"]
    assert breakers_that_may_lower(standing, D(65), classic()) == ()


def test_a_breaker_takes_the_milder_ones_with_it() -> None:
    assert up_to(Breaker.NONE) == ()
    assert up_to(Breaker.HEDGED) == (Breaker.HEDGED,)
    assert up_to(Breaker.KILL) == (Breaker.HEDGED, Breaker.SAFE, Breaker.KILL)


def test_a_second_print_is_awaited_only_for_what_is_harder_than_what_stands() -> None:
    def seen(watch: VixWatch, vix: str, seconds: int) -> VixWatch:
        return watch_vix(watch, VixPrint(D(vix), NOON + timedelta(seconds=seconds)), classic())

    first = seen(VixWatch(), "52", 0)
    assert not awaits_print(VixWatch())
    assert awaits_print(first)
    confirmed = seen(first, "52", 15)
    assert confirmed.confirmed is Breaker.HEDGED
    assert not awaits_print(confirmed)
    assert awaits_print(seen(confirmed, "66", 30))
    assert not awaits_print(seen(first, "49", 15))
