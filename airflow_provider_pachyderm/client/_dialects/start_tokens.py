"""Tokens by which a commit is known that StartCommit started, although its answer was lost.

A token is the last line of the commit's description. Readers of this client leave that line out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call

_TOKEN = re.compile(r"(?:\A|\n)started by call [0-9a-f]{16}\Z")


def marked(capabilities: Capabilities, call: Call[Any], token: str) -> Call[Any]:
    """Put a token into a call of StartCommit; servers below 1.6.6 keep no description, so there is none."""
    if Feature.COMMIT_DESCRIPTION not in capabilities:
        return call
    request: Any = type(call.request)()
    request.CopyFrom(call.request)
    request.description = "\n".join(filter(None, (request.description, f"started by call {token}")))
    return replace(call, request=request)


def token_in(description: str) -> str:
    """Give the line of a description that is a token; empty if there is none."""
    found = _TOKEN.search(description)
    return found[0].strip() if found else ""


def unmarked(description: str) -> str:
    """Give a description without the token."""
    return _TOKEN.sub("", description)
