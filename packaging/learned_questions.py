"""Writes resources/answers/model.npz anew: the model learnt from the phrases beside it."""

from __future__ import annotations

from allusedesk.answers.model_file import write_model
from allusedesk.answers.questions import model_of
from allusedesk.resource_files import resource_path
from allusedesk.wiring.answering import phrase_book


def main() -> None:
    """Learn from every phrase that ships and keep the numbers beside them."""
    book = phrase_book()
    file = resource_path("answers") / "model.npz"
    file.write_bytes(write_model(model_of(book), book.digest))
    print(f"{file.name} learnt from {sum(len(one.phrases) for one in book.intents)} phrases.")


if __name__ == "__main__":
    main()
