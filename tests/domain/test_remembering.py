from __future__ import annotations

import pickle
from dataclasses import dataclass

from allusedesk.domain.changing import replace
from allusedesk.domain.remembering import Remembering, reckoned_once

_ASKED: list[tuple[int, ...]] = []


@dataclass(frozen=True, slots=True)
class _Basket(Remembering):
    """Prices, and how often somebody added them up."""

    prices: tuple[int, ...]
    label: str = ""

    @reckoned_once
    def dearer_than(self, price: int, *, times: int = 1) -> int:
        """The sum of what costs more."""
        _ASKED.append((price, times))
        return times * sum(each for each in self.prices if each > price)


def test_what_was_found_once_is_not_reckoned_again() -> None:
    _ASKED.clear()
    basket = _Basket((1, 2, 3))
    assert [basket.dearer_than(1) for _ in range(3)] == [5, 5, 5]
    assert _ASKED == [(1, 1)]


def test_each_question_has_its_own_answer() -> None:
    basket = _Basket((1, 2, 3))
    assert basket.dearer_than(1) == 5
    assert basket.dearer_than(2) == 3
    assert basket.dearer_than(2, times=2) == 6


def test_a_changed_copy_begins_with_nothing() -> None:
    basket = _Basket((1, 2, 3))
    assert basket.dearer_than(1) == 5
    assert replace(basket, prices=(1, 4)).dearer_than(1) == 4
    assert basket.dearer_than(1) == 5


def test_what_was_found_is_no_part_of_the_value() -> None:
    asked, untouched = _Basket((1, 2, 3)), _Basket((1, 2, 3))
    asked.dearer_than(1)
    assert asked == untouched
    assert hash(asked) == hash(untouched)
    assert repr(asked) == repr(untouched)
    assert pickle.loads(pickle.dumps(asked)) == asked


def test_what_rests_on_other_things_too_holds_while_they_are_the_very_same() -> None:
    basket, reckoned = _Basket((1, 2, 3)), []

    def cost(*rates: list[int]) -> int:
        def reckon() -> int:
            reckoned.append(rates)
            return sum(basket.prices) * sum(map(sum, rates))

        return basket.while_same(("cost",), rates, reckon)

    rate = [2]
    assert [cost(rate), cost(rate)] == [12, 12]
    assert len(reckoned) == 1
    # An equal one is another: what is compared is whether it is the same object.
    assert cost([2]) == 12
    assert len(reckoned) == 2
    assert cost([3]) == 18
    assert cost([3], [1]) == 24
    assert cost() == 0
    assert basket.while_same(("weight",), (rate,), lambda: 7) == 7
    assert replace(basket, prices=(5,)).while_same(("cost",), (), lambda: 9) == 9
