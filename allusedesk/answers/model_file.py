"""A learnt model as one file of plain arrays, bound to the phrases it was learnt from."""

from __future__ import annotations

import io
from zipfile import BadZipFile

import numpy as np

from allusedesk.answers.intent_model import VERSION, IntentModel


class ModelUnusable(ValueError):
    """A file that is no model, or one learnt from other phrases."""


def write_model(model: IntentModel, digest: str) -> bytes:
    """The model as the bytes of an `.npz` file; names are kept as text."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        version=np.array([VERSION]),
        digest=_letters(digest),
        intents=_letters("\n".join(model.intents)),
        features=_letters("\n".join(model.features)),
        rarity=model.rarity,
        coefficients=model.coefficients.astype(np.float16),
        intercepts=model.intercepts,
    )
    return file.getvalue()


def read_model(content: bytes, digest: str) -> IntentModel:
    """The model in such bytes; raises ModelUnusable where it is damaged or another book's."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            if int(file["version"][0]) != VERSION or _text(file["digest"]) != digest:
                raise ModelUnusable("The model was learnt from other phrases.")
            model = IntentModel(
                tuple(_text(file["intents"]).split("\n")),
                tuple(_text(file["features"]).split("\n")),
                file["rarity"].astype(np.float32),
                file["coefficients"].astype(np.float32),
                file["intercepts"].astype(np.float32),
            )
    except (ValueError, KeyError, OSError, EOFError, BadZipFile, IndexError) as fault:
        raise ModelUnusable(f"The model cannot be read ({fault!s:.120}).") from fault
    shape = (len(model.intents), len(model.features))
    sizes = model.coefficients.shape, model.intercepts.shape, model.rarity.shape
    if sizes != (shape, shape[:1], shape[1:]) or not np.isfinite(model.coefficients).all():
        raise ModelUnusable("The model's arrays do not fit each other.")
    return model


def _letters(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> str:
    return array.tobytes().decode()
