"""The URIs of assets: one spelling for one place, and a clear word for what is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from airflow_provider_pachyderm.assets.pachyderm import convert_asset_to_openlineage, create_asset, sanitize_uri


@pytest.mark.parametrize(
    ("arguments", "uri"),
    [
        ({"host": "pachd", "repo": "images"}, "pachyderm://pachd/default/images/master"),
        ({"host": "pachd", "port": 30650, "repo": "images"}, "pachyderm://pachd/default/images/master"),
        ({"host": "pachd", "port": 650, "repo": "images"}, "pachyderm://pachd:650/default/images/master"),
        ({"host": "grpcs://PACHD:443", "repo": "p/images"}, "pachyderm://pachd:443/p/images/master"),
        ({"host": "h", "repo": "r", "project": "p", "branch": "b"}, "pachyderm://h/p/r/b"),
        ({"host": "h", "repo": "p/r.meta"}, "pachyderm://h/p/r.meta/master"),
        ({"host": "h", "repo": "r", "path": "/"}, "pachyderm://h/default/r/master"),
        ({"host": "h", "repo": "r", "path": "dir/a b?.csv"}, "pachyderm://h/default/r/master/dir/a%20b%3F.csv"),
    ],
)
def test_create(arguments: dict[str, Any], uri: str) -> None:
    asset = create_asset(**arguments, extra={"k": "v"})
    assert asset.uri == uri
    assert asset.extra == {"k": "v"}
    assert sanitize_uri(urlsplit(uri)).geturl() == uri


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("pachyderm://H:30650/default/r/master/", "pachyderm://h/default/r/master"),
        ("pachyderm://h/default/r/master//dir//a", "pachyderm://h/default/r/master/dir/a"),
        ("pachyderm://h/default/r/master/a b", "pachyderm://h/default/r/master/a%20b"),
        ("pachyderm://[::1]:650/p/r/b", "pachyderm://[::1]:650/p/r/b"),
    ],
)
def test_two_spellings_are_one_asset(given: str, clean: str) -> None:
    assert sanitize_uri(urlsplit(given)).geturl() == clean


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("pachyderm://h/default/r", "does not name a branch: write pachyderm://host"),
        ("pachyderm:///default/r/master", "does not name a branch"),
        ("pachyderm://me:secret@h/default/r/master", "has a user"),
        ("pachyderm://h/default/r/master/a?b", "has a query"),
        ("pachyderm://h/default/r x/master", "r x"),
    ],
)
def test_what_is_no_place(uri: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sanitize_uri(urlsplit(uri))


def test_a_socket_has_no_uri() -> None:
    with pytest.raises(ValueError, match=r"unix:/run/pachd\.sock is a Unix socket"):
        create_asset(host="unix:/run/pachd.sock", repo="images")


def test_the_name_in_openlineage() -> None:
    pytest.importorskip("openlineage", reason="OpenLineage is not installed")
    dataset = convert_asset_to_openlineage(create_asset(host="h", repo="r", path="/a"), None)
    assert (dataset.namespace, dataset.name) == ("pachyderm://h", "default/r/master/a")
