"""Each limit of the rulebook with what is used of it now."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.sleeve_views import (
    cash_buffer,
    cash_free,
    exposure_of,
    values_now,
)
from allusedesk.engine.state import DeskState
from allusedesk.portfolio.valuation import AccountValue
from allusedesk.risk.circuit_breakers import vix_triggers
from allusedesk.risk.margin import MarginLeg, margin_use, regulation_t


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One limit: `where` is a sleeve or the desk, `used` the fraction of the limit taken.

    At 1 and above the limit is reached; `is_kept` says whether it still holds.
    """

    where: str
    name: str
    value: str
    limit: str
    used: float
    is_kept: bool


@dataclass(frozen=True, slots=True)
class IssuerUse:
    """What all families together have in one issuer, beside what they may have.

    `by_family` lists families that hold any of it.
    """

    issuer: str
    used: Money
    limit: Money
    by_family: tuple[tuple[str, Money], ...]

    @property
    def share(self) -> float:
        """Used as a fraction of the limit."""
        return float(self.used.amount / self.limit.amount) if self.limit.amount > 0 else 0.0


def limits_used(state: DeskState, snapshot: MarketSnapshot) -> tuple[LimitUse, ...]:
    """Every limit of every sleeve, then those of the desk; raises ValueError before a desk."""
    values = values_now(state)
    found: list[LimitUse] = []
    for account in sorted(state.sleeves):
        found.extend(_of_sleeve(state, account, values.of(account), snapshot))
    found.extend(
        _money("desk", f"issuer {one.issuer}, all families", one.used, one.limit)
        for one in issuers_of(state)
    )
    if snapshot.volatility is not None:
        vix = snapshot.volatility.vix
        found.extend(
            LimitUse(
                "desk",
                f"VIX, breaker {breaker.value}",
                f"{vix}",
                f"at most {level}",
                float(vix / level),
                is_kept=vix <= level,
            )
            for breaker, level in vix_triggers(state.rules)
        )
    return tuple(found)


def _of_sleeve(
    state: DeskState, account: AccountId, value: AccountValue, snapshot: MarketSnapshot
) -> list[LimitUse]:
    where, rules = str(account), state.rules.account(kind_of(account))
    settled = state.book.cash[account].settled
    sleeve, free = state.sleeves[account], cash_free(state, account)
    least = value.equity * cash_buffer(state, sleeve)
    found = [
        _money(where, "cash held by short puts", value.collateral, settled),
        LimitUse(
            where,
            "cash kept back",
            str(free),
            f"at least {least}",
            _share(least, free) if least.amount > 0 else 0.0,
            is_kept=free >= least,
        ),
        LimitUse(
            where,
            "fall from its high",
            f"{sleeve.drawdown:.1%}",
            f"below {rules.drawdown_max:.1%}",
            float(sleeve.drawdown / rules.drawdown_max),
            is_kept=sleeve.drawdown < rules.drawdown_max,
        ),
        _margin(state, account, value, snapshot),
    ]
    if rules.symbol_cap is not None:
        cap = value.equity * rules.symbol_cap
        by_symbol: dict[str, Money] = {}
        for lot in state.book.positions_of(account):
            by_symbol[lot.underlying] = by_symbol.get(lot.underlying, NOTHING) + exposure_of(
                state, lot
            )
        found.extend(
            _money(where, f"in {symbol}", by_symbol[symbol], cap)
            for symbol in sorted(by_symbol)
            if by_symbol[symbol]
        )
    return found


def _margin(
    state: DeskState, account: AccountId, value: AccountValue, snapshot: MarketSnapshot
) -> LimitUse:
    """Margin used by what neither cash secures nor shares cover: nothing for the protocol's own."""
    asked = NOTHING
    if value.collateral > state.book.cash[account].settled:
        legs: dict[str, list[MarginLeg]] = {}
        for lot in state.book.positions_of(account):
            quote = snapshot.quote_of(lot.instrument)
            mark = quote.mark if quote is not None else None
            leg = MarginLeg(lot.instrument, lot.quantity_signed, mark or lot.price_average)
            legs.setdefault(lot.underlying, []).append(leg)
        for symbol in sorted(legs):
            spot = state.spots.get(symbol)
            options = [one for one in legs[symbol] if isinstance(one.instrument, OptionContract)]
            if spot is not None and options:
                asked = asked + regulation_t(legs[symbol], spot, state.rules.margin).maintenance
    used, limit = margin_use(asked, value.equity), state.rules.margin.use_max
    return LimitUse(
        str(account),
        "margin use",
        f"{used:.1%}",
        f"at most {limit:.0%}",
        float(used / limit),
        is_kept=used <= limit,
    )


def issuers_of(state: DeskState) -> tuple[IssuerUse, ...]:
    """Strikes of short puts and shares at their price, over all families, largest first."""
    cap = values_now(state).equity * state.rules.capital.issuer_cap
    used: dict[str, dict[str, Money]] = {}
    for lot in state.book.all_positions():
        exposure = exposure_of(state, lot)
        if exposure:
            families = used.setdefault(state.rules.issuer_of(lot.underlying), {})
            family = str(state.book.accounts[lot.account].family)
            families[family] = families.get(family, NOTHING) + exposure
    found = [
        IssuerUse(issuer, NOTHING.plus(families.values()), cap, tuple(sorted(families.items())))
        for issuer, families in used.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.used.amount, one.issuer)))


def _money(where: str, name: str, value: Money, limit: Money) -> LimitUse:
    return LimitUse(
        where, name, str(value), f"at most {limit}", _share(value, limit), is_kept=value <= limit
    )


def _share(value: Money, limit: Money) -> float:
    """Used as a fraction of a limit; a limit of nothing is used up by anything."""
    if limit.amount > 0:
        return float(value.amount / limit.amount)
    return 1.0 if value.amount > 0 else 0.0
