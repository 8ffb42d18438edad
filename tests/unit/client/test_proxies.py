"""Which proxy the way to a server leads through."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm.client import ClientConfig, InvalidConfig
from airflow_provider_pachyderm.client._config.proxies import choose

PROXY = "http://proxy:3128"


def chosen(host: str, *, tls: bool = False, proxy: Any = None, port: int = 30650, **environ: str) -> str | None:
    found = choose(proxy, host, port, tls=tls, environ=environ)
    return found and found.named_by


def test_https_proxy_counts_with_tls_only() -> None:
    assert chosen("pachd", https_proxy=PROXY) is None
    assert chosen("pachd", https_proxy=PROXY, tls=True) == "https_proxy"
    assert chosen("pachd", http_proxy=PROXY) == "http_proxy"
    assert chosen("pachd", http_proxy=PROXY, https_proxy=PROXY, grpc_proxy=PROXY, tls=True) == "grpc_proxy"
    assert chosen("pachd", http_proxy="", grpc_proxy=" ") is None


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.8.9.1", "[::1]", "0.0.0.0", "unix:/run/p.sock"]
)
def test_this_machine_needs_no_proxy_of_the_environment(host: str) -> None:
    assert chosen(host, http_proxy=PROXY, grpc_proxy=PROXY) is None


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY", "no_grpc_proxy"])
@pytest.mark.parametrize(
    ("listed", "host", "excepted"),
    [
        ("*", "pachd.example.com", True),
        ("other, *", "10.1.2.3", True),
        ("example.com", "pachd.example.com", True),
        (".example.com", "pachd.example.com", True),
        ("*.example.com", "pachd.example.com", True),
        ("EXAMPLE.com.", "Pachd.example.COM", True),
        ("pachd.example.com", "pachd.example.com", True),
        ("pachd.example.com:30650", "pachd.example.com", True),
        ("pachd.example.com:443", "pachd.example.com", False),
        ("xample.com", "pachd.example.com", False),
        ("pachd.example.com", "example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8 , 192.168.0.1", "192.168.0.1", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "pachd.example.com", False),
        ("fd00::/8", "[fd00::1]", True),
        ("fd00::1", "[fd00::1]", True),
        ("[fd00::1]:30650", "[fd00::1]", True),
        ("fd00::2", "[fd00::1]", False),
        (",, ,", "pachd.example.com", False),
        ("not/a/network", "10.1.2.3", False),
    ],
)
def test_exceptions(variable: str, listed: str, host: str, excepted: bool) -> None:
    for proxy in (None, PROXY):
        found = chosen(host, proxy=proxy, http_proxy=PROXY, **{variable: listed})
        assert found == (None if excepted else "proxy" if proxy else "http_proxy")


def test_the_setting_wins() -> None:
    assert chosen("pachd", proxy=False, http_proxy=PROXY) is None
    assert chosen("127.0.0.1", proxy=PROXY) == "proxy"


def test_what_grpc_cannot_use_is_left_out() -> None:
    for url in ("https://proxy:1", "socks5://proxy:1", "http://proxy:port", "http://", "http://proxy/path"):
        assert chosen("pachd", http_proxy=url) is None


@pytest.mark.parametrize("proxy", [True, 3128, "", "https://proxy", "http://proxy:x", "socks5://u:secret@proxy"])
def test_a_setting_that_is_no_proxy(proxy: Any) -> None:
    with pytest.raises(InvalidConfig, match="address of an HTTP proxy") as caught:
        ClientConfig(host="pachd", proxy=proxy)
    assert "secret" not in str(caught.value)


def test_its_password_is_not_shown() -> None:
    config = ClientConfig(host="pachd", proxy="http://user:secret@proxy:3128")
    assert "secret" not in repr(config)
    found = choose(config.proxy, "pachd", 30650, tls=False, environ={})
    assert found is not None
    assert "secret" not in str(found)
    assert found.url == "http://user:secret@proxy:3128"


@pytest.mark.parametrize("keepalive", [-1, "20", None, True, float("inf"), float("nan")])
def test_keepalive_is_a_number_of_seconds(keepalive: Any) -> None:
    with pytest.raises(InvalidConfig, match="keepalive"):
        ClientConfig(host="pachd", keepalive=keepalive)


@pytest.mark.parametrize("port", ["30650", " 30650 ", 30650])
def test_a_port_may_be_text(port: Any) -> None:
    assert ClientConfig(host="pachd", port=port).target == "pachd:30650"


@pytest.mark.parametrize(
    "port", ["9" * 5000, pytest.param(10**5000, id="long"), "x", "", "-1", "1.5", 1.5, True, 0, 65536, "٣", [1]]
)
def test_what_is_no_port(port: Any) -> None:
    with pytest.raises(InvalidConfig, match="must be a number between 1 and 65535"):
        ClientConfig(host="pachd", port=port)


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("grpcs://:secret@pachd:443", "give a token as auth_token"),
        ("grpcs://pachd:443/vision", "the default project is the argument project"),
        ("grpcs://pachd:443?tls=true", "give options as arguments"),
        (7, "the host must be a str"),
        ("pachd:" + "9" * 5000, "must be a number between"),
    ],
)
def test_an_address_with_more_in_it(host: Any, message: str) -> None:
    with pytest.raises(InvalidConfig, match=message) as caught:
        ClientConfig(host=host)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("tls", ["false", "true", 0, 1])
def test_tls_is_no_text(tls: Any) -> None:
    with pytest.raises(InvalidConfig, match="tls must be True, False or None"):
        ClientConfig(host="pachd", tls=tls)
