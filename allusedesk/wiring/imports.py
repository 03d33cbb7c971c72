"""The archive's door for those who look at files or keep them, without a desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allusedesk.market.archive.discovery import discover
from allusedesk.market.archive.store import ImportReport, previewed, stored
from allusedesk.market.history import Adjustment
from allusedesk.market.importers.layouts import ImportedValue
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.histories import splits_known


@dataclass(frozen=True, slots=True)
class Preview:
    """What files hold, read but not kept yet."""

    values: tuple[ImportedValue, ...]
    report: ImportReport


def preview(paths: tuple[Path, ...], declared: Adjustment | None = None) -> Preview:
    """Read whatever the importers know below `paths`, every defect noted; raises FileRefused.

    `declared` holds for prices that no `adjustment.toml` speaks of.
    """
    values, report = previewed(discover(paths, declared), exchange_calendar(), splits_known())
    return Preview(values, report)


def keep(found: Preview, archive: Path) -> int:
    """Store what was read in an archive and return how much it then holds; raises FileRefused."""
    return stored(found.values, archive)


def layouts_in(folder: Path) -> tuple[str, ...]:
    """The layout of every file in a folder that an importer knows; raises FileRefused."""
    return tuple(str(file.recognised.layout) for file in discover((folder,)).files)
