"""Questions in plain English put to a journal: the record and the risk engines behind one door."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from allusedesk.answers.answer import Answer, Conversation
from allusedesk.answers.answering import answer
from allusedesk.answers.intent_model import IntentModel
from allusedesk.answers.model_file import ModelUnusable, read_model, write_model
from allusedesk.answers.phrase_book import PhraseBook, read_phrases
from allusedesk.answers.questions import Understanding, model_of
from allusedesk.journal.file_format import create_private_file
from allusedesk.journal.read_side import ReadSide
from allusedesk.resource_files import resource_path
from allusedesk.settings import desk_home
from allusedesk.wiring.risk_of_record import RiskOfRecord

# Found by folds over the phrases that ship: the least probability at which a guess is believed.
_ACCEPTED = 0.3
_MODEL = "model.npz"


class Answerer:
    """Answers questions about one journal; make one wherever a question is put, on any thread.

    Nothing is kept open between two questions, so a journal that grows is asked as it stands.
    """

    def __init__(self, journal: Path) -> None:
        self.journal = journal

    def answer(
        self, question: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The answer, and the conversation to hand in with the next question.

        Raises JournalFault where the journal cannot be read.
        """
        before = conversation if conversation is not None else Conversation()
        understood = understanding()
        with ReadSide.open(self.journal) as side:
            return answer(question, before, side, understood, RiskOfRecord(side))

    def questions(self) -> tuple[str, ...]:
        """One example of each kind of question, as a list to choose from."""
        return tuple(one.ask for one in phrase_book().intents if one.ask)


@cache
def phrase_book() -> PhraseBook:
    """Every question that can be asked, as it ships."""
    files = sorted(resource_path("answers").glob("*.toml"))
    return read_phrases([(file.name, file.read_text(encoding="utf-8")) for file in files])


@cache
def understanding() -> Understanding:
    """The model behind the questions, as it ships or as it was learnt here."""
    book = phrase_book()
    return Understanding(book, _model(book), _ACCEPTED)


def _model(book: PhraseBook) -> IntentModel:
    """The model that ships with these phrases; where they were changed, one learnt from them."""
    kept = desk_home() / "answers" / _MODEL
    for file in (resource_path("answers") / _MODEL, kept):
        with suppress(OSError, ModelUnusable):
            return read_model(file.read_bytes(), book.digest)
    model = model_of(book)
    with suppress(OSError):
        _keep(kept, write_model(model, book.digest))
    return model


def _keep(file: Path, content: bytes) -> None:
    """Write beside the file and put it in place at once: two desks may learn together."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = file.with_name(f"{file.name}.{os.getpid()}")
    written.unlink(missing_ok=True)
    create_private_file(written)
    written.write_bytes(content)
    written.replace(file)
