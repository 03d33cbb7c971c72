"""`allusedesk check`: whether this machine has what the desk needs, a sentence for each."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, wants_json
from allusedesk.cli.printing import print_json

_PYTHON_FIRST, _PYTHON_LAST = (3, 11), (3, 13)
_TRIAL_SECONDS = 5.0
_FREE_MB_MIN = 64
_BYTES_IN_MB = 1_000_000
_LIBRARIES = (
    "numpy",
    "scipy",
    "immutables",
    "sqlite-utils",
    "pydantic",
    "tzdata",
    "reportlab",
    "pypdfium2",
    "rich",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, whether it is as it should be, and what to do if not."""

    name: str
    passed: bool
    sentence: str


def add_commands(commands: Commands) -> None:
    """Add `check`."""
    command = commands.add_parser(
        "check",
        help="environment, settings, connections, resources and journal (exit 1 if not well)",
        example="allusedesk check --journal out/rehearsal.journal",
    )
    command.add_argument(
        "--journal", type=Path, action="append", default=[], metavar="FILE", help="verify it too"
    )
    command.set_defaults(command=_check)


def _check(options: Namespace) -> int:
    looks: tuple[Callable[[], Finding], ...] = (
        _python,
        _libraries,
        _time_zone,
        _settings,
        _folder,
        _crashes,
        _connections,
        _keys,
        _rulebooks,
        _calendar,
        _fonts,
        _sample_market,
    )
    findings = [*(look() for look in looks), *_journals(options.journal)]
    passed = all(finding.passed for finding in findings)
    if wants_json(options):
        print_json({"passed": passed, "checks": findings})
    else:
        for finding in findings:
            print(f"{'well' if finding.passed else 'BAD ':4}  {finding.name}: {finding.sentence}")
    return DONE if passed else ANSWER_IS_NO


def _python() -> Finding:
    passed = _PYTHON_FIRST <= sys.version_info[:2] <= _PYTHON_LAST
    running = ".".join(str(part) for part in sys.version_info[:3])
    need = "" if passed else " The desk needs Python 3.11 to 3.13: set it up with one of these."
    return Finding("Python", passed, f"Python {running} runs the desk.{need}")


def _libraries() -> Finding:
    # Each command is imported at every start, and this module is a tenth of a window's.
    from importlib.metadata import PackageNotFoundError, version

    missing = []
    for name in _LIBRARIES:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        sentence = f"{', '.join(missing)} cannot be found: run packaging/bootstrap.sh again."
        return Finding("libraries", passed=False, sentence=sentence)
    shown = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return Finding("libraries", passed=True, sentence=f"All are installed: {shown}.")


def _time_zone() -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        sentence = "New York time is unknown here: run packaging/bootstrap.sh again."
        return Finding("time zone", passed=False, sentence=sentence)
    return Finding("time zone", passed=True, sentence="New York time is known.")


def _settings() -> Finding:
    from allusedesk.settings import SettingsUnreadable, desk_home, read_settings

    try:
        read_settings(desk_home())
    except SettingsUnreadable as damaged:
        return Finding("settings", passed=False, sentence=str(damaged))
    return Finding("settings", passed=True, sentence=f"Those in {desk_home()} can be read.")


def _folder() -> Finding:
    """Whether a desk could keep its record there, as its start would look."""
    import shutil

    from allusedesk.settings import desk_home

    home = desk_home()
    there = next(one for one in (home, *home.absolute().parents) if one.exists())
    if not os.access(there, os.W_OK):
        sentence = f"{there} cannot be written: give yourself the right, or set ALLUSEDESK_HOME."
        return Finding("folder", passed=False, sentence=sentence)
    free = shutil.disk_usage(there).free // _BYTES_IN_MB
    if free < _FREE_MB_MIN:
        sentence = f"The disk of {there} has {free} MB left: make room for {_FREE_MB_MIN} MB."
        return Finding("folder", passed=False, sentence=sentence)
    return Finding("folder", passed=True, sentence=f"{there} can be written, {free:,} MB are free.")


