"""Assignments, exercises and expiries, told from what Interactive Brokers shows of them.

Its socket protocol has no message for any of them. What it shows is executions behind which no
order stood, or, where those are of an earlier day, positions that changed without one. The rule,
for an option that went without an order of anybody:

- shares of its underlying came or went with it, in the direction and number of a delivery at the
  strike: it was assigned where it was short and exercised where it was long;
- it is settled in cash and the execution has a price above zero: it was settled at that price;
- it went at or after its expiry and no share moved: it expired.

Anything else is told by nobody here: it stays a difference, for which the desk stops. Dividends
and splits are not shown either, and their cash or shares are differences in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from allusedesk.domain.instruments import (
    Instrument,
    OptionContract,
    Right,
    Stock,
    write_option_symbol,
)
from allusedesk.domain.orders import (
    BrokerNotice,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
)
from allusedesk.execution.brokers.interactive_brokers_facts import ExecutionSeen

_NEW_YORK = ZoneInfo("America/New_York")
Moves = dict[Instrument, int]


def moves_of(executions: Iterable[ExecutionSeen]) -> Moves:
    """What executions did to the positions, signed, by instrument."""
    moved: Moves = {}
    for seen in executions:
        signed = seen.side.value * seen.quantity
        moved[seen.instrument] = moved.get(seen.instrument, 0) + signed
    return moved


def unexplained(
    before: Mapping[Instrument, int], now: Mapping[Instrument, int], explained: Moves
) -> Moves:
    """What changed between two pictures of the positions beyond what executions explain."""
    moved: Moves = {}
    for instrument in sorted({*before, *now, *explained}, key=str):
        change = now.get(instrument, 0) - before.get(instrument, 0)
        rest = change - explained.get(instrument, 0)
        if rest:
            moved[instrument] = rest
    return moved


def notices_of(
    moved: Moves, orderless: Iterable[ExecutionSeen], now: datetime
) -> tuple[BrokerNotice, ...]:
    """What ended, by the rule above, of what moved without an order.

    An execution without an order names the day and, for what is settled in cash, the price;
    one in shares names the strike they were delivered at. Shares that moved serve one option
    only, and where several could have brought them the one further in the money.
    """
    seen: dict[Instrument, ExecutionSeen] = {}
    strikes: dict[str, set[Decimal]] = {}
    for each in orderless:
        seen[each.instrument] = each
        if isinstance(each.instrument, Stock):
            strikes.setdefault(each.instrument.symbol, set()).add(each.price.per_unit)
    shares = {each.symbol: signed for each, signed in moved.items() if isinstance(each, Stock)}
    options = [each for each in moved if isinstance(each, OptionContract)]
    found: list[BrokerNotice] = []
    rest: list[OptionContract] = []
    for contract in sorted(options, key=_nearest_to_delivery):
        signed = -moved[contract]
        delivered = _delivered(contract, signed)
        told = seen.get(contract)
        name = _name(contract, now if told is None else told.at)
        if contract.is_cash_settled and told is not None and told.price.per_unit > 0:
            found.append(OptionsSettled(f"settled {name}", contract, signed, told.price))
        elif contract.strike not in strikes.get(contract.underlying, {contract.strike}) or (
            not _covers(shares.get(contract.underlying, 0), delivered)
        ):
            rest.append(contract)
        else:
            shares[contract.underlying] -= delivered
            if signed < 0:
                found.append(OptionsAssigned(f"assigned {name}", contract, -signed))
            else:
                found.append(OptionsExercised(f"exercised {name}", contract, signed))
    found.extend(
        OptionsExpired(f"expired {_name(each, now)}", each, -moved[each])
        for each in rest
        if _day(now) >= each.expiry and not shares.get(each.underlying, 0)
    )
    return tuple(found)


def _nearest_to_delivery(contract: OptionContract) -> tuple[str, Decimal, str]:
    towards = 1 if contract.right is Right.CALL else -1
    return contract.underlying, towards * contract.strike, write_option_symbol(contract)


def _name(contract: OptionContract, at: datetime) -> str:
    """One name for one ending, whichever of the two signs of it was seen first."""
    return f"{write_option_symbol(contract)} {min(_day(at), contract.expiry)}"


def _delivered(contract: OptionContract, signed: int) -> int:
    """Shares that come (or go, below zero) when so many options, signed, are exercised."""
    towards = 1 if contract.right is Right.CALL else -1
    return signed * towards * contract.multiplier


def _covers(moved: int, delivered: int) -> bool:
    return moved * delivered > 0 and abs(moved) >= abs(delivered)


def _day(at: datetime) -> date:
    return at.astimezone(_NEW_YORK).date()
