"""How the rules worked out over a whole journal: targets, levels, rolls, bands, hedges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from allusedesk.domain.money import Money, total
from allusedesk.journal.queries.record import sleeves, weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import WeeklyReturn

_PUT, _SHARES = "put", "shares"
_BAND = "entry.delta"
_ROLL_RULES = ("level.mandatory", "level.L2")
_NO_ROLL_RULES = ("roll.none_escalates", "roll.none")


@dataclass(frozen=True, slots=True)
class SleeveEarned:
    """What a sleeve earned over its weeks beside what its target wanted of them.

    `weeks_reached` counts the weeks whose return was at least the target; `idle` those without a
    position and an entry, of `weeks` in all.
    """

    account: str
    weeks: int
    idle: int
    earned: Money
    wanted: Money
    weeks_reached: int


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many positions of a kind ever stood at a level."""

    holding: str
    level: str
    positions: int


@dataclass(frozen=True, slots=True)
class RollCount:
    """Puts that had to be rolled: how often a roll was found, traded, or none was there.

    `exits` are puts left at once, at their stop or for want of a roll.
    """

    found: int
    traded: int
    none: int
    exits: int
    exits_traded: int


@dataclass(frozen=True, slots=True)
class BandCount:
    """Of the weeks a sleeve looked for a contract on a symbol, those without a strike in the band.

    `tried` counts sleeve, symbol, side and week once, however often it was looked at.
    """

    account: str
    tried: int
    empty: int
    traded: int

    @property
    def share(self) -> Decimal:
        return Decimal(self.empty) / self.tried if self.tried else Decimal(0)


@dataclass(frozen=True, slots=True)
class Unaffordable:
    """A symbol whose lot was too dear for a sleeve, in how many weeks, and the last reason."""

    account: str
    symbol: str
    weeks: int
    reason: str


@dataclass(frozen=True, slots=True)
class HedgeCount:
    """How often hedging was called for, hedges bought, and the weeks one was wanted in vain."""

    called: int
    bought: int
    weeks_without: int


def earned_by_sleeve(side: ReadSide) -> tuple[SleeveEarned, ...]:
    """Every sleeve's earnings and targets, in the order they were opened."""
    idle = side.pairs(
        "SELECT account, count(DISTINCT week) FROM outcomes WHERE outcome = 'W-IDL' "
        "GROUP BY account"
    )
    by_account: dict[str, list[WeeklyReturn]] = {}
    for one in weekly_returns(side):
        by_account.setdefault(one.account, []).append(one)
    goals = {
        account: next((one.target for one in found if one.target is not None), Decimal(0))
        for account, found in by_account.items()
    }
    return tuple(
        SleeveEarned(
            sleeve.account,
            len(found),
            idle.get(sleeve.account, 0),
            total([one.equity_end - one.equity_start - one.moved for one in found]),
            total([one.held * goals[sleeve.account] for one in found]),
            sum(1 for one in found if one.value >= goals[sleeve.account]),
        )
        for sleeve in sleeves(side)
        if (found := by_account.get(sleeve.account))
    )


def levels_reached(side: ReadSide) -> tuple[LevelCount, ...]:
    """How many puts, and how many lots of shares, ever stood at each level but the calmest."""
    found: list[LevelCount] = []
    for holding, is_put in ((_PUT, True), (_SHARES, False)):
        counted = side.rows(
            "SELECT level, count(DISTINCT position) FROM levels JOIN lots ON id = position "
            "WHERE (instrument_opened LIKE '% put') = ? AND level NOT IN ('hold', 'L0') "
            "GROUP BY level ORDER BY min(distance)",
            (is_put,),
        )
        found += [LevelCount(holding, level, count) for level, count in counted]
    return tuple(found)


def rolls_of_puts(side: ReadSide) -> RollCount:
    """What became of the puts that their level wanted rolled."""
    rows = _proposals(side)
    rolls = [done for kind, rule, done in rows if kind == "roll" and rule in _ROLL_RULES]
    exits = [done for kind, _, done in rows if kind == "emergency exit"]
    none = [
        rule
        for kind, rule, _ in rows
        if rule in _NO_ROLL_RULES or (kind == "adjustment" and rule in _ROLL_RULES)
    ]
    return RollCount(
        len(rolls), sum(map(bool, rolls)), len(none), len(exits), sum(map(bool, exits))
    )


