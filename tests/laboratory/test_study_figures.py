from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.laboratory.figures import desk_returns, drawdown_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.study import projection
from allusedesk.laboratory.study.figures import (
    costs_of,
    labels_of,
    outcomes_of,
    spans_of,
    tiers_of,
    worst_weeks,
    year_of,
    yearly,
)
from allusedesk.laboratory.study.page import study_page
from allusedesk.laboratory.study.plan import sound_weeks, study_from
from tests.laboratory.study_examples import DEFINITION, outcome_of, study, trials
from tests.portfolio.test_projection_realised import constitution
from tests.protocol.examples import classic

QUOTED = (("P-EW", Decimal("0.8")), ("W-IDL", Decimal("0.2")))
RULEBOOKS = {"classic": classic(), "constitution": constitution()}
WEEKS = [(0.0, 0.02, 0.001), (0.0, -0.01, 0.001)] * 25


@pytest.fixture(autouse=True)
def few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "PATHS", 40)


def tried(weeks: list[tuple[float, float, float]] = WEEKS) -> list:
    return [(trial, outcome_of(trial, weeks, ("P-EW", "W-IDL"))) for trial in trials()]


def test_trials_run_at_default_fills_first() -> None:
    assert [one.stem for one in trials()] == [
        "classic-first-default",
        "constitution-second-default",
        "classic-first-mid",
        "classic-first-full",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        ("capital = 1000", "capital = []"),
        ('fills = ["default"]', 'fills = ["free"]'),
        ("[[spans]]", "[[spans"),
        ('rev = ["NVDA"]\n', ""),
        ("capital = 1000", "capital = nan"),
        ("capital = 1000", "capital = -inf"),
        ("capital = 1000", "capital = 0"),
        ("capital = 1000", "capitol = 1\ncapital = 1000"),
        ('rev = ["NVDA"]', 'rev = "NVDA"'),
        ('rev = ["NVDA"]', 'rev = ["NVDA"]\nleft = 1'),
        ("first = 2008-01-07", 'first = "2008-01-07"'),
        ('name = "second"', 'name = "../second"'),
        (
            'name = "second"\nrulebook = "constitution"',
            'name = "first"\nrulebook = "classic"',
        ),
    ],
)
def test_a_definition_that_cannot_be_read_is_refused(changed: tuple[str, str]) -> None:
    assert changed[0] in DEFINITION
    with pytest.raises(TrialImpossible, match="definition cannot be read"):
        study_from(DEFINITION.replace(*changed))


@pytest.mark.parametrize(
    ("last", "weeks"), [("2008-02-29", 8), ("2008-02-22", 7), ("2007-01-01", 0)]
)
def test_a_span_too_short_for_bounds_is_refused_before_it_is_tried(last: str, weeks: int) -> None:
    text = DEFINITION.replace("last = 2008-12-26", f"last = {last}", 1)
    if weeks == 8:
        assert len(study_from(text).spans) == 2
        return
    with pytest.raises(TrialImpossible, match=f"first of classic has {weeks} weeks"):
        study_from(text)


def test_a_tier_without_symbols_is_not_measured() -> None:
    found = tiers_of(tried(), "classic", 1)
    assert [one.kind for one in found] == [AccountKind.REVENUE, AccountKind.COMPOUNDING]
    rev = found[0]
    assert rev.weeks == 50
    assert rev.mean.value == pytest.approx(0.005)
    # Two weeks are worth 1.02 x 0.99, and a year holds twenty-six such pairs.
    assert rev.growth == pytest.approx((1.02 * 0.99) ** 26 - 1)
    assert (rev.reached, rev.up, rev.worst) == (0.5, 0.5, -0.01)
    assert rev.mean.low <= rev.mean.value <= rev.mean.high < rev.target == 0.01


