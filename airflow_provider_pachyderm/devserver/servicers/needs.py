"""What calls need of their callers: one table a world, by the names of calls and of requests in transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import during
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, RepoKey
from airflow_provider_pachyderm.devserver.releases.rule import Rule


@dataclass(frozen=True)
class Need:
    """What a call needs.

    :param of: where its repos are named in the request: fields, with dots between them; empty for the whole cluster.
    :param needs: permissions (2.x), or a scope (1.x).
    :param step: what a refusal begins with.
    """

    of: str
    needs: tuple[str, ...]
    step: Rule[str] | None = None

    def check(self, engine: Engine, request: Message) -> None:
        """Refuse a caller who lacks it. What a request lacks is not looked at: it is refused by itself."""
        if not self.of:
            engine.guard.check_cluster(*self.needs)
            return
        with during(engine.profile[self.step] if self.step else ""):
            for message in messages_in(request, self.of.split(".")):
                engine.guard.check(_repo_of(message), *self.needs)


Needs = Mapping[str, tuple[Need, ...]]
"""Name of a call, or of a request in a transaction -> what it needs, in the order in which it is looked at."""

NOTHING: Needs = {}


def need(of: str, *needs: str, step: Rule[str] | None = None) -> tuple[Need, ...]:
    """One row of a table."""
    return (Need(of, needs, step),)


def check(engine: Engine, needs: Needs, name: str, request: Message) -> None:
    """Refuse a caller who lacks what a call needs."""
    for each in needs.get(name, ()) if engine.auth.active else ():
        each.check(engine, request)


def _repo_of(message: Any) -> RepoKey:
    """The repo that a repo, a branch or a commit is about."""
    kind = message.DESCRIPTOR.name
    if kind == "Repo":
        project = getattr(message, "project", None)
        type = getattr(message, "type", "")
        return RepoKey(message.name, (project and project.name) or DEFAULT_PROJECT, type or "user")
    # in 2.x a commit may name its repo in its branch alone; a repo that is not named has no name
    if kind == "Commit" and not message.HasField("repo") and "branch" in message.DESCRIPTOR.fields_by_name:
        return _repo_of(message.branch)
    return _repo_of(message.repo)


def messages_in(message: Message, fields: list[str]) -> Iterator[Message]:
    """The messages in those fields of a request; one field may hold many."""
    first, *rest = fields
    value = getattr(message, first)
    several = not isinstance(value, Message)
    if not several and not message.HasField(first):
        return
    for each in value if several else [value]:
        yield from messages_in(each, rest) if rest else [each]
