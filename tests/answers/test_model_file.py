from __future__ import annotations

import numpy as np
import pytest

from allusedesk.answers.intent_model import IntentModel, IntentReader, concepts_of
from allusedesk.answers.model_file import ModelUnusable, read_model, write_model

MODEL = IntentModel(
    ("cash", "fork"),
    ("w cash", "w fork"),
    np.ones(2, dtype=np.float32),
    np.array([[2.0, -2.0], [-2.0, 2.0]], dtype=np.float32),
    np.zeros(2, dtype=np.float32),
)


def test_a_model_comes_back_as_it_was_and_is_the_same_bytes_each_time() -> None:
    content = write_model(MODEL, "book")
    assert content == write_model(MODEL, "book")
    back = read_model(content, "book")
    assert (back.intents, back.features) == (MODEL.intents, MODEL.features)
    assert (back.coefficients == MODEL.coefficients).all()


def test_a_model_of_other_phrases_is_refused() -> None:
    with pytest.raises(ModelUnusable, match="other phrases"):
        read_model(write_model(MODEL, "book"), "another book")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"\x80\x04N."])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelUnusable):
        read_model(content, "book")


def test_a_shortened_model_is_refused() -> None:
    content = write_model(MODEL, "book")
    for length in range(0, len(content), 97):
        with pytest.raises(ModelUnusable):
            read_model(content[:length], "book")


def test_arrays_that_do_not_fit_are_refused() -> None:
    wrong = IntentModel(("cash",), MODEL.features, MODEL.rarity, MODEL.coefficients, MODEL.rarity)
    with pytest.raises(ModelUnusable, match="fit"):
        read_model(write_model(wrong, "book"), "book")


def test_the_likeliest_comes_first_and_unknown_words_are_counted() -> None:
    guess = IntentReader(MODEL, concepts_of({})).guess("fork gribble")
    assert guess.ranked[0][0] == "fork"
    assert guess.unknown == 1
    assert sum(share for _, share in guess.ranked) == pytest.approx(1.0)
