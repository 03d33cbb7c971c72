"""Listed chains as one vendor's web page showed them at an instant, one OCC symbol per row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from allusedesk.market.history import Defect, Effect, FileRefused, RecordedChain
from allusedesk.market.importers.bar_rows import PRICE_MAX, check_share_refused
from allusedesk.market.importers.tables import Table, columns_of, day_of, number_of, table_of

COLUMNS = {
    "contract": ("contractsymbol",),
    "last trade": ("lasttradedate",),
    "strike": ("strike",),
    "last": ("lastprice",),
    "bid": ("bid",),
    "ask": ("ask",),
    "volume": ("volume",),
    "open interest": ("openinterest",),
    "implied volatility": ("impliedvolatility",),
    "size": ("contractsize",),
    "right": ("optiontype",),
    "expiry": ("expirationdate",),
    "underlying price": ("underlyingprice",),
    "time to expiry": ("timetoexpireyears",),
}
OPTIONAL = ("time to expiry",)
OCC_SYMBOL = re.compile(r"([A-Z]{1,5}\d?)(\d{6})([CP])(\d{8})")
# Yahoo writes 0.00001 where it could not solve for a volatility.
UNSOLVED_VOLATILITY_MAX = 2e-5
VOLATILITY_MAX = 3.0
_NOT_GIVEN = float("nan")


@dataclass(frozen=True, slots=True)
class _Contract:
    root: str
    expiry: date
    is_put: bool
    strike: float
    bid: float
    ask: float
    last: float
    volume: float
    open_interest: float
    implied_volatility: float
    is_regular_size: bool
    traded_at: datetime
    underlying_price: float


class _RowRefused(Exception):
    """A row that cannot be used, with the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def read_option_snapshot(file: str, text: bytes) -> tuple[RecordedChain, tuple[Defect, ...]]:
    """Return the chain of one file and its defects. Raises FileRefused.

    The vendor does not say when it looked: the latest trade in the file is a lower bound, and
    `taken_at` is that bound. Times to expiry are left to the reader of the chain.
    """
    table = table_of(file, text)
    places = columns_of(table, COLUMNS)
    absent = [name for name in COLUMNS if name not in places and name not in OPTIONAL]
    if absent:
        raise FileRefused(file, f"it has no column for {', '.join(absent)}", 1)
    defects: list[Defect] = []
    contracts = _contracts(table, places, defects)
    check_share_refused(file, len(table.rows), defects)
    if not contracts:
        raise FileRefused(file, "no row of it can be used")
    taken_at = max(contract.traded_at for contract in contracts)
    reason = (
        f"the instant of the snapshot is not stored; its latest trade, {taken_at:%Y-%m-%d %H:%M:%S}"
        " UTC, is the earliest it can have been and is taken for it"
    )
    defects.append(Defect(file, 0, "last trade", reason, Effect.NOTED))
    return _chain(file, contracts, taken_at), tuple(defects)


def _contracts(table: Table, places: dict[str, int], defects: list[Defect]) -> list[_Contract]:
    contracts: list[_Contract] = []
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        noted: list[Defect] = []
        try:
            if len(cells) != len(table.header):
                reason = f"it has {len(cells)} cells where the header has {len(table.header)}"
                raise _RowRefused("", reason)  # noqa: TRY301 - one place turns it into a defect.
            named = {name: cells[place].strip() for name, place in places.items()}
            contract = _contract(table.file, number, named, noted)
            _check_against_others(named["contract"], contract, seen, contracts)
        except _RowRefused as refusal:
            effect = Effect.ROW_REFUSED
            defects.append(Defect(table.file, number, refusal.field, refusal.reason, effect))
            continue
        seen[named["contract"]] = number
        contracts.append(contract)
        defects.extend(noted)
    return contracts


def _check_against_others(
    symbol: str, contract: _Contract, seen: dict[str, int], contracts: list[_Contract]
) -> None:
    if symbol in seen:
        raise _RowRefused("contract", f"{symbol} stands already in row {seen[symbol]}")
    if contracts and contract.underlying_price != contracts[0].underlying_price:
        reason = (
            f"the underlying price {contract.underlying_price:g} differs from "
            f"{contracts[0].underlying_price:g} in the rows before"
        )
        raise _RowRefused("underlying price", reason)


def _contract(file: str, row: int, cells: dict[str, str], defects: list[Defect]) -> _Contract:
    symbol = cells["contract"]
    match = OCC_SYMBOL.fullmatch(symbol)
    if match is None:
        raise _RowRefused("contract", f"`{symbol[:40]}` is no standard option symbol")
    root, written_expiry, right, written_strike = match.groups()
    expiry, strike = day_of(cells["expiry"]), number_of(cells["strike"])
    agrees = (
        expiry is not None
        and strike is not None
        and strike > 0
        and f"{expiry:%y%m%d}" == written_expiry
        and abs(strike - int(written_strike) / 1000.0) < 0.0005
        and cells["right"].lower() == ("put" if right == "P" else "call")
    )
    if expiry is None or strike is None or not agrees:
        raise _RowRefused("contract", f"{symbol} does not agree with its strike, right or expiry")
    bid, ask, last = _quoted(file, row, symbol, cells, defects)
    underlying = number_of(cells["underlying price"])
    if underlying is None or not 0 < underlying < PRICE_MAX:
        raise _RowRefused("underlying price", "the underlying has no price")
    years = number_of(cells.get("time to expiry", "0"))
    if years is not None and years < 0:
        reason = "the time to expiry is negative; it is reckoned anew from the expiry"
        defects.append(Defect(file, row, "time to expiry", reason, Effect.VALUE_IGNORED))
    return _Contract(
        root=root,
        expiry=expiry,
        is_put=right == "P",
        strike=strike,
        bid=bid,
        ask=ask,
        last=last,
        volume=_count(file, row, symbol, "volume", cells, defects),
        open_interest=_count(file, row, symbol, "open interest", cells, defects),
        implied_volatility=_volatility(file, row, symbol, cells, defects),
        is_regular_size=cells["size"].upper() == "REGULAR",
        traded_at=_traded_at(symbol, cells["last trade"], expiry),
        underlying_price=underlying,
    )


