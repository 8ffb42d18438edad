"""What is about the file system as a whole: checking it, and deleting everything."""

from __future__ import annotations

from abc import ABC, abstractmethod

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._errors import (
    Conflict,
    NotFound,
    PachydermError,
    ProjectNotFound,
    RepoNotFound,
    ServerError,
)
from airflow_provider_pachyderm.client._models import Repo

_ABOUT = "the file system"
_FSCK_V1 = v1_methods.Pfs.Fsck
# up to 1.9.3 it tells nothing but whether it found something
_FSCK_ONCE = Method(_FSCK_V1.path, Empty, Empty, client_streaming=False, server_streaming=False)


class FileSystem(ABC):
    """The calls of one server version for the file system as a whole."""

    def __init__(self, capabilities: Capabilities, repos: Repos) -> None:
        self.capabilities = capabilities
        self._repos = repos

    @abstractmethod
    def fsck(self, *, fix: bool) -> Listing[str]:
        """Check it, and with ``fix`` mend it; a line for each thing that was found or mended."""

    @abstractmethod
    def remove_all(self) -> Plan[None]:
        """DeleteAll itself; see :meth:`delete_all`."""

    def delete_all(self) -> Plan[None]:
        """Delete everything. Servers of 1.10 to 1.13 cannot while there is a repo that is made from a newer one."""
        try:
            yield from self.remove_all()
        except (NotFound, Conflict, ServerError) as refusal:
            yield from self._delete_each(refusal)
            yield from self.remove_all()

    def _delete_each(self, refusal: PachydermError) -> Plan[None]:
        """Delete repo by repo, as often as it helps.

        :raises PachydermError: the refusal, if none of them goes.
        """
        left = yield from self._repos.outputs_first((yield from self._repos.list(None, None).all()))
        while left:
            kept: list[Repo] = []
            for repo in left:
                try:
                    yield from self._repos.remove(repo, force=True)
                except (RepoNotFound, ProjectNotFound):
                    pass
                except (NotFound, Conflict, ServerError):
                    kept.append(repo)
            if len(kept) == len(left):
                raise refusal
            left = kept


class FileSystemV1(FileSystem):
    """The calls of ``pfs.API``."""

    def fsck(self, *, fix: bool) -> Listing[str]:
        self.capabilities.require(Feature.FSCK)
        if Feature.FSCK_FINDINGS in self.capabilities:
            return Listing(Call(_FSCK_V1, v1.FsckRequest(fix=fix), one(_finding), _ABOUT, waits=True))
        if fix:
            self.capabilities.require(Feature.FSCK_FINDINGS)
        return Listing(Call(_FSCK_ONCE, Empty(), lambda reply: (), _ABOUT, waits=True))

    def remove_all(self) -> Plan[None]:
        return once(Call(v1_methods.Pfs.DeleteAll, Empty(), nothing, "everything"))


class FileSystemV2(FileSystem):
    """The calls of ``pfs_v2.API``."""

    def fsck(self, *, fix: bool) -> Listing[str]:
        return Listing(Call(v2_methods.Pfs.Fsck, v2.FsckRequest(fix=fix), one(_finding), _ABOUT, waits=True))

    def remove_all(self) -> Plan[None]:
        return once(Call(v2_methods.Pfs.DeleteAll, Empty(), nothing, "everything"))


def _finding(reply: v1.FsckResponse | v2.FsckResponse) -> str:
    """Read what Fsck found, or mended."""
    return reply.error or reply.fix
