from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest

from allusedesk.domain.making import copier_of


@dataclass(frozen=True, slots=True)
class _Bag:
    """What a bag holds, by its label."""

    label: str
    things: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Label:
    text: str


@dataclass(frozen=True, slots=True)
class _Nothing:
    """No field at all."""


def test_a_twin_takes_what_the_value_has_and_may_be_written_to() -> None:
    twin = copier_of(_Bag)(_Bag("a", ("cup",)))
    twin.label = "b"
    twin.__class__ = _Bag
    assert type(twin) is _Bag
    assert twin == _Bag("b", ("cup",))
    with pytest.raises(FrozenInstanceError):
        twin.label = "c"  # type: ignore[misc]


@pytest.mark.parametrize("value", [_Label("a"), _Nothing()])
def test_small_values_have_twins_too(value: object) -> None:
    kind: type = type(value)
    twin = copier_of(kind)(value)
    twin.__class__ = kind
    assert twin == value
