"""Which question was meant: logistic regression on words, what they mean, and letters.

Features are the stems of words and of neighbours, the concepts they stand for (and pairs of
those), and groups of letters within a word, weighted by how rare they are (TF-IDF) and brought to
length one. scikit-learn fits; scoring needs its arrays alone, so a kept model answers without it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allusedesk.answers.naming import one_edit

Floats = NDArray[np.float32]

VERSION = 1
_STRENGTH = 60.0
_STEPS_MAX = 200
_LETTERS = 4
# How much each kind of feature counts beside a word.
_PAIR, _CONCEPT, _CONCEPTS, _LETTER = 0.6, 1.3, 0.7, 0.25
_CONCEPTS_PAIRED_MAX = 6
_SPELT_LEAST = 5
_FILLERS = frozenset(
    "a an the and or but of in on at to for from by with as is are was were be been do does "
    "did has have had can could will would may might must i me my we us our you your it its "
    "they them that this these those there here what which who when where why how not no yes "
    "any some all every each more most less very too just only also so than then now yet "
    "still ever never again vs versus pls please ok okay hey thanks thx wk wks avg recent "
    "recently past usually normally exactly roughly about around amount number much many gone "
    "going get got give show tell".split()
)
_WORD = re.compile(r"[^\W_]+(?:[&.'-][^\W_]+)*")

# Words by what they mean: the concept of each stem, or of two stems in a row.
Concepts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class IntentModel:
    """Numbers that turn a question into probabilities of `intents`.

    `features` names the columns, `rarity` (features) weighs them, `coefficients` are of shape
    (intents, features), `intercepts` (intents).
    """

    intents: tuple[str, ...]
    features: tuple[str, ...]
    rarity: Floats
    coefficients: Floats
    intercepts: Floats


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest intents with their probabilities, and how many words are not known at all."""

    ranked: tuple[tuple[str, float], ...]
    unknown: int


class IntentReader:
    """A model with its columns looked up once, and the words a misspelling may have meant."""

    def __init__(self, model: IntentModel, concepts: Concepts) -> None:
        self.model = model
        self._concepts = concepts
        self._places = {name: place for place, name in enumerate(model.features)}
        words = {name[2:] for name in model.features if name[0] == "w"}
        known = {part for stem in concepts for part in stem.split(" ")}
        self._words = frozenset(words | known)
        self._spelt = tuple(sorted(word for word in words | known if len(word) >= _SPELT_LEAST))

    def guess(self, masked: str, most: int = 5) -> Guess:
        """The likeliest intents of a question whose names are masked."""
        stems = [self._meant(stem) for stem in stems_of(masked)]
        columns, values = _row(stems, self._concepts, self._places, self.model.rarity)
        scores = self.model.intercepts.astype(np.float64)
        if columns:
            weights = np.array(values, dtype=np.float64)
            scores = scores + self.model.coefficients[:, columns].astype(np.float64) @ weights
        grown = np.exp(scores - scores.max())
        shares = grown / grown.sum()
        order = np.argsort(-shares, kind="stable")[:most]
        unknown = sum(1 for one in stems if one not in self._words and one not in _FILLERS)
        return Guess(
            tuple((self.model.intents[place], float(shares[place])) for place in order.tolist()),
            unknown,
        )

    def _meant(self, stem: str) -> str:
        """The stem, or the one known stem that it misspells by a letter."""
        if stem in self._words or len(stem) < _SPELT_LEAST - 1:
            return stem
        near = [word for word in self._spelt if word[0] == stem[0] and one_edit(stem, word)]
        return near[0] if near else stem


def concepts_of(words: Mapping[str, Sequence[str]]) -> Concepts:
    """The concepts of each stem, from the words that each concept has."""
    found: dict[str, tuple[str, ...]] = {}
    for concept, forms in words.items():
        for form in forms:
            stem = " ".join(stems_of(form))
            if concept not in found.get(stem, ()):
                found[stem] = (*found.get(stem, ()), concept)
    return found


def learn(phrases: Sequence[tuple[str, str]], concepts: Concepts) -> IntentModel:
    """The model of pairs of a masked phrase and its intent; the same pairs give the same model."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    stems = [stems_of(masked) for masked, _ in phrases]
    bags = [_bag(one, concepts) for one in stems]
    found = Counter(feature for bag in bags for feature in bag)
    features = tuple(sorted(name for name, count in found.items() if count > 1 or name[0] == "w"))
    rarity = np.array(
        [math.log((1 + len(bags)) / (1 + found[name])) + 1.0 for name in features],
        dtype=np.float32,
    )
    places = {name: place for place, name in enumerate(features)}
    rows, columns, values = [], [], []
    for number, one in enumerate(stems):
        found_columns, found_values = _row(one, concepts, places, rarity)
        rows += [number] * len(found_columns)
        columns += found_columns
        values += found_values
    intents = tuple(sorted({intent for _, intent in phrases}))
    codes = [intents.index(intent) for _, intent in phrases]
    matrix = csr_matrix((values, (rows, columns)), shape=(len(phrases), len(features)))
    model = LogisticRegression(C=_STRENGTH, solver="lbfgs", tol=1e-3, max_iter=_STEPS_MAX)
    model.fit(matrix, codes)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(intents) == 2:
        # scikit-learn gives two classes one row.
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    return IntentModel(
        intents,
        features,
        rarity,
        np.asarray(coefficients, dtype=np.float32),
        np.asarray(intercepts, dtype=np.float32),
    )


def stems_of(masked: str) -> list[str]:
    """The words of a question without their endings, in order."""
    return [_stem(word) for word in _WORD.findall(masked)]


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            short = word[: -len(ending)]
            return short[:-1] if short[-1] == short[-2] and short[-1] not in "ls" else short
    if len(word) > 3 and word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _bag(stems: Sequence[str], concepts: Concepts) -> dict[str, float]:
    bag: dict[str, float] = {}
    for stem in stems:
        bag[f"w {stem}"] = 1.0
        framed = f" {stem} "
        for start in range(len(framed) - _LETTERS + 1):
            bag[f"c {framed[start : start + _LETTERS]}"] = _LETTER
    for first, second in zip(["^", *stems], [*stems, "$"], strict=True):
        bag[f"p {first} {second}"] = _PAIR
    meant: dict[str, None] = {}
    for place, stem in enumerate(stems):
        for phrase in (
            stem,
            " ".join(stems[place : place + 2]),
            " ".join(stems[place : place + 3]),
        ):
            meant |= dict.fromkeys(concepts.get(phrase, ()))
    for concept in meant:
        bag[f"k {concept}"] = _CONCEPT
    few = sorted(meant)[:_CONCEPTS_PAIRED_MAX]
    for place, one in enumerate(few):
        for other in few[place + 1 :]:
            bag[f"m {one} {other}"] = _CONCEPTS
    return bag


def _row(
    stems: Sequence[str], concepts: Concepts, places: dict[str, int], rarity: Floats
) -> tuple[list[int], list[float]]:
    """Columns and values of a question, of length one."""
    found = sorted(
        (places[name], weight * float(rarity[places[name]]))
        for name, weight in _bag(stems, concepts).items()
        if name in places
    )
    size = math.sqrt(math.fsum(value * value for _, value in found)) or 1.0
    return [place for place, _ in found], [value / size for _, value in found]
