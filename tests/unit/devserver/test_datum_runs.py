"""One datum in a sandbox: its files, its command, what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum, datums
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.model import CommitRef
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.devserver.worker.datum_runs import (
    FAILED,
    RECOVERED,
    SUCCESS,
    Command,
    DatumRuns,
    Result,
)
from airflow_provider_pachyderm.devserver.worker.environment import Place
from airflow_provider_pachyderm.devserver.worker.layout import Layout
from airflow_provider_pachyderm.devserver.worker.outputs import EndlessOutput, Outputs
from airflow_provider_pachyderm.devserver.worker.sandbox import Sandbox
from tests.unit.devserver.conftest import Desk

PLACE = Place("default", "p", 2, "job", "spec", "out")


class Bench:
    """An engine with one repo ``r``, and a sandbox in which datums of it are run."""

    def __init__(self, folder: Path, mounts: bool, version: str = "2.11.6") -> None:
        (folder / "data").mkdir()
        self.desk = Desk(Engine(profile_for(version), folder / "data"))
        self.engine = self.desk.engine
        self.sandbox = Sandbox(folder / "slot", mounts)
        self.sandbox.make()
        self.layout = Layout(self.sandbox, self.engine.files)
        profile, clean = self.engine.profile, self.engine.files.clean_path
        outputs = Outputs(self.sandbox, self.layout, self.engine.blobs, profile, clean)
        self.runs = DatumRuns(self.sandbox, self.layout, outputs, profile)
        self.lines: list[str] = []

    async def fill(self, **files: bytes) -> None:
        paths = {f"/{name.replace('__', '/')}": content for name, content in files.items()}
        self.commit = await self.desk.commit(paths)

    def datum(self, **leaf: Any) -> Datum:
        spec = {"pfs": {"repo": "r", "glob": "/", "name": "in", "commit": self.commit.id, **leaf}}
        found = datums(
            input_tree(spec),
            lambda one: self.engine.files.open(CommitRef(one.repo, one.commit)).glob(one.glob),
            self.engine.profile,
        )
        return found[0]

    async def run(self, script: str, datum: Datum | None = None, tries: int = 1, **values: Any) -> Result:
        timeout = values.pop("timeout", None)
        command = values.pop("command", Command({"cmd": ["sh"], "stdin": [script], **values}, tries, timeout))

        def say(lines: Sequence[str], of_user: bool) -> None:
            if of_user:
                self.lines += lines

        return await self.runs.run(datum or self.datum(), command, PLACE, say)

    async def made(self, result: Result) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for put in result.puts:
            found[put.path] = b"".join([piece async for piece in self.engine.files.read(put.path, put.pieces)])
        return found


@pytest.fixture(params=["mounts", "folder"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path, mounts_work: bool) -> Bench:
    if request.param == "mounts" and not mounts_work:
        pytest.skip("this machine lets nobody make mount namespaces")
    bench = Bench(tmp_path, request.param == "mounts")
    await bench.fill(a=b"aaa\n", d__b=b"bbb\n")
    return bench


def processes_of(marker: str) -> Iterator[int]:
    """Processes of this machine with some text in their command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found = marker.encode() in (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if found:
                yield int(entry.name)


async def test_a_command_finds_its_files_and_what_it_leaves_is_kept(bench: Bench) -> None:
    result = await bench.run(
        'cd "${PACH_PFS:-/pfs}"; cat in/a in/d/b > out/both; mkdir -p out/x/y out/none; echo 1 > out/x/y/f;'
        " : > out/empty; echo h > out/.hidden; pwd; ls -a"
    )
    assert (result.state, result.reason) == (SUCCESS, "")
    assert await bench.made(result) == {
        "/.hidden": b"h\n",
        "/both": b"aaa\nbbb\n",
        "/empty": b"",
        "/x/y/f": b"1\n",
    }
    assert {put.datum for put in result.puts} == {bench.datum().id}
    assert bench.lines[1:] == [".", "..", ".env", ".scratch", "in", "out"]
    assert (bench.lines[0] == "/pfs") is bench.sandbox.mounts
    assert result.sizes == [8, 12]
    assert not list(bench.sandbox.pfs.iterdir())


async def test_variables_are_those_of_the_release(bench: Bench) -> None:
    await bench.run("env", env={"MY": "own"})
    told = dict(line.split("=", 1) for line in bench.lines)
    datum = bench.datum()
    assert (told["in"], told["in_COMMIT"]) == (f"{bench.sandbox.seen}/in/", bench.commit.id)
    assert (told["PACH_DATUM_ID"], told["PACH_JOB_ID"], told["PACH_OUTPUT_COMMIT_ID"]) == (datum.id, "job", "out")
    assert (told["PPS_PIPELINE_NAME"], told["PPS_PROJECT_NAME"], told["PPS_SPEC_COMMIT"]) == ("p", "default", "spec")
    assert told["MY"] == "own"
    assert told["PATH"] == os.environ["PATH"]
    assert told.get("PACH_PFS", "/pfs") == bench.sandbox.seen


async def test_variables_of_1_13(tmp_path: Path) -> None:
    bench = Bench(tmp_path, mounts=False, version="1.13.4")
    await bench.fill(a=b"1")
    result = await bench.run('env; cp "$in" "$PACH_PFS/out/"', bench.datum(glob="/*"))
    told = dict(line.split("=", 1) for line in bench.lines)
    assert not {"PACH_DATUM_ID", "PPS_PROJECT_NAME", "FILESET_ID"} & set(told)
    assert told["in_COMMIT"] == bench.commit.id
    assert [(put.path, put.datum) for put in result.puts] == [("/a", "")]


async def test_what_was_joined_is_told(bench: Bench) -> None:
    await bench.run("env", bench.datum(glob="/(*)", join_on="$1", group_by="x$1"))
    assert {"PACH_DATUM_in_JOIN_ON=a", "PACH_DATUM_in_GROUP_BY=xa"} <= set(bench.lines)


async def test_empty_files_are_empty_but_links_to_them_are_not(bench: Bench) -> None:
    datum = bench.datum(empty_files=True)
    result = await bench.run('cd "${PACH_PFS:-/pfs}"; wc -c < in/a > out/size; ln -s $PWD/in/a out/link', datum)
    assert {path: content.strip() for path, content in (await bench.made(result)).items()} == {
        "/link": b"aaa",
        "/size": b"0",
    }


async def test_links_to_the_input_are_copies(bench: Bench) -> None:
    result = await bench.run(
        'cd "${PACH_PFS:-/pfs}"; ln -s $PWD/in/a out/link; ln -s $PWD/in/d out/dir; ln -s $PWD/in out/all;'
        " mkfifo out/pipe"
    )
    assert await bench.made(result) == {
        "/all/a": b"aaa\n",
        "/all/d/b": b"bbb\n",
        "/dir/b": b"bbb\n",
        "/link": b"aaa\n",
    }


@pytest.mark.parametrize(
    "script",
    [
        "echo t > real; ln -s real relative",
        "ln -s /nowhere/at/all dead",
        "ln -s $PWD round",
        "ln -s $PWD one; ln -s $PWD two; ln -s $PWD three; ln -s $PWD four",
        "echo x > 'a*b'",
    ],
)
async def test_what_real_servers_never_end_with(bench: Bench, script: str) -> None:
    with pytest.raises(EndlessOutput):
        await bench.run(f'cd "${{PACH_PFS:-/pfs}}/out"; {script}')
    assert not list(bench.sandbox.pfs.iterdir())


async def test_relative_links_are_followed_in_1_x(tmp_path: Path) -> None:
    bench = Bench(tmp_path, mounts=False, version="1.13.4")
    await bench.fill(a=b"1")
    result = await bench.run('cd "$PACH_PFS/out"; echo t > real; ln -s real relative')
    assert await bench.made(result) == {"/real": b"t\n", "/relative": b"t\n"}
    result = await bench.run('mkfifo "$PACH_PFS/out/pipe"')
    assert (result.state, result.reason) == (FAILED, "cannot upload special file: pipe")
    result = await bench.run('ln -s nothing "$PACH_PFS/out/dead"')
    assert (result.state, result.reason) == (FAILED, "open nothing: no such file or directory")


async def test_without_out_the_datum_failed(bench: Bench) -> None:
    result = await bench.run('rm -rf "${PACH_PFS:-/pfs}/out"')
    assert (result.state, result.puts) == (FAILED, ())
    assert "out" in result.reason


async def test_rights_that_a_command_takes_away_are_no_problem(bench: Bench) -> None:
    result = await bench.run('cd "${PACH_PFS:-/pfs}/out"; mkdir d; echo x > d/f; chmod 000 d/f d')
    assert await bench.made(result) == {"/d/f": b"x\n"}
    assert not list(bench.sandbox.pfs.iterdir())


async def test_a_big_file_comes_through(bench: Bench) -> None:
    result = await bench.run('head -c 9000000 /dev/zero > "${PACH_PFS:-/pfs}/out/big"')
    assert await bench.made(result) == {"/big": bytes(9_000_000)}


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 7", "exit status 7"),
        ("kill -9 $$", "signal: killed"),
        ("kill -TERM $$", "signal: terminated"),
    ],
)
async def test_how_a_command_fails(bench: Bench, script: str, reason: str) -> None:
    result = await bench.run(script)
    assert (result.state, result.reason, result.puts) == (FAILED, reason, ())