def test_idle_weeks_of_a_tier_without_symbols_are_no_outcome() -> None:
    classic = {one.code: one for one in outcomes_of(tried(), "classic", QUOTED, 1)}
    assert (classic["P-EW"].count, classic["W-IDL"].count) == (50, 0)
    other = {one.code: one for one in outcomes_of(tried(), "constitution", QUOTED, 1)}
    assert (other["W-IDL"].count, other["W-IDL"].share, other["W-IDL"].quoted) == (50, 0.5, 0.2)
    assert labels_of(tried(), "classic")[0].share == 1.0


def test_the_worst_weeks_and_a_year_are_those_of_the_whole_desk() -> None:
    weeks = [(0.0, 0.0, 0.0)] * 20
    weeks[7] = (-0.1, -0.2, 0.0)
    found = worst_weeks(tried(weeks), "constitution")
    assert found[0].week.week == "2008-W09"
    # 40 of the 400 dollars of Gen and 60 of the 300 of Rev, out of 1,000.
    assert found[0].value == pytest.approx(-0.1)
    year = year_of(tried(weeks), "constitution", 2008)
    assert year is not None
    assert (year.gain, year.drawdown) == (pytest.approx(-0.1), pytest.approx(0.1))
    assert year.tiers == pytest.approx((-0.1, -0.2, 0.0))
    assert year_of(tried(weeks), "constitution", 2009) is None


def test_a_tier_without_symbols_has_no_week_and_no_year_of_its_own() -> None:
    seen = worst_weeks(tried(), "classic")[0]
    assert seen.tiers == (None, -0.01, 0.001)
    year = year_of(tried(), "classic", 2008)
    assert year is not None
    assert year.tiers[0] is None
    assert year.tiers[1] == pytest.approx((1.02 * 0.99) ** 25 - 1)
    text = page(WEEKS)
    assert "| classic | 2008-W03 | -0.3% | - | -1.0% | 0.1% | Calm-Income |" in text


def test_growth_and_falls() -> None:
    assert yearly(np.array([0.01, 0.01])) == pytest.approx(1.01**52 - 1)
    assert yearly(np.array([-1.0, 0.5])) == -1.0
    assert yearly(np.array([])) == 0.0
    assert drawdown_of(np.array([0.1, -0.5, 0.2])) == pytest.approx(0.5)


def test_spans_stand_by_rulebook_and_fills() -> None:
    found = spans_of(tried())
    assert [(one.span.name, one.fills) for one in found] == [
        ("first", "mid"),
        ("first", "default"),
        ("first", "full"),
        ("second", "default"),
    ]
    assert found[0].means[0] is None


def page(weeks: list[tuple[float, float, float]]) -> str:
    held = {(study().spans[0].first, study().spans[0].last): 0.07}
    return study_page(study(), tried(weeks), RULEBOOKS, [], held)


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ((0.016, 0.012, 0.006), "5 of the 5 sleeves reach their targets"),
        ((0.001, 0.001, 0.001), "Rev of classic does not reach its target: 0.10% a week against"),
        ((-0.001, -0.001, -0.001), "It lost money."),
    ],
)
def test_the_page_says_plainly_whether_targets_are_reached(
    week: tuple[float, float, float], sentence: str
) -> None:
    text = page([week] * 50)
    assert sentence in text
    assert ("**No.**" in text) == (week[0] < 0.015)
    assert text == page([week] * 50)


def test_doubtful_means_are_told_as_doubtful() -> None:
    swings = [(0.08, 0.08, 0.08), (-0.06, -0.06, -0.06)] * 10 + [(0.3, 0.3, 0.3)] * 2
    assert "may or may not reach its target" in page(swings)
    assert "**Not shown.** Not one of the 5 sleeves surely reaches" in page(swings)
    assert "these weeks cannot tell" in page(
        [(0.002, 0.002, 0.002), (-0.0019, -0.0019, -0.0019)] * 20 + [(-0.02, -0.02, -0.02)]
    ).replace("\n  ", " ")


