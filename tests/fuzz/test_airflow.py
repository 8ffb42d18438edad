"""What Airflow or another writer hands over: events, cursors, descriptions, times, URIs. Any is read or refused."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from airflow.providers.common.compat.sdk import AirflowException
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.assets.pachyderm import create_asset, sanitize_uri
from airflow_provider_pachyderm.client import Commit, CommitInfo, CommitState, PachydermError, Repo
from airflow_provider_pachyderm.fs._location import Location
from airflow_provider_pachyderm.tasks.identity import Marker, TaskTry, Writer
from airflow_provider_pachyderm.tasks.rendering import secrets_of_fields
from airflow_provider_pachyderm.waiting.commit import NewCommits, parse_time
from airflow_provider_pachyderm.waiting.events import commit_of_event
from airflow_provider_pachyderm.waiting.feed import CommitFeed
from tests.support.fuzzing import anything, fuzzed, json_values, texts

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
events = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["success", "timeout", "error", ""]) | json_values,
        "commit": json_values,
        "message": json_values,
        "error_type": st.sampled_from(["RepoNotFound", "PachydermError", "Commit", "__all__"]) | json_values,
    },
)
cursors = st.fixed_dictionaries({}, optional={"from_commit": json_values, "after": json_values, "more": json_values})
NAMES = st.sampled_from([
    *('{"dag":"d","run":"r","task":"t","map":-1}', '{"dag":1,"map":Infinity}', "{}"),
    '{"a":' + "[" * 50_000 + "}",
])  # fmt: skip
NUMBERS = st.sampled_from(["1", "9" * 5_000, "٣", ""])
KINDS = st.sampled_from([" generation ", " try "])
lines = st.tuples(st.just("airflow "), NAMES | texts, KINDS, NUMBERS | texts).map("".join)
descriptions = st.lists(lines | texts, max_size=3).map("\n".join)


@fuzzed
@given(event=events | anything)
def test_any_event_is_a_commit_or_an_error(event: Any) -> None:
    try:
        commit_of_event(event)
    except (AirflowException, PachydermError):
        return


@fuzzed
@given(cursor=cursors | anything)
def test_any_cursor_is_followed_or_refused(cursor: Any) -> None:
    feed = CommitFeed(NewCommits("repo", "master"), _nowhere, event_interval=0, poll_interval=60)
    before = feed.cursor
    try:
        feed.resume(cursor)
    except ValueError:
        assert feed.cursor == before


async def _nowhere() -> Any:
    raise AssertionError


@fuzzed
@given(description=descriptions, number=st.integers(0, 10))
def test_any_description_is_a_task_of_ours_or_not(description: str, number: int) -> None:
    info = CommitInfo(Commit(Repo("repo"), "master", "0" * 32), CommitState.OPEN, description=description)
    writer = Writer("d", "r", "t", -1)
    marker = Marker(writer, number)
    assert marker.is_task_of(info) or not marker.is_generation_of(info)
    assert TaskTry(writer, number).is_after(info) in (True, False)
    assert Writer.signed(info) is None or isinstance(Writer.signed(info), Writer)
    signed = dataclasses.replace(info, description=marker.sign(description))
    assert marker.is_generation_of(signed)


@fuzzed
@given(value=anything)
def test_any_time_is_read_or_refused(value: Any) -> None:
    try:
        assert parse_time(value).tzinfo
    except ValueError:
        return


@fuzzed
@given(uri=texts.map(lambda text: f"pachyderm://{text}") | texts)
def test_any_uri_is_an_asset_or_refused(uri: str) -> None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return  # Airflow does this
    try:
        once = sanitize_uri(parts)
    except ValueError:
        return
    assert sanitize_uri(once) == once


@fuzzed
@given(host=texts, repo=texts, branch=texts, path=st.none() | texts)
def test_any_names_are_an_asset_or_refused(host: str, repo: str, branch: str, path: str | None) -> None:
    try:
        create_asset(host=host, repo=repo, branch=branch, path=path)
    except ValueError:
        return


@fuzzed
@given(path=texts)
def test_any_path_of_object_storage_is_a_place(path: str) -> None:
    place = Location.parse(path)
    assert Location.parse(str(place)) == place or "//" in path
    assert place.is_branch in (True, False)


@fuzzed
@given(value=anything)
def test_secrets_are_looked_for_in_any_field(value: Any) -> None:
    assert all(isinstance(secret, str) and secret for secret in secrets_of_fields(value))