def _crashes() -> Finding:
    from allusedesk.settings import desk_home
    from allusedesk.wiring.crash_watch import crash_folder

    found = crash_folder(desk_home())
    new = [one for one in found.reports() if one.is_new]
    # What failed once says nothing of whether this machine has what the desk needs.
    sentence = "Nothing has failed that was not looked at."
    if new:
        sentence = f"{len(new)} to be looked at in {found.folder}; the newest: {new[0].what}"
    return Finding("crash reports", passed=True, sentence=sentence)


def _connections() -> Finding:
    """Reach what the settings name, once, as the connections dialog does."""
    from allusedesk.settings import SettingsUnreadable, desk_home, read_settings

    try:
        kept = read_settings(desk_home())
    except SettingsUnreadable as damaged:
        return Finding("connections", passed=False, sentence=str(damaged))
    if kept.broker.name == "simulated" and kept.feed.name == "recorded":
        sentence = "No broker and no live feed are connected: the desk trades on paper."
        return Finding("connections", passed=True, sentence=sentence)
    from allusedesk.wiring.connecting import Trial, try_lines

    try:
        found = try_lines(Trial(kept.broker, kept.feed), _TRIAL_SECONDS, lambda _part, _what: None)
    except ConnectionError as refused:
        return Finding("connections", passed=False, sentence=str(refused))
    return Finding("connections", passed=True, sentence=" ".join(found))


def _keys() -> Finding:
    from allusedesk.credentials import where_kept

    # A machine without a keyring is sound: its desk asks at each start.
    return Finding("keys", passed=True, sentence=where_kept())


def _rulebooks() -> Finding:
    from allusedesk.cli.rulebook_choice import rulebook_read, rulebooks_shipped
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        found = [rulebook_read(name)[0].id for name in rulebooks_shipped()]
    except (RulebookRefused, FileNotFoundError) as refusal:
        return Finding("rulebooks", passed=False, sentence=str(refusal))
    return Finding("rulebooks", bool(found), f"{', '.join(found) or 'None'} can be followed.")


def _calendar() -> Finding:
    from allusedesk.wiring.choices import exchange_calendar

    try:
        calendar = exchange_calendar()
    except FileNotFoundError as missing:
        return Finding("calendar", passed=False, sentence=str(missing))
    sentence = f"The exchange's days are known from {calendar.first} to {calendar.last}."
    return Finding("calendar", passed=True, sentence=sentence)


def _fonts() -> Finding:
    from allusedesk.reports.paper.type_setting import FontMissing, register_fonts
    from allusedesk.resource_files import resource_path

    try:
        register_fonts(resource_path("fonts"))
    except (FontMissing, FileNotFoundError) as missing:
        return Finding("fonts", passed=False, sentence=str(missing))
    return Finding("fonts", passed=True, sentence="Reports can be printed.")


def _sample_market() -> Finding:
    from allusedesk.market.history import FileRefused
    from allusedesk.resource_files import resource_path
    from allusedesk.wiring.imports import layouts_in

    try:
        found = layouts_in(resource_path("sample_market"))
    except (FileRefused, FileNotFoundError) as missing:
        return Finding("sample market", passed=False, sentence=str(missing))
    if not found:
        sentence = "It holds no file an importer knows: restore the checkout or install again."
        return Finding("sample market", passed=False, sentence=sentence)
    sentence = f"{len(found)} files can be read: {', '.join(sorted(set(found)))}."
    return Finding("sample market", passed=True, sentence=sentence)


def _journals(paths: list[Path]) -> Iterator[Finding]:
    if not paths:
        yield Finding("journal", passed=True, sentence="None was named; --journal verifies one.")
        return
    from allusedesk.journal.verification import verify

    for path in paths:
        verdict = verify(path)
        yield Finding(f"journal {path}", verdict.is_intact, verdict.sentence)
