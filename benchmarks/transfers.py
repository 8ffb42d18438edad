"""Uploads and downloads by the client, beside a bare gRPC stub against the same dev server in the same run."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc

from airflow_provider_pachyderm._wire.v1 import methods as methods_v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as methods_v2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, PfsClient

CHUNK = 2 * 2**20
PIECE = bytes(range(256)) * (CHUNK // 256)
SMALL_FILES = 1000
SMALL = PIECE[:1024]


def pieces(mebibytes: int) -> Iterator[bytes]:
    """The content that is uploaded."""
    return (PIECE for _ in range(mebibytes // 2))


def upload_sync(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    client.put_file_bytes(commit, "/file", pieces(mebibytes))


def download_sync(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    with client.get_file(commit, "/file") as reader:
        assert sum(len(chunk) for chunk in reader) == mebibytes * 2**20


def upload_async(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    async def run() -> None:
        async with AsyncPfsClient(config=client.config) as own:
            await own.put_file_bytes(commit, "/file", pieces(mebibytes))

    asyncio.run(run())


def download_async(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    async def run() -> None:
        async with AsyncPfsClient(config=client.config) as own, await own.get_file(commit, "/file") as reader:
            total = 0
            async for chunk in reader:
                total += len(chunk)
            assert total == mebibytes * 2**20

    asyncio.run(run())


def upload_bare(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    """Messages encoded beforehand: what gRPC itself takes."""
    if client.version().major == 1:
        path = methods_v1.Pfs.PutFile.path
        file = v1.File(commit=_commit_v1(commit), path="/file")
        first = v1.PutFileRequest(file=file, value=PIECE, overwrite_index=v1.OverwriteIndex()).SerializeToString()
        rest = v1.PutFileRequest(value=PIECE).SerializeToString()
        messages = iter([first] + [rest] * (mebibytes // 2 - 1))
    else:
        path = methods_v2.Pfs.ModifyFile.path
        opening = v2.ModifyFileRequest(set_commit=_commit_v2(commit)).SerializeToString()
        add = v2.ModifyFileRequest(add_file=v2.AddFile(path="/file", raw={"value": PIECE})).SerializeToString()
        messages = iter([opening] + [add] * (mebibytes // 2))
    with _channel(client) as channel:
        channel.stream_unary(path)(messages)


def download_bare(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    """Messages left undecoded."""
    if client.version().major == 1:
        path = methods_v1.Pfs.GetFile.path
        request = v1.GetFileRequest(file=v1.File(commit=_commit_v1(commit), path="/file")).SerializeToString()
    else:
        path = methods_v2.Pfs.GetFile.path
        request = v2.GetFileRequest(file=v2.File(commit=_commit_v2(commit), path="/file")).SerializeToString()
    with _channel(client) as channel:
        assert sum(map(len, channel.unary_stream(path)(request))) >= mebibytes * 2**20


def small_sync(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    assert len(client.get_files(commit, "/small")) == SMALL_FILES


def small_async(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    async def run() -> None:
        async with AsyncPfsClient(config=client.config) as own:
            assert len(await own.get_files(commit, "/small")) == SMALL_FILES

    asyncio.run(run())


def small_disk(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert len(client.download(commit, "/small", folder)) == SMALL_FILES


def small_bare(client: PfsClient, commit: Commit, mebibytes: int) -> None:
    """A call for each file, whose names are known."""
    old = client.version().major == 1
    path = methods_v1.Pfs.GetFile.path if old else methods_v2.Pfs.GetFile.path
    with _channel(client) as channel:
        for number in range(SMALL_FILES):
            request = _get_v1(commit, number) if old else _get_v2(commit, number)
            assert sum(map(len, channel.unary_stream(path)(request))) >= len(SMALL)


def _get_v1(commit: Commit, number: int) -> bytes:
    file = v1.File(commit=_commit_v1(commit), path=f"/small/{number}")
    return v1.GetFileRequest(file=file).SerializeToString()


def _get_v2(commit: Commit, number: int) -> bytes:
    file = v2.File(commit=_commit_v2(commit), path=f"/small/{number}")
    return v2.GetFileRequest(file=file).SerializeToString()


def _channel(client: PfsClient) -> grpc.Channel:
    return grpc.insecure_channel(client.config.target, options=[("grpc.max_receive_message_length", 20 * 2**20)])


def _commit_v1(commit: Commit) -> v1.Commit:
    return v1.Commit(repo=v1.Repo(name=commit.repo.name), id=commit.id)


def _commit_v2(commit: Commit) -> v2.Commit:
    repo = v2.Repo(name=commit.repo.name, type="user", project=v2.Project(name="default"))
    return v2.Commit(repo=repo, branch=v2.Branch(repo=repo, name=commit.branch), id=commit.id)


CASES: dict[str, Callable[[PfsClient, Commit, int], None]] = {
    "upload bare": upload_bare,
    "upload sync": upload_sync,
    "upload async": upload_async,
    "download bare": download_bare,
    "download sync": download_sync,
    "download async": download_async,
    "small bare": small_bare,
    "small sync": small_sync,
    "small async": small_async,
    "small disk": small_disk,
}


def put_small(client: PfsClient, commit: Commit) -> None:
    """Fill a directory."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(SMALL_FILES):
            Path(folder, str(number)).write_bytes(SMALL)
        client.put_files(commit, folder, "/small")


