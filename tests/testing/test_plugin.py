"""The fixtures, used as in somebody else's project: in a pytest of its own."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


def passes(pytester: pytest.Pytester, text: str, *arguments: str, ini: str = "", count: int) -> None:
    """Run a test file; what it leaves open is an error there, too."""
    pytester.makeini(
        f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:randomly -p no:asyncio\n{ini}"
    )
    pytester.makepyfile(text)
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=count)


def test_loading_it_imports_nothing() -> None:
    code = """
import sys, pytest
before = set(sys.modules)
import airflow_provider_pachyderm.testing.plugin
print(sorted(set(sys.modules) - before))
"""
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    names = [f"airflow_provider_pachyderm{part}" for part in ("", ".testing", ".testing.plugin")]
    assert output.strip() == str(names)


def test_a_project_that_does_not_use_it_does_not_pay(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        import sys

        def test_nothing_is_loaded(request):
            assert request.config.pluginmanager.get_plugin("pachyderm").__name__.endswith(".testing.plugin")
            assert "airflow_provider_pachyderm.client" not in sys.modules
            assert "airflow_provider_pachyderm.devserver" not in sys.modules
            assert "grpc" not in sys.modules
        """,
        count=1,
    )


def test_each_test_has_an_empty_server_and_a_client(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        import os, pytest

        @pytest.mark.parametrize("turn", range(2))
        def test_is_empty(pachyderm_client, turn):
            assert pachyderm_client.list_repo() == []
            pachyderm_client.create_repo("images")

        def test_is_a_process_of_its_own(pachyderm_server, pachyderm_client):
            child = os.fork()
            if child == 0:
                with pachyderm_server.client() as client:
                    client.create_repo("forked")
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert pachyderm_client.inspect_repo("forked")

        def test_crashes_and_comes_back_with_its_data(pachyderm_server, pachyderm_client):
            address = pachyderm_server.address
            pachyderm_client.create_repo("kept")
            pachyderm_server.kill()
            assert not pachyderm_server.running
            assert pachyderm_server.start() == address
            assert pachyderm_client.inspect_repo("kept")

        def test_is_stopped(pachyderm_server):
            pachyderm_server.stop()

        def test_runs_again_after_that(pachyderm_client):
            assert pachyderm_client.list_repo() == []
        """,
        "-W",
        "ignore:This process:DeprecationWarning",  # Python 3.12 and later warn of every fork where there are threads
        count=6,
    )


def test_the_version_comes_from_the_ini_file_the_marker_or_parameters(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        import pytest

        def version(client):
            return str(client.config.version), str(client.version())

        def test_of_the_ini_file(pachyderm_client):
            assert version(pachyderm_client) == ("2.3.9", "2.3.9")

        @pytest.mark.pachyderm(version="1.13.4")
        class TestMarked:
            def test_of_the_class(self, pachyderm_client, pachyderm_server):
                assert version(pachyderm_client) == ("1.13.4", "1.13.4")
                assert pachyderm_server.version == "1.13.4"

            @pytest.mark.pachyderm(version="1.8.8")
            def test_the_nearest_wins(self, pachyderm_client):
                assert version(pachyderm_client) == ("1.8.8", "1.8.8")

        @pytest.mark.parametrize("pachyderm_version", ["1.7.14", "2.8.10"])
        def test_of_parameters(pachyderm_client, pachyderm_version):
            assert version(pachyderm_client) == (pachyderm_version, pachyderm_version)
        """,
        ini="pachyderm_version = 2.3.9",
        count=5,
    )


def test_a_version_that_is_not_played_says_so(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\npachyderm_version = 3.0.0\n")
    pytester.makepyfile("def test_it(pachyderm_server): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*RuntimeError: The dev server did not start:*", "*3.0.0*"])


