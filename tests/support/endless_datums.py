"""Datums that are being processed until somebody ends them."""

from __future__ import annotations

import time

from airflow_provider_pachyderm.client import PpsClient

TIMEOUT = 120.0
ENDLESS = "echo begun; sleep 600"
"""A command for them."""


def until_begun(pps: PpsClient, pipeline: str, times: int = 1) -> None:
    """Wait until the command has begun so many times."""
    until = time.monotonic() + TIMEOUT
    while [line.message for line in pps.get_logs(pipeline)].count("begun") < times:
        assert time.monotonic() < until, f"{pipeline} has not begun"
        time.sleep(0.05)
