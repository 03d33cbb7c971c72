"""What an answer is made from: the record, what the question names, and the risk engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from allusedesk.answers.answer import Answer, Part, Sentence, Standing, Table
from allusedesk.answers.slots import Slots, Span, iso_week
from allusedesk.answers.spans import is_whole
from allusedesk.domain.inputs import DeskOpened
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook


@dataclass(frozen=True, slots=True)
class LotUnder:
    """What one lot gains under a supposed market, in dollars; negative is a loss."""

    account: str
    instrument: str
    quantity: int
    entry: int
    gain: float


@dataclass(frozen=True, slots=True)
class BookUnder:
    """The book under a supposed market, worst lot first; `unpriced` lots count at intrinsic."""

    lots: tuple[LotUnder, ...]
    seen_in: int
    vix: float | None
    is_modelled: bool
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedLoss:
    """A scenario, a measure or a greek by name, with its figure in dollars and its parts."""

    name: str
    amount: float
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class BookMeasured:
    """Several figures of the book, the entry its quotes are from, and what to bear in mind."""

    figures: tuple[NamedLoss, ...]
    seen_in: int
    is_modelled: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatioRow:
    """A sleeve's, a family's or the desk's figures as its report writes them; empty for none."""

    name: str
    weeks: int
    volatility: str
    sharpe: str
    sortino: str


@dataclass(frozen=True, slots=True)
class RatiosMeasured:
    """The ratios of the weeks up to a month's end, the whole desk's last.

    `month` is its name, `free` the yearly rate the excess is over, `error` the desk's standard
    error; the entries are those of the first and the last close. `silence` says why there are none.
    """

    month: str
    last: date
    rows: tuple[RatioRow, ...]
    free: str
    error: str
    entries: tuple[int, int]
    is_modelled: bool
    silence: str = ""


class RiskEngines(Protocol):
    """What the risk engines answer of the book on record; the wiring provides it."""

    def suppose(self, move: float, factor: float, symbol: str, points: float) -> BookUnder:
        """The book with prices moved by a fraction and volatilities times a factor.

        With a `symbol` it alone moves; `points` adds to VIX instead of a factor where not 0.
        """
        ...

    def rates(self, change: float) -> BookMeasured:
        """What a step of the short rate by so much a year would bring, by symbol."""
        ...

    def scenarios(self) -> BookMeasured:
        """What the scenarios of history would bring or cost, worst first."""
        ...

    def value_at_risk(self) -> BookMeasured:
        """A day's loss by each way."""
        ...

    def greeks(self) -> BookMeasured:
        """Delta, gamma, theta and vega in dollars, with each underlying's part."""
        ...

    def ratios(self, until: date) -> RatiosMeasured | None:
        """Sharpe and Sortino as the report of the last month begun by a day has them.

        None where no month of the record begins by then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """One question put to one journal."""

    side: ReadSide
    question: str
    plain: str
    slots: Slots
    intent: str
    now: datetime
    today: date
    first: date
    risk: RiskEngines
    offers: tuple[str, ...]
    ask_of: Callable[[str], str]
    meaning_of: Callable[[str], str]

    @property
    def span(self) -> Span | None:
        """The days asked about; None where none were named or everything was."""
        span = self.slots.span
        return None if span is None or is_whole(span) else span

    @property
    def week(self) -> str:
        """The last week of the span asked about, or the week of the journal's last entry."""
        span = self.span
        return iso_week(span.last if span is not None else self.today)

    def rules(self) -> Rulebook:
        """The rulebook the journal was opened under."""
        opened = next(iter(self.side.journal.read(1, 1))).event
        if not isinstance(opened, DeskOpened):
            raise TypeError("The journal does not begin with the opening of a desk.")
        return parse_rulebook(opened.rulebook_text)

    def within(self, otherwise: Span | None = None) -> Span:
        """The days asked about; where none were named, `otherwise` or the whole record."""
        if self.span is not None:
            return self.span
        whole = Span(self.first, self.today, "the whole record")
        if self.slots.span is not None:
            return whole
        return otherwise or whole

    @property
    def of_accounts(self) -> str:
        """The sleeves asked about, as words behind a noun; empty for all of them."""
        return f" of {', '.join(self.slots.accounts)}" if self.slots.accounts else ""

    def answer(
        self,
        *sentences: tuple[Part, ...],
        table: Table | None = None,
        about: str = "",
    ) -> Answer:
        """What is said, with the questions that go on from here."""
        said = tuple(Sentence(parts) for parts in sentences if parts)
        offers = self.offers
        return Answer(self.question, Standing.ANSWERED, said, self.intent, about, table, offers)

    def nothing(self, *parts: Part) -> Answer:
        """That the record has nothing of it, and what it was looked for."""
        said = (Sentence(parts),)
        return Answer(self.question, Standing.NOTHING, said, self.intent, "", None, self.offers)
