"""Pipelines that the dev server runs: three steps over 200 files; servers and commands killed at many points."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import JobInfo, PfsClient
from airflow_provider_pachyderm.testing.server import DevServer

OUT = "${PACH_PFS:-/pfs}/out"
IN = "${PACH_PFS:-/pfs}"
POINTS = 30


def create(client: PfsClient, name: str, script: str, input: dict[str, Any]) -> None:
    client.pps.create_pipeline(
        {"pipeline": {"name": name}, "transform": {"cmd": ["sh"], "stdin": ["set -e", script]}, "input": input}
    )


def of(repo: str, glob: str = "/*", **leaf: Any) -> dict[str, Any]:
    return {"pfs": {"repo": repo, "glob": glob, **leaf}}


def counts(info: JobInfo) -> tuple[str, int, int, int]:
    return info.state.value, info.data_processed, info.data_skipped, info.data_total


@pytest.mark.thorough
def test_three_steps_over_200_files(tmp_path: Path) -> None:
    with DevServer("2.11.6", tmp_path, "--run-pipelines", "--jobs", "3") as server, server.client() as client:
        for repo in ("words", "setting"):
            client.create_repo(repo)
        create(
            client,
            "crossed",
            f'cat {IN}/setting/prefix {IN}/words/* > "{OUT}/$(basename "$words")"',
            {"cross": [of("words"), of("setting", "/")]},
        )
        create(
            client,
            "joined",
            f'cat {IN}/crossed/* {IN}/words/* > "{OUT}/$(basename "$words")"',
            {"join": [of("crossed", "/(*)", join_on="$1"), of("words", "/(*)", join_on="$1")]},
        )
        create(client, "reduced", f"cat {IN}/joined/* > {OUT}/all", of("joined", "/"))
        client.put_file_bytes("setting/master", "/prefix", b"> ")
        names = [f"{number:03}" for number in range(200)]
        with client.commit("words", "master") as first:
            for name in names:
                client.put_file_bytes(first, f"/{name}", f"{name}\n".encode())
        steps = ("crossed", "joined", "reduced")
        ended = {name: client.pps.wait_job(f"{name}@{first.id}", timeout=600) for name in steps}
        assert [counts(ended[name]) for name in steps] == [
            ("success", 200, 0, 200),
            ("success", 200, 0, 200),
            ("success", 1, 0, 1),
        ]
        with client.commit("words", "master") as second:
            for name in names[:3]:
                client.put_file_bytes(second, f"/{name}", b"changed\n")
        ended = {name: client.pps.wait_job(f"{name}@{second.id}", timeout=600) for name in steps}
        assert [counts(ended[name]) for name in steps] == [
            ("success", 3, 197, 200),
            ("success", 3, 197, 200),
            ("success", 1, 0, 1),
        ]
        lines = ["changed"] * 3 + names[3:]
        assert (
            client.get_files("reduced/master", "/all")["/all"] == "".join(f"> {one}\n{one}\n" for one in lines).encode()
        )


def _children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                yield int(entry.name)


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_kills_at_any_point_change_nothing(tmp_path: Path) -> None:
    server = DevServer("2.11.6", tmp_path, "--run-pipelines", "--jobs", "2")
    expected: dict[str, bytes] = {}
    with server:
        with server.client() as client:
            client.create_repo("words")
            create(client, "upper", f"tr a-z A-Z < $words > {OUT}/$(basename $words)", of("words"))
            create(client, "all", f"cat {IN}/upper/* > {OUT}/all", of("upper", "/"))
        for point in range(POINTS):
            name = f"{point:02}"
            with server.client() as client, client.commit("words", "master") as commit:
                for part in "abc":
                    client.put_file_bytes(commit, f"/{name}{part}", f"{name}{part}\n".encode())
                    expected[f"{name}{part}"] = f"{name}{part}\n".upper().encode()
            # from before the first datum to after the last
            time.sleep(point * 0.06)
            if point % 3 == 2:
                assert server._process is not None
                for child in _children(server._process.pid):
                    os.kill(child, signal.SIGKILL)
            else:
                server.kill()
                server.start()
            with server.client() as client:
                info = client.pps.wait_job(f"all@{commit.id}", timeout=120)
                assert info.state.value == "success"
                upper = client.pps.inspect_job(f"upper@{commit.id}")
                assert (upper.state.value, upper.data_processed, upper.data_total) == ("success", 3, 3 * (point + 1))
                text = b"".join(expected[key] for key in sorted(expected))
                assert client.get_files("all/master", "/all")["/all"] == text
    assert not (tmp_path / "data" / "worker").exists()
