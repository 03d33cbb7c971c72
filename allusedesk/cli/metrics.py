"""`allusedesk metrics`: the figures of a running desk, or those folded from a journal."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, say

if TYPE_CHECKING:
    from allusedesk.monitoring.figures import Figure

_SECONDS = 5.0
_FOUND = 200


def add_commands(commands: Commands) -> None:
    """Add `metrics`."""
    command = commands.add_parser(
        "metrics",
        help="the figures of a running desk that serves them, or of a journal",
        description="The figures of a journal, folded from its entries; without one those of the "
        "desk that runs on this machine and serves them (exit 1 if none answers).",
        example="allusedesk metrics out/rehearsal.journal --name orders",
    )
    command.add_argument(
        "journal", type=Path, nargs="?", metavar="JOURNAL", help="fold this record instead"
    )
    command.add_argument(
        "--port",
        type=_port,
        help="where the desk serves them (the port of the settings if left out)",
    )
    command.add_argument("--name", default="", help="only series whose name holds this")
    command.set_defaults(command=_metrics)


def _port(text: str) -> int:
    from allusedesk.settings import PORT_MAX

    value = arguments.whole_above_zero(text)
    if value > PORT_MAX:
        raise ArgumentTypeError(f"{text} is no port, the last one is {PORT_MAX}")
    return value


def _metrics(options: Namespace) -> int:
    if options.journal is not None and options.port is not None:
        raise Refusal("A journal has no port: leave out one of the two.")
    found = _served(options.port) if options.journal is None else _folded(options.journal)
    if found is None:
        return ANSWER_IS_NO
    known = tuple(found)
    shown = [one for one in known if options.name in one.name]
    if wants_json(options):
        print_json({"count": len(shown), "figures": [_row(one) for one in shown]})
    else:
        for one in shown:
            print(f"{_in_digits(one.value):>20}  {one.key}")
        if not shown:
            say(f"None of {len(known)} series has {options.name!r} in its name, or none yet.")
    return DONE


def _folded(journal: Path) -> Iterable[Figure]:
    from prometheus_client.registry import CollectorRegistry

    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.monitoring.figures import figures
    from allusedesk.monitoring.metrics import EntryMetrics

    registry = CollectorRegistry()
    folding = EntryMetrics(registry)
    with journal_opened(journal) as record:
        for entry in record.read():
            folding.observe(entry)
    return figures(registry)


def _served(port: int | None) -> Iterable[Figure] | None:
    from prometheus_client.parser import text_string_to_metric_families

    from allusedesk.monitoring.endpoint import LOCAL
    from allusedesk.monitoring.figures import figures_of

    asked = _port_chosen() if port is None else port
    line = HTTPConnection(LOCAL, asked, timeout=_SECONDS)
    try:
        line.request("GET", "/metrics")
        answer = line.getresponse()
        text = answer.read().decode("utf-8")
    except (OSError, HTTPException, UnicodeDecodeError) as fault:
        say(
            f"No desk serves its figures on port {asked} of this machine ({type(fault).__name__}): "
            "start one whose settings say is_served = true under [figures], or name a journal."
        )
        return None
    finally:
        line.close()
    if answer.status != _FOUND:
        say(f"Port {asked} answers with {answer.status}, so it is no desk's: give another --port.")
        return None
    try:
        return figures_of(text_string_to_metric_families(text))
    except ValueError:
        say(f"What port {asked} answers are no figures, so it is no desk's: give another --port.")
        return None


def _port_chosen() -> int:
    from allusedesk.settings import SettingsUnreadable, desk_home, read_settings

    try:
        return read_settings(desk_home()).figures.port
    except SettingsUnreadable as damage:
        raise Refusal(str(damage)) from damage


def _row(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "labels": dict(figure.labels),
        "value": figure.value,
        "unit": figure.unit,
        "is_count": figure.is_count,
    }


def _in_digits(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"