def measure(name: str, address: str, mebibytes: int) -> dict[str, float]:
    """One case in this process: seconds, CPU seconds, peak MB."""
    host, _, port = address.rpartition(":")
    with PfsClient(host, int(port)) as client:
        client.create_repo("bench", update=True)
        commit = client.start_commit("bench", "master")
        if name.startswith("download"):
            client.put_file_bytes(commit, "/file", pieces(mebibytes))
        if name.startswith("small"):
            put_small(client, commit)
        before, cpu = time.perf_counter(), time.process_time()
        CASES[name](client, commit, mebibytes)
        wall, cpu = time.perf_counter() - before, time.process_time() - cpu
        client.drop_commit(commit)
    return {"wall": wall, "cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def measure_apart(name: str, address: str, mebibytes: int) -> dict[str, float]:
    """The same in a process of its own, for its memory."""
    command = [sys.executable, __file__, "--case", name, "--address", address, "--mebibytes", str(mebibytes)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return result


def report(version: str, mebibytes: int, rounds: int) -> None:
    """Run all cases against one server and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "airflow_provider_pachyderm.devserver", "--version", version, "--data", folder]
        with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                address = server.stdout.readline().split()[1]
                runs = [{name: measure_apart(name, address, mebibytes) for name in CASES} for _ in range(rounds)]
            finally:
                server.terminate()
    print(f"Pachyderm {version}, {mebibytes} MiB, medians of {rounds} interleaved rounds")
    print(f"  {'':15} {'MiB/s':>7} {'x bare':>7} {'CPU s':>7} {'peak MB':>8}, small: {SMALL_FILES} files of 1 KiB")
    for name in CASES:
        bare = f"{name.split()[0]} bare"
        amount = SMALL_FILES / 1024 if name.startswith("small") else mebibytes
        speed = amount / statistics.median(run[name]["wall"] for run in runs)
        ratio = statistics.median(run[bare]["wall"] / run[name]["wall"] for run in runs)
        cpu, peak = (statistics.median(run[name][figure] for run in runs) for figure in ("cpu", "peak"))
        print(f"  {name:15} {speed:7.3g} {ratio:7.2f} {cpu:7.2f} {peak:8.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES, help="one case, its figures as JSON (used by the benchmark itself)")
    parser.add_argument("--address", help="of the server for --case")
    args = parser.parse_args()
    if args.case:
        print(json.dumps(measure(args.case, args.address, args.mebibytes)))
        return
    for version in ("1.13.4", "2.11.6"):
        report(version, args.mebibytes, args.rounds)


if __name__ == "__main__":
    main()
