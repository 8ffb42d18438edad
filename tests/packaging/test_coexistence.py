"""Our messages beside those of python-pachyderm in one process.

Its generated code registers ``pfs`` and ``pfs_v2`` in protobuf's one pool. On protobuf 4 and later its import fails
half way unless the pure Python implementation is chosen, and what it registered until then stays. Ours must not collide
either way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PEERS = Path(sys.prefix) / "peers"
GENERATED = {
    "6.3.3": "python_pachyderm.proto.pfs.pfs_pb2",
    "7.6.0": "python_pachyderm.proto.v2.pfs.pfs_pb2",
}
IMPORT_PEER = """
try:
    import {module}
    print("imported")
except TypeError as error:
    assert "Descriptors cannot be created directly" in str(error), error
    print("failed")
"""
USE_OURS = """
from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
from airflow_provider_pachyderm._wire import v1, v2
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pfs_v1
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pfs_v2
for pfs in (pfs_v1, pfs_v2):
    commit = pfs.InspectCommitRequest(commit=pfs.Commit(repo=pfs.Repo(name="r"), id="master"))
    assert pfs.InspectCommitRequest.FromString(commit.SerializeToString()) == commit
"""


@pytest.mark.parametrize("order", ["peer first", pytest.param("ours first", marks=pytest.mark.thorough)])
@pytest.mark.parametrize(("implementation", "outcome"), [("upb", "failed"), ("python", "imported")])
@pytest.mark.parametrize("version", GENERATED)
def test_beside_python_pachyderm(version: str, implementation: str, outcome: str, order: str) -> None:
    peer = PEERS / f"python-pachyderm=={version}"
    if not peer.is_dir():
        pytest.skip("python-pachyderm is not installed beside this environment; `make test` does that")
    parts = [IMPORT_PEER.format(module=GENERATED[version]), USE_OURS]
    script = "".join(parts if order == "peer first" else reversed(parts))
    environment = os.environ | {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation, "PYTHONPATH": str(peer)}
    command = [sys.executable, "-W", "ignore", "-c", script]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == outcome
