"""Sections of the risk report about what is held: greeks, exposure, stress, concentration."""

from __future__ import annotations

from allusedesk.domain.money import total
from allusedesk.engine.what_if.book import BetaGreeks, with_their_sum
from allusedesk.engine.what_if.legs import LegGreeks
from allusedesk.reports.risk.values import (
    RiskEvidence,
    dollars,
    number,
    percent,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    Grid,
    KeyFigures,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import order_of, sleeve_name
from allusedesk.reports.wording import counted
from allusedesk.risk.liquidity import PARTICIPATION

_RIGHT = Alignment.RIGHT
_MEASURED = Qualifier.MEASURED


def greeks_section(evidence: RiskEvidence) -> Section:
    """Greeks by sleeve, by underlying and expiry, and weighted by beta."""
    kind = evidence.computed_as
    greeks = _greek_columns(kind)
    by_account = sorted(evidence.accounts, key=lambda one: order_of(one.value.account))
    lines = [_greek_cells(one.greeks, one.delta_value) for one in by_account]
    blocks: list[Block] = [
        Paragraph(
            "Delta in dollars is what the book gains when every underlying doubles, were it "
            "straight; gamma is how many shares of delta a dollar adds, theta what a day brings, "
            "vega what a point of volatility brings. They hold for small moves alone: stress "
            "below shows large ones."
        ),
        Table(
            "By sleeve",
            (Column("Sleeve"), Column("Lots", _RIGHT, qualifier=_MEASURED), *greeks),
            tuple(
                (sleeve_name(one.value.account), one.lots, *cells)
                for one, cells in zip(by_account, lines, strict=True)
            ),
        ),
        Table(
            "By underlying and expiry",
            (
                Column("Underlying"),
                Column("Expiry"),
                Column("Lots", _RIGHT, qualifier=_MEASURED),
                *greeks,
            ),
            tuple(
                (
                    one.underlying,
                    one.expiry or "shares",
                    one.lots,
                    *_greek_cells(one.greeks, one.delta_value),
                )
                for one in evidence.picture.greeks
            ),
            empty="Nothing but cash is held.",
        ),
        _betas(evidence.book.betas, kind),
    ]
    if evidence.without_greeks:
        blocks.append(
            Paragraph(
                f"{counted(len(evidence.without_greeks), 'instrument')} had a quote without greeks "
                f"and count as nothing in them: {', '.join(evidence.without_greeks)}.",
                Tone.WARNING,
            )
        )
    return Section("Greeks", tuple(blocks))


def _greek_columns(kind: Qualifier) -> tuple[Column, ...]:
    return (
        Column("Delta", _RIGHT, "shares", kind, is_signed=True),
        Column("Delta", _RIGHT, "USD", kind, is_signed=True),
        Column("Gamma", _RIGHT, "shares a dollar", kind, is_signed=True),
        Column("Theta", _RIGHT, "USD a day", kind, is_signed=True),
        Column("Vega", _RIGHT, "USD a point", kind, is_signed=True),
    )


def _greek_cells(greeks: LegGreeks, delta_value: float) -> tuple[Cell, ...]:
    return (
        number(greeks.delta, 1),
        dollars(delta_value),
        number(greeks.gamma, 2),
        dollars(greeks.theta),
        dollars(greeks.vega),
    )


def _betas(betas: tuple[BetaGreeks, ...], kind: Qualifier) -> Table:
    known = next((one.beta for one in betas if one.beta is not None), None)
    on = (
        "; no beta could be measured, so 1 is taken"
        if known is None
        else f", on {known.index} over {known.sessions} sessions to {known.last}"
    )
    return Table(
        f"Weighted by beta{on}" if betas else "Weighted by beta",
        (
            Column("Underlying"),
            Column("Beta", _RIGHT, qualifier=kind),
            Column("Explained", _RIGHT, qualifier=kind),
            Column("Delta", _RIGHT, "USD", kind, is_signed=True),
            Column("Weighted delta", _RIGHT, "USD of the index", kind, is_signed=True),
            Column("Weighted gamma", _RIGHT, "USD a per cent", kind, is_signed=True),
            Column("Theta", _RIGHT, "USD a day", kind, is_signed=True),
            Column("Vega", _RIGHT, "USD a point", kind, is_signed=True),
        ),
        tuple(
            (
                one.underlying,
                None if one.beta is None else number(one.beta.value),
                None if one.beta is None else percent(one.beta.fit),
                dollars(one.delta),
                dollars(one.weighted_delta),
                dollars(one.weighted_gamma),
                dollars(one.theta),
                dollars(one.vega),
            )
            for one in with_their_sum(betas)
        ),
        empty="Nothing but cash is held.",
    )


def exposure_section(evidence: RiskEvidence) -> Section:
    """What each sleeve is worth and holds against its short puts, and each issuer's part."""
    kind = evidence.marked_as
    accounts = sorted(evidence.accounts, key=lambda one: order_of(one.value.account))
    values = [one.value for one in accounts]
    money = [
        Column(title, _RIGHT, "USD", kind)
        for title in ("Equity", "Cash", "Positions", "Collateral", "Unrealised")
    ]
    sums = [
        total([getattr(one, name) for one in values])
        for name in ("equity", "cash", "positions", "collateral", "unrealised")
    ]
    return Section(
        "Exposure and collateral",
        (
            Table(
                "By sleeve",
                (Column("Sleeve"), *money, Column("Collateral of cash", _RIGHT, qualifier=kind)),
                tuple(
                    (
                        sleeve_name(one.account),
                        one.equity,
                        one.cash,
                        one.positions,
                        one.collateral,
                        one.unrealised,
                        Percent(one.collateral.share_of(one.cash)) if one.cash else None,
                    )
                    for one in values
                ),
                totals=("All", *sums, Percent(sums[3].share_of(sums[1])) if sums[1] else None),
            ),
            Table(
                "By issuer, strikes of short puts and shares at their price",
                (
                    Column("Issuer"),
                    Column("Exposure", _RIGHT, "USD", kind),
                    Column("May be", _RIGHT, "USD", Qualifier.TARGET),
                    Column("Of it used", _RIGHT, qualifier=kind),
                    Column("By family"),
                ),
                tuple(
                    (
                        one.issuer,
                        one.used,
                        one.limit,
                        percent(one.share),
                        ", ".join(f"{family} {amount}" for family, amount in one.by_family),
                    )
                    for one in evidence.picture.issuers
                ),
                empty="Nothing but cash is held.",
            ),
        ),
    )


def stress_section(evidence: RiskEvidence) -> Section:
    """Named days, spot against volatility, the rate, and the desk's own scenarios."""
    picture = evidence.picture
    blocks: list[Block] = [
        Paragraph(
            "Every lot is revalued in full under each scenario, followed as it is: nothing is "
            "rolled, closed or sold anew on the way. A loss has a minus. By beta, each symbol "
            "moves by its own beta times the market's move instead of as much as it."
        ),
        _days_of_history(evidence),
    ]
    if evidence.scenario_fault:
        told = f"A person's own scenarios were left out: {evidence.scenario_fault}"
        blocks.append(Paragraph(told, Tone.WARNING))
    if evidence.book.lots:
        blocks.append(
            Grid(
                "Gain in dollars when prices move (across) and volatilities are multiplied (down)",
                "Volatility times",
                "Prices move by",
                tuple(f"x {factor:g}" for factor in picture.factors),
                tuple(f"{move:+.0%}" if move else "0%" for move in picture.moves),
                tuple(tuple(number(gain, 0) for gain in row) for row in picture.stress),
                evidence.computed_as,
                "USD",
            )
        )
    blocks += [_own_scenarios(evidence), _rates(evidence)]
    if picture.unpriced:
        blocks.append(
            Paragraph(
                "No quote implies a volatility for these, so they count at intrinsic value: "
                f"{', '.join(picture.unpriced)}.",
                Tone.NOTE,
            )
        )
    return Section("Stress", tuple(blocks))


def _days_of_history(evidence: RiskEvidence) -> Table:
    kind, equity = evidence.computed_as, float(evidence.book.equity.amount)
    return Table(
        "Days of history and a person's own scenarios",
        (
            Column("Scenario"),
            Column("Market", _RIGHT, qualifier=_MEASURED, is_signed=True),
            Column("Volatility times", _RIGHT, qualifier=_MEASURED),
            Column("Sessions", _RIGHT, qualifier=_MEASURED),
            Column("Gain", _RIGHT, "USD", kind, is_signed=True),
            Column("Of equity", _RIGHT, qualifier=kind, is_signed=True),
            Column("Gain by beta", _RIGHT, "USD", kind, is_signed=True),
            Column("Worst in"),
            Column("Source", is_detail=True),
        ),
        tuple(
            (
                one.scenario.name,
                percent(one.scenario.move),
                number(one.scenario.factor),
                one.scenario.sessions,
                dollars(one.total),
                percent(one.total / equity) if equity > 0 else None,
                None if one.total_by_beta is None else dollars(one.total_by_beta),
                one.by_underlying[0][0] if one.by_underlying else None,
                one.scenario.source or None,
            )
            for one in evidence.book.scenarios
        ),
    )


def _own_scenarios(evidence: RiskEvidence) -> Table:
    kind, equity = evidence.computed_as, float(evidence.book.equity.amount)
    return Table(
        "The desk's own scenarios",
        (
            Column("Scenario"),
            Column("Gain", _RIGHT, "USD", kind, is_signed=True),
            Column("Of equity", _RIGHT, qualifier=kind, is_signed=True),
            Column("Worst in"),
        ),
        tuple(
            (
                one.scenario.name,
                dollars(one.total),
                percent(one.total / equity) if equity > 0 else None,
                one.by_underlying[0][0] if one.by_underlying else None,
            )
            for one in evidence.picture.scenarios
        ),
    )


def _rates(evidence: RiskEvidence) -> Table:
    shifts = [(f"{shift * 100:+.0f} points", gain) for shift, gain in evidence.book.rates]
    return Table(
        "The rate moves at once",
        (
            Column("By, in per cent a year"),
            Column("Gain", _RIGHT, "USD", evidence.computed_as, is_signed=True),
        ),
        tuple((shift, dollars(gain)) for shift, gain in shifts),
    )


def concentration_section(evidence: RiskEvidence) -> Section:
    """How much stands in few names, and how long it takes to get out."""
    book, kind = evidence.book, evidence.marked_as
    blocks: list[Block] = []
    if book.issuers.shares:
        name, share = book.issuers.shares[0]
        blocks.append(
            KeyFigures(
                (
                    Figure("Largest issuer", percent(share), kind, f"{name}, of what is deployed"),
                    Figure("Herfindahl", number(book.issuers.herfindahl), kind, "1 is one name"),
                    Figure(
                        "As concentrated as",
                        number(book.issuers.names_as_if, 1),
                        kind,
                        "equal names",
                    ),
                )
            )
        )
    unknown = sum(one.days is None for one in book.exits)
    if unknown:
        told = counted(unknown, "instrument has", "instruments have")
        blocks.append(
            Paragraph(f"{told.capitalize()} no volume on record: how long they take is not known.")
        )
    blocks.append(
        Table(
            f"Ways out, at {PARTICIPATION:.0%} of the average day's volume",
            (
                Column("Instrument"),
                Column("Held", _RIGHT, qualifier=_MEASURED),
                Column("Volume a day", _RIGHT, qualifier=kind),
                Column("Sessions", _RIGHT, qualifier=Qualifier.ESTIMATE),
                Column("Half the spread", _RIGHT, "USD", kind),
            ),
            tuple(
                (
                    str(one.instrument),
                    one.quantity,
                    None if one.volume_average is None else number(one.volume_average, 0),
                    one.days,
                    one.spread_cost,
                )
                for one in book.exits
            ),
            empty="Nothing but cash is held.",
        )
    )
    return Section("Concentration and liquidity", tuple(blocks))
