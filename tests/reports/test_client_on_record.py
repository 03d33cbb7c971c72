"""Statements of a rehearsed winter: each figure again, from the text of the entries alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.money import Money
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.client.statement import build_client_statement
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.kinds import ReportKind, ReportPeriod, period_named
from allusedesk.reports.statement import KeyFigures, Paragraph, Statement, Table
from tests.reports.client_words_of_trade import assert_explained

pytestmark = pytest.mark.long

SLEEVES = {"F1": ("F1.gen", "F1.rev", "F1.com")}


@dataclass
class Told:
    """What the entries of a period say about an account."""

    start: Decimal = Decimal(0)
    end: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)
    commissions: Decimal = Decimal(0)
    dividends: Decimal = Decimal(0)
    received: Decimal = Decimal(0)
    at_risk: list[Decimal] = field(default_factory=list)
    realised: dict[str, Decimal] = field(default_factory=dict)
    open_start: dict[str, Decimal] = field(default_factory=dict)
    open_end: dict[str, Decimal] = field(default_factory=dict)


def entries(side: ReadSide) -> Iterator[tuple[int, str, Any]]:
    for row in side.journal.rows(1, side.journal.head()[0]):
        yield row.sequence, row.kind, json.loads(row.body)


def kind_of(lot: dict[str, Any]) -> str:
    if lot["instrument"].startswith("stock:"):
        return "Shares"
    if Decimal(lot["quantity_signed"]) > 0:
        return "Rights you bought"
    is_put = lot["instrument"][-9] == "P"
    return "Promises to buy" if is_put else "Promises to sell"


def told_of(side: ReadSide, period: ReportPeriod, accounts: Sequence[str]) -> Told:
    told, waiting = Told(), Told()
    held: dict[str, dict[str, Any]] = {}
    for _, kind, body in entries(side):
        if kind == "BalancesMarked":
            on = date.fromisoformat(body["on"])
            mine = [mark for mark in body["marks"] if mark["account"] in accounts]
            equity = sum(Decimal(mark["equity"]) for mark in mine)
            if on < period.first:
                waiting = Told()
                told.start = equity
                told.open_start = beyond_cost(held, body["quotes"])
            elif on <= period.last:
                told.end = equity
                told.open_end = beyond_cost(held, body["quotes"])
                assert sum(told.open_end.values()) == sum(
                    Decimal(mark["unrealised"]) for mark in mine
                )
                told.at_risk.append(
                    sum(Decimal(m["positions"]) + Decimal(m["collateral"]) for m in mine)
                )
                add(told, waiting)
                waiting = Told()
        elif isinstance(body, dict) and "booking" in body:
            follow(held, body["booking"]["changes"], accounts)
            note(waiting, kind, body, accounts)
    return told


def follow(
    held: dict[str, dict[str, Any]], changes: list[dict[str, Any]], accounts: Sequence[str]
) -> None:
    for change in changes:
        lot = change["after"] or change["before"]
        if lot["account"] in accounts:
            held.pop(lot["id"], None)
            if change["after"]:
                held[lot["id"]] = lot


def beyond_cost(held: dict[str, dict[str, Any]], quotes: list[list[Any]]) -> dict[str, Decimal]:
    """What each kind of lot is worth beyond what was paid for it."""
    marks = {}
    for name, bid, ask, last, *_ in quotes:
        if ask is not None:
            marks[name] = (Decimal(bid or 0) + Decimal(ask)) / 2
        elif last is not None:
            marks[name] = Decimal(last)
    found: dict[str, Decimal] = {}
    for lot in held.values():
        units = Decimal(lot["quantity_signed"])
        if not lot["instrument"].startswith("stock:"):
            units *= 100
        cost = Decimal(lot["price_average"])
        kind = kind_of(lot)
        worth = (marks.get(lot["instrument"], cost) - cost) * units
        found[kind] = found.get(kind, Decimal(0)) + worth
    return found


def note(told: Told, kind: str, body: dict[str, Any], accounts: Sequence[str]) -> None:
    booking = body["booking"]
    cash = [move for move in booking["cash"] if move["account"] in accounts]
    moved = sum(Decimal(move["amount"]) for move in cash)
    if kind == "CashBooked":
        told.moved += moved
    elif kind == "DividendBooked":
        told.dividends += moved
    for change in booking["changes"]:
        lot = change["before"] or change["after"]
        if lot["account"] not in accounts:
            continue
        name = kind_of(lot)
        told.realised[name] = told.realised.get(name, Decimal(0)) + Decimal(change["realised"])
    if kind == "FillBooked":
        told.commissions += sum(
            Decimal(fill["commission"]) for fill in body["fills"] if cash and moved
        )
        for change in booking["changes"]:
            after = change["after"]
            is_new = after and not change["before"] and after["account"] in accounts
            if is_new and Decimal(after["quantity_signed"]) < 0:
                units = -Decimal(after["quantity_signed"]) * 100
                told.received += Decimal(after["price_average"]) * units
    elif kind == "AssignmentBooked" and cash:
        told.commissions += Decimal(booking["commission"])


def add(told: Told, waiting: Told) -> None:
    told.moved += waiting.moved
    told.commissions += waiting.commissions
    told.dividends += waiting.dividends
    told.received += waiting.received
    for name, amount in waiting.realised.items():
        told.realised[name] = told.realised.get(name, Decimal(0)) + amount


def made(side: ReadSide, period: str, account: str) -> tuple[Statement, Told]:
    named = period_named(side, ReportKind.CLIENT, period)
    accounts = SLEEVES.get(account, (account,))
    return build_client_statement(side, named, account), told_of(side, named, accounts)


def tables(statement: Statement) -> dict[str, Table]:
    return {
        block.title: block
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Table)
    }


def amount(cell: object) -> Decimal:
    assert isinstance(cell, Money)
    return cell.amount


@pytest.mark.parametrize("account", ["F1", "F1.gen", "F1.rev", "F1.com"])
@pytest.mark.parametrize("period", ["2011-12", "2012-Q1", "2012", "2012-W03"])
def test_every_dollar_is_found_again_in_the_entries(
    winter_journal: Path, account: str, period: str
) -> None:
    with ReadSide.open(winter_journal) as side:
        statement, told = made(side, period, account)
    found = tables(statement)
    lines = found["From the beginning to the end, line by line"]
    named = {str(row[0]): amount(row[2]) for row in lines.rows}
    assert named.pop("At the beginning") == told.start
    assert amount(lines.totals[2]) == told.end
    assert named.pop("Paid in or out", Decimal(0)) == told.moved
    assert named.pop("Commissions", Decimal(0)) == -told.commissions
    assert named.pop("Dividends", Decimal(0)) == told.dividends
    kinds = {*told.realised, *told.open_start, *told.open_end}
    gains = {
        kind: told.realised.get(kind, Decimal(0))
        + told.open_end.get(kind, Decimal(0))
        - told.open_start.get(kind, Decimal(0))
        for kind in kinds
    }
    assert named == {kind: gain for kind, gain in gains.items() if gain}
    whole = sum(gains.values()) + told.dividends - told.commissions
    assert told.start + told.moved + whole == told.end
    held = found["Cash, shares, promises and rights"]
    assert sum(amount(row[3]) for row in held.rows) == amount(held.totals[3]) == told.end
    for name in ("Promises to buy", "Promises to sell"):
        if name in found:
            assert amount(found[name].totals[2]) == told.realised.get(name, Decimal(0))
    figures = {
        one.label: one.value
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for one in block.figures
    }
    assert amount(figures["Most that was at risk"]) == max(told.at_risk)
    if told.received:
        assert f"were paid ${told.received:,.2f}".removesuffix(".00") in as_csv(statement)


def test_every_word_of_the_trade_is_in_the_glossary(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as side:
        for period in ("2012-Q1", "2011-12"):
            for account in ("F1", "F1.gen", "F1.com"):
                assert_explained(made(side, period, account)[0])


def test_links_lead_to_words_that_are_explained(winter_journal: Path) -> None:
    with ReadSide.open(winter_journal) as side:
        statement, _ = made(side, "2012-Q1", "F1")
    references = statement.references()
    assert references
    assert {one.to for one in references} <= set(statement.anchors())
    for section in statement.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert all(str(one.value) in block.text for one in block.references)
