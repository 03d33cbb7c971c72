"""`allusedesk run`: a paper desk without a screen, at the pace of its feed."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, INTERRUPTED, Commands, Refusal, wants_json
from allusedesk.cli.desk_options import add_desk_options, refused_plainly, request_of
from allusedesk.cli.printing import print_json, say

if TYPE_CHECKING:
    from allusedesk.engine.loop import Engine, Observer
    from allusedesk.engine.thread import EngineThread
    from allusedesk.wiring.backups import DailyBackups
    from allusedesk.wiring.paper_desk import PaperDesk
    from allusedesk.wiring.watching import Watch

_LOOK_SECONDS = 0.2
_AS_FAST_AS_IT_GOES = "max"


def add_commands(commands: Commands) -> None:
    """Add `run`."""
    command = commands.add_parser(
        "run",
        help="a paper desk over a recorded market, at a chosen pace; goes on where it stopped",
        example="allusedesk run --paper --headless --feed resources/sample_market "
        "--from 2012-01-02 --to 2012-01-04 --speed max "
        "--symbols 'gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT' --capital 1000000 --approve all "
        "--out out/paper",
    )
    command.add_argument("--paper", action="store_true", help="no real money: always needed")
    command.add_argument("--headless", action="store_true", help="no window: always needed")
    command.add_argument(
        "--feed",
        required=True,
        action="append",
        type=Path,
        metavar="PATH",
        help="a recorded market: a file, an archive or a folder; may stand several times",
    )
    command.add_argument(
        "--speed",
        type=_speed,
        default=Decimal(1),
        help="recorded seconds in each real one, or max (1 if left out: real time)",
    )
    add_desk_options(command)
    command.set_defaults(command=_run)


def _speed(text: str) -> Decimal | None:
    if text == _AS_FAST_AS_IT_GOES:
        return None
    try:
        return arguments.number_above_zero(text)
    except ArgumentTypeError as refusal:
        raise ArgumentTypeError(f"{refusal}, or {_AS_FAST_AS_IT_GOES}") from refusal


def _run(options: Namespace) -> int:
    if not options.paper:
        raise Refusal("Only paper desks can be run: add --paper.")
    if not options.headless:
        raise Refusal("A desk is run without a window: add --headless.")
    from allusedesk.cli.desk_summary import print_summary, summary_of
    from allusedesk.engine.clock import stopwatch

    passed = stopwatch()
    with refused_plainly():
        journal, was_resumed, is_over = _desk_run(options)
        summary = summary_of(journal, passed()) | {"resumed": was_resumed, "finished": is_over}
    if wants_json(options):
        print_json(summary)
    else:
        print_summary(summary)
    if is_over:
        return DONE
    say(f"Stopped by Ctrl-C: {journal} is whole, the same command goes on from there.")
    return INTERRUPTED


def _desk_run(options: Namespace) -> tuple[Path, bool, bool]:
    """Run the desk in its own thread until it ends or somebody stops it."""
    from allusedesk.cli.progress import days_passing
    from allusedesk.engine.thread import EngineThread
    from allusedesk.wiring.paper_desk import build_paper_desk
    from allusedesk.wiring.rehearsal import day_by_day
    from allusedesk.wiring.watching import under_watch

    request = request_of(options, options.feed)
    speed = None if options.speed is None else float(options.speed)
    desks: list[PaperDesk] = []
    watch = _watch()
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

        thread = EngineThread(build)
        is_over = _is_over(thread, desks)
    if thread.fault is not None:
        raise thread.fault
    return desks[0].journal.path, desks[0].was_resumed, is_over


def _watch() -> Watch:
    """As the settings say; damaged ones are set aside, and those of a new desk hold."""
    from allusedesk.settings import Settings, SettingsUnreadable, desk_home, read_settings
    from allusedesk.wiring.watching import Watch

    home = desk_home()
    try:
        return Watch(read_settings(home), home)
    except SettingsUnreadable as damage:
        say(str(damage))
        return Watch(Settings(), home)


def _is_over(thread: EngineThread, desks: list[PaperDesk]) -> bool:
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
