"""Paths of object storage as places in Pachyderm."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from fsspec.core import get_fs_token_paths

from airflow_provider_pachyderm.fs._location import Location
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem
from airflow_provider_pachyderm.fs.pfs import get_fs

ID = "0123456789ab4def8123456789abcdef"


@pytest.mark.parametrize(
    ("text", "place", "canonical"),
    [
        ("", Location(), ""),
        ("/", Location(), ""),
        ("repo/", Location("repo"), "repo"),
        ("repo/master", Location("repo", "master"), "repo/master"),
        ("repo/master/", Location("repo", "master"), "repo/master"),
        ("repo/master/a/b.c", Location("repo", "master", "/a/b.c"), "repo/master/a/b.c"),
        (f"p.repo/{ID}/a", Location("p.repo", ID, "/a"), f"p.repo/{ID}/a"),
    ],
)
def test_places(text: str, place: Location, canonical: str) -> None:
    assert Location.parse(text) == place
    assert str(place) == canonical


@pytest.mark.parametrize(
    ("text", "commit", "is_branch"),
    [
        ("repo/master/a", ("repo", "master"), True),
        ("p.repo/my-branch", ("p/repo", "my-branch"), True),
        (f"repo/{ID}", ("repo", ID), False),
        ("repo/master^/a", ("repo", "master^"), False),
    ],
)
def test_commits(text: str, commit: tuple[str, str], is_branch: bool) -> None:
    place = Location.parse(text)
    assert (place.commit, place.is_branch) == (commit, is_branch)


@pytest.mark.parametrize(
    "url", ["pfs://conn@repo/master/a", "pfs://repo/master/a", "pfs::repo/master/a", "repo/master/a/"]
)
def test_urls_become_paths(url: str) -> None:
    assert PachydermFileSystem._strip_protocol(url) == "repo/master/a"
    assert PachydermFileSystem._strip_protocol([url]) == ["repo/master/a"]


@pytest.mark.parametrize(
    ("url", "arguments"), [("pfs://conn@repo/master/a", {"conn_id": "conn"}), ("pfs://repo/master/a", {})]
)
def test_a_url_names_the_connection(url: str, arguments: dict[str, Any]) -> None:
    fs, _, paths = get_fs_token_paths(url)
    assert paths == ["repo/master/a"]
    assert fs == PachydermFileSystem(**arguments)


def test_what_airflow_asks_for() -> None:
    assert get_fs("conn") == PachydermFileSystem(conn_id="conn")
    assert get_fs(None) == PachydermFileSystem()
    assert get_fs("conn", {"project": "p"}) == PachydermFileSystem(conn_id="conn", project="p")
    assert get_fs("conn") != get_fs("other")


def test_a_filesystem_travels_without_secrets() -> None:
    fs = get_fs("conn", {"project": "p"})
    assert pickle.loads(pickle.dumps(fs)) == fs
    assert "conn" in fs.to_json()