def test_a_directory_becomes_commits(pytester: pytest.Pytester) -> None:
    for name in ("images/a/1.png", "images@staging/a/2.png", "labels/all.csv"):
        file = pytester.path / "data" / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    (pytester.path / "data" / "README").touch()
    passes(
        pytester,
        """
        import pytest
        from airflow_provider_pachyderm.client import CommitState

        @pytest.mark.parametrize("pachyderm_version", ["1.4.8", "2.11.6"])
        def test_it(seed, pachyderm_client):
            commits = seed("data")
            assert [(commit.repo.name, commit.branch) for commit in commits] == [
                ("images", "master"), ("images", "staging"), ("labels", "master")
            ]
            infos = [pachyderm_client.inspect_commit(commit) for commit in commits]
            assert {info.state for info in infos} == {CommitState.FINISHED}
            files = [pachyderm_client.get_files(commit, "/", recursive=True) for commit in commits]
            assert files == [
                {"/a/1.png": b"images/a/1.png"},
                {"/a/2.png": b"images@staging/a/2.png"},
                {"/all.csv": b"labels/all.csv"},
            ]
        """,
        count=2,
    )


def test_clock_and_ids_are_known_beforehand(pytester: pytest.Pytester) -> None:
    ids = pytester.path / "ids"
    text = f"""
        from datetime import datetime, timedelta, timezone
        import pytest

        NOON = datetime(2030, 6, 1, 12, tzinfo=timezone.utc)

        def started(client, branch):
            return client.inspect_commit(client.start_commit("r", branch)).started

        @pytest.mark.parametrize("pachyderm_version", ["1.13.4", "2.11.6"])
        def test_the_clock_stands_until_it_is_moved(pachyderm_clock, pachyderm_client):
            pachyderm_client.create_repo("r")
            assert started(pachyderm_client, "a") == pachyderm_clock.now
            pachyderm_clock.set(NOON)
            assert started(pachyderm_client, "b") == NOON
            pachyderm_clock.advance(timedelta(days=1))
            pachyderm_clock.advance(0.5)
            assert started(pachyderm_client, "c") == NOON + timedelta(days=1, seconds=0.5)
            with pytest.raises(ValueError, match="time zone"):
                pachyderm_clock.set(datetime(2030, 6, 1))

        @pytest.mark.parametrize("turn", range(2))
        @pytest.mark.pachyderm(id_seed="any text")
        def test_ids(pachyderm_client, turn):
            pachyderm_client.create_repo("r")
            with open({str(ids)!r}, "a") as file:
                print(pachyderm_client.start_commit("r", "master").id, file=file)
        """
    passes(pytester, text, count=4)
    passes(pytester, text, "-k", "test_ids", count=2)
    seen = ids.read_text().split()
    assert len(seen) == 4
    assert len(set(seen)) == 1


def test_airflow_has_a_connection(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
        import os, pytest
        from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

        def test_of_the_default_id(pachyderm_conn, pachyderm_server):
            assert pachyderm_conn == PachydermHook.default_conn_name
            with PachydermHook(pachyderm_conn).client() as client:
                assert (client.config.host, client.config.port) == (pachyderm_server.host, pachyderm_server.port)
                client.create_repo("through-airflow")

        @pytest.mark.parametrize("pachyderm_conn_id", ["lake"])
        def test_of_another_id(pachyderm_conn, pachyderm_client):
            with PachydermHook("lake").client() as client:
                client.create_repo("r")
            assert [str(info.repo.name) for info in pachyderm_client.list_repo()] == ["r"]

        def test_it_is_gone_afterwards():
            assert not [name for name in os.environ if name.startswith("AIRFLOW_CONN_")]
        """,
        "-W",
        "default",  # what Airflow itself warns of is not ours
        count=3,
    )


def test_the_fixtures_are_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fixtures", "-q")
    names = ["pachyderm_server", "pachyderm_client", "pachyderm_conn", "seed", "pachyderm_clock", "pachyderm_version"]
    for name in names:
        result.stdout.fnmatch_lines([f"{name} -- *testing/plugin.py:*"])


@pytest.mark.parametrize("name", ["http_proxy", "grpc_proxy"])
def test_a_proxy_that_is_down_is_in_nobodys_way(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The server is on loopback, which no proxy is asked for, with or without ``no_proxy``."""
    for each in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(each, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    passes(
        pytester,
        """
        def test_is_reached(pachyderm_client):
            pachyderm_client.create_repo("images")
            pachyderm_client.put_file_bytes("images@master", "/a", b"x")
            assert pachyderm_client.get_file("images@master", "/a").read() == b"x"
        """,
        count=1,
    )
