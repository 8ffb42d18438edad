"""What the triggers of one connection share in one event loop to ask the server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig

# All branches and files may have to be looked at when a server is back. More at once would only queue there, and time
# out.
_LOOKS_AT_ONCE = 32


class Line:
    """The client of one connection, and its turns to look.

    :param config: the connection
    """

    def __init__(self, config: ClientConfig) -> None:
        from airflow_provider_pachyderm.client import AsyncPfsClient, RetryPolicy

        # Those who wait try again themselves, all together, and say so in the logs of their tasks.
        self.client: AsyncPfsClient = AsyncPfsClient(config=replace(config, retry=RetryPolicy(deadline=0)))
        self.turn = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def close(self) -> None:
        """Close the client."""
        await self.client.close()
