"""Money, prices and the one place where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import Enum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CENT = Decimal("0.01")
_set_field = object.__setattr__


class Currency(Enum):
    """A currency by its ISO code. The protocol trades in one."""

    USD = "USD"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency; adds only to its own currency, never a float."""

    amount: Decimal
    currency: Currency = Currency.USD

    def __post_init__(self) -> None:
        amount = self.amount
        if type(amount) is not Decimal or not amount.is_finite():
            _refuse_inexact(amount, "An amount of money")

    def __add__(self, other: Money) -> Money:
        return _money(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return _money(self.amount - self._amount_of(other), self.currency)

    def __neg__(self) -> Money:
        return _money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._amount_of(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency.value}"

    def plus(self, others: Iterable[Money]) -> Money:
        """This amount and all others, added one after another."""
        result = self.amount
        for other in others:
            result += self._amount_of(other)
        return _money(result, self.currency)

    def share_of(self, whole: Money) -> Decimal:
        """This amount as a fraction of `whole`; zero where `whole` is zero."""
        return self.amount / self._amount_of(whole) if whole.amount else Decimal(0)

    def to_cents(self) -> Money:
        """The amount rounded half up to the cent, as a payer of dividends does."""
        return Money(self.amount.quantize(CENT, ROUND_HALF_UP), self.currency)

    def _amount_of(self, other: Money) -> Decimal:
        if other.currency is not self.currency:
            message = f"{self.currency.value} and {other.currency.value} do not add."
            raise ValueError(message)
        return other.amount


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs; not money until `notional` says of how many units."""

    per_unit: Decimal
    currency: Currency = Currency.USD

    def __post_init__(self) -> None:
        per_unit = self.per_unit
        if type(per_unit) is not Decimal or not per_unit.is_finite():
            _refuse_inexact(per_unit, "A price")

    def __add__(self, other: Price) -> Price:
        return Price(self.per_unit + other.per_unit, self.currency)

    def __sub__(self, other: Price) -> Price:
        return Price(self.per_unit - other.per_unit, self.currency)

    def __mul__(self, factor: Decimal | int) -> Price:
        return Price(self.per_unit * factor, self.currency)

    def __lt__(self, other: Price) -> bool:
        return self.per_unit < other.per_unit

    def __le__(self, other: Price) -> bool:
        return self.per_unit <= other.per_unit

    def __gt__(self, other: Price) -> bool:
        return self.per_unit > other.per_unit

    def __ge__(self, other: Price) -> bool:
        return self.per_unit >= other.per_unit

    def __str__(self) -> str:
        return f"{self.per_unit}"

    def rounded_to(self, tick: Decimal, rounding: str) -> Price:
        """The price on the grid of `tick`, by one of the rounding names of `decimal`."""
        steps = (self.per_unit / tick).to_integral_value(rounding)
        return Price((steps * tick).quantize(tick), self.currency)


def _money(amount: Decimal, currency: Currency) -> Money:
    """Money of an amount that is exact and finite because all it was made of is.

    Sums and multiples are taken so often that they are not checked as amounts from outside are.
    A number too large to be kept has raised already.
    """
    made = object.__new__(Money)
    _set_field(made, "amount", amount)
    _set_field(made, "currency", currency)
    return made


def notional(price: Price, quantity: int, multiplier: int = 1) -> Money:
    """Money for `quantity` units of an instrument with `multiplier` shares each, signed."""
    return _money(price.per_unit * quantity * multiplier, price.currency)


def total(amounts: Sequence[Money]) -> Money:
    """The sum of the amounts; nothing for none."""
    return NOTHING.plus(amounts)


def allocate(whole: Money, shares: Sequence[Decimal], unit: Decimal = CENT) -> tuple[Money, ...]:
    """Split `whole` in proportion to `shares`; the parts sum to it, odd units to the first.

    Each part but the first is rounded to `unit`; the first takes what is left.
    Raises ValueError where the shares sum to nothing.
    """
    weight = sum(shares, Decimal(0))
    if weight <= 0:
        message = "An amount cannot be split: its shares sum to nothing."
        raise ValueError(message)
    rest = [
        Money((whole.amount * share / weight).quantize(unit, ROUND_HALF_EVEN), whole.currency)
        for share in shares[1:]
    ]
    return (whole - total(rest), *rest)


def _refuse_inexact(value: Decimal, what: str) -> NoReturn:
    message = f"{what} must be a finite Decimal, not {value!r}."
    raise ValueError(message)


NOTHING = Money(Decimal(0))
