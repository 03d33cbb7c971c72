from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields
from dataclasses import replace as standard

import pytest

from allusedesk.domain.making import copier_of, swift
from allusedesk.domain.money import Money
from tests.trading import order, put, sell


@dataclass(frozen=True, slots=True)
class _Plain:
    """A bag of weights in kilograms, made as the standard library makes it."""

    name: str
    weights: list[float] = field(default_factory=list)
    limit: float = 2.0

    def __post_init__(self) -> None:
        if self.limit < 0.0:
            raise ValueError("A limit is never below zero.")


@swift
@dataclass(frozen=True, slots=True)
class _Swift:
    """As the plain one."""

    name: str
    weights: list[float] = field(default_factory=list)
    limit: float = 2.0

    def __post_init__(self) -> None:
        if self.limit < 0.0:
            raise ValueError("A limit is never below zero.")


def test_a_value_is_made_as_its_dataclass_says() -> None:
    for plain, quick in (
        (_Plain("a"), _Swift("a")),
        (_Plain("a", [1.0], 3.0), _Swift("a", [1.0], 3.0)),
        (_Plain(limit=1.0, name="b"), _Swift(limit=1.0, name="b")),
    ):
        assert type(quick) is _Swift
        assert repr(quick) == repr(plain).replace("_Plain", "_Swift")
        assert [getattr(quick, each.name) for each in fields(quick)] == [
            getattr(plain, each.name) for each in fields(plain)
        ]
    assert _Swift("a").weights is not _Swift("a").weights
    assert _Swift("a") == _Swift("a")


def test_a_value_is_checked_and_stays_locked() -> None:
    with pytest.raises(ValueError, match="below zero"):
        _Swift("a", limit=-1.0)
    with pytest.raises(FrozenInstanceError):
        _Swift("a").name = "b"  # type: ignore[misc]
    with pytest.raises(TypeError):
        _Swift()  # type: ignore[call-arg]


def test_a_value_travels_and_is_copied_as_any_other() -> None:
    sold = order(sell(put()))
    assert pickle.loads(pickle.dumps(sold)) == sold
    assert copy.deepcopy(sold) == sold
    assert standard(sold, version=2).version == 2
    assert hash(sold.legs[0].instrument) == hash(put())


def test_a_twin_takes_what_the_value_has_and_may_be_written_to() -> None:
    twin = copier_of(_Swift)(_Swift("a", [1.0]))
    twin.name = "b"
    twin.__class__ = _Swift
    assert twin == _Swift("b", [1.0])
    assert Money.__init__.__qualname__ == "Money.__init__"
