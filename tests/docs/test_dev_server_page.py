"""What docs/dev-server.md shows of authentication: its command line, and what a client does then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import Unauthenticated
from airflow_provider_pachyderm.devserver.profiles import DEFAULT_VERSION
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.pages import DOCS, examples, run

PAGE = DOCS / "dev-server.md"


def test_tokens(tmp_path: Path) -> None:
    shown: list[str] = []
    (options,) = re.findall(r"^\$ pachyderm-devserver --port 30650 (--auth-token .*)$", PAGE.read_text(), re.MULTILINE)
    (example,) = examples(PAGE, "Authentication, TLS, sockets")
    with DevServer(DEFAULT_VERSION, tmp_path, *options.split()) as server:
        run(example, {"print": shown.append}, PAGE, lambda text: text.replace("30650", str(server.port)))
        with server.client() as client, pytest.raises(Unauthenticated):
            client.list_repo()
    assert shown == re.findall(r"# (\S+:\S+)$", example, re.MULTILINE) == ["user:jane", "robot:airflow"]
