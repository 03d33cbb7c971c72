"""`allusedesk risk` and `allusedesk stress`: a desk's book measured, as its journal has it."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Commands, Refusal, wants_json
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json

if TYPE_CHECKING:
    from allusedesk.engine.what_if.book import BookRisk, MarketFigures
    from allusedesk.wiring.book_on_record import BookOnRecord

_DAYS_MAX = 20


def add_commands(commands: Commands) -> None:
    """Add `risk` and `stress`."""
    risk = commands.add_parser(
        "risk",
        help="value at risk three ways and its record, betas, ways out, limits with both edges",
        example="allusedesk risk out/rehearsal.journal --data resources/sample_market",
    )
    _add_book(risk)
    risk.add_argument(
        "--confidence",
        type=_confidence,
        default=0.99,
        help="of the loss told, 0.99 if left out",
    )
    risk.add_argument(
        "--days",
        type=_days,
        default=1,
        help="sessions ahead, 1 if left out",
    )
    risk.add_argument(
        "--seed", type=arguments.whole_from_zero, default=1, help="of the simulation (1)"
    )
    risk.set_defaults(command=_risk)
    stress = commands.add_parser(
        "stress",
        help="what the worst days of history, rates and scenarios of your own would cost the book",
        example="allusedesk stress out/rehearsal.journal",
    )
    _add_book(stress)
    stress.add_argument(
        "--scenarios",
        type=Path,
        metavar="FILE",
        help="your own in TOML, beside those of history",
    )
    stress.set_defaults(command=_stress)


def _add_book(command: CommandParser) -> None:
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.add_argument(
        "--at", type=arguments.day, metavar="DAY", help="the book as it stood at the end of a day"
    )
    add_prices(command, "prices to measure on (else those the journal saw)")


def _confidence(text: str) -> float:
    value = float(arguments.number(text))
    if not 0.5 < value < 1.0:  # noqa: PLR2004 - a half is the middle, not a tail
        raise ArgumentTypeError(f"{text} must lie between 0.5 and 1, such as 0.99")
    return value


def _days(text: str) -> int:
    value = arguments.whole_above_zero(text)
    if value > _DAYS_MAX:
        raise ArgumentTypeError(f"{text} must be at most {_DAYS_MAX}")
    return value


def _risk(options: Namespace) -> int:
    from allusedesk.cli.risk_tables import edge_in_json, exit_in_json, print_risk
    from allusedesk.engine.what_if.book import with_their_sum
    from allusedesk.risk.backtesting_of_var import judge_record
    from allusedesk.wiring.book_on_record import var_history

    book, figures, found = _measured(options)
    days = var_history(book.closes, figures.table, options.confidence)
    records = [
        judge_record(each, options.confidence) if each else None
        for each in (days.held, days.traded)
    ]
    if wants_json(options):
        print_json(
            {
                **_brief(options, found),
                "lots": found.lots,
                "losses": found.losses,
                "edges": [edge_in_json(one) for one in found.edges],
                "beta_weighted": with_their_sum(found.betas),
                "concentration": found.issuers,
                "exits": [exit_in_json(one) for one in found.exits],
                "record": {"held": records[0], "traded": records[1]},
                "record_days": days,
                "notes": found.notes,
            }
        )
        return DONE
    print_risk(found, records[0], records[1])
    return DONE


def _stress(options: Namespace) -> int:
    from allusedesk.cli.risk_tables import print_stress

    _, _, found = _measured(options)
    if wants_json(options):
        print_json(
            {
                **_brief(options, found),
                "scenarios": found.scenarios,
                "rate_shifts": [
                    {"change": shift, "gain": round(gain, 2)} for shift, gain in found.rates
                ],
                "notes": found.notes,
            }
        )
        return DONE
    print_stress(found)
    return DONE


def _measured(options: Namespace) -> tuple[BookOnRecord, MarketFigures, BookRisk]:
    import numpy as np

    from allusedesk.cli.desk_options import refused_plainly
    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.cli.progress import steps_passing
    from allusedesk.engine.what_if.book import CONFIDENCE, book_risk
    from allusedesk.risk.scenarios import ScenariosRefused
    from allusedesk.wiring.book_on_record import book_on_record
    from allusedesk.wiring.risk_texts import edges_shipped, scenarios_of, scenarios_shipped

    with refused_plainly(), journal_opened(options.journal) as reader:
        with steps_passing(reader.head()[0], "reading the journal") as done:
            book = book_on_record(reader, options.at, done)
        figures = _figures(options, book)
        try:
            own = getattr(options, "scenarios", None)
            scenarios = (*scenarios_shipped(), *(scenarios_of(own) if own is not None else ()))
        except ScenariosRefused as refusal:
            raise Refusal(str(refusal)) from refusal
        found = book_risk(
            book.state,
            book.snapshot,
            figures,
            scenarios,
            edges_shipped(),
            np.random.default_rng(getattr(options, "seed", 1)),
            getattr(options, "confidence", CONFIDENCE),
            getattr(options, "days", 1),
        )
    return book, figures, found


def _figures(options: Namespace, book: BookOnRecord) -> MarketFigures:
    from allusedesk.wiring.book_on_record import figures_on_record
    from allusedesk.wiring.choices import exchange_calendar
    from allusedesk.wiring.market_figures import figures_of, history_for_risk, last_known

    if not options.data:
        return figures_on_record(book)
    last = last_known(book.snapshot.taken_at)
    history = history_for_risk(
        options.data, book.symbols, book.state.trend_symbol, exchange_calendar(), last
    )
    return figures_of(history, book.symbols, last)


def _brief(options: Namespace, found: BookRisk) -> dict[str, object]:
    return {"journal": options.journal.resolve(), "at": found.at, "equity": found.equity}
