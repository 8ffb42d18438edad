"""No public name gets lost, and no argument: users' code goes on working with the next release."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest

from tools import public_names

# What was public, such as `client:PfsClient.list_repo` or `client:PfsClient.list_repo(project)`, and what to use
# instead; the changelog says it, too. What is deprecated is still there, and warns with these words.
DEPRECATED = {
    f"devserver.profiles:{name}": f"use airflow_provider_pachyderm.devserver.releases.profile.{name}"
    for name in ("UnknownVersion", "profile_for")
}
GONE: dict[str, str] = {}
KNOWN: dict[str, list[str]] = json.loads(public_names.TARGET.read_text())


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_public_is(name: str) -> None:
    taken = public_names.options() if name == public_names.COMMAND else arguments(name)
    lost = [argument for argument in KNOWN[name] if argument not in taken and f"{name}({argument})" not in GONE]
    assert lost == []


def arguments(name: str) -> list[str]:
    if name in GONE:
        return KNOWN[name]
    with pytest.deprecated_call(match=DEPRECATED[name]) if name in DEPRECATED else nullcontext():
        value: Any = public_names.resolve(name)
    return public_names.arguments(value, name)


def test_what_is_public_is_known() -> None:
    now = public_names.public_names()
    new = {name for name, taken in now.items() if name not in KNOWN or set(taken) - set(KNOWN[name])}
    assert new == set(), "`make fix` enters them"


def test_what_goes_has_a_hint() -> None:
    assert all(hint.strip() for hint in (*GONE.values(), *DEPRECATED.values()))
