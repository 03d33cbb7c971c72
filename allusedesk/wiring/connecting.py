"""Lines to brokers and markets by their names: built, tried, and their keys fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from allusedesk import credentials
from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import Money
from allusedesk.engine.clock import WallClock
from allusedesk.engine.loop import Observer
from allusedesk.execution.brokers.alpaca_rest import AlpacaKeys, AlpacaSettings
from allusedesk.execution.brokers.interactive_brokers_words import Gateway, host_of, ports_of
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding, LiveBroker
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.feeds.live_standing import FeedRefused, QuoteQuality
from allusedesk.market.history import MarketHistory
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring.choices import exchange_calendar, rulebook_text
from allusedesk.wiring.live_desk import LiveDesk, LiveLines, build_live, history_now
from allusedesk.wiring.live_doors import LineFeed
from allusedesk.wiring.requests import (
    TITLES,
    Connections,
    RehearsalRequest,
    RequestRefused,
)

if TYPE_CHECKING:
    from allusedesk.market.feeds.alpaca import AlpacaFeedSettings
    from allusedesk.market.feeds.interactive_brokers import InteractiveBrokersFeedSettings

_KEY, _SECRET = "key", "secret"
_KEYS_WANTED = (
    "Alpaca wants a key and its secret, and none is kept here: give them under Desk, "
    "Connections…, which tests them first."
)


@dataclass(frozen=True, slots=True)
class Keys:
    """A vendor's key and its secret; neither is ever shown."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """Lines to be tried before they are kept; `keys` are None where the kept ones are meant."""

    broker: BrokerChoice
    feed: FeedChoice
    keys: Keys | None = None

    @property
    def is_practice(self) -> bool:
        """True where no real money can be reached by it."""
        return self.broker.name == "simulated" or self.broker.paper


def needs_keys(name: str) -> bool:
    """True for a vendor that is reached with a key; others log in at a program of their own."""
    return name == "alpaca"


def kept_keys(*, is_paper: bool) -> Keys | None:
    """The keys of Alpaca's practice or real account; None where they were not kept.

    May wait for a person to unlock the keyring: not to be called on the screen's thread.
    """
    service = _service(is_paper=is_paper)
    key = credentials.read_secret(service, _KEY)
    secret = credentials.read_secret(service, _SECRET)
    return Keys(key, secret) if key and secret else None


def keep_keys(keys: Keys, *, is_paper: bool) -> bool:
    """Keep the keys; True where the system's keyring has them, False until the end only."""
    service = _service(is_paper=is_paper)
    is_kept = credentials.keep_secret(service, _KEY, keys.key)
    return credentials.keep_secret(service, _SECRET, keys.secret) and is_kept


def forget_keys(*, is_paper: bool) -> None:
    """Forget the keys of Alpaca's practice or real account; a desk that runs keeps its line.

    May wait for a person to unlock the keyring: not to be called on the screen's thread. Raises
    SecretNotForgotten where the keyring will not let go of them.
    """
    service = _service(is_paper=is_paper)
    for name in (_KEY, _SECRET):
        credentials.forget_secret(service, name)


def _service(*, is_paper: bool) -> str:
    return f"alpaca {'paper' if is_paper else 'live'}"


def lines_of(
    connections: Connections,
    history: MarketHistory,
    calendar: ExchangeCalendar,
    now: Callable[[], datetime],
    rules: Rulebook,
) -> LiveLines:
    """The lines that were chosen, not opened yet.

    Raises RequestRefused where a vendor's keys are wanted and not known.
    """
    is_paper = connections.broker.name == "simulated" or connections.broker.paper
    feed = _feed_of(connections.feed, history, calendar, now, is_paper=is_paper)
    return LiveLines(feed, _broker_of(connections.broker, now, rules))


