"""`allusedesk project --model realised`: what the desk's own weeks would make of a capital."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Refusal, wants_json
from allusedesk.cli.printing import plain, print_json, print_pairs, print_table
from allusedesk.domain.accounts import AccountKind

if TYPE_CHECKING:
    from allusedesk.portfolio.projection_realised import ProjectionPlan, RealisedProjection
    from allusedesk.reports.statement import ProjectionFan
    from allusedesk.wiring.laboratory.own_weeks import OwnWeeks

_PATHS_MAX = 200_000
_TIERS = tuple(kind.value for kind in AccountKind)
DOUBT = (
    "In brackets: 95% by the number of paths alone. That the weeks drawn from may have been "
    "luckier than those to come is neither in them nor in the fan."
)
# One stem for all files of a projection.
STEM = "projection"


def add_realised_options(command: CommandParser) -> None:
    """What only `--model realised` asks for."""
    command.add_argument(
        "--weeks",
        type=Path,
        metavar="FILE",
        help="realised: whose weeks are drawn from, a journal or results of the laboratory",
    )
    command.add_argument(
        "--run",
        type=arguments.whole_above_zero,
        metavar="NUMBER",
        help="realised: which backtest of the laboratory's results; its newest if left out",
    )
    command.add_argument(
        "--paths", type=arguments.whole_above_zero, default=10_000, help="realised: 10000"
    )
    command.add_argument(
        "--block",
        type=arguments.whole_above_zero,
        default=13,
        metavar="WEEKS",
        help="realised: weeks drawn together, 13 if left out",
    )
    command.add_argument(
        "--seed", type=arguments.whole_from_zero, default=1, help="realised: of the draws"
    )
    command.add_argument(
        "--tax",
        type=arguments.fraction,
        metavar="PART",
        help="realised: part of each quarter's net gain set aside; the rulebook's if left out",
    )
    command.add_argument(
        "--withdraw",
        type=arguments.number_from_zero,
        default=Decimal(0),
        metavar="DOLLARS",
        help="realised: taken from Gen and Rev each year, a quarter at a time",
    )
    command.add_argument(
        "--least",
        type=_least,
        metavar="SLEEVES",
        help="realised: the smallest sleeves that trade, such as 'gen=16000;rev=9000;com=9000'; "
        "by the cheapest puts of the record if left out",
    )
    command.add_argument(
        "--reach",
        type=arguments.number_above_zero,
        action="append",
        default=[],
        metavar="DOLLARS",
        help="realised: a total whose probability is told; may stand several times",
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="realised: a folder for the chart (SVG, PNG), the table (CSV) and all of it (JSON)",
    )


def project_realised_weeks(options: Namespace) -> int:
    """Draw, tell, and write what was asked for."""
    import numpy as np

    from allusedesk.cli.rulebook_choice import rulebook_chosen
    from allusedesk.portfolio.projection import CannotProject
    from allusedesk.portfolio.projection_realised import project_realised

    if options.weeks is None:
        raise Refusal(
            "A realised projection draws from weeks that were lived: name a journal, or results of "
            "the laboratory, with --weeks."
        )
    if options.paths > _PATHS_MAX:
        raise Refusal(f"{options.paths} paths tell no more than {_PATHS_MAX}: ask for fewer.")
    weeks = _weeks_of(options.weeks, options.run)
    if len(weeks.returns) == 1:
        raise Refusal(
            "A record of 1 week has nothing to draw from, since every year would be that week "
            "again: give a longer one."
        )
    rulebook = weeks.rulebook if options.rulebook is None else rulebook_chosen(options.rulebook)
    plan = _plan(options, weeks, rulebook.reinvestment.tax)
    try:
        told = project_realised(plan, weeks.returns, rulebook, np.random.default_rng(options.seed))
    except CannotProject as refusal:
        raise Refusal(str(refusal)) from refusal
    answer = _answer(options, told, weeks, rulebook.id)
    if options.out is not None:
        _write(options.out, told, weeks, answer)
    if wants_json(options):
        print_json(answer)
    else:
        _print(told, weeks, options.out)
    return DONE


def _weeks_of(path: Path, run: int | None) -> OwnWeeks:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.cli.trial_options import trials_refused_plainly
    from allusedesk.journal.results import RESULTS_NAME, ResultsFile
    from allusedesk.wiring.laboratory.own_weeks import weeks_of_journal, weeks_of_results

    with trials_refused_plainly():
        if path.suffix == Path(RESULTS_NAME).suffix or run is not None:
            return weeks_of_results(ResultsFile(path), run)
        with journal_read(path) as side:
            return weeks_of_journal(side, path.name)


def _plan(options: Namespace, weeks: OwnWeeks, tax: Decimal) -> ProjectionPlan:
    from allusedesk.portfolio.projection_realised import ProjectionPlan

    return ProjectionPlan(
        capital=options.capital,
        years=options.years,
        paths=options.paths,
        block_weeks=options.block,
        tax=tax if options.tax is None else options.tax,
        withdrawal=options.withdraw,
        least=weeks.least if options.least is None else options.least,
        reach=tuple(options.reach),
    )


def _answer(
    options: Namespace, told: RealisedProjection, weeks: OwnWeeks, rulebook: str
) -> dict[str, Any]:
    from allusedesk.portfolio.projection_realised import PERCENTS

    means = weeks.returns.mean(axis=0)
    targets = [weeks.rulebook.account(kind).weekly_target for kind in AccountKind]
    return {
        "model": "realised",
        "rulebook": rulebook,
        "capital": options.capital,
        "qualifier": "modelled" if weeks.modelled else "measured",
        "weeks_from": weeks.told,
        "weeks_mean": dict(zip(_TIERS, [float(mean) for mean in means], strict=True)),
        "weeks_target": dict(zip(_TIERS, targets, strict=True)),
        "seed": options.seed,
        "percents": PERCENTS,
        **{field.name: getattr(told, field.name) for field in fields(told)},
    }


def _print(told: RealisedProjection, weeks: OwnWeeks, out: Path | None) -> None:
    print(f"Drawn from {weeks.told}")
    print()
    means = weeks.returns.mean(axis=0)
    rows = [
        (
            kind.label,
            _percent(float(mean)),
            _percent(float(weeks.rulebook.account(kind).weekly_target)),
        )
        for kind, mean in zip(AccountKind, means, strict=True)
    ]
    print_table(("sleeve", "mean week", "target"), rows)
    print()
    titles = ("year", "5%", "25%", "median", "75%", "95%", "targets", "reach them", "forks")
    print_table(
        titles,
        [
            (
                year.year,
                *(amount.quantize(Decimal(1)) for amount in year.spread),
                year.original.quantize(Decimal(1)),
                _likely(year.reaches_original, year.reaches_bounds),
                year.forks_active,
            )
            for year in told.years
        ],
    )
    print()
    print_pairs([*_pairs(told), *_files(out)])
    print()
    print(DOUBT)


def _pairs(told: RealisedProjection) -> list[tuple[str, object]]:
    plan, low, high = told.plan, 0, -1
    sleeves = [
        f"{tier} under {least:,.0f} USD ({_percent(share)} of weeks)"
        for tier, least, share in zip(_TIERS, plan.least, told.too_small, strict=True)
        if least
    ]
    return [
        ("paths", f"{plan.paths:,} of {plan.years} years, blocks of {plan.block_weeks} weeks"),
        (
            "ruined",
            f"{_likely(told.ruin, told.ruin_bounds)}: less than the smallest start, or no lot",
        ),
        ("halved at some time", _likely(told.halved, told.halved_bounds)),
        ("under the start at the end", _likely(told.below_start, told.below_start_bounds)),
        *(
            (
                f"reach {one.total:,.0f} USD",
                (
                    f"{_likely(one.at_end, one.at_end_bounds)} at the end, "
                    f"{_likely(one.ever, one.ever_bounds)} at some time"
                ),
            )
            for one in told.reached
        ),
        ("forks made, 5% to 95%", f"{told.forks_made[low]} to {told.forks_made[high]}"),
        ("forks come home", f"{told.merges[low]} to {told.merges[high]}"),
        ("too small to trade", "; ".join(sleeves) or "not looked at"),
        ("tax set aside, mean", f"{told.tax_mean:,.0f} USD ({_percent(float(plan.tax))} of gains)"),
        ("LEAPS set apart, mean", f"{told.ladder_mean:,.0f} USD, kept at cost"),
        (
            "withdrawn, mean",
            f"{told.withdrawn_mean:,.0f} USD; {_percent(told.fell_short)} fell short",
        ),
    ]


def _likely(part: float, bounds: tuple[float, float]) -> str:
    """A probability with the bounds that the number of paths leaves it."""
    return f"{_percent(part)} ({100 * bounds[0]:.2f} to {100 * bounds[1]:.2f})"


def _files(out: Path | None) -> list[tuple[str, object]]:
    return [] if out is None else [("written", out / f"{STEM}.svg, .png, .csv, .json")]


def _write(out: Path, told: RealisedProjection, weeks: OwnWeeks, answer: dict[str, Any]) -> None:
    """Chart and figures side by side; a file that is there already is replaced whole."""
    import json

    from allusedesk.cli.new_files import nothing_half_written, whole_text_file
    from allusedesk.reports.paper.fan_drawing import draw_fan
    from allusedesk.resource_files import resource_path

    fan = _fan(told, weeks)
    with nothing_half_written(out, replaced=(STEM,)):
        for form in ("svg", "png"):
            draw_fan(fan, out / f"{STEM}.{form}", form, resource_path("fonts"))
        with whole_text_file(out / f"{STEM}.json") as file:
            file.write(json.dumps(plain(answer), indent=2) + "\n")
        with whole_text_file(out / f"{STEM}.csv") as file:
            file.write(
                "year,gen,rev,com,forks,total,p05,p25,p50,p75,p95,original,"
                "reach,reach_low,reach_high\n"
            )
            for year in told.years:
                cells = (year.year, year.gen, year.rev, year.com, year.forks, year.total)
                reach = (year.reaches_original, *year.reaches_bounds)
                ends = (*year.spread, year.original, *reach)
                file.write(",".join(str(cell) for cell in (*cells, *ends)) + "\n")


def _fan(told: RealisedProjection, weeks: OwnWeeks) -> ProjectionFan:
    """The quarters as they are drawn: quantiles of the paths, and the targets at whole years."""
    from allusedesk.reports.statement import Qualifier, Series
    from allusedesk.wiring.laboratory.projecting import dollars_of, fan_of

    plan, capital = told.plan, float(told.plan.capital)
    targets = {0: capital} | {4 * one.year: float(one.original) for one in told.years}
    ends = tuple(
        dollars_of(targets[quarter]) if quarter in targets else None
        for quarter in range(len(told.fan))
    )
    return fan_of(
        told,
        f"{capital:,.0f} USD over {plan.years} years: the desk's own weeks, and targets",
        (Series("targets", ends, Qualifier.TARGET),),
        f"Bands: 5% to 95% and 25% to 75% of {plan.paths:,} paths, after "
        f"{float(plan.tax):.0%} tax on gains and {plan.withdrawal:,.0f} USD a year taken "
        f"out; the targets know neither. {weeks.told} No promise.",
    )


def _least(text: str) -> tuple[Decimal, ...]:
    found = dict.fromkeys(_TIERS, Decimal(0))
    for part in text.split(";"):
        tier, _, amount = part.strip().partition("=")
        if tier not in found:
            raise ArgumentTypeError(f"{part!r} is no sleeve, write such as 'gen=16000;rev=9000'")
        found[tier] = arguments.number_from_zero(amount)
    return tuple(found.values())


def _percent(part: float) -> str:
    return f"{100 * part:.2f}%"
