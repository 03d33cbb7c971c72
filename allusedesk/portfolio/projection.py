"""The ten-year projection as the protocol wrote it, to the cent (protocol, section 13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import CENT
from allusedesk.protocol.rulebook import ForkRule, Rulebook
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

GEN, REV, COM = AccountKind
_NONE = Decimal(0)
# Each week multiplies by five more digits, far beyond what a cent needs after ten years.
DIGITS = 60
# Forks fork in their turn: tenfold in five years, beyond what anybody waits for after twenty.
FORKS_MAX = 40_000


class CannotProject(Exception):
    """The capital or the span cannot be projected; says why."""


@dataclass(frozen=True, slots=True)
class ProjectedYear:
    """Balances at the end of a year, rounded to the cent each; `forks` is all forks together."""

    year: int
    gen: Decimal
    rev: Decimal
    com: Decimal
    forks: Decimal
    total: Decimal
    forks_active: int
    forks_made: int
    merges: int


@dataclass(slots=True)
class _Family:
    """A family on its way through the weeks; `base` is what its Gen forks from."""

    gen: Decimal
    rev: Decimal
    com: Decimal
    base: Decimal

    @property
    def total(self) -> Decimal:
        return self.gen + self.rev + self.com


@dataclass(slots=True)
class _World:
    main: _Family
    forks: list[_Family] = field(default_factory=list)
    made: int = 0
    merged: int = 0


def project_original(capital: Decimal, years: int, rulebook: Rulebook) -> tuple[ProjectedYear, ...]:
    """Every year of the projection: targets met each week, forks and merges, no tax, no risk.

    Sleeves too small to trade earn their target here all the same; that is the model. Raises
    CannotProject for a capital under the rulebook's smallest, for no whole year, and for so many
    that more than `FORKS_MAX` forks would have to be followed.
    """
    _refuse_too_little(capital, rulebook)
    if years < 1:
        raise CannotProject(f"A projection needs one year or more, not {years}.")
    with localcontext(prec=DIGITS):
        return tuple(_years(capital, years, rulebook))


def original_totals(capital: Decimal, weeks: int, rulebook: Rulebook) -> tuple[Decimal, ...]:
    """The same projection week by week: the whole at the start and after each of so many weeks.

    Raises CannotProject for a capital under the rulebook's smallest.
    """
    _refuse_too_little(capital, rulebook)
    with localcontext(prec=DIGITS):
        world = _begun(capital, rulebook)
        found = [capital]
        for _ in range(weeks):
            _live_week(world, rulebook)
            found.append(_cents(world.main.total + sum((one.total for one in world.forks), _NONE)))
    return tuple(found)


def _refuse_too_little(capital: Decimal, rulebook: Rulebook) -> None:
    least = rulebook.capital.start_min
    if capital < least:
        raise CannotProject(f"The smallest start capital is {least}, so {capital} is too little.")


def _begun(capital: Decimal, rulebook: Rulebook) -> _World:
    accounts = rulebook.accounts
    gen = capital * accounts.gen.capital_share
    rev, com = capital * accounts.rev.capital_share, capital * accounts.com.capital_share
    return _World(_Family(gen, rev, com, gen))


def _years(capital: Decimal, years: int, rulebook: Rulebook) -> Iterator[ProjectedYear]:
    world = _begun(capital, rulebook)
    for year in range(1, years + 1):
        for _ in range(WEEKS_OF_A_YEAR):
            _live_week(world, rulebook)
            if len(world.forks) > FORKS_MAX:
                raise CannotProject(
                    f"In year {year} there are more than {FORKS_MAX:,} forks of forks, more than "
                    f"can be followed: ask for {year - 1} years at most, or for less capital."
                )
        yield _row(year, world)


def _live_week(world: _World, rulebook: Rulebook) -> None:
    """Income first, then main Gen, then every fork's Gen, then merges; quarters change nothing."""
    for family in (world.main, *world.forks):
        _earn(family, rulebook)
    rule = next((item for item in rulebook.forking.forks if item.account is GEN), None)
    if rule is not None:
        _fork(world.main, world, rule)
        # A fork made in this pass joins it, so the list grows while it is read.
        for family in world.forks:
            _fork(family, world, rule)
    least = rulebook.forking.merge_total_min
    if least is None:
        return
    staying = []
    for family in world.forks:
        if family.total < least:
            staying.append(family)
            continue
        world.main.com += family.total
        world.merged += 1
    world.forks = staying


def _earn(family: _Family, rulebook: Rulebook) -> None:
    condition = rulebook.condition
    deployed = condition.standard if condition is not None else Decimal(1)
    family.gen *= 1 + deployed * rulebook.account(GEN).weekly_target
    family.rev *= 1 + deployed * rulebook.account(REV).weekly_target
    family.com *= 1 + deployed * rulebook.account(COM).weekly_target


def _fork(family: _Family, world: _World, rule: ForkRule) -> None:
    surplus = family.gen - family.base
    if surplus < rule.surplus_min:
        return
    family.gen = family.base
    gen = surplus * rule.gen
    world.forks.append(_Family(gen, surplus * rule.rev, surplus * rule.com, gen))
    world.made += 1


def _row(year: int, world: _World) -> ProjectedYear:
    main, forks = world.main, Decimal(0)
    for family in world.forks:
        forks += family.total
    return ProjectedYear(
        year,
        _cents(main.gen),
        _cents(main.rev),
        _cents(main.com),
        _cents(forks),
        _cents(main.total + forks),
        len(world.forks),
        world.made,
        world.merged,
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
