from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import binomtest

from allusedesk.portfolio import projection_families, projection_realised
from allusedesk.portfolio.projection import CannotProject, project_original
from allusedesk.portfolio.projection_families import TIERS, FamiliesOfPaths, Terms
from allusedesk.portfolio.projection_realised import (
    ProjectionPlan,
    project_realised,
)
from allusedesk.protocol.rulebook import ForkRule, Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from tests.protocol.examples import CLASSIC, classic, classic_with

D = Decimal
PLAN = ProjectionPlan(D(300_000), 10, paths=7)


def constitution() -> Rulebook:
    file = CLASSIC.with_name("constitution.toml")
    return parse_rulebook(file.read_text(encoding="utf-8"))


def seeded(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def weeks_at_target(rulebook: Rulebook) -> np.ndarray:
    """One week in which each tier earns its target on what the original deploys."""
    deployed = rulebook.condition.standard if rulebook.condition is not None else D(1)
    return np.array([[float(deployed * rulebook.account(kind).weekly_target) for kind in TIERS]])


def weeks_of(mean: tuple[float, float, float], spread: float, count: int = 130) -> np.ndarray:
    return seeded(9).normal(mean, spread, size=(count, 3))


@pytest.mark.parametrize(
    "rulebook",
    [
        classic(),
        classic_with(("merge_total_min = 500000", "merge_total_min = 90000")),
        classic_with(('account = "gen"\nsurplus_min', 'account = "rev"\nsurplus_min')),
    ],
    ids=["as written", "forks come home", "nothing of Gen forks"],
)
def test_weeks_that_all_earn_their_target_make_the_original_to_the_cent(rulebook: Rulebook) -> None:
    if rulebook.forking.forks[0].account.value == "rev":
        rulebook = replace(rulebook, forking=replace(rulebook.forking, forks=()))
    told = project_realised(PLAN, weeks_at_target(rulebook), rulebook, seeded())
    for year, goal in zip(told.years, project_original(PLAN.capital, 10, rulebook), strict=True):
        found = (year.gen, year.rev, year.com, year.forks, year.total, year.forks_active)
        assert found == (
            goal.gen,
            goal.rev,
            goal.com,
            goal.forks,
            goal.total,
            goal.forks_active,
        )
        assert (year.original, year.reaches_original) == (goal.total, 1.0)
        assert set(year.spread) == {goal.total}


@dataclass
class Slow:
    """One path, family by family, with every rule spelled out."""

    rules: Rulebook
    terms: Terms
    families: list[dict[str, float | bool | int]] = field(default_factory=list)
    ladder: float = 0.0
    carried: float = 0.0
    made: int = 0
    merged: int = 0

    def begin(self, capital: float) -> None:
        self.families = [self._new(capital * 0.4, capital * 0.3, capital * 0.3, mini=False, week=0)]

    def _new(self, gen: float, rev: float, com: float, *, mini: bool, week: int) -> dict:
        return {
            "gen": gen, "rev": rev, "com": com, "base_gen": gen, "base_rev": rev,
            "was_gen": gen, "was_rev": rev, "was_com": com, "mini": mini, "born": week,
            "start": gen + rev + com,
        }  # fmt: skip

    def week(self, number: int, returns: np.ndarray) -> None:
        for family in self.families:
            for place, tier in enumerate(("gen", "rev", "com")):
                if family[tier] >= self.terms.least[place]:
                    family[tier] *= 1 + returns[place]
        if number % 13 == 0:
            self._quarter()
        for rule in self.rules.forking.forks:
            for family in list(self.families):
                self._fork(family, rule, number)
        self._home(number)

    def _quarter(self) -> None:
        tiers = ("gen", "rev", "com")
        gains = [
            (one, tier, one[tier] - one[f"was_{tier}"]) for one in self.families for tier in tiers
        ]
        net = sum(gain for _, _, gain in gains) + self.carried
        tax, self.carried = self.terms.tax * max(net, 0), min(net, 0)
        whole = sum(max(gain, 0) for _, _, gain in gains)
        for family, tier, gain in gains:
            levy = max(gain, 0) * tax / whole if whole else 0.0
            family[tier] -= levy
            is_split = self.rules.ladder.is_on and tier != "gen" and not family["mini"]
            part = (max(gain, 0) - levy) * 0.25 if is_split else 0.0
            family[tier] -= part
            self.ladder += part
        main = self.families[0]
        there = main["gen"] + main["rev"]
        kept = 1 - min(self.terms.withdrawal, there) / there
        main["gen"] *= kept
        main["rev"] *= kept
        for family in self.families:
            for tier in tiers:
                family[f"was_{tier}"] = family[tier]

    def _fork(self, family: dict, rule: ForkRule, number: int) -> None:
        tier = rule.account.value
        most = self.rules.forking.families_max
        if family["mini"] or (most is not None and len(self.families) - 1 >= most):
            return
        reserve = self.terms.tax * max(family[tier] - family[f"was_{tier}"], 0)
        surplus = family[tier] - family[f"base_{tier}"] - reserve
        if surplus < rule.surplus_min:
            return
        family[tier] -= surplus
        family[f"was_{tier}"] -= surplus
        parts = [surplus * float(share) for share in (rule.gen, rule.rev, rule.com)]
        self.families.append(self._new(*parts, mini=rule.is_mini, week=number))
        self.made += 1

    def _home(self, number: int) -> None:
        least = self.rules.forking.merge_total_min
        for family in self.families[1:]:
            total = family["gen"] + family["rev"] + family["com"]
            is_due = least is not None and total >= least
            if family["mini"]:
                is_due = number >= family["born"] + 156 or total >= 3 * family["start"]
            if is_due:
                main = self.families[0]
                main["com"] += total
                main["was_com"] += family["was_gen"] + family["was_rev"] + family["was_com"]
                self.families = [one for one in self.families if one is not family]
                self.merged += 1

    def total(self) -> float:
        return self.ladder + sum(one["gen"] + one["rev"] + one["com"] for one in self.families)


@pytest.mark.parametrize("rulebook", [classic(), constitution()], ids=["classic", "constitution"])
@pytest.mark.parametrize("least", [0.0, 40_000.0])
def test_each_path_is_what_its_rules_say_one_by_one(rulebook: Rulebook, least: float) -> None:
    terms = Terms(0.3, 2_000.0, (least, least, least / 2))
    weeks, paths = 520, 6
    returns = seeded(4).normal([0.014, 0.011, 0.006], 0.02, size=(weeks, paths, 3))
    world = FamiliesOfPaths(400_000.0, paths, rulebook, terms)
    slow = [Slow(rulebook, terms) for _ in range(paths)]
    for one in slow:
        one.begin(400_000.0)
    for week in range(1, weeks + 1):
        world.live_week(week, returns[week - 1].T)
        for path, one in enumerate(slow):
            one.week(week, returns[week - 1, path])
    assert world.totals() == pytest.approx([one.total() for one in slow], rel=1e-9)
    assert list(world.tally.made) == [one.made for one in slow]
    assert list(world.tally.merged) == [one.merged for one in slow]
    assert min(one.made for one in slow) > 3
    assert (max(one.merged for one in slow) > 0) == (rulebook.name == "constitution")


def test_a_path_under_the_smallest_start_is_ruined_and_stands_still() -> None:
    told = project_realised(
        replace(PLAN, capital=D(20_000), block_weeks=1),
        np.array([[-0.02, -0.02, -0.02]]),
        classic(),
        seeded(),
    )
    # 20,000 x 0.98^39 is 9,096, the first quarter's end below 10,000; nothing moves after it.
    assert told.ruin == told.below_start == told.halved == 1.0
    assert told.fan[3][2] == pytest.approx(20_000 * 0.98**39)
    assert told.fan[-1] == told.fan[3]


def test_sleeves_too_small_to_trade_earn_nothing() -> None:
    weeks = weeks_at_target(classic())
    least = (D(0), D(1_000_000), D(0))
    told = project_realised(replace(PLAN, years=1, least=least), weeks, classic(), seeded())
    assert told.years[0].rev == D("90000.00")
    assert told.years[0].gen == D("123444.37")
    assert told.too_small == (0.0, 1.0, 0.0)


def test_com_is_never_withdrawn_from_and_what_is_missing_is_said() -> None:
    still = np.zeros((1, 3))
    plan = replace(PLAN, years=2, withdrawal=D(120_000), reach=(D(90_000), D(300_000)))
    told = project_realised(plan, still, classic(), seeded())
    assert [year.total for year in told.years] == [D("180000.00"), D("90000.00")]
    assert (told.years[1].gen, told.years[1].com) == (D("0.00"), D("90000.00"))
    assert (told.withdrawn_mean, told.fell_short) == (D("210000.00"), 1.0)
    near, far = told.reached
    assert (near.at_end, near.ever, far.at_end, far.ever) == (1.0, 1.0, 0.0, 1.0)


def test_each_probability_has_bounds_of_its_own() -> None:
    """Wilson's interval, as SciPy reckons it."""
    told = project_realised(
        replace(PLAN, years=1, paths=20, block_weeks=1, reach=(D(1), D(10**12))),
        np.zeros((1, 3)),
        classic(),
        seeded(),
    )
    assert told.ruin_bounds == (0.0, pytest.approx(0.161125, abs=1e-6))
    near, far = told.reached
    assert near.ever_bounds == (pytest.approx(0.838875, abs=1e-6), 1.0)
    assert far.at_end_bounds == told.years[0].reaches_bounds == told.ruin_bounds
    bounds = projection_realised._bounds(np.arange(20) < 8)
    assert bounds == pytest.approx(tuple(binomtest(8, 20).proportion_ci(method="wilson")))


def test_bounds_hold_the_truth_as_often_as_they_say() -> None:
    """A fair coin a path: of 400 projections of 50 paths nineteen in twenty hold one half."""
    chance = seeded(11)
    held = 0
    for _ in range(400):
        low, high = projection_realised._bounds(chance.random(50) < 0.5)
        held += low <= 0.5 <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_ruined_path_pays_nothing_out() -> None:
    told = project_realised(
        replace(PLAN, capital=D(20_000), block_weeks=1, withdrawal=D(400)),
        np.array([[-0.02, -0.02, -0.02]]),
        classic(),
        seeded(),
    )
    # Ruined at the third quarter's end, after which a hundred dollars a quarter are not taken.
    assert told.ruin == told.fell_short == 1.0
    assert told.withdrawn_mean == D("300.00")
    assert told.fan[-1] == told.fan[3]


def test_the_same_seed_makes_the_same_paths_and_more_of_them_change_none() -> None:
    weeks = weeks_of((0.003, 0.002, 0.001), 0.02)
    plan = replace(PLAN, years=2, paths=1_200)
    once = project_realised(plan, weeks, classic(), seeded(3))
    assert once == project_realised(plan, weeks, classic(), seeded(3))
    assert once != project_realised(plan, weeks, classic(), seeded(4))
    some = project_realised(replace(plan, paths=1), weeks, classic(), seeded(3))
    alone = project_realised(replace(plan, paths=1, block_weeks=13), weeks, classic(), seeded(3))
    assert some == alone
    assert once.years[-1].spread == tuple(sorted(once.years[-1].spread))
    assert 0 < once.years[-1].reaches_original + once.below_start < 1


def test_blocks_keep_weeks_in_their_order() -> None:
    """Each drawn block is one run of known weeks round the end, begun at any of them alike."""
    plan = replace(PLAN, years=4, block_weeks=13, paths=2_000)
    drawn = projection_realised._drawn_weeks(40, plan, plan.paths, seeded(5))
    assert drawn.shape == (2_000, 208)
    blocks = drawn.reshape(2_000, 16, 13)
    assert (np.diff(blocks, axis=2) % 40 == 1).all()
    begun = np.bincount(blocks[:, :, 0].ravel(), minlength=40)
    # 800 are expected of each; five deviations of a count are 140.
    assert np.abs(begun - 800).max() < 140
    follows = (blocks[:, 1:, 0] - blocks[:, :-1, -1]) % 40 == 1
    assert follows.mean() == pytest.approx(1 / 40, abs=0.005)


def test_what_weeks_depend_on_is_kept_in_their_blocks() -> None:
    """A quarter that mostly goes one way ends wider than its weeks drawn one by one."""
    runs = np.repeat(seeded(2).choice([-0.01, 0.01], 40), 10)
    weeks = np.tile(runs[:, None], 3)
    plan = replace(PLAN, years=1, paths=1_500)
    kept = project_realised(plan, weeks, classic(), seeded()).years[0].spread
    apart = project_realised(replace(plan, block_weeks=1), weeks, classic(), seeded())
    single = apart.years[0].spread
    assert kept[4] - kept[0] > D("1.7") * (single[4] - single[0])


@pytest.mark.parametrize(
    ("weeks", "changed", "sentence"),
    [
        (np.zeros((0, 3)), {}, "no weeks"),
        (np.zeros((30, 2)), {}, "no weeks"),
        (np.full((30, 3), np.nan), {}, "no figure"),
        (np.full((30, 3), -1.5), {}, "lost more"),
        (np.zeros((25, 3)), {}, "no two blocks of 13"),
        (np.zeros((30, 3)), {"paths": 0}, "one path"),
        (np.zeros((30, 3)), {"years": 0}, "one year or more"),
        (np.zeros((30, 3)), {"capital": D(0)}, "10000"),
        (np.zeros((30, 3)), {"tax": D("-0.1")}, "from 0 to 1"),
        (np.zeros((30, 3)), {"tax": D("1.1")}, "from 0 to 1"),
        (np.zeros((30, 3)), {"withdrawal": D(-1)}, "from 0"),
        (np.zeros((30, 3)), {"least": (D(0), D("NaN"), D(0))}, "from 0"),
        (np.zeros((30, 3)), {"capital": D(9_999)}, "10000"),
        (np.full((30, 3), 0.2), {"years": 12, "paths": 1_000}, "fewer years"),
    ],
)
def test_what_cannot_be_projected_says_why(
    weeks: np.ndarray, changed: dict[str, object], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection_families, "FAMILIES_MAX", 20_000)
    with pytest.raises(CannotProject, match=sentence):
        project_realised(replace(PLAN, **changed), weeks, classic(), seeded())
