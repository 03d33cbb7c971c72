"""What Interactive Brokers says by number, and what it means for quotes, in plain sentences."""

from __future__ import annotations

CONNECTION_LOST = frozenset({1100, 2110})
CONNECTION_RESTORED = frozenset({1101, 1102})
# After this one the lines go on by themselves; after the other they must be asked for anew.
LINES_KEPT = frozenset({1102})
TOO_MANY_LINES = frozenset({101})
SUBSCRIPTION = "subscription"

_NOT_SUBSCRIBED = frozenset({354, 10089, 10090, 10091, 10168, 10186})
_FARM_BROKEN = frozenset({2103, 2105, 2157})
_FARM_WELL = frozenset({2104, 2106, 2107, 2108, 2158})
_SENTENCES = {
    100: "too many messages in a second: quotes come more slowly for a while.",
    101: "the account may stream no more quotes at once: options take turns.",
    162: "its history could not be fetched: averages and true range may be missing.",
    200: "Interactive Brokers knows no such security: check the symbol.",
    321: "Interactive Brokers refused the question: check the symbol and the settings.",
    326: "another program uses the client id of the quotes: choose another in the settings.",
    10167: "quotes come delayed, for live ones are not subscribed.",
    10197: "another session of this login takes the live quotes: log it out.",
}


def answer_to(code: int, text: str) -> tuple[str, str]:
    """Return under what key a message is kept for the health, and its sentence.

    No key for what says nothing about quotes; no sentence where all is well again.
    """
    if code in _NOT_SUBSCRIBED:
        return SUBSCRIPTION, (
            "live quotes are not subscribed at Interactive Brokers: subscribe there, or trade on "
            "paper with delayed ones."
        )
    if code in _FARM_BROKEN:
        return "farm", f"A quote server of Interactive Brokers is away ({text}); it comes back."
    if code in _FARM_WELL:
        return "farm", ""
    if code in _SENTENCES:
        return f"error {code}", _SENTENCES[code]
    return "", ""


def nobody_there(host: str, port: int, fault: BaseException) -> str:
    """Return why no line came about, or why it was given up."""
    if isinstance(fault, TimeoutError):
        return (
            f"Trader Workstation or Gateway at {host}, port {port}, does not answer: see whether "
            "it waits for a login; the desk keeps trying."
        )
    if isinstance(fault, ConnectionRefusedError):
        return (
            f"Nobody listens at {host}, port {port}: start Trader Workstation or Gateway and "
            "enable its socket clients; the desk keeps trying."
        )
    return (
        f"Trader Workstation or Gateway at {host}, port {port}, closed the line: see whether "
        "another program uses the same client id; the desk keeps trying."
    )