def test_costs_are_told_where_all_fills_were_tried() -> None:
    text = page(WEEKS)
    assert "| classic | first | " in text
    row = next(line for line in text.splitlines() if "USD |" in line)
    assert row.endswith("| 108 | 541 USD |")
    assert "| 0.000% | 0.000% to 0.000% |" in row
    told = text.replace("\n  ", " ")
    assert "in 0 of 1 spans that is a loss beyond its bounds" in told
    assert "Holding SPY and doing nothing would have made more, dividends left aside, in 0" in told
    assert "| classic | first | 50 | 9.4% | 7.0% | 0.3% | - |" in text
    assert "TSLA: nobody has its prices." in text


def test_the_price_of_fills_is_of_the_same_weeks_and_has_bounds() -> None:
    """Full fills lose a tenth of a percent of Rev in every other week, out of 1,000 dollars."""
    made = []
    for trial, outcome in tried([(0.0, 0.0, 0.0)] * 50):
        dearer = [(0.0, -0.001 * (place % 2), 0.0) for place in range(50)]
        fills = trial.plan.fills
        made.append((trial, outcome_of(trial, dearer) if fills == "full" else outcome))
    (found,) = costs_of(made, 1)
    assert found.difference is not None
    assert found.difference.value == pytest.approx(-0.00015, rel=0.01)
    assert found.difference.low <= found.difference.value <= found.difference.high < 0.0
    without = [one for one in made if one[0].plan.fills != "mid"]
    assert costs_of(without, 1)[0].difference is None
    assert costs_of(without, 1)[0].growths[0] is None


def test_parts_of_outcomes_have_bounds_that_hold_a_mixture() -> None:
    """Weeks that expire worthless three times in four, in runs of ten."""
    trial = trials()[1]
    whole = outcome_of(trial, WEEKS)
    weeks = tuple(
        replace(week, outcomes=("P-EW", "other") if place // 10 % 4 else ("W-IDL", "other"))
        for place, week in enumerate(whole.weeks)
    )
    ew, idle = outcomes_of([(trial, replace(whole, weeks=weeks))], "constitution", QUOTED, 1)
    assert (ew.count, ew.share, idle.count, idle.share) == (30, 0.3, 20, 0.2)
    assert ew.low is not None
    assert ew.high is not None
    # Thirty of fifty weeks drawn one by one would have bounds of 0.07 to either side.
    assert ew.low < 0.21
    assert ew.high > 0.37
    (few, _) = outcomes_of([(trial, replace(whole, weeks=weeks[:7]))], "constitution", QUOTED, 1)
    assert (few.low, few.high) == (None, None)


def test_a_week_with_a_price_that_was_none_is_left_out_and_told() -> None:
    weeks = [(0.001, 0.001, 0.001)] * 50
    weeks[3] = (0.0, -0.5, 0.0)
    text = page(weeks).replace("\n  ", " ")
    assert "2008-W05, left out of every figure: NVDA has a low of 0.01." in text
    assert "would show constitution -15.0%." in text
    assert "| constitution | 2008-W05 |" not in text
    # The week after it began with what the week left out had ended with.
    trial, outcome = tried(weeks)[1]
    whole, sound = desk_returns(outcome), desk_returns(sound_weeks(study(), trial, outcome))
    np.testing.assert_array_equal(sound, np.delete(whole, 3))
    # Classic does not trade that symbol, so its week stays.
    assert "| classic | 2008-W05 |" in text


def test_ten_years_are_drawn_from_spans_with_all_sleeves() -> None:
    rows = [line for line in page(WEEKS).splitlines() if "40,685,325" in line]
    assert rows == []
    other = [line for line in page(WEEKS).splitlines() if line.startswith("| constitution | 49 |")]
    assert len(other) == 2
    assert other[0].split("|")[3].strip() == "0%"


def test_without_any_outcome_the_page_still_stands() -> None:
    empty = replace(study(), spans=())
    text = study_page(empty, [], {}, [], {})
    assert "No recorded chains were found." in text
