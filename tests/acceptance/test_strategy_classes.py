"""A strategy that a class decides: asked, recorded, judged like any other, and replayed without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.strategy_events import (
    ClosingIntent,
    IntentsGiven,
    LegIntent,
    OpeningIntent,
    StrategiesWeighed,
    StrategySwitched,
)
from allusedesk.engine.loop import Engine
from allusedesk.engine.replay import replay
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.journal.codec import decode, encode
from allusedesk.journal.words.sentences import describe
from allusedesk.strategy.catalogue import Catalogue, catalogue_of
from allusedesk.wiring.deciding import Deciders
from tests.acceptance.desks import F1_REV, MONDAY, REV_ONLY, TUESDAY, WEDNESDAY
from tests.acceptance.stage import Stage, at
from tests.trading import ROOT

PAGE = (ROOT / "resources" / "handbook" / "classes.md").read_text(encoding="utf-8")
NAME = "calm-puts@1.0"
NO_LEGS: Any = (float("nan"),)


def worked_example() -> dict[str, Any]:
    """What the handbook's example defines, run as it is printed there."""
    names: dict[str, Any] = {}
    exec(PAGE.split("```python\n")[1].split("```")[0], names)
    return names


EXAMPLE = worked_example()
TEXT = EXAMPLE["DEFINITION"]


def known(writer: Callable[[], Any] | None) -> Callable[[], Catalogue]:
    return lambda: catalogue_of({}, [("calm-puts", writer)] if writer is not None else [])


class ClassStage(Stage):
    """A desk on which a class decides for Rev."""

    def __init__(
        self, writer: Callable[[], Any] | None = EXAMPLE["CalmPuts"], *, is_apart: bool = False
    ) -> None:
        self.writer, self.is_apart = writer, is_apart
        super().__init__(MONDAY, {"AAPL": "100", "IBM": "100"}, REV_ONLY)

    def desk(self, state: DeskState) -> Engine:
        engine = super().desk(state)
        deciders = Deciders(known(self.writer), is_apart=self.is_apart)
        engine._observers = (deciders.observe,)
        deciders.serve(engine)
        return engine

    def begin(self, until: str = "10:40") -> None:
        self.play(at(MONDAY, "08:00"))
        on = StrategySwitched(F1_REV, NAME, TEXT, is_on=True, operator="anna")
        self.play(at(MONDAY, until), on)

    def intents(self) -> list[IntentsGiven]:
        return self.all(IntentsGiven)


def deciding(answer: Callable[[Any, Any], object], text: str = TEXT) -> Callable[[], Any]:
    """A class that answers so."""

    class Decides:
        def definition(self) -> str:
            return text

        def decide(self, standing: Any, scene: Any) -> object:
            return answer(standing, scene)

    return Decides


def test_what_a_class_wants_is_recorded_judged_sent_and_filled() -> None:
    desk = ClassStage()
    desk.begin()
    (given,) = desk.intents()
    assert given.looked_at == at(MONDAY, "10:15")
    (wanted,) = given.openings
    assert (wanted.part, wanted.symbol, wanted.units_max) == ("put", "AAPL", 2)
    (made,) = [event.proposal for event in desk.all(ev.ProposalMade)]
    assert str(made.rule) == f"{NAME}/put.entry"
    assert made.is_of_strategy
    assert made.quantity <= 2
    (lot,) = desk.state.book.positions_of(F1_REV)
    assert lot.is_short_put
    (judged,) = desk.all(ev.RiskJudged)
    assert judged.proposal == made.id
    # The look it was shown is an entry, its answer names it as the cause, and a look follows.
    (entry,) = desk.entries(IntentsGiven)
    looks = {one.sequence: one.event for one in desk.entries(MarketSampled)}
    assert entry.cause in looks
    assert looks[entry.sequence + 1].alarm == f"intents/{F1_REV}/{NAME}"
    assert "wants to open put on AAPL, 2 at most (VIX stands at" in describe(given)


