"""`allusedesk advise`: what the past suggests of the coming week, and how good that has been."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Commands, Refusal, wants_json
from allusedesk.cli.desk_options import refused_plainly, symbol
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from allusedesk.learning.scorecard import Score
    from allusedesk.wiring.advice_views import AdviceRecord, TargetRecord


def add_commands(commands: Commands) -> None:
    """Add `advise`."""
    command = commands.add_parser(
        "advise",
        help="the week's forecast, learnt from a journal or a market, scored against base rates",
        example="allusedesk advise --data resources/sample_market --from 2011-01-03 "
        "--to 2012-12-31",
    )
    command.add_argument(
        "--journal", type=Path, metavar="FILE", help="a desk's journal to learn from"
    )
    add_prices(command, "the market's history: a file, an archive or a folder", is_required=True)
    _add_span(command)
    command.add_argument(
        "--keep-models", type=Path, metavar="FOLDER", help="write the models there, as numbers"
    )
    command.add_argument(
        "--check-models", type=Path, metavar="FOLDER", help="compare the models kept there"
    )
    command.set_defaults(command=_advise)


def _add_span(command: CommandParser) -> None:
    command.add_argument(
        "--from", dest="first", type=arguments.day, metavar="DAY", help="first day, of a market"
    )
    command.add_argument(
        "--to", dest="last", type=arguments.day, metavar="DAY", help="last day, of a market"
    )
    command.add_argument(
        "--trend", type=symbol, metavar="SYMBOL", help="what the trend is read from (SPY)"
    )
    command.add_argument(
        "--rulebook", default="classic", metavar="NAME", help="whose conditions (classic)"
    )


def _advise(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_chosen
    from allusedesk.wiring.advice_views import (
        check_models,
        keep_models,
        record_of_journal,
        record_of_market,
    )

    data = tuple(options.data)
    if options.journal is None and (options.first is None or options.last is None):
        raise Refusal("Name a --journal to learn from, or --from and --to of a market.")
    with refused_plainly():
        if options.journal is not None:
            record = record_of_journal(options.journal, data)
        else:
            rules = rulebook_chosen(options.rulebook)
            record = record_of_market(data, options.trend, options.first, options.last, rules)
    kept = keep_models(record, options.keep_models) if options.keep_models else ()
    checked = check_models(record, options.check_models) if options.check_models else ()
    if wants_json(options):
        print_json(_content(record))
        return DONE
    _print(record)
    for file in kept:
        print(f"Kept {file}")
    for line in checked:
        print(line)
    return DONE


def _content(record: AdviceRecord) -> dict[str, object]:
    return {
        "weeks": record.weeks,
        "first": record.first,
        "last": record.last,
        "forecast": record.forecast,
        "targets": [
            {
                "target": one.target,
                "score": one.score,
                "against_guess": one.guess,
                "calibration": one.calibration,
                "drift": one.drift,
                "silence": one.silence,
            }
            for one in record.targets
        ],
    }


def _print(record: AdviceRecord) -> None:
    from allusedesk.domain.forecast_words import record_of
    from allusedesk.learning.overlay import forecast_line

    print(
        f"{record.weeks} weeks, {record.first} to {record.last}; each forecast from those before."
    )
    for one in record.targets:
        print()
        print(f"{one.target.capitalize()}")
        if one.score is None:
            print(f"  silent: {one.silence}" if one.silence else f"  {record_of(None)}")
            continue
        _print_target(one, one.score)
    if record.forecast is not None:
        print()
        print(
            f"Week {record.forecast.week}: {forecast_line(record.forecast.week, record.forecast)}"
        )


def _print_target(one: TargetRecord, score: Score) -> None:
    titles = ("against", "weeks", "log model", "log other", "gain", "95 % from", "to", "verdict")
    rows = [_row("base rates", score)]
    if one.guess is not None:
        rows.append(_row("what mostly followed", one.guess))
    print_table(titles, rows)
    print(f"Brier score {score.brier_model:.3f}, of the base rates {score.brier_base:.3f}.")
    if one.model is not None:
        print(f"Learnt last from {one.model.weeks} weeks, {one.model.first} to {one.model.last}.")
    print_table(
        ("given about", "came about", "times"),
        [(f"{b.expected:.2f}", f"{b.observed:.2f}", b.count) for b in one.calibration],
    )
    for line in one.drift:
        print(f"Drift: {line}")


def _row(name: str, score: Score) -> tuple[object, ...]:
    return (
        name,
        score.weeks,
        f"{score.log_model:.4f}",
        f"{score.log_base:.4f}",
        f"{score.gain:+.4f}",
        f"{score.gain_low:+.4f}",
        f"{score.gain_high:+.4f}",
        "better" if score.is_better else "no better",
    )