def bands_without_strike(side: ReadSide, week: str = "%") -> tuple[BandCount, ...]:
    """How often the band of deltas held no strike, by sleeve; in one week or in all."""
    empty, tried = _looked_for(side, week)
    sold = _sold(side, week)
    tried |= sold
    accounts = [one.account for one in sleeves(side)]
    return tuple(
        BandCount(
            account,
            sum(1 for chance in tried if chance[0] == account),
            sum(1 for chance in empty - sold if chance[0] == account),
            sum(1 for chance in sold if chance[0] == account),
        )
        for account in accounts
    )


def unaffordable_lots(side: ReadSide) -> tuple[Unaffordable, ...]:
    """The symbols a sleeve was too small for, and the sleeve the last look would have needed."""
    rows = side.rows(
        "SELECT account, candidate, week, reason FROM turned_down "
        "WHERE rule = 'lot.unaffordable' ORDER BY account, candidate, sequence"
    )
    found = []
    for (account, symbol), group in groupby(rows, key=lambda row: (row[0], row[1])):
        seen = list(group)
        weeks = len({row[2] for row in seen})
        found.append(Unaffordable(account, symbol, weeks, seen[-1][3]))
    return tuple(found)


def hedges_bought(side: ReadSide) -> HedgeCount:
    """How often hedges were called for, bought, and not to be had."""
    return HedgeCount(
        breakers_tripped(side).get("hedge", 0),
        side.column("SELECT count(*) FROM lots WHERE role = 'hedge'")[0],
        side.column("SELECT count(DISTINCT week) FROM turned_down WHERE rule = 'hedge.none'")[0],
    )


def breakers_tripped(side: ReadSide) -> dict[str, int]:
    """How often each breaker tripped, by its name."""
    texts = side.column("SELECT text FROM notices WHERE subject = 'breaker' AND severity = 'alarm'")
    return dict(sorted(Counter(text.split(" ")[1] for text in texts).items()))


def proposals_by_end(side: ReadSide) -> dict[str, int]:
    """How many proposals were approved, declined, refused, voided, lapsed or are open."""
    return side.pairs("SELECT verdict, count(*) FROM proposals GROUP BY verdict ORDER BY verdict")


def _proposals(side: ReadSide) -> list[tuple[str, str, int]]:
    rows = side.rows("SELECT kind, rule, quantity_done FROM proposals ORDER BY sequence")
    return [(kind, rule.rpartition("/")[2], done) for kind, rule, done in rows]


_Chance = tuple[str, str, str, str]


def _looked_for(side: ReadSide, week: str) -> tuple[set[_Chance], set[_Chance]]:
    """Sleeve, week, symbol and side of each search in vain: for want of a strike, and for any."""
    rows = side.rows(
        "SELECT sequence, account, week, candidate, rule FROM turned_down WHERE proposal = '' "
        "AND week LIKE ? AND (rule = ? OR rule LIKE 'liquidity.%' "
        "OR rule IN ('premium.none', 'greeks.none')) "
        "ORDER BY sequence",
        (week, _BAND),
    )
    empty: set[_Chance] = set()
    tried: set[_Chance] = set()
    for _, group in groupby(rows, key=lambda row: row[0]):
        outside: set[_Chance] = set()
        gated: set[_Chance] = set()
        for _, account, of_week, candidate, rule in group:
            words = candidate.split(" ")
            if len(words) > 1:
                holding = "call" if "call" in words[-1] else _PUT
                chance = (account, of_week, words[0], holding)
                (outside if rule == _BAND else gated).add(chance)
        tried |= outside | gated
        empty |= outside - gated
    return empty, tried


def _sold(side: ReadSide, week: str) -> set[_Chance]:
    rows = side.rows(
        "SELECT account, week, legs FROM proposals WHERE kind IN ('entry', 'covered call') "
        "AND week LIKE ? AND rule NOT LIKE '%at_the_money'",
        (week,),
    )
    found = set()
    for account, of_week, legs in rows:
        words = legs.split(" ")
        found.add((account, of_week, words[1], words[-1]))
    return found
