"""Whose libraries these are: each locked one has a licence that a closed or open desk may use."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.house.sources import ROOT
from tests.house.test_lock_files import LOCKS, pins

NOTICES = ROOT / "THIRD-PARTY.md"
# What a licence may consist of. LGPL and MPL are read with their notes below.
ALLOWED = re.compile(
    r"MIT(-0|-CMU)?|BSD(-[234]-Clause)?|0BSD|Apache-2\.0|Zlib|CC0-1\.0|PSF-2\.0|ISC|Unlicense|"
    r"Public-Domain|LGPL-3\.0-only|MPL-2\.0"
)
# Used as it comes, as a library that anybody may exchange; said in the notices.
LGPL = {"pyside6-essentials", "shiboken6"}
# Files of theirs that are changed stay open; ours are not theirs.
MPL = {"certifi", "hypothesis", "pathspec"}
# The tool that freezes the desk, whose licence lets what it makes be anybody's; development only.
GPL_WITH_EXCEPTION = {"pyinstaller"}
# Chosen among several, or told in words that no list holds.
CHOSEN = {
    "pyside6-essentials": "LGPL-3.0-only",
    "shiboken6": "LGPL-3.0-only",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "scipy": "BSD-3-Clause",
    "skops": "MIT",
    "ib-async": "BSD-2-Clause",
    "aeventkit": "BSD-2-Clause",
    "click-default-group": "Public-Domain",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyinstaller-hooks-contrib": "Apache-2.0",
}
# Only for another system, so not here to be asked.
ABSENT = {"pywin32-ctypes": "BSD-3-Clause", "macholib": "MIT", "pefile": "MIT"}
WORDS = {
    "mit license": "MIT", "mit": "MIT", "bsd license": "BSD", "bsd": "BSD",
    "bsd 2-clause license": "BSD-2-Clause", "bsd 3-clause license": "BSD-3-Clause",
    "apache software license": "Apache-2.0", "apache-2.0": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "apache software license v2": "Apache-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "mpl-2.0": "MPL-2.0",
    "bsd-3-clause": "BSD-3-Clause", "public domain": "Public-Domain",
}  # fmt: skip


def licence_of(name: str) -> str:
    """What a distribution says of itself, in the words of SPDX; empty where it says nothing."""
    if name in CHOSEN:
        return CHOSEN[name]
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ABSENT.get(name, "")
    if said.get("License-Expression"):
        return said["License-Expression"]
    classes = [
        line.rpartition("::")[2].strip()
        for line in said.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    for words in ((said.get("License") or "").splitlines()[:1] or [""])[:1] + classes:
        if words.strip().lower() in WORDS:
            return WORDS[words.strip().lower()]
    return ""


def locked() -> dict[str, str]:
    return pins((ROOT / LOCKS[1]).read_text(encoding="utf-8"))


def is_allowed(licence: str) -> bool:
    """True where one of its alternatives consists of allowed parts only."""
    return any(
        all(ALLOWED.fullmatch(part.strip("() ")) for part in one.split(" AND "))
        for one in licence.split(" OR ")
    )


@pytest.mark.parametrize("name", sorted(set(locked()) - GPL_WITH_EXCEPTION))
def test_every_locked_library_may_be_used(name: str) -> None:
    licence = licence_of(name)
    assert is_allowed(licence), f"{name}: {licence!r}"
    assert ("LGPL" in licence) == (name in LGPL)
    assert ("MPL" in licence) == (name in MPL)


@pytest.mark.parametrize("name", sorted(GPL_WITH_EXCEPTION))
def test_a_tool_under_the_gpl_has_its_exception_and_no_part_in_the_desk(name: str) -> None:
    assert "WITH Bootloader-exception" in licence_of(name)
    said = metadata(name)["License"]
    assert "special exception which allows to use PyInstaller to build" in said
    assert name not in pins((ROOT / LOCKS[0]).read_text(encoding="utf-8"))


def test_the_check_refuses_what_it_must() -> None:
    for licence in ("GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "", "Proprietary"):
        assert not is_allowed(licence), licence
    assert is_allowed("GPL-2.0-only OR MIT")


def test_the_notices_name_every_library_with_its_version_and_licence() -> None:
    text = NOTICES.read_text(encoding="utf-8")
    told = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", text, flags=re.MULTILINE)
    assert {name: (version.strip(), licence.strip()) for name, version, licence in told} == {
        name: (version, licence_of(name)) for name, version in locked().items()
    }
    assert "LGPL-3.0" in text
    assert "MPL-2.0" in text
    assert "DejaVu" in text


def test_no_module_of_ours_imports_a_library_that_is_not_locked() -> None:
    import sys
    from importlib.metadata import packages_distributions

    from tests.house.sources import package_modules, parsed
    from tests.house.test_lock_files import normal
    from tests.house.test_reach import imported_names

    owners = packages_distributions()
    allowed = set(locked())
    found = {
        f"{module}: {name}"
        for module, path in package_modules().items()
        for name in imported_names(parsed(path))
        if (top := name.partition(".")[0]) not in sys.stdlib_module_names
        and top not in ("allusedesk", "_typeshed")
        and not {normal(owner) for owner in owners.get(top, [top])} & allowed
    }
    assert sorted(found) == []
