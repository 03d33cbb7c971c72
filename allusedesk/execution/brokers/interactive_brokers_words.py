"""How to reach Interactive Brokers, and what to say where that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from allusedesk.domain.instruments import Instrument
from allusedesk.execution.brokers.line import ConnectionRefused, LineStanding

DOWN = LineStanding(
    is_up=False,
    reason="Interactive Brokers has not been reached yet.",
    account="",
    is_paper=None,
    clock_offset_seconds=None,
    options_level=None,
)
LIBRARY_MISSING = (
    "The library for Interactive Brokers is not installed: install ALL-USE Desk with the extra "
    "ibkr."
)
CLOSED = "The connection to Interactive Brokers was closed."
BROKEN = (
    "The connection to Interactive Brokers ended by a fault of this program, which its log names: "
    "orders at the exchange stand; start the desk again."
)
READ_ONLY = "Read-Only"
# The trade-date cash, what is not settled yet included; like ours.
CASH = "CashBalance"
# How far back a statement lists executions and endings; shorter than the desk remembers them.
REMEMBERED = timedelta(days=5)
_THIS_MACHINE = "127.0.0.1"
_PAPER_PORTS = (7497, 4002)
_LIVE_PORTS = (7496, 4001)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where Trader Workstation or Gateway listens, and whom to trade for.

    An empty host is this machine; port 0 tries the vendor's own ports, of Trader Workstation
    first, for the paper account or the real one as `paper` says. `account` is needed only where
    a login manages several.
    """

    host: str = ""
    port: int = 0
    client_id: int = 1
    account: str = ""
    paper: bool = True


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    `request_seconds` is for one answer. A heartbeat is asked for after so long; each failed
    connection waits for the next of `retry_seconds`, the last one again and again. Commissions
    and executions that are overdue are asked for after each of `completion_seconds`; when the
    last has passed, a commission is assumed.
    """

    request_seconds: float = 10.0
    heartbeat_seconds: float = 20.0
    retry_seconds: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    completion_seconds: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


def host_of(gateway: Gateway) -> str:
    """The host to connect to."""
    return gateway.host or _THIS_MACHINE


def ports_of(gateway: Gateway) -> tuple[int, ...]:
    """The ports to try, in their order."""
    if gateway.port:
        return (gateway.port,)
    return _PAPER_PORTS if gateway.paper else _LIVE_PORTS


def is_paper(account: str) -> bool:
    """True for a practice account; Interactive Brokers names them with a D in front (DU, DF)."""
    return account.startswith("D")


def margin_kind(figures: Mapping[str, Decimal]) -> str:
    """Cash or margin, read off the account's figures, since the protocol does not name it.

    Only a margin account has more buying power than available funds.
    """
    power, funds = figures.get("BuyingPower"), figures.get("AvailableFunds")
    if power is None or funds is None:
        return ""
    return "margin" if power > funds > 0 else "cash"


def account_to_trade(gateway: Gateway, accounts: Sequence[str]) -> str:
    """The account to trade in; raises ConnectionRefused where it is open or is no paper one."""
    named = ", ".join(accounts)
    if gateway.account and gateway.account not in accounts:
        raise ConnectionRefused(
            f"This login at Interactive Brokers does not manage account {gateway.account}, only "
            f"{named}: name one of these."
        )
    if not gateway.account and len(accounts) > 1:
        raise ConnectionRefused(
            f"This login at Interactive Brokers manages several accounts ({named}): name the one "
            "to trade in."
        )
    account = gateway.account or accounts[0]
    if gateway.paper and not is_paper(account):
        raise ConnectionRefused(
            f"Account {account} holds real money while the paper account is chosen: log Trader "
            "Workstation in to paper trading, or choose the real account."
        )
    return account


def with_reason(standing: LineStanding, *, is_up: bool, reason: str) -> LineStanding:
    """The same line in another standing."""
    return replace(standing, is_up=is_up, reason=reason)


def _place(gateway: Gateway) -> str:
    ports = " or ".join(str(port) for port in ports_of(gateway))
    return f"{host_of(gateway)}, port {ports}"


def nobody_there(gateway: Gateway) -> str:
    """Nothing listens at the port."""
    return (
        f"Nothing listens at {_place(gateway)}: start Trader Workstation or Gateway, allow socket "
        "clients in its API settings, and compare the port (paper 7497 or 4002, live 7496 or 4001)."
    )


def unreachable(gateway: Gateway, fault: OSError) -> str:
    """The host cannot be reached at all."""
    why = fault.strerror or str(fault)
    return f"{host_of(gateway)} cannot be reached ({why}): check the name of the host."


def silent(gateway: Gateway, port: int) -> str:
    """The port is open and nobody logs us in."""
    return (
        f"{host_of(gateway)}, port {port}, takes the connection and says nothing: log in at Trader "
        "Workstation or Gateway, answer any question open there, or correct the port."
    )


def half_silent(gateway: Gateway) -> str:
    """Logged in, and then no answer."""
    return (
        f"Interactive Brokers at {_place(gateway)} logged this desk in and then stopped answering: "
        "look for a question open at Trader Workstation or Gateway; it is tried again."
    )


def closed(gateway: Gateway) -> str:
    """The other side ended the connection while we logged in."""
    return (
        f"{_place(gateway)} closed the connection: another program may use client id "
        f"{gateway.client_id}, this machine may not be trusted there, or the port is another "
        "program's; check the API settings of Trader Workstation or Gateway."
    )


def client_id_in_use(gateway: Gateway) -> str:
    """Two programs with one number."""
    return (
        f"Client id {gateway.client_id} is in use at {_place(gateway)}: another desk is connected "
        "with it; close that one or choose another client id."
    )


def read_only(gateway: Gateway) -> str:
    """The other side takes no orders."""
    return (
        f"Interactive Brokers at {_place(gateway)} is in read-only mode and would take no order: "
        "clear the mark at Read-Only API in its API settings."
    )


def no_cash(account: str) -> str:
    """The account tells nothing that could be compared."""
    return (
        f"Interactive Brokers tells no cash in dollars of account {account}: the desk trades in "
        "dollars only; see the account's currency in its client portal."
    )


def cut_upstream(text: str) -> str:
    """The workstation is there, the venue behind it is not."""
    said = text.split("\n", maxsplit=1)[0].rstrip(".")
    return (
        f"Trader Workstation has lost Interactive Brokers ({said}): orders at the exchange stand, "
        "and it connects again by itself."
    )


def lost(gateway: Gateway) -> str:
    """The line broke."""
    return (
        f"The connection to Interactive Brokers at {_place(gateway)} was lost: it is tried again; "
        "see whether Trader Workstation or Gateway still runs."
    )


def fell_silent(gateway: Gateway) -> str:
    """The line stands and nothing comes."""
    return (
        f"Interactive Brokers at {_place(gateway)} has stopped answering: the desk connects again; "
        "see whether Trader Workstation or Gateway hangs."
    )


def not_listed(instrument: Instrument) -> str:
    """The venue has no such contract."""
    return f"Interactive Brokers lists no {instrument}"


def assumed(executions: Sequence[str]) -> str:
    """A commission that never came."""
    named = ", ".join(executions)
    return (
        f"Interactive Brokers never told the commission of {named}: that of the rulebook was "
        "booked; compare it with the broker's statement."
    )