def test_the_delta_it_asks_for_is_the_delta_it_gets() -> None:
    calm, uneasy = ClassStage(), ClassStage()
    uneasy.figures.vix = Decimal(25)
    for desk in (calm, uneasy):
        desk.begin()
    strikes = [desk.state.book.positions_of(F1_REV)[0].option for desk in (calm, uneasy)]
    assert strikes[0] is not None
    assert strikes[1] is not None
    assert strikes[1].strike < strikes[0].strike


def test_in_a_storm_it_leaves_before_its_definition_would() -> None:
    desk = ClassStage()
    desk.begin()
    desk.figures.vix = Decimal(35)
    desk.play(at(TUESDAY, "16:30"))
    assert not desk.state.book.positions_of(F1_REV)
    (closing,) = [one.proposal for one in desk.all(ev.ProposalMade) if not one.proposal.is_opening]
    assert str(closing.rule) == f"{NAME}/put.exit.intent"
    assert desk.intents()[-1].closings[0].reason == "VIX stands at 35"


def test_a_replay_and_a_restart_need_no_class() -> None:
    desk = ClassStage()
    desk.begin()
    told = replay(desk.record.entries)
    assert told.is_same, told.first_difference
    assert read_state(write_state(desk.state)) == desk.state
    for given in desk.intents():
        assert decode(*encode(given)) == given
    desk.writer = None
    desk.stop_and_resume()
    desk.play(at(WEDNESDAY, "11:00"))
    faults = {one.fault for one in desk.intents()[1:]}
    assert faults == {"its class is not installed here"}
    told = replay(desk.record.entries)
    assert told.is_same, told.first_difference


def test_what_a_class_does_not_ask_for_is_not_opened() -> None:
    desk = ClassStage(deciding(lambda _standing, _scene: []))
    desk.begin("15:45")
    assert not desk.intents()
    assert not desk.all(ev.ProposalMade)


def _raises(_standing: Any, _scene: Any) -> object:
    raise RuntimeError("no idea\x1b[31m")


def _changes(standing: Any, _scene: Any) -> object:
    standing.cash_free = None
    return []


def _counts(calls: list[int] = []) -> Callable[[Any, Any], object]:  # noqa: B006 - a memory
    def answer(_standing: Any, _scene: Any) -> object:
        calls.append(1)
        return [OpeningIntent("put", "AAPL", len(calls))]

    return answer


def _endless(_standing: Any, _scene: Any) -> Iterable[object]:
    while True:
        yield OpeningIntent("put", "AAPL", 1)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_raises, "it raised RuntimeError (no idea[31m)"),
        (_changes, "it raised FrozenInstanceError"),
        (_counts(), "asked twice about the same look it answered differently"),
        (_endless, "it wants more than 64 things"),
        (lambda _s, _v: None, "it answered a NoneType, which is no list"),
        (lambda _s, _v: "buy", "it answered a str, which is no list"),
        (lambda _s, _v: ["buy"], "it answered a str, which is no intent"),
        (lambda _s, _v: [OpeningIntent("put", "AAPL", 0)], "no intent"),
        (lambda _s, _v: [OpeningIntent("put", "AAPL", True)], "no intent"),
        (lambda _s, _v: [OpeningIntent("put", "AAPL", 1, NO_LEGS)], "no intent"),
        (
            lambda _s, _v: [
                OpeningIntent(
                    "put", "AAPL", 1, (LegIntent(0, "delta", Decimal("NaN"), Decimal(9)),)
                )
            ],
            "no intent",
        ),
        (lambda _s, _v: [ClosingIntent("put", "A\nB" * 100)], "no intent"),
    ],
)
def test_a_class_that_fails_opens_nothing_and_is_told_of_in_words(
    answer: Callable[[Any, Any], object], said: str
) -> None:
    desk = ClassStage(deciding(answer))
    desk.begin("15:45")
    (given,) = desk.intents()
    assert said in given.fault
    assert not given.openings
    assert not desk.all(ev.ProposalMade)
    (notice,) = [one for one in desk.all(ev.NoticeRaised) if "strategy.intents" in one.subject]
    assert "opens nothing at this look" in notice.text
    assert describe(given).endswith(".")
    assert replay(desk.record.entries).is_same


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (OpeningIntent("call", "AAPL", 1), "its part is not open to it now"),
        (OpeningIntent("put", "IBM", 1), "its part is not open to it now"),
        (
            OpeningIntent("put", "AAPL", 1, (LegIntent(1, "delta", Decimal(1), Decimal(2)),)),
            "the part put has no leg 1",
        ),
        (
            OpeningIntent("put", "AAPL", 1, (LegIntent(0, "width", Decimal(1), Decimal(2)),)),
            "is measured from the leg before it",
        ),
    ],
)
def test_what_its_definition_does_not_allow_is_turned_down(
    intent: OpeningIntent, said: str
) -> None:
    desk = ClassStage(deciding(lambda _standing, _scene: [intent]))
    desk.begin()
    assert not desk.all(ev.ProposalMade)
    (weighed,) = desk.all(StrategiesWeighed)
    (down,) = weighed.turned_down
    assert down.rule == "strategy.intent"
    assert said in down.reason