async def test_a_command_that_is_not_there_fails_with_a_line(bench: Bench) -> None:
    result = await bench.run("", command=Command({"cmd": ["no-such-program"]}, tries=1))
    assert (result.state, result.reason) == (FAILED, "exit status 127")
    assert bench.lines == ["cannot start no-such-program: No such file or directory"]


async def test_a_program_that_may_not_be_run_fails_with_a_line(bench: Bench) -> None:
    await bench.run("", command=Command({"cmd": ["/etc/passwd"]}, tries=1))
    assert bench.lines == ["cannot start /etc/passwd: Permission denied"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
async def test_a_user_can_be_named(bench: Bench) -> None:
    if not bench.sandbox.mounts:
        pytest.skip("nobody may look into the folders of tests")
    result = await bench.run("id -un; echo x > /pfs/out/x", user="nobody")
    assert (bench.lines, await bench.made(result)) == (["nobody"], {"/x": b"x\n"})
    bench.lines.clear()
    await bench.run("id -un", user="no-such-user")
    assert bench.lines == ["root"]


async def test_codes_can_be_accepted(bench: Bench) -> None:
    result = await bench.run("exit 7", accept_return_code=["7"])
    assert result.state == SUCCESS


async def test_it_is_tried_as_often_as_it_may(bench: Bench) -> None:
    result = await bench.run("echo try; exit 1", tries=3)
    assert (result.state, bench.lines) == (FAILED, ["try"] * 3)
    # /tmp stays between tries
    bench.lines.clear()
    marker = bench.sandbox.folder / "tmp" / "tried" if not bench.sandbox.mounts else "/tmp/tried"
    result = await bench.run(f"echo try; [ -e {marker} ] || {{ : > {marker}; exit 1; }}", tries=3)
    assert (result.state, bench.lines) == (SUCCESS, ["try"] * 2)


async def test_err_cmd_recovers(bench: Bench) -> None:
    values: dict[str, Any] = {"err_cmd": ["sh"], "err_stdin": ["echo sorry"]}
    result = await bench.run("echo x > ${PACH_PFS:-/pfs}/out/x; exit 1", tries=2, **values)
    assert (result.state, result.puts, bench.lines) == (RECOVERED, (), ["sorry"] * 2)
    bench.lines.clear()
    result = await bench.run("exit 1", err_cmd=["sh"], err_stdin=["exit 2"])
    assert result.state == FAILED


async def test_err_cmd_runs_once_in_1_x(tmp_path: Path) -> None:
    bench = Bench(tmp_path, mounts=False, version="1.13.4")
    await bench.fill(a=b"1")
    result = await bench.run("exit 1", tries=3, err_cmd=["sh"], err_stdin=["echo sorry"])
    assert (result.state, bench.lines) == (RECOVERED, ["sorry"])


async def test_standard_input_and_working_directory(bench: Bench) -> None:
    transform = {"cmd": ["sh", "-c", "pwd; cat"], "stdin": ["line 1", "line 2"], "working_dir": "/usr"}
    await bench.run("", command=Command(transform, tries=1))
    assert bench.lines == ["/usr", "line 1", "line 2"]


async def test_long_and_broken_lines_are_told(bench: Bench) -> None:
    code = "import sys; sys.stdout.buffer.write(b'\\xff' + b'y' * 600000 + b'\\nend')"
    await bench.run("", command=Command({"cmd": [sys.executable, "-c", code]}, tries=1))
    assert "".join(bench.lines[:-1]) == "\ufffd" + "y" * 600_000
    assert bench.lines[-1] == "end"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
async def test_nothing_outlives_its_time(bench: Bench) -> None:
    marker = f"{bench.sandbox.folder}-marker"
    script = f"exec >/dev/null 2>&1; setsid sh -c 'sleep 1000; : {marker}' & sh -c 'sleep 1000; : {marker}'"
    result = await bench.run(script, timeout=1.0)
    assert (result.state, result.reason) == (FAILED, "signal: killed")
    assert not list(processes_of(marker))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
async def test_what_it_leaves_running_ends_with_it(bench: Bench) -> None:
    marker = f"{bench.sandbox.folder}-marker"
    result = await bench.run(f"setsid sh -c 'sleep 1000; : {marker}' & echo started")
    assert (result.state, bench.lines) == (SUCCESS, ["started"])
    assert not list(processes_of(marker))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
async def test_who_is_cancelled_leaves_nothing(bench: Bench) -> None:
    marker = f"{bench.sandbox.folder}-marker"
    task = asyncio.create_task(bench.run(f"echo started; sh -c 'sleep 1000; : {marker}'"))
    while not bench.lines:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not list(processes_of(marker))
    assert not list(bench.sandbox.pfs.iterdir())