def _broker_of(
    choice: BrokerChoice, now: Callable[[], datetime], rules: Rulebook
) -> LiveBroker | None:
    costs = rules.costs

    def commission(instrument: Instrument, units: int) -> Money:
        """What the rulebook assumes, for an execution whose own commission never comes."""
        if isinstance(instrument, OptionContract):
            return Money(costs.contract * units)
        return Money(max(costs.share_order_min, costs.share * units))

    match choice.name:
        case "simulated":
            return None
        case "interactive_brokers":
            from allusedesk.execution.brokers.interactive_brokers import InteractiveBrokers

            return InteractiveBrokers(_gateway(choice), now, commission)
        case _:
            from allusedesk.execution.brokers.alpaca import AlpacaBroker

            keys = _keys_or_refuse(is_paper=choice.paper)
            return AlpacaBroker(_alpaca(choice), AlpacaKeys(keys.key, keys.secret), now)


def _feed_of(
    choice: FeedChoice,
    history: MarketHistory,
    calendar: ExchangeCalendar,
    now: Callable[[], datetime],
    *,
    is_paper: bool,
) -> LineFeed:
    match choice.name:
        case "interactive_brokers":
            from allusedesk.market.feeds.interactive_brokers import InteractiveBrokersFeed

            gateway = _gateway_feed(choice, is_paper=is_paper)
            return InteractiveBrokersFeed(gateway, history, calendar, now)
        case "alpaca":
            from allusedesk.market.feeds.alpaca import AlpacaFeed

            keys = _keys_or_refuse(is_paper=is_paper)
            settings = _alpaca_feed(choice, keys, is_paper=is_paper)
            return AlpacaFeed(settings, history, calendar, now)
        case _:
            raise RequestRefused(
                "A desk in real time needs quotes of now, and a recorded market has none: choose "
                "Interactive Brokers or Alpaca as its feed."
            )


def try_lines(wanted: Trial, seconds: float, tell: Callable[[float, str], None]) -> tuple[str, ...]:
    """Reach the broker and the feed once; what they said, one sentence each.

    `tell` hears how far it is. Raises ConnectionRefused or FeedRefused with one plain sentence.
    It waits, so not on the screen's thread.
    """
    broker, feed, found = wanted.broker, wanted.feed, []
    keys = wanted.keys
    if keys is None and (needs_keys(broker.name) or needs_keys(feed.name)):
        tell(0.1, "Asking the keyring…")
        keys = kept_keys(is_paper=wanted.is_practice)
    if broker.name == "simulated":
        found.append("The simulated broker lives in the desk: there is nothing to reach.")
    else:
        tell(0.3, f"Reaching {TITLES[broker.name]}…")
        found.extend(standing_in_words(broker, try_broker(broker, keys, seconds)))
    if feed.name == "recorded":
        found.append("A recorded market is read from files: there is nothing to reach.")
    else:
        tell(0.7, f"Reaching the quotes of {TITLES[feed.name]}…")
        found.append(try_feed(feed, keys, seconds, is_paper=wanted.is_practice))
    return tuple(found)


def try_broker(choice: BrokerChoice, keys: Keys | None, seconds: float) -> LineStanding:
    """Connect to a broker once, read the account and leave; no step takes longer than `seconds`.

    Raises ConnectionRefused with one plain sentence. It waits, so not on the screen's thread.
    """
    now = WallClock().now
    if choice.name == "interactive_brokers":
        from allusedesk.execution.brokers import interactive_brokers

        return interactive_brokers.trial(_gateway(choice), seconds, now)
    from allusedesk.execution.brokers import alpaca

    if keys is None:
        raise ConnectionRefused(_KEYS_WANTED)
    return alpaca.trial(_alpaca(choice), AlpacaKeys(keys.key, keys.secret), seconds, now)


