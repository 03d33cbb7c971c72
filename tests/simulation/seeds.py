"""The week of a seed: which days, prices, rulebook and people; what goes wrong; played, judged.

Every seed plays seven sessions and the nights and the weekend between them, more than the day
that is asked of it, since what a week must hold shows at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.weeks import Session
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.journal.chain import genesis, hash_of
from allusedesk.journal.codec import encode
from allusedesk.journal.scalars import write_instant
from tests.simulation.dice import Mishap
from tests.simulation.faults import LOST_IN_OUTAGES, Span
from tests.simulation.people import Act
from tests.simulation.world import SYMBOLS, World, sample_history, sessions_from, text_of, with_jump

# Mondays of weeks in which much happens: assignments, falls, rises, holidays, rolls.
MONDAYS = (
    date(2007, 3, 5),
    date(2007, 6, 18),
    date(2007, 12, 10),
    date(2008, 1, 14),
    date(2008, 3, 17),
    date(2008, 9, 8),
    date(2008, 9, 15),
    date(2008, 10, 6),
    date(2009, 2, 2),
    date(2009, 5, 11),
    date(2010, 2, 8),
    date(2010, 5, 3),
    date(2010, 6, 7),
    date(2011, 6, 20),
    date(2011, 8, 1),
    date(2011, 12, 19),
    date(2012, 5, 21),
    date(2012, 10, 22),
)
SESSIONS_PLAYED = 7
WIDE = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "GOOG", "IBM")),
    SymbolList(AccountKind.REVENUE, ("GOOG", "IBM", "MSFT")),
    SymbolList(AccountKind.COMPOUNDING, ("AAPL", "MSFT")),
)
JUMP: Mishap = ("price jump", 0)
SMALL_MARKET: Mishap = ("partial fill", -1)


@dataclass(frozen=True, slots=True)
class Jump:
    """A symbol opens a day at another level."""

    symbol: str
    day: date
    factor: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a seed decides; `only` names the mishaps that may come about, if not all.

    `days` are the sessions played. `shares` say how often each kind of mishap strikes.
    """

    seed: int
    rulebook: str
    first: date
    capital: Decimal
    symbols: tuple[SymbolList, ...]
    days: int = SESSIONS_PLAYED
    shown_share: Decimal | None = None
    jump: Jump | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    acts: tuple[Act, ...] = ()
    only: frozenset[Mishap] | None = None

    def allows(self, mishap: Mishap) -> bool:
        return self.only is None or mishap in self.only

    @property
    def sessions(self) -> tuple[Session, ...]:
        return sessions_from(self.first, SESSIONS_PLAYED + 1)

    @property
    def until(self) -> datetime:
        return self.sessions[self.days - 1].closes_at


def plan_of(seed: int) -> Plan:
    """What a seed decides; a tenth of the weeks pass without any mishap."""
    rng = np.random.default_rng([seed, 6])
    first = MONDAYS[seed % len(MONDAYS)]
    sessions = sessions_from(first, SESSIONS_PLAYED + 1)[:-1]
    capital = Decimal(int(rng.choice([60_000, 300_000, 1_500_000, 6_000_000])))
    day = sessions[int(rng.integers(1, 5))].date
    symbol = str(rng.choice(["AAPL", "IBM", "MSFT"]))
    jump = Jump(symbol, day, float(rng.choice([0.7, 0.78, 0.9, 1.12, 1.3])))
    is_calm = seed % 10 == 0
    shares, spans = _mishaps(rng, sessions)
    return Plan(
        seed=seed,
        rulebook=("classic", "constitution")[int(rng.integers(0, 2))],
        first=first,
        capital=capital,
        symbols=WIDE if capital > 1_000_000 else SYMBOLS,
        shown_share=Decimal("0.002") if seed % 2 else None,
        jump=jump if seed % 4 == 1 else None,
        shares={} if is_calm else shares,
        spans=() if is_calm else spans,
        acts=() if is_calm else _acts(rng, sessions),
    )


