"""`allusedesk import`: vendors' files into an archive, every defect named."""

from __future__ import annotations

import re
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import (
    ANSWER_IS_NO,
    DONE,
    CommandParser,
    Commands,
    Refusal,
    wants_json,
)
from allusedesk.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from allusedesk.market.history import Defect
    from allusedesk.wiring.imports import Preview

_PASSED_OVER_SHOWN = 10
_FILES_ALIKE_SHOWN = 3
_ROWS_COUNTED = re.compile(r" \([\d,]+ such rows, this is the first\)")


def add_commands(commands: Commands) -> None:
    """Add `import`."""
    command: CommandParser = commands.add_parser(
        "import",
        help="prices, VIX, rates, chains and events from files into an archive",
        description="Read whatever the importers know below PATH, list every defect, and store "
        "it. Exit code 1 if a file was refused whole.",
        example="allusedesk import resources/sample_market --out out/archive",
    )
    command.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder to be searched"
    )
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="the archive to write or add to"
    )
    command.add_argument(
        "--dry-run", action="store_true", help="preview and defects only, nothing is written"
    )
    command.add_argument(
        "--adjustment",
        choices=("raw", "splits", "total"),
        help="of prices no adjustment.toml speaks of",
    )
    command.set_defaults(command=_import)


def _import(options: Namespace) -> int:
    from allusedesk.cli.progress import steps_passing
    from allusedesk.market.history import Adjustment, Effect, FileRefused
    from allusedesk.wiring.imports import keep, preview

    if options.out is None and not options.dry_run:
        raise Refusal("Name the archive with --out FOLDER, or only look with --dry-run.")
    declared = None if options.adjustment is None else Adjustment(options.adjustment)
    try:
        with steps_passing(None, "reading"):
            found = preview(tuple(options.paths), declared)
        if not found.values:
            raise Refusal(_nothing_found(found))
        held = None if options.dry_run else keep(found, options.out)
    except FileRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    _answer(options, found, held)
    refused = any(defect.effect is Effect.FILE_REFUSED for defect in found.report.defects)
    return ANSWER_IS_NO if refused else DONE


def _nothing_found(found: Preview) -> str:
    report = found.report
    if report.defects:
        return str(report.defects[0])
    if report.passed_over:
        name, reason = report.passed_over[0]
        more = f" ({len(report.passed_over) - 1} more likewise)" if report.passed_over[1:] else ""
        return f"{name}: {reason}{more}, so nothing was imported: see the layouts in the handbook."
    return "There is no file there, so nothing was imported: check the path."


def _alike_together(defects: Sequence[Defect]) -> Iterator[str]:
    """A sentence for each defect; those of many files that say the same share one."""
    groups: dict[tuple[str, str, str], list[Defect]] = {}
    for defect in defects:
        alike = (defect.field, _ROWS_COUNTED.sub("", defect.reason), str(defect.effect))
        groups.setdefault(alike, []).append(defect)
    for group in groups.values():
        files = {defect.file for defect in group}
        if len(files) <= _FILES_ALIKE_SHOWN:
            yield from map(str, group)
            continue
        rows = sum(defect.count for defect in group)
        yield f"{group[0]}; likewise in {len(files) - 1} more files, {rows:,} times in all."


def _answer(options: Namespace, found: Preview, held: int | None) -> None:
    report = found.report
    by_effect = Counter(str(defect.effect) for defect in report.defects)
    if wants_json(options):
        print_json(
            {
                "archive": None if held is None else options.out.resolve(),
                "held": held,
                "taken": [{"file": file, "gave": gave} for file, gave in report.taken],
                "defects": report.defects,
                "defects_by_effect": by_effect,
                "passed_over": [
                    {"file": file, "reason": reason} for file, reason in report.passed_over
                ],
            }
        )
        return
    print_table(("file", "gave"), report.taken)
    for sentence in _alike_together(report.defects):
        print(sentence)
    for file, reason in report.passed_over[:_PASSED_OVER_SHOWN]:
        print(f"{file}: passed over, {reason}.")
    left = len(report.passed_over) - _PASSED_OVER_SHOWN
    if left > 0:
        print(f"{left} more files were passed over; --json lists them all.")
    effects = ", ".join(f"{count} {effect}" for effect, count in sorted(by_effect.items()))
    print(f"{len(report.taken)} files read, defects: {effects or 'none'}.")
    if held is None:
        print("Nothing was written.")
    else:
        print(f"{options.out} now holds {held} series, chains and lists.")
