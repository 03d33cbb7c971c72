"""What the catalogue lists, finds and says of definitions it cannot read."""

from __future__ import annotations

from typing import Any

import pytest

from allusedesk.strategy.catalogue import catalogue_of
from tests.strategy.definitions import FOLDER

WHEEL = (FOLDER / "wheel.toml").read_text(encoding="utf-8")
NEWER = WHEEL.replace('version = "1.0"', 'version = "1.10"')
NEW = WHEEL.replace('version = "1.0"', 'version = "1.9"')


class Writer:
    """A registered class that writes a wheel of its own."""

    def definition(self) -> str:
        return WHEEL.replace('name = "wheel"', 'name = "my-wheel"')


class Broken:
    """A registered class whose text is no definition."""

    def definition(self) -> str:
        return "name = 1"


class Faulty:
    """A registered class that fails."""

    def definition(self) -> str:
        raise ValueError("no market")


def test_the_latest_version_is_found_unless_another_is_named() -> None:
    known = catalogue_of({"a": WHEEL, "b": NEWER, "c": NEW})
    found = known.find("wheel")
    assert found is not None
    assert found.definition.version == "1.10"
    named = known.find("wheel@1.0")
    assert named is not None
    assert named.text == WHEEL
    assert known.find("wheel@2.0") is None
    assert known.find("whee") is None


def test_classes_stand_beside_files_and_faults_hide_nothing() -> None:
    known = catalogue_of(
        {"wheel.toml": WHEEL, "twice.toml": WHEEL, "bad.toml": "[[["},
        [("mine", Writer), ("broken", Broken), ("faulty", Faulty)],
    )
    assert [one.definition.id for one in known.strategies] == ["my-wheel@1.0", "wheel@1.0"]
    said = " ".join(known.faults)
    assert len(known.faults) == 4
    for part in ("bad.toml", "twice.toml defines wheel@1.0", "The class broken", "no market"):
        assert part in said


class Raises:
    """A registered class whose making fails in a way of its own."""

    def __init__(self) -> None:
        raise RuntimeError("no licence")


class Mumbles:
    """A registered class that gives something else than a text."""

    def definition(self) -> int:
        return 7


class Mute(Writer):
    """A registered class that would decide, and whose definition asks nobody."""

    def decide(self, _standing: object, _scene: object) -> list[object]:
        return []


class Absent:
    """A registered class whose definition asks it, and that decides nothing."""

    def definition(self) -> str:
        return f"decided_by_class = true\n{WHEEL}"


@pytest.mark.parametrize(
    ("writer", "said"),
    [
        (Raises, "gives no definition (no licence)"),
        (Mumbles, "gives no text"),
        (Mute, "would never be asked"),
        (Absent, "needs a registered class with a method `decide`"),
    ],
)
def test_a_class_that_cannot_serve_is_told_and_left_out(writer: Any, said: str) -> None:
    known = catalogue_of({"wheel.toml": WHEEL}, [("theirs", writer)])
    assert [one.definition.id for one in known.strategies] == ["wheel@1.0"]
    (fault,) = known.faults
    assert said in fault