def test_units_of_the_definition_are_never_passed() -> None:
    desk = ClassStage(deciding(lambda _standing, _scene: [OpeningIntent("put", "AAPL", 1000)]))
    desk.begin()
    (made,) = [event.proposal for event in desk.all(ev.ProposalMade)]
    assert 0 < made.quantity <= 3


def test_another_definition_under_the_same_version_is_not_heard() -> None:
    other = TEXT.replace("units_max = 3", "units_max = 9")
    desk = ClassStage(deciding(lambda _s, _v: [OpeningIntent("put", "AAPL", 1)], other))
    desk.begin()
    assert "another definition now" in desk.intents()[0].fault


def test_an_answer_that_comes_late_is_thrown_away() -> None:
    desk = ClassStage()
    desk.begin()
    late = replace(desk.intents()[0], looked_at=desk.state.instant - timedelta(seconds=61))
    before = len(desk.all(ev.ProposalMade))
    desk.play(at(MONDAY, "11:59"), late)
    assert len(desk.all(ev.ProposalMade)) == before
    assert "and prices have moved on" in desk.all(ev.NoticeRaised)[-1].text


def test_intents_of_what_no_class_decides_lead_to_nothing() -> None:
    desk = ClassStage()
    desk.begin()
    alien = replace(desk.intents()[0], strategy="wheel@1.0", looked_at=desk.state.instant)
    before = len(desk.record.entries)
    desk.play(at(MONDAY, "10:41"), alien)
    assert not [e for e in desk.record.entries[before:] if isinstance(e.event, ev.ProposalMade)]
    assert "no class decides for it there" in desk.all(ev.NoticeRaised)[-1].text


def test_a_class_that_hangs_holds_nothing_up_and_is_told_of_at_its_next_look() -> None:
    go = Event()

    def hangs(_standing: Any, _scene: Any) -> object:
        go.wait(20)
        return [OpeningIntent("put", "AAPL", 1)]

    desk = ClassStage(deciding(hangs), is_apart=True)
    try:
        desk.begin()
        assert not desk.intents()
        desk.play(at(TUESDAY, "11:00"))
        (given,) = desk.intents()
        assert given.fault == "it thinks still about an earlier look"
    finally:
        go.set()
    for thread in enumerate_threads():
        if thread.name == "strategy":
            thread.join(20)
    desk.play(at(TUESDAY, "11:30"))
    late = desk.intents()[-1]
    assert late.openings
    assert not desk.all(ev.ProposalMade)
    assert replay(desk.record.entries).is_same
