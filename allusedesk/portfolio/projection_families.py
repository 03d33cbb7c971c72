"""Families of many paths at once: they earn, fork, come home, set tax aside and pay out."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.accounts import AccountKind
from allusedesk.protocol.rulebook import ForkRule, Rulebook
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
GEN, REV, COM = 0, 1, 2
TIERS = tuple(AccountKind)
# Beyond this many families at once a batch of paths no longer fits an ordinary machine's memory.
FAMILIES_MAX = 8_000_000
_NEVER = np.iinfo(np.int64).max
_DROPPED_SHARE = 4


class TooManyFamilies(Exception):
    """The paths made more families than can be followed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a projection takes beside the rulebook, in dollars and fractions of one.

    `tax` is the part of each quarter's net gain set aside, `withdrawal` what is wanted each
    quarter, `least` the smallest Gen, Rev and Com that can trade at all.
    """

    tax: float
    withdrawal: float
    least: tuple[float, float, float]


class FamiliesOfPaths:
    """The families of `paths` paths; rows 0 to paths - 1 are the main families, forks follow.

    `balance` and `opening` (what the quarter began with) have shape (3, rows): Gen, Rev, Com.
    """

    def __init__(self, capital: float, paths: int, rulebook: Rulebook, terms: Terms) -> None:
        self._rulebook = rulebook
        self._terms = terms
        self._forks = rulebook.forking.forks
        self._paths = paths
        self._used = paths
        accounts = [float(rulebook.account(kind).capital_share) for kind in TIERS]
        start = np.repeat(capital * np.array(accounts)[:, None], paths, axis=1)
        self._path = np.arange(paths, dtype=np.intp)
        self._balance = start.copy()
        self._opening = start.copy()
        self._base = start.copy()
        self._fork_at = self._fork_levels(start, is_mini=False)
        self._start = np.full(paths, np.inf)
        self._due = np.full(paths, _NEVER)
        self._reinvests = np.ones(paths, dtype=np.bool_)
        self._dropped = 0
        self.is_ruined = np.zeros(paths, dtype=np.bool_)
        self.tally = Tally.of(paths)

    def live_week(self, week: int, returns: Floats) -> None:
        """Income, then (each thirteenth week) the quarter, then forks, then those who come home.

        `returns` has shape (3, paths); `week` counts from 1. Raises TooManyFamilies.
        """
        self._earn(np.where(self.is_ruined, 0.0, returns))
        if week % QUARTER_WEEKS == 0:
            self._end_quarter()
        for rule in self._forks:
            self._fork(rule, week)
        self._come_home(week)

    def totals(self) -> Floats:
        """What all families of each path hold, ladder included, tax set aside left out."""
        used = self._used
        held = self._balance[:, :used].sum(axis=0)
        return np.bincount(self._path[:used], held, self._paths) + self.tally.ladder

    def main(self, tier: int) -> Floats:
        """One tier of each path's main family."""
        return self._balance[tier, : self._paths].copy()

    def _earn(self, returns: Floats) -> None:
        used, paths = self._used, self._paths
        growth = 1.0 + returns
        for tier in (GEN, REV, COM):
            balance, least = self._balance[tier, :used], self._terms.least[tier]
            factor = growth[tier][self._path[:used]]
            if least > 0:
                is_small: NDArray[np.bool_] = balance < least
                factor[is_small] = 1.0
                self.tally.weeks_too_small[tier, is_small[:paths]] += 1
            balance *= factor

    def _end_quarter(self) -> None:
        """Tax on what the path gained, the LEAPS part, withdrawals; then a new quarter opens."""
        used, paths, tally = self._used, self._paths, self.tally
        balance, path = self._balance[:, :used], self._path[:used]
        gains = np.maximum(balance - self._opening[:, :used], 0.0)
        if self._terms.tax:
            came = (balance - self._opening[:, :used]).sum(axis=0)
            net = np.bincount(path, came, paths) + tally.losses_carried
            tax = self._terms.tax * np.maximum(net, 0.0)
            tally.losses_carried = np.minimum(net, 0.0)
            whole = np.bincount(path, gains.sum(axis=0), paths)
            part = np.divide(tax, whole, out=np.zeros(paths), where=whole > 0)[path]
            balance -= gains * part
            gains *= 1.0 - part
            tally.tax += tax
        self._lay_out_ladder(gains)
        self._withdraw()
        self._opening[:, :used] = balance
        self._find_ruin()

    def _lay_out_ladder(self, gains: Floats) -> None:
        rules, ladder = self._rulebook.reinvestment, self._rulebook.ladder
        if ladder is None or not ladder.is_on:
            return
        used = self._used
        part = float(rules.leaps / (rules.leaps + rules.contracts))
        for kind in rules.accounts:
            tier = TIERS.index(kind)
            moved = np.where(self._reinvests[:used], gains[tier] * part, 0.0)
            self._balance[tier, :used] -= moved
            self.tally.ladder += np.bincount(self._path[:used], moved, self._paths)

    def _withdraw(self) -> None:
        """What is wanted leaves main Gen and Rev by their sizes; Com is never touched.

        A ruined path stands still, and falls short of what is wanted.
        """
        if not self._terms.withdrawal:
            return
        wanted = np.where(self.is_ruined, 0.0, self._terms.withdrawal)
        main = self._balance[:, : self._paths]
        there = main[GEN] + main[REV]
        taken = np.minimum(wanted, there)
        kept = np.divide(there - taken, there, out=np.zeros_like(there), where=there > 0)
        main[GEN] *= kept
        main[REV] *= kept
        self.tally.withdrawn += taken
        self.tally.fell_short |= self.is_ruined | (there < wanted)

    def _find_ruin(self) -> None:
        """Under the smallest start, or nothing large enough to trade: such a path stands still."""
        used = self._used
        least = np.array(self._terms.least)[:, None]
        held = self._balance[:, :used]
        can_trade = ((held >= least) & (held > 0)).any(axis=0)
        trading = np.bincount(self._path[:used], can_trade, self._paths)
        least_total = float(self._rulebook.capital.start_min)
        self.is_ruined |= (trading == 0) | (self.totals() < least_total)

    def _fork(self, rule: ForkRule, week: int) -> None:
        tier = TIERS.index(rule.account)
        balance = self._balance[tier, : self._used]
        rows = np.flatnonzero(balance >= self._fork_at[tier, : self._used])
        if not rows.size:
            return
        surplus = balance[rows] - self._base[tier, rows]
        if self._terms.tax:
            gain = balance[rows] - self._opening[tier, rows]
            surplus -= self._terms.tax * np.maximum(gain, 0.0)
            is_due = surplus >= float(rule.surplus_min)
            rows, surplus = rows[is_due], surplus[is_due]
        has_room = self._with_room(rows)
        rows, surplus = rows[has_room], surplus[has_room]
        self._balance[tier, rows] -= surplus
        self._opening[tier, rows] -= surplus
        shares = np.array([float(rule.gen), float(rule.rev), float(rule.com)])
        self._append(self._path[rows], shares[:, None] * surplus, rule, week)

    def _with_room(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of the rows may fork while no path has more forks than the rulebook allows."""
        most = self._rulebook.forking.families_max
        path = self._path[rows]
        made = np.ones(len(rows), dtype=np.bool_)
        if most is not None:
            order = np.argsort(path, kind="stable")
            ranked = path[order]
            rank = np.arange(len(rows)) - np.searchsorted(ranked, ranked, side="left")
            made[order] = self.tally.active[ranked] + rank < most
        np.add.at(self.tally.active, path[made], 1)
        np.add.at(self.tally.made, path[made], 1)
        return made

    def _append(self, path: Rows, balance: Floats, rule: ForkRule, week: int) -> None:
        first, last = self._used, self._used + len(path)
        if last > len(self._path):
            self._make_room(last)
        place = slice(first, last)
        self._path[place] = path
        self._balance[:, place] = balance
        self._opening[:, place] = balance
        self._base[:, place] = balance
        self._fork_at[:, place] = self._fork_levels(balance, is_mini=rule.is_mini)
        self._start[place] = balance.sum(axis=0)
        mini = self._rulebook.forking.mini if rule.is_mini else None
        self._due[place] = _NEVER if mini is None else week + mini.years_max * WEEKS_OF_A_YEAR
        self._reinvests[place] = not rule.is_mini
        self._used = last

    def _fork_levels(self, balance: Floats, *, is_mini: bool) -> Floats:
        """The balances from which each tier forks; infinite where it never does."""
        levels = np.full_like(balance, np.inf)
        for rule in () if is_mini else self._forks:
            tier = TIERS.index(rule.account)
            levels[tier] = balance[tier] + float(rule.surplus_min)
        return levels

    def _come_home(self, week: int) -> None:
        """Forks of the merging size, and minis by age or multiple, go to the main Com."""
        first, used = self._paths, self._used
        if first == used:
            return
        total = self._balance[:, first:used].sum(axis=0)
        least, mini = self._rulebook.forking.merge_total_min, self._rulebook.forking.mini
        is_due = total >= (np.inf if least is None else float(least))
        if mini is not None:
            is_mini = self._due[first:used] != _NEVER
            is_due |= is_mini & (total >= self._start[first:used] * float(mini.multiple))
            is_due |= week >= self._due[first:used]
        found = np.flatnonzero(is_due)
        if not found.size:
            return
        rows = found + first
        path = self._path[rows]
        np.add.at(self._balance[COM], path, total[found])
        np.add.at(self._opening[COM], path, self._opening[:, rows].sum(axis=0))
        np.add.at(self.tally.active, path, -1)
        np.add.at(self.tally.merged, path, 1)
        self._drop(rows)

    def _drop(self, rows: Rows) -> None:
        """Empty the rows; where many are empty, close the gaps."""
        self._balance[:, rows] = self._opening[:, rows] = 0.0
        self._fork_at[:, rows] = self._start[rows] = np.inf
        self._due[rows] = _NEVER
        self._dropped += len(rows)
        if self._dropped * _DROPPED_SHARE < self._used - self._paths:
            return
        kept = np.flatnonzero(self._balance[:, self._paths : self._used].any(axis=0))
        kept = np.concatenate([np.arange(self._paths), kept + self._paths])
        for name in _COLUMNS:
            column = getattr(self, name)
            column[..., : len(kept)] = column[..., kept]
        self._used, self._dropped = len(kept), 0

    def _make_room(self, wanted: int) -> None:
        if wanted > FAMILIES_MAX:
            raise TooManyFamilies
        size = 2 * wanted
        for name in _COLUMNS:
            column = getattr(self, name)
            grown = np.zeros((*column.shape[:-1], size), dtype=column.dtype)
            grown[..., : self._used] = column[..., : self._used]
            setattr(self, name, grown)


_COLUMNS = ("_path", "_balance", "_opening", "_base", "_fork_at", "_start", "_due", "_reinvests")
QUARTER_WEEKS = 13


@dataclass(slots=True)
class Tally:
    """What happened to each path so far; money in dollars, `weeks_too_small` of shape (3, paths).

    `losses_carried` is zero or less: what later gains make up for before tax is due.
    """

    tax: Floats
    losses_carried: Floats
    ladder: Floats
    withdrawn: Floats
    fell_short: NDArray[np.bool_]
    active: NDArray[np.int64]
    made: NDArray[np.int64]
    merged: NDArray[np.int64]
    weeks_too_small: NDArray[np.int64]

    @staticmethod
    def of(paths: int) -> Tally:
        tax, losses, ladder, withdrawn = np.zeros((4, paths))
        active, made, merged = np.zeros((3, paths), dtype=np.int64)
        is_short, small = np.zeros(paths, dtype=np.bool_), np.zeros((3, paths), dtype=np.int64)
        return Tally(tax, losses, ladder, withdrawn, is_short, active, made, merged, small)

    @staticmethod
    def joined(tallies: list[Tally]) -> Tally:
        """The tallies of several batches of paths as one."""
        return Tally(
            *(
                np.concatenate([getattr(one, field.name) for one in tallies], axis=-1)
                for field in fields(Tally)
            )
        )