def _mishaps(
    rng: np.random.Generator, sessions: Sequence[Session]
) -> tuple[dict[str, float], tuple[Span, ...]]:
    """How often each kind strikes, where the seed has it at all, and the spans of two kinds."""
    most = {
        "lost report": 0.15,
        "doubled report": 0.2,
        "late report": 0.25,
        "overtaking report": 0.3,
        "lost wish": 0.1,
        "doubled wish": 0.1,
        "late wish": 0.1,
        "refused order": 0.1,
        "crossed batch": 0.1,
        "crossed chain": 0.1,
        "wild quote": 0.01,
        "late answer": 0.1,
        "no answer": 0.04,
        "rejection": 0.06,
        "edit": 0.2,
        "beside the rules": 0.05,
        "restart": 0.01,
    }
    drawn = rng.random(len(most)).tolist()
    shares = {
        kind: share
        for (kind, share), chance in zip(most.items(), drawn, strict=True)
        if chance < (0.25 if kind == "restart" else 0.45)
    }
    shares["report lost in an outage"] = LOST_IN_OUTAGES
    spans = []
    for kind, minutes_max in (("outage", 90), ("stall", 60)):
        if rng.random() < 0.45:
            spans += _spans(rng, sessions, kind, minutes_max)
    return shares, tuple(spans)


def _spans(
    rng: np.random.Generator, sessions: Sequence[Session], kind: str, minutes_max: int
) -> list[Span]:
    """Two spans within sessions, either of them maybe over a close and into the night."""
    found = []
    chosen = sorted(rng.choice(len(sessions), size=2, replace=False).tolist())
    for number, place in enumerate(chosen):
        start = _within(rng, sessions[place])
        length = timedelta(seconds=30 + int(rng.random() * minutes_max * 60))
        found.append(Span(kind, number, start, start + length))
    return found


def _acts(rng: np.random.Generator, sessions: Sequence[Session]) -> tuple[Act, ...]:
    """What people do unasked: in every third week they stop the desk, and let it go on."""
    found: list[tuple[datetime, str]] = []
    if rng.random() < 0.3:
        stop, go_on = (("kill", "reset"), ("pause", "continue"))[int(rng.integers(0, 2))]
        at = _within(rng, sessions[int(rng.integers(0, 5))])
        found += [(at, stop), (at + timedelta(minutes=5 + int(rng.random() * 90)), go_on)]
    others = ("deposit", "withdraw", "cancel", "close", "roll", "classify", "fork", "merge")
    for _ in range(int(rng.integers(0, 5))):
        at = _within(rng, sessions[int(rng.integers(0, 6))])
        found.append((at, str(rng.choice(others))))
    found.sort()
    return tuple(
        Act(number, at, what, float(rng.random())) for number, (at, what) in enumerate(found)
    )


def _within(rng: np.random.Generator, session: Session) -> datetime:
    whole = (session.closes_at - session.opens_at).total_seconds()
    return session.opens_at + timedelta(seconds=int(rng.random() * whole))


def world_of(plan: Plan) -> World:
    """The world of a plan, its market jumped where that is planned."""
    history = sample_history()
    jump = plan.jump if plan.allows(JUMP) else None
    if jump is not None:
        history = with_jump(history, jump.symbol, jump.day, jump.factor)
    world = World(
        history=history,
        sessions=plan.sessions,
        seed=plan.seed,
        rulebook_text=text_of(plan.rulebook),
        capital=plan.capital,
        symbols=plan.symbols,
        shown_share=plan.shown_share if plan.allows(SMALL_MARKET) else None,
        shares=plan.shares,
        spans=plan.spans,
        acts=plan.acts,
        only=plan.only,
    )
    if jump is not None:
        at = next(one.opens_at for one in plan.sessions if one.date == jump.day)
        world.dice.note(JUMP, f"{jump.symbol} to {jump.factor:g} of its price", at)
    if world.shown_share is not None:
        world.dice.note(SMALL_MARKET, "the market shows few contracts")
    return world


def chain_head(entries: Sequence[Entry]) -> str:
    """The hash of the last entry, as a journal of these entries would have it."""
    head = genesis(durable=True)
    for entry in entries:
        kind, version, body = encode(entry.event)
        at = write_instant(entry.recorded_at)
        head = hash_of(head, entry.sequence, at, kind, version, entry.cause, body)
    return head.hex()


def folded(entries: Sequence[Entry]) -> DeskState:
    """The state that a record makes from its beginning."""
    state = DeskState()
    for entry in entries:
        state = fold(state, entry)
    return state


def mishaps_counted(world: World) -> Counter[str]:
    """How often each kind struck, without what was only planned and not reached."""
    now = world.clock.now()
    return Counter(item.mishap[0] for item in world.dice.happened if item.at <= now)
