"""A model as text and back: plain numbers in JSON, checked before any is used."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import fields
from typing import Any

import numpy as np

from allusedesk.learning.week_type_model import VERSION, WeekTypeModel

_ARRAYS = ("means", "scales", "coefficients", "intercepts", "slopes", "shifts", "base")
_TEXTS = ("target", "first", "last")
_LISTS = ("classes", "features")
_HASH = "sha256"
LETTERS_MAX = 2_000_000


class ModelRefused(Exception):
    """A text that is no model for this desk; one plain sentence says why and what to do."""


def write_model(model: WeekTypeModel) -> str:
    """The model as JSON with the hash of its numbers, the same for equal models."""
    content = _content(model)
    return _json({**content, _HASH: _hash(content)})


def name_of(model: WeekTypeModel) -> str:
    """What a forecast names its model by: the code's version and a hash of the model's numbers."""
    return f"{model.version}/{_hash(_content(model))[:12]}"


def read_model(text: str, features: tuple[str, ...]) -> WeekTypeModel:
    """The model behind a text, for rows of these features.

    Raises ModelRefused for a text that is damaged or was changed by hand, for another version,
    and for other features.
    """
    if len(text) > LETTERS_MAX:
        raise ModelRefused("The model is far too long to be one: learn it anew.")
    try:
        content: dict[str, Any] = json.loads(text)
        found = _checked(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise ModelRefused(
            f"The model cannot be read ({fault!s:.120}): learn it anew with `allusedesk advise`."
        ) from fault
    if found.version != VERSION:
        raise ModelRefused(
            f"The model is of version {found.version}, this desk's are {VERSION}: learn it anew."
        )
    if content.get(_HASH) != _hash(_content(found)):
        raise ModelRefused("The model is not as it was written: its hash differs. Learn it anew.")
    if found.features != features:
        raise ModelRefused("The model was learnt from other features: learn it anew.")
    return found


def _content(model: WeekTypeModel) -> dict[str, object]:
    content: dict[str, object] = {}
    for field in fields(WeekTypeModel):
        value = getattr(model, field.name)
        content[field.name] = value.tolist() if field.name in _ARRAYS else value
    return content


def _hash(content: dict[str, object]) -> str:
    return hashlib.sha256(_json(content).encode("ascii")).hexdigest()


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _checked(content: dict[str, Any]) -> WeekTypeModel:
    values: dict[str, Any] = {}
    for name in _LISTS:
        values[name] = tuple(_text(one, name) for one in content[name])
    for name in (*_TEXTS, "version"):
        values[name] = _text(content[name], name)
    classes, columns = len(values["classes"]), len(values["features"])
    shapes = {"means": (columns,), "scales": (columns,), "coefficients": (classes, columns)}
    for name in _ARRAYS:
        array = np.array(content[name], dtype=np.float64)
        if array.shape != shapes.get(name, (classes,)) or not np.isfinite(array).all():
            raise ValueError(f"{name} are not as many finite numbers as they should be")
        values[name] = array
    weeks, shrinkage = content["weeks"], content["shrinkage"]
    if type(weeks) is not int or type(shrinkage) is not float or not math.isfinite(shrinkage):
        raise ValueError("weeks or shrinkage is no number")
    if (values["scales"] < 0.0).any() or not (values["base"] > 0.0).all():
        raise ValueError("a scale or a base rate is below nothing")
    return WeekTypeModel(**values, weeks=weeks, shrinkage=shrinkage)


def _text(value: object, name: str) -> str:
    if type(value) is not str:
        raise ValueError(f"{name} holds something that is no text")
    return value
