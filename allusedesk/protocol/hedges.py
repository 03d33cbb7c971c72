"""Cover to buy or let go, and what calls for it (protocol, section 11)."""

from __future__ import annotations

# A breaker of its own: while it stands hedging is called for; it stops no entry by itself.
HEDGE_TRIGGER = "hedge"
