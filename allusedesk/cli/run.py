"""`allusedesk run`: a desk on paper or live, at the pace of its feed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Coroutine
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allusedesk.cli.command_parser import DONE, INTERRUPTED, Commands, Refusal, wants_json
from allusedesk.cli.desk_options import add_desk_options, refused_plainly, request_of, speed
from allusedesk.cli.line_options import add_line_options, connections_of
from allusedesk.cli.printing import print_json, say

if TYPE_CHECKING:
    from allusedesk.cli.screens import Screens
    from allusedesk.engine.loop import Engine, Observer
    from allusedesk.engine.thread import EngineThread
    from allusedesk.settings import Settings
    from allusedesk.wiring.backups import DailyBackups
    from allusedesk.wiring.live_desk import LiveDesk
    from allusedesk.wiring.paper_desk import PaperDesk
    from allusedesk.wiring.requests import Connections
    from allusedesk.wiring.watching import Watch

_LOOK_SECONDS = 0.2


def add_commands(commands: Commands) -> None:
    """Add `run`."""
    command = commands.add_parser(
        "run",
        help="a desk on paper or live, in real or recorded time; goes on where it stopped",
        example="allusedesk run --paper --headless --feed resources/sample_market "
        "--from 2012-01-02 --to 2012-01-04 --speed max "
        "--symbols 'gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT' --capital 1000000 --approve all "
        "--out out/paper",
    )
    command.add_argument("--paper", action="store_true", help="at the simulated broker")
    command.add_argument(
        "--live", action="store_true", help="at a real broker; sends nothing until it is armed"
    )
    command.add_argument("--headless", action="store_true", help="without a window")
    command.add_argument(
        "--feed",
        action="append",
        type=Path,
        metavar="PATH|NAME",
        help="a recorded market (a file, an archive or a folder; may stand several times), or "
        "alpaca or interactive_brokers for quotes of now",
    )
    command.add_argument(
        "--speed",
        type=speed,
        default=Decimal(1),
        help="recorded seconds in each real one, or max (1 if left out: real time)",
    )
    add_line_options(command)
    add_desk_options(command, may_be_now=True)
    command.set_defaults(command=_run)


def _run(options: Namespace) -> int:
    if options.paper is options.live:
        raise Refusal("Say whose broker it is: --paper for the simulated one, or --live.")
    connections = connections_of(options, is_live=options.live)
    _complete(options, connections)
    if not options.headless:
        return _with_window(options, connections)
    from allusedesk.cli.desk_summary import print_summary, summary_of
    from allusedesk.engine.clock import stopwatch

    passed = stopwatch()
    with refused_plainly():
        journal, was_resumed, is_over = _desk_run(options, connections)
        summary = summary_of(journal, passed()) | {"resumed": was_resumed, "finished": is_over}
    if wants_json(options):
        print_json(summary)
    else:
        print_summary(summary)
    if is_over:
        return DONE
    say(f"Stopped by Ctrl-C: {journal} is whole, the same command goes on from there.")
    return INTERRUPTED


def _complete(options: Namespace, connections: Connections | None) -> None:
    """Ask for what this kind of desk needs, and fill in what it has no use for."""
    days = (("first", "--from"), ("last", "--to"))
    if connections is None:
        if not options.feed:
            raise Refusal("A desk needs quotes: name a recorded market or a live feed with --feed.")
        for name, option in (*days, ("approve", "--approve")):
            if getattr(options, name) is None:
                raise Refusal(f"A recorded market needs {option}: add it.")
        return
    from allusedesk.wiring.requests import ASK

    for name, option in days:
        if getattr(options, name) is not None:
            raise Refusal(f"Real time has no days to choose: leave {option} out.")
        setattr(options, name, date.min)
    if options.live and options.approve not in (None, ASK):
        raise Refusal("A live desk asks a person each time: leave --approve out.")
    options.approve = options.approve or ASK


def _with_window(options: Namespace, connections: Connections | None) -> int:
    from dataclasses import replace

    from allusedesk.wiring.requests import DeskRequest

    screens: Screens | None = options.screens
    if screens is None:
        raise Refusal("This program was started without a window: add --headless.")
    data = options.feed if connections is None else options.history
    request = replace(request_of(options, data), connections=connections)
    speed = None if options.speed is None else float(options.speed)
    return screens.open_desk(DeskRequest(request, speed))


def _run_now(options: Namespace, connections: Connections) -> tuple[Path, bool, bool]:
    """Run a desk in real time until somebody stops it."""
    from dataclasses import replace

    from allusedesk.wiring.connecting import open_live
    from allusedesk.wiring.requests import advised
    from allusedesk.wiring.watching import under_watch

    settings, watch = _watch()
    request = replace(request_of(options, options.history), connections=connections)
    request = advised(request, settings.advice)
    desks: list[PaperDesk | LiveDesk] = []

    def build() -> tuple[Engine, Coroutine[Any, Any, None]]:
        desk = open_live(request, (watch.observe,))
        desks.append(desk)
        say(
            f"{connections.mode.value}: {connections.broker.name} with quotes of "
            f"{connections.feed.name}; Ctrl-C ends it."
        )
        watched = desk.watched()
        watch.look_after(watched)
        return desk.engine, under_watch(watch, watched, desk.run())

    return _run_to_its_end(build, desks)


def _desk_run(options: Namespace, connections: Connections | None) -> tuple[Path, bool, bool]:
    """Run the desk in its own thread until it ends or somebody stops it."""
    if connections is not None:
        return _run_now(options, connections)
    from allusedesk.cli.progress import days_passing
    from allusedesk.wiring.paper_desk import build_paper_desk
    from allusedesk.wiring.rehearsal import day_by_day
    from allusedesk.wiring.requests import advised
    from allusedesk.wiring.watching import under_watch

    settings, watch = _watch()
    request = advised(request_of(options, options.feed), settings.advice)
    speed = None if options.speed is None else float(options.speed)
    desks: list[PaperDesk | LiveDesk] = []
    with days_passing(request.first, request.last, "on paper") as progress:
        observers: tuple[Observer, ...] = (watch.observe,)
        if progress is not None:
            observers = (*observers, day_by_day(progress))

        def build() -> tuple[Engine, Coroutine[Any, Any, None]]:
            desk = build_paper_desk(request, speed, observers)
            desks.append(desk)
            watched = desk.watched()
            watch.look_after(watched)
            return desk.engine, under_watch(watch, watched, desk.run())

        return _run_to_its_end(build, desks)


def _run_to_its_end(
    build: Callable[[], tuple[Engine, Coroutine[Any, Any, None]]], desks: list[PaperDesk | LiveDesk]
) -> tuple[Path, bool, bool]:
    """Run what is built, in its own thread: its journal, and whether it was resumed and is over."""
    from allusedesk.engine.thread import EngineThread

    thread = EngineThread(build)
    is_over = _is_over(thread, desks)
    if thread.fault is not None:
        raise thread.fault
    return desks[0].journal.path, desks[0].was_resumed, is_over


def _watch() -> tuple[Settings, Watch]:
    """The settings, and a watch as they say; for damaged ones those of a new desk hold."""
    from allusedesk.settings import Settings, SettingsUnreadable, desk_home, read_settings
    from allusedesk.wiring.watching import Watch

    home = desk_home()
    try:
        settings = read_settings(home)
    except SettingsUnreadable as damage:
        say(str(damage))
        settings = Settings()
    return settings, Watch(settings, home)


def _is_over(thread: EngineThread, desks: list[PaperDesk | LiveDesk]) -> bool:
    """Wait for the engine; False where Ctrl-C ended it, after the fact it was at."""
    from allusedesk.wiring.backups import DailyBackups

    try:
        thread.start()
        backups: DailyBackups | None = None
        while not thread.wait(_LOOK_SECONDS):
            if desks:
                backups = backups or DailyBackups(desks[0].journal.path)
                _look_after(backups)
    except KeyboardInterrupt:
        while not desks and not thread.wait(_LOOK_SECONDS):
            pass
        for desk in desks:
            desk.engine.stop()
        while not thread.wait(_LOOK_SECONDS):
            pass
        return False
    return True


def _look_after(backups: DailyBackups) -> None:
    from allusedesk.journal.faults import JournalFault

    try:
        backups.look()
    except JournalFault as fault:
        say(f"Today's backup failed. {fault}")
