"""The book's risk in depth over a small desk, and what is said where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.engine.what_if.book import (
    BetaGreeks,
    BookRisk,
    MarketFigures,
    book_risk,
    with_their_sum,
)
from allusedesk.risk.edges import Edges
from allusedesk.risk.scenarios import MarketScenario
from tests.engine.test_what_if_risk import KNOWN, PUTS, SHARES, desk
from tests.risk.test_value_at_risk import table
from tests.trading import STOCK, call, lot, put, quote, snapshot

EDGES = tuple(Edges(name, 0.01, 0.02) for name in ("value_at_risk", "gap_20", "largest_name"))
CRASH = (MarketScenario("crash", "crash", -0.5),)
FIGURES = MarketFigures(table(), (("AAPL", 1_000.0),))


def measured(*held: object, figures: MarketFigures = FIGURES) -> BookRisk:
    seen = snapshot(quote(put(100), greeks=KNOWN))
    generator = np.random.default_rng(1)
    return book_risk(desk(*held), seen, figures, CRASH, EDGES, generator)


def test_every_figure_of_a_small_book() -> None:
    found = measured(PUTS, SHARES)
    assert found.lots == 2
    assert [one.way for one in found.losses] == ["historical", "simulated", "parametric"]
    row = found.betas[0]
    assert row.beta is not None
    # Shares 200 and puts -5 x 100 x -0.4 = 200, both at 101.
    assert row.delta == pytest.approx(400 * 101)
    assert row.weighted_delta == pytest.approx(400 * 101 * row.beta.value)
    assert row.weighted_gamma == pytest.approx(row.gamma * row.beta.value**2)
    assert row.gamma == pytest.approx(-500 * 0.05 * 101 * 101 / 100)
    assert (row.theta, row.vega) == (pytest.approx(50.0), pytest.approx(-40.0))
    assert found.scenarios[0].total < -20_000
    ways_out = {str(one.instrument): one for one in found.exits}
    assert ways_out["AAPL"].days == 2
    assert ways_out[str(put(100))].days == 1
    states = {one.edges.name: one for one in found.edges}
    assert states["gap_20"].left_to_hard == 0.0
    assert found.issuers.shares == (("AAPL", 1.0),)


def test_the_dearer_of_both_ways_is_held_against_the_edge() -> None:
    seen = snapshot(quote(put(100), greeks=KNOWN))
    edges = (Edges("worst_scenario", 0.01, 0.02),)
    generator = np.random.default_rng(1)
    mild = (MarketScenario("mild", "mild", -0.1),)
    found = book_risk(desk(PUTS, SHARES), seen, FIGURES, mild, edges, generator)
    (one,) = found.scenarios
    assert one.total_by_beta is not None
    worst = max(-one.total, -one.total_by_beta)
    assert found.edges[0].value == pytest.approx(worst / float(found.equity.amount))
    assert worst > min(-one.total, -one.total_by_beta)


def test_losses_of_other_days_are_not_held_against_edges_of_one() -> None:
    seen = snapshot(quote(put(100), greeks=KNOWN))

    def edged(*measure: object) -> tuple[set[str], bool]:
        generator = np.random.default_rng(1)
        found = book_risk(desk(PUTS), seen, FIGURES, CRASH, EDGES, generator, *measure)
        told = any("for one session at 99%" in note for note in found.notes)
        return {one.edges.name for one in found.edges}, told

    assert edged() == ({"value_at_risk", "gap_20", "largest_name"}, False)
    assert edged(0.99, 10) == edged(0.9, 1) == ({"gap_20", "largest_name"}, True)


def test_what_cannot_be_closed_is_told_first_and_what_nets_to_nothing_not_at_all() -> None:
    seen = snapshot(quote(put(100), greeks=KNOWN))
    other = replace(lot(put(90), -1), id=PositionId("other"))
    long = replace(lot(put(95), 2), id=PositionId("long"))
    short = replace(lot(put(95), -2), id=PositionId("short"))
    held = desk(PUTS, SHARES, other, long, short)
    found = book_risk(held, seen, FIGURES, CRASH, EDGES, np.random.default_rng(1))
    days = [(str(one.instrument), one.days) for one in found.exits]
    assert days == [(str(put(90)), None), ("AAPL", 2), (str(put(100)), 1)]


def test_weighted_greeks_of_all_underlyings_add_up() -> None:
    other = BetaGreeks("VIX", None, 50.0, 0.0, 1.0, 0.0, -2.0, 3.0)
    row = measured(PUTS, SHARES).betas[0]
    whole = with_their_sum((row, other))[-1]
    assert whole.weighted_delta == row.weighted_delta
    assert (whole.delta, whole.theta) == (row.delta + 50.0, row.theta - 2.0)
    assert whole.beta is None
    assert with_their_sum(()) == ()


def test_options_on_volatility_count_for_nothing_without_a_beta() -> None:
    vix = replace(call(20), underlying="VIX")
    seen = replace(snapshot(), held=(quote(vix, greeks=KNOWN),))
    few = MarketFigures(table(40), ())
    held = replace(lot(vix, 3), id=PositionId("V"))
    row = book_risk(desk(held), seen, few, (), (), np.random.default_rng(1)).betas[0]
    assert row.beta is None
    assert row.delta != 0.0
    assert row.weighted_delta == 0.0


def test_cash_alone_has_no_risk_and_says_so() -> None:
    found = measured()
    assert {one.value_at_risk for one in found.losses} == {0.0}
    assert any("Nothing but cash" in note for note in found.notes)
    assert (found.betas, found.exits, found.issuers.shares) == ((), (), ())
    assert {one.edges.name: one.value for one in found.edges} == {
        "value_at_risk": 0.0, "gap_20": 0.0,
    }  # fmt: skip


def test_without_a_history_losses_are_left_out_with_a_sentence() -> None:
    none = measured(SHARES, figures=MarketFigures(None, (), "There is no history."))
    assert none.losses == ()
    assert "There is no history." in none.notes
    assert none.betas[0].beta is None
    assert none.betas[0].weighted_delta == none.betas[0].delta
    assert {one.edges.name for one in none.edges} == {"gap_20", "largest_name"}
    short = measured(SHARES, figures=MarketFigures(table(10)))
    assert any("too few" in note for note in short.notes)


def test_the_same_instrument_in_two_sleeves_is_one_way_out() -> None:
    two = lot(STOCK, 100, id=PositionId("more"))
    unquoted = lot(call(120), 1, id=PositionId("call"))
    found = measured(SHARES, two, unquoted)
    assert [(str(one.instrument), one.quantity) for one in found.exits] == [
        (str(call(120)), 1), ("AAPL", 300),
    ]  # fmt: skip
    assert found.exits[0].days is None
