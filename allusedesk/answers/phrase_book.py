"""The questions that can be asked, as they ship, with phrases and words that mean the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allusedesk.answers.intent_model import Concepts, concepts_of
from allusedesk.answers.naming import Names
from allusedesk.domain.toml_text import read_toml

COMMAND, OTHER = "command", "other"


class PhrasesRefused(ValueError):
    """A text of phrases that cannot be used; one plain sentence says which and why."""


@dataclass(frozen=True, slots=True)
class IntentPhrases:
    """One kind of question: how it is offered, what "why?" means after it, and how it is asked.

    Those of one `theme` stand in the same file.
    """

    theme: str
    name: str
    ask: str
    why: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordMeant:
    """What a word means, and each form in small letters that it is asked for in."""

    meaning: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Every kind of question, the concepts of words, and companies by name.

    `words` are those of the trade with what each means, `figures` the words in small letters that
    are figures too. `digest` tells two books apart, so that a model learnt from another is never
    used.
    """

    intents: tuple[IntentPhrases, ...]
    concepts: Concepts
    companies: Mapping[str, str]
    words: Mapping[str, WordMeant]
    figures: frozenset[str]
    digest: str

    def named(self, names: Names) -> Names:
        """The names of a journal with the companies and words of this book."""
        spelt = {form: word for word, one in self.words.items() for form in one.forms}
        return replace(names, companies=self.companies, words=spelt, figures=self.figures)

    def asked_as(self, name: str) -> IntentPhrases:
        """The kind of question of that name; raises KeyError for none."""
        for one in self.intents:
            if one.name == name:
                return one
        raise KeyError(name)


def read_phrases(texts: Sequence[tuple[str, str]]) -> PhraseBook:
    """The book in texts of TOML, each with the name of its file; raises PhrasesRefused."""
    intents: list[IntentPhrases] = []
    words: dict[str, list[str]] = {}
    companies: dict[str, str] = {}
    meant: dict[str, WordMeant] = {}
    figures: set[str] = set()
    for origin, text in texts:
        try:
            content: dict[str, Any] = read_toml(text)
            intents += [_intent(one, origin) for one in content.get("intent", [])]
            words |= content.get("concepts", {})
            companies |= content.get("companies", {})
            for one in content.get("word", []):
                forms = (one["name"].lower(), *one.get("forms", []))
                meant[one["name"]] = WordMeant(one["meaning"], forms)
                figures |= set(forms if one.get("is_figure", False) else ())
        except (ValueError, KeyError, TypeError) as fault:
            raise PhrasesRefused(
                f"{origin} cannot be read ({fault}): restore the file that ships with the desk."
            ) from fault
    digest = hashlib.sha256("\n".join(text for _, text in texts).encode()).hexdigest()
    concepts = concepts_of(words)
    return PhraseBook(tuple(intents), concepts, companies, meant, frozenset(figures), digest)


def _intent(content: dict[str, Any], theme: str) -> IntentPhrases:
    return IntentPhrases(
        theme, content["name"], content["ask"], content.get("why", ""), tuple(content["phrases"])
    )
