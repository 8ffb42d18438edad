"""References, paths, patterns and filters: any value is read, or refused as documented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given

from airflow_provider_pachyderm.client import (
    InvalidRequest,
    Version,
    parse_branch,
    parse_commit,
    parse_file,
    parse_repo,
    parse_resource,
    quote_path,
    unquote_path,
)
from airflow_provider_pachyderm.client import _paths as paths
from airflow_provider_pachyderm.client import _patterns as patterns
from airflow_provider_pachyderm.client._local.filters import Filter
from tests.support.fuzzing import anything, fuzzed, texts


@pytest.mark.parametrize("parse", [parse_repo, parse_branch, parse_commit, parse_file, parse_resource])
@fuzzed
@given(value=anything, project=texts)
def test_any_value_is_a_reference_or_refused(parse: Callable[..., Any], value: Any, project: str) -> None:
    for arguments in ((value,), (value, project)):
        try:
            read = parse(*arguments)
        except InvalidRequest:
            continue
        if isinstance(read, tuple):
            assert parse(f"{read[0]}:{read[1]}") == read
        else:
            assert parse(str(read)) == read


@pytest.mark.parametrize("check", [paths.normalise, paths.literal, paths.for_writing, paths.exacts, patterns.check])
@fuzzed
@given(value=anything)
def test_any_value_is_a_path_or_refused(check: Callable[[Any], Any], value: Any) -> None:
    try:
        read = check(value)
    except InvalidRequest:
        return
    if check in (paths.normalise, paths.literal, paths.for_writing):
        assert check(read) == read
        assert read.startswith("/") and ".." not in PurePosixPath(read).parts


@fuzzed
@given(path=texts)
def test_a_path_that_may_be_written_stays_in_its_directory(path: str) -> None:
    try:
        joined = paths.for_writing(paths.join("/in/here", path))
    except InvalidRequest:
        return
    assert PurePosixPath(joined).is_relative_to("/in/here")
    assert joined.isascii() and joined.isprintable()


@fuzzed
@given(include=anything, exclude=anything, path=texts)
def test_any_value_is_a_filter_or_refused(include: Any, exclude: Any, path: str) -> None:
    try:
        wanted = Filter(include, exclude)
    except InvalidRequest:
        return
    assert isinstance(wanted.wants(path), bool)


@fuzzed
@given(name=texts)
def test_any_name_can_be_quoted_and_found_again(name: str) -> None:
    try:
        quoted = quote_path(name)
    except InvalidRequest:
        with pytest.raises(InvalidRequest):
            unquote_path(name)
        return
    assert unquote_path(quoted) == name
    assert isinstance(unquote_path(name), str)


@fuzzed
@given(text=texts)
def test_any_text_is_a_version_or_refused(text: str) -> None:
    try:
        version = Version.parse(text)
    except ValueError:
        return
    assert Version.parse(str(version)) == version


@pytest.mark.parametrize("unit", ["[", "{", "a", "a/", "[a", "(", "\\", "*", "^", "~1", "..", "@", ":", "[a-", "://"])
def test_long_ones_are_read_in_linear_time(unit: str) -> None:
    """Quadratic time would take minutes, which the limit of the test run ends."""
    long = unit * (200_000 // len(unit))
    for check in (patterns.check, paths.exact, paths.normalise, paths.literal, parse_commit, parse_file, parse_repo):
        try:
            check(long)
        except InvalidRequest as error:
            assert len(str(error)) < 3 * len(long)
