"""Engines without gRPC: every version's rules in memory and on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.commits.rules import SHARED_IDS
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, CommitRef, Delete, Put, RepoKey
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.devserver.worker.sandbox import can_mount

V1, V2 = "1.13.4", "2.11.6"
ROOT = "root-token"


class Desk:
    """Short ways to do with an engine what tests do all the time; one repo ``r`` is there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.repo = RepoKey("r")
        self.datum = "default" if engine.profile.world == "v2" else ""
        if not engine.repos.list():
            engine.repos.create(self.repo)

    def branch(self, name: str = "master", repo: str = "r") -> BranchKey:
        return BranchKey(RepoKey(repo), name)

    def head(self, name: str = "master", repo: str = "r") -> CommitRef:
        """The head of a branch as a request names it."""
        shared = self.engine.profile[SHARED_IDS]
        return CommitRef(RepoKey(repo), branch=name) if shared else CommitRef(RepoKey(repo), name)

    def ref(self, commit: CommitKey) -> CommitRef:
        return CommitRef(commit.repo, commit.id)

    def start(self, branch: str = "master", repo: str = "r") -> CommitRef:
        return self.ref(self.engine.commits.start(self.branch(branch, repo)))

    async def put(self, ref: CommitRef, path: str, content: bytes = b"x", datum: str = "") -> CommitRef:
        writer = self.engine.blobs.open_writer()
        await writer.write(content)
        blob = await writer.commit()
        return self.ref(self.engine.files.modify(ref, [Put(path, (blob,), datum or self.datum)]))

    def delete(self, ref: CommitRef, path: str) -> None:
        self.engine.files.modify(ref, [Delete(path, self.datum)])

    def finish(self, ref: CommitRef, error: str = "") -> None:
        self.engine.commits.finish(ref, error=error)
        self.engine.finisher.drain()

    async def commit(self, files: dict[str, bytes], branch: str = "master", repo: str = "r") -> CommitRef:
        """A finished commit with these files added."""
        ref = self.start(branch, repo)
        for path, content in files.items():
            await self.put(ref, path, content)
        self.finish(ref)
        return ref

    def paths(self, ref: CommitRef) -> list[str]:
        """All files of a commit, in order."""
        return [info.path for info in self.engine.files.open(ref).walk("/") if not info.is_dir]

    async def read(self, ref: CommitRef, path: str, offset: int = 0, size: int | None = None) -> bytes:
        view = self.engine.files.open(ref)
        content = view.content(view.below(path))
        return b"".join([piece async for piece in self.engine.files.read(path, content, offset, size)])

    async def files(self, ref: CommitRef) -> dict[str, bytes]:
        return {path: await self.read(ref, path) for path in self.paths(ref)}


@pytest.fixture(params=["memory", "disk"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path


@pytest.fixture
def opened() -> Iterator[Callable[..., Engine]]:
    """Opens engines, and closes them in the end."""
    engines = []

    def open_engine(version: str, folder: Path | None = None) -> Engine:
        engines.append(Engine(profile_for(version), folder))
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.close()


@pytest.fixture
def guarded() -> Iterator[Callable[..., Engine]]:
    """Opens engines that ask who one is, as the administrator, and closes them in the end."""
    engines = []

    def open_engine(version: str, folder: Path | None = None) -> Engine:
        profile = profile_for(version)
        engines.append(Engine(profile, folder, auth=Authentication(profile, lambda: 0, ROOT)))
        become(engines[-1])
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.close()


def become(engine: Engine, user: str = "") -> None:
    """Call as this user from now on, or as the administrator."""
    engine.auth.enter(engine.auth.new(user, 0) if user else ROOT)


@pytest.fixture(params=[V1, V2])
def desk(request: pytest.FixtureRequest, folder: Path | None, opened: Callable[..., Engine]) -> Desk:
    """Both worlds, in memory and on disk."""
    return Desk(opened(request.param, folder))


@pytest.fixture
def desk1(opened: Callable[..., Engine]) -> Desk:
    return Desk(opened(V1))


@pytest.fixture
def desk2(opened: Callable[..., Engine]) -> Desk:
    return Desk(opened(V2))


@pytest.fixture(scope="session")
def mounts_work(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether commands can have ``/pfs`` itself on this machine."""
    return can_mount(tmp_path_factory.mktemp("probe"))
