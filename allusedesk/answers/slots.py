"""What a question names: sleeves, a symbol, a span of days, amounts and per cents."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, and how they were said."""

    first: date
    last: date
    words: str

    @property
    def when(self) -> str:
        """Its words with what belongs before them: on a day, from one to another, in a month."""
        if self.first == self.last:
            return f"on {self.words}"
        if " to " in self.words:
            return f"from {self.words}"
        return self.words if self.words.startswith("since") else f"in {self.words}"

    @property
    def opening(self) -> str:
        """`when`, to begin a sentence with."""
        return self.when[0].upper() + self.when[1:]

    @property
    def weeks(self) -> tuple[str, str]:
        """The first and the last ISO week it touches, as the journal writes them."""
        return iso_week(self.first), iso_week(self.last)


@dataclass(frozen=True, slots=True)
class Slots:
    """Everything named in a question; what it does not name is empty.

    `tier` is how the accounts were said. `percent` is signed where a direction was said, `unknown`
    a symbol the journal has never traded, `number` a plain number such as an entry's, `word` one
    of the trade whose meaning is asked for.
    """

    accounts: tuple[str, ...] = ()
    tier: str = ""
    symbol: str = ""
    unknown: str = ""
    span: Span | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    number: int | None = None
    condition: str = ""
    outcome: str = ""
    word: str = ""

    def over(self, earlier: Slots) -> Slots:
        """These slots, and where they are empty those of an earlier question."""
        if self.unknown or self.symbol:
            earlier = replace(earlier, unknown="", symbol="")
        own = {name: getattr(self, name) for name in _NAMES if getattr(self, name)}
        return replace(earlier, **own)

    @property
    def is_empty(self) -> bool:
        return self == Slots()


_NAMES = tuple(one.name for one in fields(Slots))


def iso_week(day: date) -> str:
    """The ISO week of a day, such as `2019-W05`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
