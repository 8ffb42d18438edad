"""What is secret in URLs stays out of everything that is shown."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm._urls import (
    has_secrets,
    is_well_formed,
    masked,
    masked_url,
    masked_userinfo,
    public_url,
    secrets_of,
)
from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig, InvalidRequest, PfsClient
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._config import pem
from airflow_provider_pachyderm.client._error_texts import from_status
from airflow_provider_pachyderm.client._errors import PachydermError


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a/b.csv", "https://example.com/a/b.csv"),
        ("https://user:pass@example.com:8080/a", "https://***@example.com:8080/a"),
        ("https://token@example.com/a", "https://***@example.com/a"),
        ("https://user:pa/ss?w#d@example.com/a", "https://***@example.com/a"),
        ("https://user:p@ss@example.com/a@b", "https://***@example.com/a@b"),
        ("https://[::1]:8080/a@b", "https://[::1]:8080/a@b"),
        ("https://example.com/a?X-Amz-Signature=abc&n=1", "https://example.com/a?X-Amz-Signature=***&n=***"),
        ("https://example.com/a?c2VjcmV0==", "https://example.com/a?***"),
        ("https://example.com/a#access_token=abc", "https://example.com/a#***"),
        ("https://example.com/a?n=1#abc", "https://example.com/a?n=***#***"),
        ("https://archive.org/https://u:p@example.com/a", "https://archive.org/https://***@example.com/a"),
        ("s3://conn_id@bucket/a", "s3://conn_id@bucket/a"),
        ("s3://key:secret@bucket/a", "s3://***@bucket/a"),
        ("user:pass@example.com:30650", "***@example.com:30650"),
        ("example.com:30650", "example.com:30650"),
    ],
)
def test_scheme_host_and_path_stay(url: str, shown: str) -> None:
    assert masked_url(url) == shown
    if "://" in url:
        assert masked(f"see {url}, and ('{url}')") == f"see {shown}, and ('{shown}')"
        assert has_secrets(url) is (shown != url)


def test_a_text_as_servers_write_it() -> None:
    text = 'Get "https://u:p@example.com/a?sig=abc": dial tcp 10.0.0.1:443: i/o timeout'
    assert masked(text) == 'Get "https://***@example.com/a?sig=***": dial tcp 10.0.0.1:443: i/o timeout'
    assert masked("a@b: no such file c?d=e") == "a@b: no such file c?d=e"


def test_a_link_leads_on_without_the_secrets() -> None:
    assert public_url("https://user:pass@console.example.com/pach?token=abc#x") == "https://console.example.com/pach"


def test_a_path_may_have_a_question_mark() -> None:
    assert masked_userinfo("s3://key:secret@bucket/a?b") == "s3://***@bucket/a?b"


def test_parts_that_are_long_enough_are_secrets() -> None:
    parts = secrets_of("https://someone:pass%2Fword@example.com/?token=abcdef&page=1&sig=x%3D234567")
    assert {"someone", "pass%2Fword", "pass/word", "abcdef", "x=234567"} <= set(parts)
    assert "1" not in parts
    assert secrets_of("https://example.com/a/path/that/is/long") == []


words = st.text(alphabet="abAB0?#&=@/:.%'\"[] \\-_", max_size=40)


@given(words, words)
def test_masking_twice_is_masking_once(before: str, after: str) -> None:
    once = masked(f"{before}://{after}")
    assert masked(once) == once


@given(st.from_regex(r"[a-z]{3,8}:[A-Za-z0-9/?#%.~-]{6,12}", fullmatch=True))
def test_no_password_gets_through(userinfo: str) -> None:
    user, password = userinfo.split(":", 1)
    assert password not in masked_url(f"https://{user}:x{password}@example.com/a")


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        *(("https://u:p%2F@example.com:80/a?b#c", True), ("s3://bucket_name/a", True), ("http://[::1]:8080", True)),
        *(("https://u:p/p@example.com/", False), ("example.com/a", False), ("://a", False), ("http://a:b/", False)),
    ],
)
def test_what_could_not_be_masked_safely_is_no_url(url: str, is_one: bool) -> None:
    assert is_well_formed(url) is is_one
    if not is_one:
        with PfsClient("localhost", 1) as client, pytest.raises(InvalidRequest, match="is not a URL"):
            client.put_file_url("repo@master", "/a", url)


def test_errors_mask_all_their_texts() -> None:
    url = "https://user:pass@example.com/a?sig=secret"
    error = from_status("UNKNOWN", f'Get "{url}": dial tcp', method="/pfs.API/PutFile", reference=f"repo@master:{url}")
    for shown in (str(error), repr(error), error.server_text, error.reference, repr(vars(error))):
        assert "pass" not in shown and "secret" not in shown
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == (str(error), vars(error))
    assert "pass" not in str(PachydermError(url))


@pytest.mark.parametrize(
    "host",
    [
        *("grpcs://:canary@host:443", "user:canary@host", "grpcs://user:ca/canary@host", "ftp://user:canary@host"),
        *("https://host/?token=canary", "user:@canary:@host x", "canary@host" + "x" * 500),
    ],
)
def test_an_address_that_is_none_is_told_without_its_password(host: str) -> None:
    for make in (lambda: ClientConfig(host=host), lambda: PfsClient.from_url(host)):
        with pytest.raises(InvalidConfig) as caught:
            make()
        assert "canary" not in str(caught.value)


def test_a_private_key_that_was_pasted_badly_is_not_taken_for_a_path() -> None:

    with pytest.raises(InvalidConfig) as caught:
        pem.load("tls_private_key", "MIIEvQIBADANBgkqcanary")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    with pytest.raises(InvalidConfig, match="/no/such/key"):
        pem.load("tls_private_key", "/no/such/key.pem")


def test_what_a_server_is_to_fetch_is_not_in_its_repr() -> None:
    assert "secret" not in repr(PutUrl("/a", "https://example.com/?sig=secret"))
