"""Logging in at Interactive Brokers, which the feed and the broker's door do the same way."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ib_async import IB, StartupFetchNONE

from allusedesk.market.feeds.interactive_brokers_tasks import end_all


class Login:
    """The way in of one vendor's client on the running loop; nothing is fetched with it."""

    def __init__(self, client: IB, seconds: float) -> None:
        """Wait for no answer longer than `seconds`."""
        self._client = client
        self._seconds = seconds
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # All it would log is told to us, and a log is no place for what an account holds.
        logging.getLogger("ib_async").setLevel(logging.CRITICAL)

    def lost(self, message: str) -> None:
        """Take the word that the line is gone, which ends a login that goes on."""
        # The first word stands, and where nobody waits for it, it is no fault.
        with suppress(asyncio.InvalidStateError):
            self._broken.set_exception(ConnectionError(message))
            self._broken.exception()

    async def join(self, host: str, port: int, client_id: int) -> None:
        """Log in; raises ConnectionError, TimeoutError or OSError where nobody lets us."""
        self._broken = asyncio.get_running_loop().create_future()
        joining = asyncio.ensure_future(
            self._client.connectAsync(
                host,
                port,
                clientId=client_id,
                timeout=self._seconds,
                readonly=True,
                fetchFields=StartupFetchNONE,
            )
        )
        try:
            # The vendor's client goes on waiting after the other side has closed the line.
            await asyncio.wait({joining, self._broken}, return_when=asyncio.FIRST_COMPLETED)
            if not joining.done():
                await self._broken
            await joining
        finally:
            await end_all([joining])
