"""Words of the trade, and whether a client's statement explains each it uses."""

from __future__ import annotations

import re

from allusedesk.reports.client.glossary import TERMS, texts_of
from allusedesk.reports.statement import Statement, Table

JARGON = re.compile(
    "strikes?|premiums?|assign(ed|ment)|exercised?|expir(y|es|ed)|dte|delta|gamma|theta|vega|vix|"
    "volatility|collateral|margin|drawdown|equity|notional|leverage|csp|cc|leaps|atr|var|hedges?|"
    "roll(ed)?|naked|lots?|sleeves?|bid|mid|quotes?|contracts?|basis|underlying|multiplier|"
    "unrealised|realised|breaker|liquidity|clips?|fills?|filled|proposals?|settled?|settlement|"
    "shares?|options?|puts?|calls?|dividends?|commissions?|spreads?|split|index|rulebook|journal|"
    "modelled|measured|estimate|broker|gen|rev|com|portfolio|positions?|otm|itm|usd|"
    "interest|closes?",
    re.IGNORECASE,
)


def assert_explained(statement: Statement) -> None:
    """Fail where a word of the trade stands anywhere and is not in the statement's glossary."""
    *rest, glossary = statement.sections
    (words,) = glossary.blocks
    assert isinstance(words, Table)
    explained = {str(row[0]) for row in words.rows}
    patterns = [term.written for term in TERMS if term.word in explained]
    text = "\n".join([*texts_of(rest), *(str(row[1]) for row in words.rows)])
    # What an account is called is a name.
    text = re.sub(r"F\d+\.(gen|rev|com)", "", text)
    found = {word for word in re.findall(r"[A-Za-z]+", text) if JARGON.fullmatch(word)}
    unexplained = {
        word
        for word in found
        if not any(re.fullmatch(pattern, word, re.IGNORECASE) for pattern in patterns)
    }
    assert found
    assert not unexplained, unexplained
