"""What docs/dev-server.md shows of authentication: its command line, and what a client does then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import Unauthenticated
from airflow_provider_pachyderm.devserver.releases.played import DEFAULT_VERSION
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.pages import DOCS, examples, run

PAGE = DOCS / "dev-server.md"


def test_tokens_and_roles(tmp_path: Path) -> None:
    shown: list[str] = []
    (options,) = re.findall(r"^\$ pachyderm-devserver --port 30650 (--auth-token .*)$", PAGE.read_text(), re.MULTILINE)
    tokens, roles = examples(PAGE, "Authentication, TLS, sockets")
    names = {"print": shown.append}
    with DevServer(DEFAULT_VERSION, tmp_path, *options.split()) as server:
        for example in (tokens, roles):
            run(example, names, PAGE, lambda text: text.replace("30650", str(server.port)))
        with server.client() as client, pytest.raises(Unauthenticated):
            client.list_repo()
    *users, refusal = shown
    assert users == re.findall(r"# (\S+:\S+)$", tokens, re.MULTILINE) == ["user:jane", "robot:airflow"]
    said = re.findall(r"# (robot:airflow .*)$", roles, re.MULTILINE)[0].split("…")
    assert all(part.strip() in refusal for part in said)
