"""Pictures are made in parts, so that a beat of the engine is heard in between."""

from __future__ import annotations

import asyncio

import pytest

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.quotes import Quote
from allusedesk.engine import publishing
from allusedesk.engine.publishing import Publisher
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.sleeve_views import cash_free, fee_per_contract
from allusedesk.engine.snapshot import picture, picture_in_parts
from allusedesk.portfolio.valuation import value_book
from tests.acceptance.desks import WEDNESDAY, stage
from tests.acceptance.stage import Stage, at
from tests.benchmarks.pouring_desk import with_many_lots


@pytest.fixture
def desk() -> Stage:
    """Wednesday noon, and a hundred lots more than there were."""
    desk = stage()
    desk.play(at(WEDNESDAY, "12:00"))
    desk.engine.state = with_many_lots(desk.state, 100)
    return desk


def unquoted(_: object) -> None:
    """No quote of anything."""


def test_a_picture_in_parts_is_the_picture(desk: Stage) -> None:
    pauses = 0
    parts = picture_in_parts(desk.engine.state, desk.clock.now(), unquoted)
    while True:
        try:
            next(parts)
        except StopIteration as made:
            seen = made.value
            break
        pauses += 1
    assert seen == picture(desk.engine.state, desk.clock.now(), unquoted)
    assert len(seen.lots) >= 100
    assert pauses > 6


async def test_others_are_heard_while_a_picture_is_made(
    desk: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_HELD_SECONDS", 0.0)
    heard = 0
    publisher = Publisher(desk.engine, desk.clock.now, unquoted, QuestionLog())
    work = asyncio.create_task(publisher.run())
    while publisher.latest is None:
        await asyncio.sleep(0)
        heard += 1
    work.cancel()
    assert heard > 6
    assert publisher.faults == 0
    assert publisher.rounds == 1


async def test_pictures_are_made_while_the_work_goes_on_and_once_it_is_over(desk: Stage) -> None:
    publisher = Publisher(desk.engine, desk.clock.now, unquoted, QuestionLog())
    at_work = []

    async def work() -> None:
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert publisher.latest is not None
        at_work.append(publisher.rounds)
        raise ValueError("the work ended badly")

    with pytest.raises(ValueError, match="ended badly"):
        await publisher.during(work())
    assert publisher.rounds == at_work[0] + 1
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_a_slow_picture_leaves_the_engine_alive(
    desk: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(desk.engine, desk.clock.now, unquoted, QuestionLog())
    monkeypatch.setattr(publishing, "_SHARE", 1_000_000)

    async def work() -> None:
        for _ in range(100):
            await asyncio.sleep(publishing.PICTURE_SECONDS)
            if publisher.beats > 3:
                return

    await publisher.during(work())
    assert publisher.beats > 3
    assert publisher.rounds == 2


def test_a_picture_that_fails_is_counted_and_stops_nobody(desk: Stage) -> None:
    def fails(_: object) -> None:
        raise ValueError("a fault")

    publisher = Publisher(desk.engine, desk.clock.now, fails, QuestionLog())
    publisher.publish()
    assert (publisher.faults, publisher.latest) == (1, None)


@pytest.mark.parametrize("is_same", [True, False], ids=["state as before", "first picture"])
def test_a_sleeve_is_worth_what_its_book_says(desk: Stage, is_same: bool) -> None:
    state, now = desk.engine.state, desk.clock.now()
    quotes = {lot.instrument: desk.quote(lot.instrument) for lot in state.book.all_positions()[:1]}
    before = picture(state, now, unquoted) if is_same else None
    seen = picture(state, now, quotes.get, before=before)

    def marked(instrument: Instrument) -> Quote | None:
        return quotes.get(instrument) or state.marks.get(instrument)

    values = value_book(state.book, marked, marked, fee_per_contract(state))
    for sleeve in seen.sleeves:
        value = values.of(sleeve.account.id)
        assert (sleeve.equity, sleeve.unrealised, sleeve.collateral) == (
            value.equity,
            value.unrealised,
            value.collateral,
        )
        assert sleeve.cash_free == cash_free(state, sleeve.account.id)
    assert len(seen.sleeves) == 3
