"""One dev server a version for the whole run, or one server from outside. Each test works in a repo of its own.

``PACHYDERM_VERSIONS`` says which versions: ``all``, or some with commas between them, such as ``1.4.8,2.11.6``. Without
it, ``--thorough`` takes the oldest and the newest of the recorded ones and those between that differ most from their
neighbours; a plain run takes fewer, and fewer still for the client that is generated from the other. A test of what
only some versions do names them: ``@pytest.mark.versions("2.4.6", "2.6.11")``. A server from outside gets every test
that needs no dev server: see :mod:`tests.support.outside`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from airflow_provider_pachyderm.client import Version
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support import outside
from tests.support.outside import OutsideServer, needs, new_name
from tests.support.web import Website

THOROUGH = ("1.4.8", "1.7.14", "1.13.4", "2.3.9", "2.11.6")
PLAIN = ("1.13.4", "2.11.6")
# the synchronous client is generated: what differs between versions has been tested with the asynchronous one, and in a
# plain run it is tested where it is more than that without `await`: threads, locks, blocks, streams that wait
GENERATED = {"thorough": ("1.4.8", "1.13.4", "2.11.6"), "plain": ("2.11.6",)}
GENERATED_PLAIN = frozenset(
    {
        *("test_commits", "test_downloads", "test_get", "test_large", "test_modify", "test_open_file", "test_outages"),
        *("test_parallel", "test_progress", "test_put", "test_small_files", "test_tar", "test_transactions"),
        "test_watching",
    }
)
ALL = (
    *("1.4.8", "1.5.3", "1.6.10", "1.7.14", "1.8.8", "1.9.12", "1.10.5", "1.11.9", "1.12.5", "1.13.4"),
    *("2.0.8", "2.1.9", "2.2.8", "2.3.9", "2.4.6", "2.5.9", "2.6.11", "2.7.8", "2.8.10", "2.9.7", "2.10.7"),
    *("2.11.6", "2.12.0-rc.3"),
)
# what tags call themselves that were not built from their own number
SAY_OTHERWISE = {"1.11.9": "1.12.0"}
Server: TypeAlias = "DevServer | OutsideServer"
Supports = Callable[[Feature], None]
ROOT = "root-token"
ID_TOKEN = "signed.by=the.provider"
JANE = "jane@example.com"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out most of the generated tests in a plain run; those that are named on the command line are always run."""
    plain = not (config.getoption("--thorough") or os.environ.get("PACHYDERM_VERSIONS") or outside.server())
    is_generated = collection_path.parent.name == "_sync" and collection_path.stem.startswith("test_")
    return True if plain and is_generated and collection_path.stem not in GENERATED_PLAIN else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    there = outside.server()
    if "server" in metafunc.fixturenames and there:
        metafunc.parametrize("server", [there.version], indirect=True, scope="session")
    elif "server" in metafunc.fixturenames:
        thorough = metafunc.config.getoption("--thorough")
        generated = "_sync" in metafunc.module.__name__
        marked = metafunc.definition.get_closest_marker("versions")
        versions = _chosen(thorough, generated, marked.args if marked else ())
        metafunc.parametrize("server", versions, indirect=True, scope="session")


def _chosen(thorough: bool, generated: bool, marked: tuple[str, ...]) -> tuple[str, ...]:
    asked = os.environ.get("PACHYDERM_VERSIONS", "")
    if asked:
        return ALL if asked == "all" else tuple(asked.split(","))
    if marked:
        return marked[-1:] if generated else marked
    if generated:
        return GENERATED["thorough" if thorough else "plain"]
    return THOROUGH if thorough else PLAIN


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    return outside.server() or servers(request.param)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(repo_name: str, project_name: str) -> Iterator[None]:
    """On a server from outside, delete what the test has made."""
    yield
    if there := outside.server():
        with there.client() as client:
            outside.sweep(client, repo_name, project_name)


@pytest.fixture
def own_server(server: Server, tmp_path: Path) -> Iterator[DevServer]:
    """A server of this version that the test may do anything to."""
    needs("a server of its own")
    with DevServer(server.version, tmp_path / "own") as own:
        yield own


@pytest.fixture
def empty_server(server: Server, tmp_path: Path) -> Iterator[Server]:
    """A server of this version with nothing in it, of which the test may delete all."""
    if isinstance(server, DevServer):
        with DevServer(server.version, tmp_path / "empty") as own:
            yield own
        return
    if not server.mine:
        needs("a server on which all may be deleted")
    with server.client() as client:
        client.delete_all()
        yield server
        client.delete_all()


@pytest.fixture(scope="session")
def guarded(server: Server, servers: Servers) -> DevServer:
    """A server of the same version that asks who one is."""
    needs("authentication")
    version = Version.parse(SAY_OTHERWISE.get(server.version, server.version))
    if Feature.AUTH not in Capabilities(version):
        pytest.skip(Capabilities(version).reason(Feature.AUTH))
    return servers(server.version, "--auth-token", ROOT, "--id-token", f"{ID_TOKEN}={JANE}")


@pytest.fixture
def supports(server: Server) -> Supports:
    """Skip the test, with the reason for users, if the server has not got a feature."""
    capabilities = Capabilities(Version.parse(SAY_OTHERWISE.get(server.version, server.version)))

    def check(feature: Feature) -> None:
        if feature not in capabilities:
            pytest.skip(capabilities.reason(feature))

    return check


@pytest.fixture
def lacks(server: Server) -> Supports:
    """Skip the test if the server has a feature: it is about what users are told where there is none."""
    capabilities = Capabilities(Version.parse(SAY_OTHERWISE.get(server.version, server.version)))

    def check(feature: Feature) -> None:
        if feature in capabilities:
            pytest.skip(f"Pachyderm {server.version} has {feature.what}")

    return check


@pytest.fixture
def repo_name() -> str:
    return new_name()


@pytest.fixture
def project_name() -> str:
    return new_name("project")


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    there = outside.server()
    if there and not there.local:
        needs("to fetch URLs from the machine of the tests")
    with Website() as website:
        yield website
