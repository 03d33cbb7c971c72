"""Gathers the licence of every library that is frozen with the desk: `licences.py FOLDER`."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from bundled import ROOT, bundled

_TEXT = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)


def texts_of(library: Distribution) -> list[Path]:
    """The files in which a library tells its licence, as it was installed."""
    found = [
        Path(str(library.locate_file(file)))
        for file in library.files or []
        if _TEXT.match(file.name) and file.suffix in ("", ".txt", ".md", ".rst", ".APACHE", ".BSD")
    ]
    return sorted(path for path in found if path.is_file())


def gather(folder: Path) -> None:
    """Write `folder` anew: one folder for each library, and the notices over all of them."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", folder / "ALL-USE-Desk.txt")
    shutil.copyfile(ROOT / "THIRD-PARTY.md", folder / "THIRD-PARTY.md")
    for name in sorted(bundled()):
        library = distribution(name)
        target = folder / f"{name}-{library.version}"
        target.mkdir()
        for number, text in enumerate(texts_of(library)):
            label = text.name if not (target / text.name).exists() else f"{number}-{text.name}"
            shutil.copyfile(text, target / label)
        said = library.metadata
        classifiers = [line for line in said.get_all("Classifier") or [] if "License" in line]
        lines = [
            f"{said['Name']} {library.version}",
            f"Licence: {said.get('License-Expression') or said.get('License') or ''}".strip(),
            *classifiers,
        ]
        (target / "SAID-OF-ITSELF.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
