"""What all calls of the client are based on: the session, and how references are read."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._errors import InvalidReference, InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import Branch, Commit, Repo
from airflow_provider_pachyderm.client._refs import CommitLike, RepoLike
from airflow_provider_pachyderm.client._retries import RetryPolicy
from airflow_provider_pachyderm.client._tables import InfoList

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")
_INT64_MAX = 2**63 - 1
_LONGEST = timedelta(seconds=_INT64_MAX // 10**9)
"""292 years; servers count nanoseconds."""


class AsyncCalls:
    """One client's session, and its default project."""

    def __init__(self, config: ClientConfig) -> None:
        self._session = AsyncSession(config)

    @property
    def config(self) -> ClientConfig:
        """The settings of this client."""
        return self._session.config

    @contextmanager
    def retrying(self, policy: RetryPolicy | float) -> Iterator[None]:
        """Use another retry policy for the calls that this thread or task makes in the ``with`` block.

        .. code-block:: python

            with client.retrying(300):
                client.list_repo()

        :param policy: or only its deadline in seconds; 0: each call is made once.
        """
        if not isinstance(policy, RetryPolicy):
            policy = replace(self._session.metadata.policy, deadline=policy)
        with self._session.metadata.under(policy):
            yield

    def _repo(self, repo_name: RepoLike) -> Repo:
        return _refs.parse_repo(repo_name, self.config.project)

    def _branch(self, repo_name: RepoLike, branch: str) -> Branch:
        return Branch(self._repo(repo_name), _refs.check_branch_name(branch))

    def _commit(self, commit: CommitLike) -> Commit:
        return _refs.parse_commit(commit, self.config.project)

    def _commit_in(self, repo: Repo, ref: CommitLike) -> Commit:
        """Read a commit of ``repo``, which may be given as only its branch or id."""
        if isinstance(ref, str) and not any(mark in ref for mark in "@/"):
            return _refs.parse_commit((repo, ref))
        commit = self._commit(ref)
        if not _refs.same_repo(commit.repo, repo):
            raise InvalidReference(f"commit {commit} is not in repo {repo}")
        return commit

    async def _collect(self, listing: Listing[_T]) -> list[_T]:
        return InfoList([item async for item in await self._session.open(listing)])


async def undo(error: BaseException, what: str, remove: Callable[[], Awaitable[None]]) -> None:
    """Undo what an error leaves behind, without hiding the error."""
    try:
        await remove()
    except NotFound:
        return
    except Exception as failure:
        note = f"{what}: {failure}"
        _logger.warning("%s", note)
        if hasattr(error, "add_note"):
            error.add_note(note)


def not_negative(name: str, value: Any) -> int:
    """Check a number of bytes or items, which servers take as an int64."""
    if not isinstance(value, int):
        raise InvalidRequest(f"{name} must be an int, not {type(value).__name__}")
    if not 0 <= value <= _INT64_MAX:
        raise InvalidRequest(f"{name} must be between 0 and {_INT64_MAX}, not {value}")
    return value


def at_least_one(name: str, value: Any) -> int:
    """Check a number of which 0 makes no sense."""
    if not_negative(name, value) == 0:
        raise InvalidRequest(f"{name} must be at least 1, not 0")
    return int(value)


def not_empty(name: str, value: Any) -> str:
    """Check a name, an id or a token: an empty one may mean the caller, or everything, to a server."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a str, not {type(value).__name__}")
    if not value:
        raise InvalidRequest(f"{name} must not be empty")
    return value


def whole_seconds(ttl: Any) -> int:
    """Check a lifetime and round it up; to servers 0 means something else, such as forever."""
    if not isinstance(ttl, timedelta):
        raise InvalidRequest(f"ttl must be a timedelta, not {type(ttl).__name__}")
    if not timedelta(0) < ttl <= _LONGEST:
        raise InvalidRequest(f"ttl must be more than 0 and at most {_LONGEST}, not {ttl}")
    return -(-ttl // timedelta(seconds=1))
