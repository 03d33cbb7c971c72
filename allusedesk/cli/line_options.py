"""The options that name a broker and a feed, and the lines made of them and of the settings."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import CommandParser, Refusal

if TYPE_CHECKING:
    from allusedesk.wiring.requests import Connections

_BROKERS = ("interactive_brokers", "alpaca")


def add_line_options(command: CommandParser) -> None:
    """Add whom to trade at, with whose money, and what is known of the past."""
    command.add_argument(
        "--broker",
        choices=_BROKERS,
        help="of a live desk; that of the settings if left out",
    )
    command.add_argument(
        "--real-money",
        action="store_true",
        help="the broker's real account; its practice account if left out",
    )
    command.add_argument(
        "--history",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="files of the past (VIX, daily bars) beside a live feed; may stand several times",
    )


def is_line(feed: list[Path] | None) -> bool:
    """True where what stands behind --feed is a vendor's name, not a file."""
    return feed is not None and len(feed) == 1 and str(feed[0]) in _BROKERS


def connections_of(options: Namespace, *, is_live: bool) -> Connections | None:
    """The lines asked for; None for a recorded market. Hosts, ports and ids are the settings'.

    Raises Refusal where a live desk has no live feed or no broker.
    """
    from dataclasses import replace

    from allusedesk.settings import (
        BrokerChoice,
        FeedChoice,
        SettingsUnreadable,
        desk_home,
        read_settings,
    )
    from allusedesk.wiring.requests import Connections as Lines

    if not is_live and not is_line(options.feed):
        if options.broker or options.real_money:
            raise Refusal("A broker is for a live desk: add --live, or leave --broker out.")
        return None
    try:
        kept = read_settings(desk_home())
    except SettingsUnreadable as damaged:
        raise Refusal(str(damaged)) from damaged
    feed = kept.feed
    if options.feed:
        if not is_line(options.feed):
            raise Refusal(
                f"A live desk needs quotes of now, and {options.feed[0]} is recorded: name "
                "alpaca or interactive_brokers behind --feed, and files behind --history."
            )
        name = str(options.feed[0])
        feed = feed if feed.name == name else FeedChoice(name)
    if feed.name == "recorded":
        raise Refusal("A live desk needs a live feed: name one behind --feed.")
    if not is_live:
        return Lines(BrokerChoice(), feed)
    broker = kept.broker
    if options.broker:
        broker = broker if broker.name == options.broker else BrokerChoice(options.broker)
    if broker.name == "simulated":
        raise Refusal(
            "No broker was connected yet: name one behind --broker, or connect it in the window "
            "under Desk, Connections."
        )
    return Lines(replace(broker, paper=not options.real_money), feed)
