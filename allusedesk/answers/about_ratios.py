"""Answers about the ratios of return to risk, as the monthly report has them."""

from __future__ import annotations

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking, RatioRow
from allusedesk.answers.phrasing import fact

_TITLES = ("of", "weeks", "volatility a year", "Sharpe", "Sortino")


def ratios(asking: Asking) -> Answer:
    """Sharpe and Sortino of the year of weeks up to the end of the month asked about."""
    found = asking.risk.ratios(asking.within().last)
    if found is None:
        return asking.nothing(f"No month is on record {asking.within().when}.")
    if found.silence:
        return asking.nothing(found.silence)
    nature = Nature.MODELLED if found.is_modelled else Nature.MEASURED
    whole = found.rows[-1]
    wanted = {account.replace(".", " ").casefold() for account in asking.slots.accounts}
    own = [one for one in found.rows if one.name.casefold() in wanted] if wanted else [whole]
    if not own:
        return asking.nothing(
            f"{', '.join(asking.slots.accounts)} had too few whole weeks by {found.last}."
        )

    def cell(text: str) -> Part:
        return fact(text, *found.entries, nature=nature) if text else "-"

    first = own[0]
    over = f"Over the last {first.weeks} whole weeks to {found.last} {_named(first, whole)}"
    report = f"as the monthly report of {found.month} has them"
    said: list[tuple[Part, ...]] = [
        (
            f"{over} had a Sharpe ratio of ",
            cell(first.sharpe),
            " and a Sortino ratio of ",
            cell(first.sortino),
            f", of a year and over a free rate of {found.free}, {report}.",
        )
    ]
    if first is whole and found.error:
        uncertain = f"The Sharpe of so few weeks is uncertain by {found.error} either way"
        said.append((f"{uncertain} (one standard error).",))
    shown = own if wanted else found.rows
    rows = tuple(
        (
            one.name,
            fact(one.weeks, *found.entries),
            cell(one.volatility),
            cell(one.sharpe),
            cell(one.sortino),
        )
        for one in shown
    )
    return asking.answer(*said, table=Table(_TITLES, rows), about=f"{found.month}")


def _named(one: RatioRow, whole: RatioRow) -> str:
    return "the desk" if one is whole else one.name
