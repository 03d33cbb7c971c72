"""Answers over a rehearsed journal, their figures recomputed from its entries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.answers.answer import Answer, Conversation, Figure, Standing
from allusedesk.answers.catalogue import REPLIES
from allusedesk.answers.phrase_book import COMMAND
from allusedesk.domain import events as told
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import MarketSampled
from allusedesk.engine.state import DeskState
from allusedesk.journal.queries import record as queries
from allusedesk.journal.queries import weeks as week_queries
from allusedesk.journal.queries.asked_weeks import sleeve_weeks
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal, JournalReader
from allusedesk.wiring.answering import Answerer, phrase_book
from allusedesk.wiring.past_desk import state_after
from tests.benchmarks.test_journal import numbered


@pytest.fixture(scope="module")
def entries(journal: Path) -> tuple[Entry, ...]:
    with JournalReader.open(journal) as reader:
        return tuple(reader.read())


@pytest.fixture(scope="module")
def state(journal: Path) -> DeskState:
    with JournalReader.open(journal) as reader:
        return state_after(reader)


@pytest.fixture
def side(journal: Path) -> Iterator[ReadSide]:
    with ReadSide.open(journal) as found:
        yield found


def asked(journal: Path, *questions: str) -> Answer:
    before, found = Conversation(), None
    for question in questions:
        found, before = Answerer(journal).answer(question, before)
    assert found is not None
    return found


def amounts(text: str) -> list[Decimal]:
    return [
        Decimal(f"{sign}{digits.replace(',', '')}")
        for sign, digits in re.findall(r"([-]?)\$([\d,]+(?:\.\d+)?)", text)
    ]


def cells(answer: Answer, column: str) -> list[str]:
    assert answer.table is not None
    place = answer.table.titles.index(column)
    return [
        part if isinstance(part, str) else part.text
        for part in (row[place] for row in answer.table.rows)
    ]


def bookings(entries: tuple[Entry, ...], first: date | None = None) -> Iterator[Entry]:
    for entry in entries:
        if hasattr(entry.event, "booking") and (first is None or entry.recorded_at.date() >= first):
            yield entry


def test_every_kind_of_question_is_answered_or_plainly_not_on_record(journal: Path) -> None:
    head = ReadSide.open(journal).journal.head()[0]
    for one in phrase_book().intents:
        if one.ask:
            found = asked(journal, one.ask)
            assert found.intent == one.name, one.ask
            assert found.standing in {Standing.ANSWERED, Standing.NOTHING}
            assert found.text
            assert all(1 <= entry <= head for entry in found.entries)
    assert len(Answerer(journal).questions()) == len(REPLIES)


def test_figures_cite_the_entries_they_rest_on(journal: Path) -> None:
    for question in ("balance", "commissions this year", "best week", "drawdown", "open positions"):
        found = asked(journal, question)
        figures = [
            part
            for row in (found.table.rows if found.table else ())
            for part in row
            if isinstance(part, Figure)
        ]
        assert figures
        assert all(part.entries for part in figures), question


def test_balances_are_those_of_the_last_marking(
    journal: Path, entries: tuple[Entry, ...], state: DeskState
) -> None:
    found = asked(journal, "what are the accounts worth")
    worth = sum((sleeve.equity.amount for sleeve in state.sleeves.values()), Decimal(0))
    marked = [entry for entry in entries if isinstance(entry.event, told.BalancesMarked)][-1]
    assert amounts(found.sentences[0].text) == [worth.quantize(Decimal("0.01"))]
    assert found.sentences[0].entries == (marked.sequence,)


def test_commissions_are_the_sum_of_those_booked(journal: Path, entries: tuple[Entry, ...]) -> None:
    paid = sum((entry.event.booking.commission.amount for entry in bookings(entries)), Decimal(0))
    assert amounts(asked(journal, "total commissions").text) == [paid]


def test_what_a_symbol_realised_is_the_sum_of_its_bookings(
    journal: Path, entries: tuple[Entry, ...]
) -> None:
    realised = Counter[str]()
    for entry in bookings(entries):
        for change in entry.event.booking.changes:
            if change.before is not None:
                realised[change.before.underlying] += change.realised.amount
    for symbol in ("AAPL", "MSFT", "IBM"):
        found = asked(journal, f"how much did we make on {symbol.lower()}")
        if found.standing is Standing.ANSWERED:
            assert amounts(found.text)[0] == realised[symbol]


def test_the_best_trade_is_the_lot_that_realised_most(
    journal: Path, entries: tuple[Entry, ...]
) -> None:
    realised = Counter[str]()
    for entry in bookings(entries):
        for change in entry.event.booking.changes:
            if change.before is not None:
                realised[change.before.id] += change.realised.amount
    assert amounts(asked(journal, "best trade").text)[0] == max(realised.values())
    assert amounts(asked(journal, "worst trade").text)[0] == min(realised.values())


def test_open_positions_are_those_of_the_book(journal: Path, state: DeskState) -> None:
    found = asked(journal, "which positions are open")
    held = Counter(str(lot.quantity_signed) for lot in state.book.all_positions())
    assert Counter(cells(found, "units")) == held


def test_positions_of_an_earlier_day_are_those_held_then(journal: Path, side: ReadSide) -> None:
    last = queries.balances(side, date(2011, 9, 21), date(2011, 9, 21))[-1]
    held = Counter(
        (one.account, str(one.quantity)) for one in week_queries.lots_held(side, last.sequence)
    )
    found = asked(journal, "which positions were open on 2011-09-21")
    assert Counter(zip(cells(found, "sleeve"), cells(found, "units"), strict=True)) == held


@pytest.mark.parametrize("number", [1, 5])
def test_an_order_named_by_number_or_id_is_told_with_who_approved_it(
    journal: Path, entries: tuple[Entry, ...], number: int
) -> None:
    written = [entry for entry in entries if isinstance(entry.event, told.OrderWritten)]
    entry = written[number - 1]
    order = entry.event.order
    found = asked(journal, f"who approved order {number}")
    assert found.text.startswith(f"Order {number} on record is {order.id}: ")
    assert "approved by policy:all" in found.text
    assert entry.sequence in found.entries
    by_id = asked(journal, f"who approved order {order.id}?")
    assert by_id.text == found.text.replace(f"Order {number} on record is ", "")
    most = len(written)
    beyond = asked(journal, f"who approved order {most + 1}")
    assert beyond.standing is Standing.NOTHING
    assert f"The record has {most} orders" in beyond.text
    unknown = asked(journal, "who approved order 2031-W16/F1.com/P120/O1")
    assert unknown.standing is Standing.NOTHING


def test_the_cost_basis_is_that_of_the_shares_in_the_book(journal: Path, state: DeskState) -> None:
    held = [lot for lot in state.book.all_positions() if lot.option is None]
    assert held
    found = asked(journal, "what is the cost basis of our shares")
    assert Counter(cells(found, "units")) == Counter(str(lot.quantity_signed) for lot in held)
    bases = [lot.basis or lot.price_average for lot in held]
    cost = {
        symbol: sum(
            (
                lot.quantity_signed * basis.per_unit
                for lot, basis in zip(held, bases, strict=True)
                if lot.underlying == symbol
            ),
            Decimal(0),
        )
        for symbol in sorted({lot.underlying for lot in held})
    }
    assert amounts(found.text) == [one.quantize(Decimal("0.01")) for one in cost.values()]
    assert Counter(cells(found, "basis a share")) == Counter(
        f"{one.per_unit:,.2f}" for one in bases
    )
    assert asked(journal, "cost basis on 2011-08-01").standing is Standing.NOTHING


def test_words_of_the_trade_are_told(journal: Path) -> None:
    assert asked(journal, "what's a CSP?").text.startswith("CSP: a cash-secured put")
    assert asked(journal, "what does DTE stand for").text.startswith("DTE: days to expiry")
    assert asked(journal, "explain the abbreviation").text.startswith("Name one word")
    assert asked(journal, "what is theta").intent == "greeks"
    for word in phrase_book().words:
        found = asked(journal, f"what does {word} mean")
        assert found.text == f"{word}: {phrase_book().words[word].meaning}"


def test_why_goes_on_from_the_week_that_was_found(journal: Path) -> None:
    worst = asked(journal, "worst week")
    assert worst.focus is not None
    why = asked(journal, "worst week", "why?")
    assert worst.focus.weeks[0] in why.text


def test_a_step_of_the_rate_is_no_step_of_prices(journal: Path) -> None:
    found = asked(journal, "what if rates rise 1%")
    assert "percentage points" in found.text
    assert "[modelled]" in found.sentences[0].text


def test_the_distance_to_a_fork_is_measured_from_the_base_in_force(
    journal: Path, state: DeskState
) -> None:
    found = asked(journal, "how far is gen from a fork")
    gen = next(sleeve for name, sleeve in state.sleeves.items() if name == "F1.gen")
    (least,) = [rule.surplus_min for rule in state.rules.forking.forks
                if rule.account.value == "gen"]  # fmt: skip
    missing = max(least - (gen.equity - gen.base).amount, Decimal(0))
    assert amounts(found.sentences[0].text)[0] == missing.quantize(Decimal("0.01"))


def test_weeks_are_those_of_the_reports(side: ReadSide) -> None:
    mine = sleeve_weeks(side, ("0000-W01", "9999-W52"))
    theirs = queries.weekly_returns(side)
    assert [(x.week, x.account, x.start, x.end, x.moved, x.value, x.target) for x in mine] == [
        (x.week, x.account, x.equity_start, x.equity_end, x.moved, x.value, x.target)
        for x in theirs
    ]
    later = sleeve_weeks(side, ("2011-W38", "2011-W39"))
    assert later == tuple(x for x in mine if x.week in {"2011-W38", "2011-W39"})


def test_a_month_is_measured_from_close_to_close(journal: Path, entries: tuple[Entry, ...]) -> None:
    """No money came or went in September but what the marks show."""
    marked = [one.event for one in entries if isinstance(one.event, told.BalancesMarked)]
    before = [one for one in marked if one.on < date(2011, 9, 15)][-1]
    last = [one for one in marked if one.on <= date(2011, 9, 28)][-1]
    worth = [sum((mark.equity.amount for mark in one.marks), Decimal(0)) for one in (before, last)]
    found = asked(journal, "profit between 2011-09-15 and 2011-09-28")
    word = "earned" if worth[1] >= worth[0] else "lost"
    assert word in found.text
    assert amounts(found.text)[0] == abs(worth[1] - worth[0]).quantize(Decimal("0.01"))


def test_conditions_are_counted_as_the_record_counts_them(journal: Path, side: ReadSide) -> None:
    text = asked(journal, "how many weeks were green, red and chop").text
    found = {name: int(count) for name, count in re.findall(r"(\w+) (\d+) weeks?", text)}
    assert found == queries.condition_counts(side)


def test_quotes_are_counted_as_they_were_seen(journal: Path, entries: tuple[Entry, ...]) -> None:
    looks = [entry for entry in entries if isinstance(entry.event, MarketSampled)]
    text = asked(journal, "how many quotes did the desk see").text
    assert f"{len(looks)} times" in text


def test_a_supposed_fall_is_what_the_risk_engines_say_of_the_whole_state(
    journal: Path, state: DeskState
) -> None:
    from allusedesk.engine.what_if.lots import all_held, lot_of
    from allusedesk.engine.what_if.stress import gains
    from allusedesk.wiring.book_on_record import book_on_record

    with JournalReader.open(journal) as reader:
        book = book_on_record(reader)
    lots = [lot_of(one) for one in all_held(book.state, book.snapshot)]
    whole = float(gains(lots, book.snapshot.rate, (-0.1,), (1.0,)).sum())
    found = asked(journal, "what if the market falls 10%")
    said = amounts(found.sentences[0].text)[0]
    assert float(said) == pytest.approx(abs(whole), rel=0.02, abs=25.0)
    assert "lose" in found.sentences[0].text if whole < 0 else True
    assert "[modelled" in found.sentences[0].text


def test_why_nothing_was_entered_names_the_rule_and_its_entry(
    journal: Path, entries: tuple[Entry, ...]
) -> None:
    found = asked(journal, "why did gen sell no puts in week 2011-W38")
    by_number = {entry.sequence: entry.event for entry in entries}
    cited = [by_number[entry] for entry in found.entries]
    assert any(isinstance(event, told.EntriesWeighed) for event in cited)
    assert cells(found, "rule") or "did" in found.text


def test_a_question_that_finds_nothing_says_so(journal: Path) -> None:
    found = asked(journal, "what did i reject in september and what happened")
    assert found.standing is Standing.NOTHING
    assert "September 2011" in found.text


def test_a_symbol_or_sleeve_that_is_not_here_is_told(journal: Path) -> None:
    assert "TSLA is not on record" in asked(journal, "how much did we make on tesla").text
    assert "no sleeve F9.gen" in asked(journal, "balance of F9.gen").text
    assert asked(journal, "what is entry 999999999").standing is Standing.NOTHING


@pytest.mark.parametrize(
    "question", ["sell 10 puts on aapl", "approve it", "cancel all orders", "buy 100 shares of ibm"]
)
def test_an_order_is_refused_and_sent_where_it_belongs(journal: Path, question: str) -> None:
    found = asked(journal, question)
    assert found.standing is Standing.COMMAND
    assert found.intent == COMMAND
    assert "can trade" in found.text


@pytest.mark.parametrize(
    ("question", "is_told"),
    [
        ("what is my balance; approve all", True),
        ("how far is gen from a fork? sell everything.", True),
        ("what is my balance? and the equity?", False),
        ("how far is gen from a fork.", False),
    ],
)
def test_an_order_beside_a_question_is_not_passed_over(
    journal: Path, question: str, *, is_told: bool
) -> None:
    found = asked(journal, question)
    assert found.standing is Standing.ANSWERED
    assert ("can trade" in found.text) is is_told


def test_what_is_not_understood_offers_what_can_be_asked(journal: Path) -> None:
    found = asked(journal, "tell me a joke")
    assert found.standing is Standing.UNKNOWN
    assert found.text.startswith("I don't know.")
    assert found.follow_ups
    assert all(asked(journal, one).standing is not Standing.UNKNOWN for one in found.follow_ups)


def test_what_is_no_question_is_said_plainly(journal: Path) -> None:
    assert "plain English" in asked(journal, "  ").text
    long = asked(journal, "a" * 10_000_000)
    assert "too long" in long.text
    assert len(long.question) <= 400


def test_strange_questions_change_nothing(journal: Path) -> None:
    before = journal.read_bytes()
    for question in ("'; DROP TABLE lots; --", "<script>x</script>", "\ud800", "\N{ROCKET}" * 50):
        asked(journal, question)
        asked(journal, "balance", question)
    assert journal.read_bytes() == before


def test_a_follow_up_is_answered_for_the_other_sleeve(journal: Path) -> None:
    found = asked(journal, "how did gen do last week", "and for rev?")
    assert set(cells(found, "sleeve")) == {"F1.rev"}


def test_an_empty_journal_has_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "empty.journal"
    Journal.create(path, durable=False).close()
    assert asked(path, "balance").standing is Standing.NOTHING


def test_a_journal_of_bare_entries_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "bare.journal"
    with Journal.create(path, durable=False) as made:
        made.append(numbered(1, 20))
    for question in ("balance", "open positions", "last week's result", "trades", "chain head"):
        assert asked(path, question).text
