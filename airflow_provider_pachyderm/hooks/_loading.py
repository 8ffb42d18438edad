"""Loading the client where an event loop must not stand still."""

from __future__ import annotations

import asyncio
import importlib
import sys

_CLIENT = "airflow_provider_pachyderm.client._async.client"


async def load_client() -> None:
    """Import the asynchronous client, and gRPC with it, in a thread.

    The first import takes a second or so, and Airflow warns when the loop of its triggerer is blocked for 0.2 s.
    """
    if _CLIENT not in sys.modules:
        await asyncio.to_thread(importlib.import_module, _CLIENT)