def _quoted(
    file: str, row: int, symbol: str, cells: dict[str, str], defects: list[Defect]
) -> tuple[float, float, float]:
    found: dict[str, float] = {}
    for name in ("bid", "ask", "last"):
        value = number_of(cells[name])
        if value is not None and not 0 <= value < PRICE_MAX:
            raise _RowRefused(name, f"the {name} {value:g} of {symbol} cannot be")
        if value is None and cells[name]:
            raise _RowRefused(name, f"the {name} `{cells[name][:40]}` is not a number")
        found[name] = _NOT_GIVEN if value is None else value
    bid, ask = found["bid"], found["ask"]
    if not (bid >= 0 and ask >= 0) or bid == ask == 0:
        reason = f"{symbol} has no quote (bid and ask are zero or missing)"
        defects.append(Defect(file, row, "bid, ask", reason, Effect.VALUE_IGNORED))
        bid = ask = _NOT_GIVEN
    elif bid > ask:
        reason = f"{symbol} is crossed: bid {bid:g} above ask {ask:g}; it cannot be traded"
        defects.append(Defect(file, row, "bid, ask", reason, Effect.NOTED))
    elif bid == ask:
        reason = f"{symbol} is locked: bid and ask are both {bid:g}; it cannot be traded"
        defects.append(Defect(file, row, "bid, ask", reason, Effect.NOTED))
    return bid, ask, found["last"]


def _count(
    file: str, row: int, symbol: str, name: str, cells: dict[str, str], defects: list[Defect]
) -> float:
    value = number_of(cells[name])
    if value is not None and value >= 0:
        return value
    if cells[name] and value is None and cells[name].lower() != "nan":
        raise _RowRefused(name, f"the {name} `{cells[name][:40]}` is not a number")
    if value is not None:
        raise _RowRefused(name, f"the {name} {value:g} is below zero")
    reason = f"{symbol} has no {name}; it counts as none"
    defects.append(Defect(file, row, name, reason, Effect.NOTED))
    return 0.0


def _volatility(
    file: str, row: int, symbol: str, cells: dict[str, str], defects: list[Defect]
) -> float:
    value = number_of(cells["implied volatility"])
    if value is not None and UNSOLVED_VOLATILITY_MAX < value <= VOLATILITY_MAX:
        return value
    if value is None or value < 0:
        reason = f"{symbol} has no implied volatility"
    elif value <= UNSOLVED_VOLATILITY_MAX:
        reason = f"the implied volatility of {symbol} is zero: the vendor could not solve for it"
    else:
        reason = f"the implied volatility of {symbol} is above 300 % ({value:.0%})"
    defects.append(Defect(file, row, "implied volatility", reason, Effect.VALUE_IGNORED))
    return _NOT_GIVEN


def _traded_at(symbol: str, cell: str, expiry: date) -> datetime:
    try:
        traded_at = datetime.fromisoformat(cell)
        if traded_at.tzinfo is None:
            raise _RowRefused("last trade", f"the last trade `{cell[:40]}` names no time zone")
        traded_at = traded_at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = f"the last trade `{cell[:40]}` is not an instant"
        raise _RowRefused("last trade", reason) from error
    if traded_at.year < 1990 or (traded_at.date() - expiry).days > 1:
        raise _RowRefused("last trade", f"{symbol} cannot have traded at {cell[:40]}")
    return traded_at


def _chain(file: str, contracts: list[_Contract], taken_at: datetime) -> RecordedChain:
    counts = Counter(contract.root for contract in contracts)
    underlying = min(counts, key=lambda root: (-counts[root], root))
    return RecordedChain(
        underlying=underlying,
        taken_at=taken_at,
        underlying_price=contracts[0].underlying_price,
        expiries=np.array([contract.expiry for contract in contracts], dtype="datetime64[D]"),
        is_put=np.array([contract.is_put for contract in contracts]),
        strikes=np.array([contract.strike for contract in contracts]),
        bids=np.array([contract.bid for contract in contracts]),
        asks=np.array([contract.ask for contract in contracts]),
        lasts=np.array([contract.last for contract in contracts]),
        volumes=np.array([contract.volume for contract in contracts]),
        open_interests=np.array([contract.open_interest for contract in contracts]),
        implied_volatilities=np.array([contract.implied_volatility for contract in contracts]),
        has_standard_deliverable=np.array(
            [contract.is_regular_size and contract.root == underlying for contract in contracts]
        ),
        origin=file,
    )
