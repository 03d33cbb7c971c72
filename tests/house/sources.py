"""The files of the project as the house tests see them."""

from __future__ import annotations

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "allusedesk"
HANDBOOK = ROOT / "resources" / "handbook"

# Without git (an unpacked archive) these folders are passed over.
_PASSED_OVER = {".git", ".hypothesis", "out", "build", "dist", "__pycache__"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is tracked or about to be, sorted; what git ignores is left out."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = {ROOT / name for name in listed.stdout.split("\0") if name}
    else:
        found = {
            path
            for path in ROOT.rglob("*")
            if not any(
                part in _PASSED_OVER or part.startswith(".venv") or part.endswith("_cache")
                for part in path.relative_to(ROOT).parts
            )
        }
    return tuple(sorted(path for path in found if path.is_file()))


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def package_modules() -> dict[str, Path]:
    """Dotted name to file of every module of the product, packages included."""
    modules = {}
    for path in python_files():
        if path.is_relative_to(PACKAGE):
            parts = path.relative_to(ROOT).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def handbook_text() -> str:
    pages = [path for path in project_files() if path.is_relative_to(HANDBOOK)]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages if page.suffix == ".md")
