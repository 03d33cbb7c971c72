"""What each word of the trade means, for somebody who has never traded an option."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from allusedesk.reports.statement import (
    Block,
    Column,
    Heading,
    KeyFigures,
    Paragraph,
    Reference,
    Section,
    Table,
)
from allusedesk.reports.wording import shown


@dataclass(frozen=True, slots=True)
class Term:
    """A word, how it may be written (a regular expression), and its meaning."""

    word: str
    written: str
    meaning: str

    @property
    def anchor(self) -> str:
        return f"word-{self.word.replace(' ', '-').lower()}"


TERMS = (
    Term(
        "share",
        r"shares?",
        "A small part of a company, which can be bought and sold on an exchange.",
    ),
    Term(
        "option",
        r"options?",
        "An agreement about a share: one side pays now, the other promises to buy or to sell the "
        "share at a fixed price until a certain day. Whoever has paid may use it and need not.",
    ),
    Term(
        "put",
        r"(?:a )?puts?",
        "An option under which somebody else may sell shares to you at a fixed price: your "
        "promise to buy. If you are the one who paid for it, it is your right to sell.",
    ),
    Term(
        "call",
        r"(?:a )?calls?",
        "An option under which somebody else may buy shares from you at a fixed price: your "
        "promise to sell. If you are the one who paid for it, it is your right to buy.",
    ),
    Term("premium", r"premiums?", "What is paid for an option when it is agreed."),
    Term(
        "called away",
        r"called away",
        "Shares are called away when somebody uses your promise to sell them: they are sold at "
        "the price that was promised.",
    ),
    Term(
        "close",
        r"closes?",
        "The end of a trading day, when the last prices of the day are made.",
    ),
    Term(
        "commission",
        r"commissions?",
        "What the broker charges for a trade.",
    ),
    Term(
        "broker",
        r"brokers?",
        "The firm that carries out the trades and keeps the money and the shares.",
    ),
    Term(
        "spread",
        r"spreads?",
        "The gap between what buyers offer and what sellers ask at one moment. Whoever trades at "
        "once gives up a part of it.",
    ),
    Term("dividend", r"dividends?", "Money a company pays to those who hold its shares."),
    Term("interest", r"interest", "What is paid for money that is lent or kept."),
    Term(
        "split",
        r"splits?",
        "A company makes several shares out of each; the price falls to match, so nothing is "
        "gained or lost.",
    ),
    Term(
        "index",
        r"index(?:es)?",
        "A figure that tells how the prices of many shares stand together. It cannot be bought "
        "itself; an option on it brings money instead of shares.",
    ),
    Term(
        "set aside",
        r"set aside",
        "Money that stays in the account but is not used for trading.",
    ),
    Term(
        "measured",
        r"measured",
        "The figure is in the record as it happened.",
    ),
    Term(
        "modelled",
        r"modelled",
        "The figure rests, wholly or partly, on prices that were computed by a formula, because "
        "no price from a market was recorded. The true price could have been another one.",
    ),
    Term(
        "estimate",
        r"estimates?",
        "A careful guess, which may turn out wrong.",
    ),
    Term(
        "target",
        r"targets?",
        "What the rules hope for. It is no promise and says nothing about what will come.",
    ),
    Term("USD", r"USD", "United States dollars."),
    Term(
        "rehearsal",
        r"rehearsals?",
        "The rules are tried on days that are past. No real money is used.",
    ),
    Term(
        "paper",
        r"paper",
        "Trading for practice: orders are made up as if they were real. No real money is used.",
    ),
    Term(
        "rulebook",
        r"rulebooks?",
        "The written rules by which the desk decides what to trade.",
    ),
    Term(
        "desk",
        r"desk",
        "The program that watches prices, proposes trades, asks a person and keeps the record.",
    ),
    Term(
        "journal",
        r"journal",
        "The record of everything that happened, which cannot be changed unseen.",
    ),
    Term(
        "chain head",
        r"chain head",
        "A long number computed from every entry of the journal. If one entry were changed, the "
        "number would be another; so two people can compare whether they read the same record.",
    ),
    Term("provisional", r"provisional", "Not the last word: the period still runs."),
    Term("Gen", r"Gen", "The part of the account that makes promises most often."),
    Term("Rev", r"Rev", "The part of the account that is meant to bring a steady income."),
    Term("Com", r"Com", "The part of the account that mostly holds shares for long."),
)
_SECTION = "What the words mean"


def glossary_section(sections: Iterable[Section], also: str) -> Section:
    """The meaning of every word of the trade that stands in the sections, or in `also`.

    A word that explains another one is explained too.
    """
    text = "\n".join([also, *texts_of(sections)])
    found: list[Term] = []
    while True:
        more = [term for term in TERMS if term not in found and _stands_in(term, text)]
        if not more:
            break
        found += more
        text = "\n".join(term.meaning for term in more)
    found.sort(key=lambda term: term.word.lower())
    return Section(
        _SECTION,
        (
            Table(
                "",
                (Column("Word"), Column("Meaning")),
                tuple((term.word, term.meaning) for term in found),
                row_anchors=tuple(term.anchor for term in found),
            ),
        ),
    )


def with_links(section: Section) -> Section:
    """The section with each word of the trade leading to its meaning where it first stands."""
    seen: set[str] = set()
    blocks: list[Block] = []
    for block in section.blocks:
        if not isinstance(block, Paragraph):
            blocks.append(block)
            continue
        links = []
        for term in TERMS:
            place = _pattern(term).search(block.text)
            # A reference is drawn where its words first stand, even within another word.
            if place and term.word not in seen and block.text.find(place[0]) == place.start():
                seen.add(term.word)
                links.append(Reference(place[0], term.anchor))
        blocks.append(replace(block, references=(*block.references, *links)))
    return replace(section, blocks=tuple(blocks))


def texts_of(sections: Iterable[Section]) -> list[str]:
    """Every text a reader of the sections sees."""
    found: list[str] = []
    for section in sections:
        found.append(section.title)
        for block in section.blocks:
            match block:
                case Heading() | Paragraph():
                    found.append(block.text)
                case KeyFigures():
                    for figure in block.figures:
                        found += [figure.label, figure.note, shown(figure.value)]
                        found.append(figure.qualifier.value if figure.qualifier else "")
                case Table():
                    found += [block.title, "" if block.rows else block.empty]
                    for column in block.columns:
                        found += [column.title, column.unit]
                        found.append(column.qualifier.value if column.qualifier else "")
                    found += [
                        cell
                        for row in (*block.rows, block.totals)
                        for cell in row
                        if isinstance(cell, str)
                    ]
                case _:
                    found.append(block.title)
    return found


def _stands_in(term: Term, text: str) -> bool:
    return _pattern(term).search(text) is not None


def _pattern(term: Term) -> re.Pattern[str]:
    # A tier's name is a word of the trade only as it is written; others also begin sentences.
    flags = 0 if term.word[0].isupper() else re.IGNORECASE
    return re.compile(rf"\b{term.written}\b", flags)
