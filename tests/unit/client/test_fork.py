"""Clients and forks, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm._wire.v2.methods import Pfs
from tests.unit.client.pachd import Pachd

PROLOGUE = """
import os, sys
from airflow_provider_pachyderm.client import ClientClosed, PfsClient

def in_child(work):
    if pid := os.fork():
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    else:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)

client = PfsClient(sys.argv[1])
"""
UNUSED = """
def work():
    with client:
        assert client.inspect_repo("repo").repo.name == "repo"

in_child(work)
print("ok")
"""
USED = """
client.inspect_repo("repo")

def work():
    for call in (lambda: client.inspect_repo("repo"), lambda: client.list_file("repo/master"), client.list_repo):
        try:
            call()
        except ClientClosed as error:
            assert "forked" in str(error)
        else:
            raise AssertionError("was used")
    client.close()

in_child(work)
client.inspect_repo("repo")
client.close()
print("ok")
"""


@pytest.mark.parametrize("script", [UNUSED, USED])
def test_fork(pachd: Pachd, address: str, script: str) -> None:
    pachd.on(Pfs.InspectRepo, pfs_pb2.RepoInfo(repo=pfs_pb2.Repo(name="repo", type="user")))
    code = textwrap.dedent(PROLOGUE + script)
    done = subprocess.run(
        [sys.executable, "-c", code, address], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "ok", done.stdout + done.stderr
