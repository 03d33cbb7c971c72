"""What a desk could hold instead: weights under its caps and the trades towards them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from allusedesk.domain.accounts import AccountKind, kind_of
from allusedesk.domain.inputs import DeskOpened
from allusedesk.journal.read_side import ReadSide
from allusedesk.market.history import MarketHistory
from allusedesk.portfolio.affording import caps_of
from allusedesk.portfolio.construction import (
    CannotConstruct,
    Caps,
    Construction,
    Method,
    construct,
)
from allusedesk.portfolio.rebalancing import CannotRebalance, RebalancePlan
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.holdings import OnRecord, holdings_on_record, trades_towards
from allusedesk.wiring.price_tables import table_of
from allusedesk.wiring.requests import RequestRefused

METHODS = tuple(method.value for method in Method)
_DAYS_BACK = 730


@dataclass(frozen=True, slots=True)
class HeldOnRecord:
    """What a sleeve, or the whole desk, holds and may hold, after the record's last close."""

    record: OnRecord
    rulebook: Rulebook
    kind: AccountKind | None
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortfolioPicture:
    """Weights over the days from `first` to `last`, the caps they stand under, and the trades."""

    construction: Construction
    plan: RebalancePlan
    caps: Caps
    first: date
    last: date
    rulebook: str
    notes: tuple[str, ...]


def held_for_screens(side: ReadSide, account: str | None) -> HeldOnRecord:
    """What is held; raises RequestRefused before the first close and for a sleeve not there."""
    record = holdings_on_record(side, account)
    opened = next(iter(side.journal.read(1, 1))).event
    if not isinstance(opened, DeskOpened):
        raise RequestRefused(f"{side.journal.path} does not begin with the opening of a desk.")
    rulebook = parse_rulebook(opened.rulebook_text)
    kind = None if account is None else kind_of(record.account)
    listed = {one.kind: one.symbols for one in opened.symbols}
    wanted: dict[str, str] = {}
    for tier in AccountKind:
        if kind in (None, tier):
            for symbol in listed.get(tier, rulebook.account(tier).symbols):
                # Of an issuer with two share classes the first one named stands for both.
                wanted.setdefault(rulebook.issuer_of(symbol), symbol)
    return HeldOnRecord(record, rulebook, kind, tuple(wanted.values()))


def portfolio_picture(history: MarketHistory, held: HeldOnRecord, method: str) -> PortfolioPicture:
    """Weights by two years of closes up to the record's last one, and the trades towards them.

    Raises RequestRefused where prices are missing or no weights follow from them.
    """
    rules, record = held.rulebook, held.record
    known = tuple(one for one in held.symbols if one in history.symbols)
    missing = tuple(one for one in held.symbols if one not in history.symbols)
    if not known:
        raise RequestRefused("This desk has no history of prices, so no weights can be chosen.")
    caps = caps_of(rules, held.kind)
    first = record.on - timedelta(days=_DAYS_BACK)
    prices = table_of(history, known, first, record.on)
    try:
        found = construct(prices.returns, Method(method), caps, prices.rate_year)
        plan = trades_towards(found, prices, record, caps.buffer, rules)
    except (CannotConstruct, CannotRebalance) as refusal:
        raise RequestRefused(str(refusal)) from refusal
    notes = list(found.notes)
    if missing:
        notes.append(f"No history of {', '.join(missing)}, so they were left out.")
    return PortfolioPicture(
        found,
        plan,
        caps,
        prices.returns.days[0],
        prices.returns.days[-1],
        rules.id,
        tuple(notes),
    )
