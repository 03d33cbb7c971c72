"""The past re-opened: the very card that was answered, the very book there was, and no way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest

from allusedesk.domain.inputs import Answer, Instruction, OperatorDecided, OperatorInstructed
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.journal.store import JournalReader
from allusedesk.wiring.desk_engine import DeskEngine
from allusedesk.wiring.past_desk import PastDesk, reopen
from allusedesk.wiring.sample_desk import sample_request


def _wait(is_so: Callable[[], bool]) -> None:
    until = monotonic() + 60
    while not is_so():
        assert monotonic() < until
        sleep(0.02)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ApprovalCard]:
    """The journal of a desk whose first question a person approved, and the card they saw."""
    request = sample_request(tmp_path_factory.mktemp("desk"), last=date(2012, 1, 10), speed=None)
    engine = DeskEngine(request)
    engine.start()
    _wait(lambda: engine.latest is not None and bool(engine.latest.cards))
    latest = engine.latest
    assert latest is not None
    card = latest.cards[0]
    answered: set[str] = set()

    def is_filled() -> bool:
        now = engine.latest
        assert now is not None
        for asked in now.cards:
            if asked.proposal.id not in answered:
                answered.add(asked.proposal.id)
                engine.admit(
                    OperatorDecided(asked.proposal.id, Answer.APPROVE, "Ann", seen=asked.terms)
                )
        return any(lot.lot.opened_by.startswith(card.proposal.id) for lot in now.lots)

    _wait(is_filled)
    engine.ask_to_stop()
    assert engine.wait(30)
    return request.journal, card


def test_an_answer_is_re_opened_on_the_card_that_was_seen(
    answered: tuple[Path, ApprovalCard],
) -> None:
    journal, card = answered
    with JournalReader.open(journal) as reader:
        decided = next(
            entry
            for entry in reader.read()
            if isinstance(entry.event, OperatorDecided) and entry.event.proposal == card.proposal.id
        )
    then = reopen(journal, decided.sequence)
    assert then is not None
    again = next(one for one in then.cards if one.proposal.id == card.proposal.id)
    assert again.terms.digest == card.terms.digest
    assert again == card
    assert then.lots == ()


def test_later_entries_show_what_became_of_it(answered: tuple[Path, ApprovalCard]) -> None:
    journal, card = answered
    with JournalReader.open(journal) as reader:
        last = reader.head()[0]
    then = reopen(journal, last)
    assert then is not None
    assert all(one.proposal.id != card.proposal.id for one in then.cards)
    assert then.lots
    assert then.sequence == last


def test_an_entry_that_is_not_there_and_a_stop_are_told(
    answered: tuple[Path, ApprovalCard],
) -> None:
    journal, _ = answered
    with pytest.raises(ValueError, match="none numbered 999999"):
        reopen(journal, 999_999)


def test_the_past_hears_nobody(answered: tuple[Path, ApprovalCard]) -> None:
    journal, _ = answered
    then = reopen(journal, 1)
    assert then is not None
    past = PastDesk(1, then)
    with pytest.raises(RuntimeError, match="nobody can change"):
        past.admit(OperatorInstructed(Instruction.KILL, "Ann", "a test"))
    with pytest.raises(RuntimeError, match="no market"):
        past.consult(lambda _state, _looks, _at: 1).result()
    assert past.ask(lambda: 7).result() == 7
    assert past.vitals() is None