def try_feed(choice: FeedChoice, keys: Keys | None, seconds: float, *, is_paper: bool) -> str:
    """Reach a feed once; what it said, as a sentence.

    Raises FeedRefused or ConnectionRefused with one plain sentence. It waits, so not on the
    screen's thread.
    """
    if choice.name == "interactive_brokers":
        from allusedesk.market.feeds import interactive_brokers

        found = interactive_brokers.trial(_gateway_feed(choice, is_paper=is_paper), seconds)
        if found is QuoteQuality.UNKNOWN:
            return "Interactive Brokers answers as a feed; it sends no quotes at this hour."
        return f"Interactive Brokers answers as a feed; its quotes are {found.value}."
    from allusedesk.market.feeds import alpaca

    if keys is None:
        raise FeedRefused(_KEYS_WANTED)
    told = alpaca.trial(_alpaca_feed(choice, keys, is_paper=is_paper))
    kind = "the market as it is" if _is_plain(choice) else "indicative, for practice alone"
    return f"Alpaca answers as a feed at {told:%H:%M:%S} UTC; its option quotes are {kind}."


def standing_in_words(choice: BrokerChoice, standing: LineStanding) -> tuple[str, ...]:
    """What a broker told of the account, one sentence each."""
    kind = {True: "a practice account", False: "REAL MONEY", None: "of a kind it does not tell"}
    whose = f"account {standing.account}, {kind[standing.is_paper]}"
    found = [f"{TITLES[choice.name]} answers: {whose}."]
    if standing.margin_kind:
        found.append(f"It is a {standing.margin_kind} account.")
    if standing.options_level is not None:
        found.append(f"Its options level is {standing.options_level}.")
    if standing.clock_offset_seconds is not None:
        found.append(f"Its clock is {standing.clock_offset_seconds:+.2f} s from this machine's.")
    if len(standing.sub_accounts) > 1:
        found.append(f"The login also has {', '.join(standing.sub_accounts)}.")
    return tuple(found)


def open_live(request: RehearsalRequest, observers: tuple[Observer, ...] = ()) -> LiveDesk:
    """The desk in real time that a request names, with its lines, not opened yet.

    Raises RequestRefused for lines that cannot be made, and what `build_live` raises.
    """
    clock, calendar = WallClock(), exchange_calendar()
    rules = parse_rulebook(rulebook_text(request.rulebook))
    history = history_now(request, rules, clock)
    if request.connections is None:
        raise RequestRefused("A desk in real time needs a feed: name one with --feed.")
    lines = lines_of(request.connections, history, calendar, clock.now, rules)
    return build_live(request, lines, history, clock, observers)


def _gateway_feed(choice: FeedChoice, *, is_paper: bool) -> InteractiveBrokersFeedSettings:
    from allusedesk.market.feeds.interactive_brokers import InteractiveBrokersFeedSettings as Of

    own = Gateway(choice.host, choice.port, choice.client_id, "", is_paper)
    port, *others = ports_of(own)
    return Of(
        host=host_of(own),
        port=port,
        ports_else=tuple(others),
        client_id=choice.client_id,
        is_paper=is_paper,
    )


def _keys_or_refuse(*, is_paper: bool) -> Keys:
    keys = kept_keys(is_paper=is_paper)
    if keys is None:
        raise RequestRefused(_KEYS_WANTED)
    return keys


def _gateway(choice: BrokerChoice) -> Gateway:
    return Gateway(choice.host, choice.port, choice.client_id, choice.account, choice.paper)


def _alpaca(choice: BrokerChoice) -> AlpacaSettings:
    return AlpacaSettings(paper=choice.paper, host=choice.host, port=choice.port)


def _is_plain(choice: FeedChoice) -> bool:
    """True for the paid quotes, which are the market as it is."""
    return choice.source == "opra"


def _alpaca_feed(choice: FeedChoice, keys: Keys, *, is_paper: bool) -> AlpacaFeedSettings:
    from allusedesk.market.feeds.alpaca import AlpacaFeedSettings as Of

    own = f"http://{choice.host}:{choice.port}" if choice.host else None
    stream = f"ws://{choice.host}:{choice.port}" if choice.host else None
    plain = _is_plain(choice)
    return Of(
        keys.key,
        keys.secret,
        is_paper=is_paper,
        shares="sip" if plain else "iex",
        options="opra" if plain else "indicative",
        rest_url=own,
        trading_url=own,
        stream_url=stream,
    )
