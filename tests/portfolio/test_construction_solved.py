"""Solved weights against closed forms, scipy and published arithmetic; skfolio takes seconds."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.optimize import linprog, minimize

from allusedesk.portfolio.construction import (
    TAIL,
    CannotConstruct,
    Caps,
    Construction,
    Method,
    conditional_loss,
    construct,
)
from tests.portfolio.return_tables import drawn, table, with_moments

pytestmark = pytest.mark.long

WHOLE = Caps(None, Decimal(0))
SOLVED = [one for one in Method if one is not Method.EQUAL_WEIGHT]
# A weight is rounded to a millionth, and a solver ends near its optimum, not on it.
CLOSE = 2e-4


def weights(found: Construction) -> np.ndarray:
    return np.array([float(one.weight) for one in found.weights])


def test_minimum_variance_of_two_assets_is_the_closed_form() -> None:
    values = with_moments(np.array([0.01, 0.02]), 0.3, np.array([0.0005, 0.0004]))
    found = weights(construct(table(values), Method.MINIMUM_VARIANCE, WHOLE))
    covariance = 0.3 * 0.01 * 0.02
    first = (0.02**2 - covariance) / (0.01**2 + 0.02**2 - 2 * covariance)
    assert found == pytest.approx([first, 1 - first], abs=CLOSE)


def test_risk_budgets_of_two_assets_are_inverse_volatilities() -> None:
    values = with_moments(np.array([0.01, 0.03]), 0.4, np.array([0.0005, 0.0004]))
    found = construct(table(values), Method.RISK_BUDGETING, WHOLE)
    assert weights(found) == pytest.approx([0.75, 0.25], abs=CLOSE)
    assert [one.risk_share for one in found.weights] == pytest.approx([0.5, 0.5], abs=1e-3)


def test_maximum_sharpe_of_two_assets_is_the_tangency_portfolio() -> None:
    means, spreads = np.array([0.0010, 0.0006]), np.array([0.015, 0.010])
    values = with_moments(spreads, 0.2, means)
    found = weights(construct(table(values), Method.MAXIMUM_SHARPE, WHOLE, rate_year=0.0252))
    covariance = np.outer(spreads, spreads) * np.array([[1.0, 0.2], [0.2, 1.0]])
    pull = np.linalg.solve(covariance, means - 0.0001)
    assert found == pytest.approx(pull / pull.sum(), abs=2e-3)


def test_parity_of_two_assets_is_inverse_variances() -> None:
    values = with_moments(np.array([0.01, 0.02]), 0.3, np.array([0.0005, 0.0004]))
    found = weights(construct(table(values), Method.HIERARCHICAL_RISK_PARITY, WHOLE))
    assert found == pytest.approx([0.8, 0.2], abs=CLOSE)


@pytest.mark.parametrize("cap", [None, "0.4"])
def test_minimum_variance_is_what_scipy_finds(cap: str | None) -> None:
    values = drawn(7, 5)
    caps = Caps(None if cap is None else Decimal(cap), Decimal(0))
    found = weights(construct(table(values), Method.MINIMUM_VARIANCE, caps))
    covariance = np.cov(values, rowvar=False) * 1e4
    solved = minimize(
        lambda parts: parts @ covariance @ parts,
        np.full(5, 0.2),
        jac=lambda parts: 2 * covariance @ parts,
        bounds=[(0, float(cap or 1))] * 5,
        constraints={"type": "eq", "fun": lambda parts: parts.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found == pytest.approx(solved.x, abs=CLOSE)


@pytest.mark.parametrize("cap", [None, "0.35"])
def test_minimum_cvar_is_the_linear_programme_of_rockafellar_and_uryasev(cap: str | None) -> None:
    values = drawn(11, 4)
    rows, assets = values.shape
    caps = Caps(None if cap is None else Decimal(cap), Decimal(0))
    found = construct(table(values), Method.MINIMUM_CVAR, caps)
    # Unknowns: the weights, the threshold, and each row's loss beyond it.
    costs = np.concatenate([np.zeros(assets), [1.0], np.full(rows, 1 / (TAIL * rows))])
    beyond = np.hstack([-values, -np.ones((rows, 1)), -np.eye(rows)])
    solved = linprog(
        costs,
        A_ub=beyond,
        b_ub=np.zeros(rows),
        A_eq=np.concatenate([np.ones(assets), np.zeros(rows + 1)])[None, :],
        b_eq=[1.0],
        bounds=[(0, float(cap or 1))] * assets + [(None, None)] + [(0, None)] * rows,
    )
    assert found.evidence.cvar == pytest.approx(solved.fun, abs=2e-6)
    assert weights(found) == pytest.approx(solved.x[:assets], abs=5e-3)


def test_risk_budgets_are_equal_for_many_assets() -> None:
    found = construct(table(drawn(3, 6)), Method.RISK_BUDGETING, WHOLE)
    assert [one.risk_share for one in found.weights] == pytest.approx([1 / 6] * 6, abs=1e-3)


def test_parity_halves_its_tree_by_inverse_variances() -> None:
    """Two pairs that move alike, each pair apart: the steps can be taken by hand."""
    chance = np.random.Generator(np.random.PCG64(2))
    first, second = chance.normal(0, 0.01, (2, 500))
    own = chance.normal(0, 0.002, (500, 4))
    values = np.stack([first, first, second, second], axis=1) * [1, 2, 1, 3] + own
    found = weights(construct(table(values), Method.HIERARCHICAL_RISK_PARITY, WHOLE))
    covariance = np.cov(values, rowvar=False)
    tree = linkage(np.sqrt(0.5 * (1 - np.corrcoef(values.T)))[np.triu_indices(4, 1)], "ward")
    assert {frozenset(pair) for pair in tree[:2, :2]} == {frozenset({0, 1}), frozenset({2, 3})}

    def inside(pair: slice) -> tuple[np.ndarray, float]:
        block = covariance[pair, pair]
        parts = 1 / np.diag(block)
        parts = parts / parts.sum()
        return parts, float(parts @ block @ parts)

    (left, risk_left), (right, risk_right) = inside(slice(0, 2)), inside(slice(2, 4))
    share = 1 - risk_left / (risk_left + risk_right)
    assert found == pytest.approx([*(left * share), *(right * (1 - share))], abs=CLOSE)


@pytest.mark.parametrize("method", SOLVED)
def test_caps_hold_and_all_that_may_be_placed_is(method: Method) -> None:
    caps = Caps(Decimal("0.3"), Decimal("0.05"))
    for seed in range(6):
        found = construct(table(drawn(seed, 5)), method, caps)
        assert sum((one.weight for one in found.weights), Decimal(0)) == Decimal("0.95")
        assert found.cash == Decimal("0.05")
        assert all(0 <= one.weight <= Decimal("0.3") for one in found.weights)
        for one in found.weights:
            assert one.is_capped == (one.weight >= Decimal("0.29998"))


@pytest.mark.parametrize("method", SOLVED)
def test_another_order_of_the_assets_gives_the_same_weights(method: Method) -> None:
    values = drawn(21, 5)
    names = ("NVDA", "AAPL", "TSLA", "MSFT", "GOOG")
    plain = construct(table(values, names), method, Caps(Decimal("0.4"), Decimal(0)))
    order = [3, 0, 4, 1, 2]
    turned = construct(
        table(values[:, order], tuple(names[place] for place in order)),
        method,
        Caps(Decimal("0.4"), Decimal(0)),
    )
    assert {one.name: one for one in plain.weights} == {one.name: one for one in turned.weights}
    assert [one.name for one in turned.weights] == [names[place] for place in order]
    assert plain.evidence == turned.evidence


@pytest.mark.parametrize("method", SOLVED)
def test_a_run_repeated_gives_the_same_bytes(method: Method) -> None:
    first = construct(table(drawn(4, 5)), method, WHOLE)
    assert repr(construct(table(drawn(4, 5)), method, WHOLE)) == repr(first)


@pytest.mark.parametrize("method", [Method.MINIMUM_CVAR, Method.HIERARCHICAL_RISK_PARITY])
def test_twins_are_weighed_where_no_covariance_is_inverted(method: Method) -> None:
    values = drawn(1)
    values[:, 3] = values[:, 1]
    found = construct(table(values), method, Caps(Decimal("0.4"), Decimal(0)))
    assert sum(one.weight for one in found.weights) == 1
    assert found.notes == (
        "B and D move exactly alike: of weights that are equally good, one was taken.",
    )


@pytest.mark.parametrize("method", [Method.MINIMUM_CVAR, Method.HIERARCHICAL_RISK_PARITY])
@pytest.mark.parametrize("rows", [2, 3, 4])
def test_few_rows_are_weighed_with_a_note(method: Method, rows: int) -> None:
    found = construct(table(drawn(1)[:rows]), method, WHOLE)
    assert sum(one.weight for one in found.weights) == 1
    assert any(note.startswith(f"{rows} rows say too little") for note in found.notes)


def test_figures_agree_with_empyrical_and_skfolio() -> None:
    empyrical = pytest.importorskip("empyrical")
    from skfolio import measures

    values = drawn(9, 3, 500)
    found = construct(table(values), Method.EQUAL_WEIGHT, WHOLE)
    earned = values @ weights(found)
    evidence = found.evidence
    assert evidence.volatility_year == pytest.approx(empyrical.annual_volatility(earned), rel=1e-12)
    # 500 rows have 25 in the tail: where that is whole, all three definitions are one.
    assert evidence.cvar == pytest.approx(
        -empyrical.conditional_value_at_risk(earned, TAIL), rel=1e-12
    )
    assert conditional_loss(earned.tolist()) == pytest.approx(
        measures.cvar(earned, beta=1 - TAIL), rel=1e-12
    )
    ragged = drawn(10, 1, 333)[:, 0]
    assert conditional_loss(ragged.tolist()) == pytest.approx(
        measures.cvar(ragged, beta=1 - TAIL), rel=1e-12
    )
    assert evidence.names_effective == pytest.approx(
        measures.effective_number_assets(weights(found)), rel=1e-12
    )
    assert evidence.mean_year == pytest.approx(float(measures.mean(earned)) * 252, rel=1e-12)


def test_a_solver_that_gives_up_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from skfolio.exceptions import ConvexOptimizationError
    from skfolio.optimization import MeanRisk

    def fails(self: object, values: object) -> None:
        raise ConvexOptimizationError("Solver 'CLARABEL' failed")

    monkeypatch.setattr(MeanRisk, "fit", fails)
    with pytest.raises(CannotConstruct, match="The solver found no weights for minimum variance"):
        construct(table(drawn(1)), Method.MINIMUM_VARIANCE, WHOLE)
