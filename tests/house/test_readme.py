from __future__ import annotations

import re

from tests.house.sources import ROOT, project_files

# How many folders deep the tree in the README goes, by top folder. The folders of the tests are
# those of the product again.
DEPTHS = {"allusedesk": 3, "resources": 2, "tests": 1, "packaging": 1}


def folders_on_disk() -> set[str]:
    found = set()
    for path in project_files():
        parts = path.relative_to(ROOT).parts[:-1]
        if parts and parts[0] in DEPTHS:
            found |= {"/".join(parts[: n + 1]) for n in range(min(len(parts), DEPTHS[parts[0]]))}
    return found


def folders_in_readme() -> set[str]:
    """Read the block that starts with `allusedesk/`: two spaces of indent for each level."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(allusedesk/.*?)```", text, flags=re.DOTALL)
    assert block, "README.md has no folder tree"
    above: list[str] = []
    found = set()
    for line in block[1].splitlines():
        if folder := re.match(r"( *)(\w+)/", line):
            above = [*above[: len(folder[1]) // 2], folder[2]]
            found.add("/".join(above))
    return found


def test_the_tree_in_the_readme_is_the_tree_on_disk() -> None:
    assert folders_in_readme() == folders_on_disk()


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in text
    assert "make test" in text
