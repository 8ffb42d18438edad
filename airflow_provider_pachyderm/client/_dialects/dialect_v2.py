"""The dialect of servers of 2.x. Its areas ask the capabilities where these differ."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v2 import methods, pps_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV2
from airflow_provider_pachyderm.client._dialects.branches_v2 import BranchesV2
from airflow_provider_pachyderm.client._dialects.commit_removal_v2 import CommitRemovalV2
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearchV2
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSetsV2
from airflow_provider_pachyderm.client._dialects.commits_v2 import CommitsV2
from airflow_provider_pachyderm.client._dialects.copies_v2 import CopiesV2
from airflow_provider_pachyderm.client._dialects.datums import DatumsV2
from airflow_provider_pachyderm.client._dialects.defaults import DefaultsV2
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.diffs import DiffsV2
from airflow_provider_pachyderm.client._dialects.downloads_v2 import DownloadsV2
from airflow_provider_pachyderm.client._dialects.file_sets import FileSetsV2
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV2
from airflow_provider_pachyderm.client._dialects.files_v2 import FilesV2
from airflow_provider_pachyderm.client._dialects.jobs_v2 import JobsV2
from airflow_provider_pachyderm.client._dialects.logs import LogsV2
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.pipelines_v2 import PipelinesV2
from airflow_provider_pachyderm.client._dialects.projects import ProjectsV2
from airflow_provider_pachyderm.client._dialects.repos_v2 import ReposV2
from airflow_provider_pachyderm.client._dialects.roles_v2 import RolesV2
from airflow_provider_pachyderm.client._dialects.secrets import Secrets
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads_v2 import UploadsV2


class DialectV2(Dialect):
    """``pfs_v2.API``.

    :param datum: what files are read of; all if empty.
    """

    def __init__(self, capabilities: Capabilities, datum: str = "") -> None:
        super().__init__(capabilities)
        names = NamesV2(capabilities, datum)
        self.branches = branches = BranchesV2(names)
        self.repos = repos = ReposV2(names, branches)
        self.projects = ProjectsV2(names, repos)
        self.file_system = FileSystemV2(capabilities, repos)
        self.commit_sets = commit_sets = CommitSetsV2(names)
        self.commits = commits = CommitsV2(names, branches, commit_sets)
        self.commit_removal = CommitRemovalV2(names, branches, commits, commit_sets)
        self.diffs = DiffsV2(names)
        self.commit_search = CommitSearchV2(names, commits, self.diffs.of_commit)
        self.subscriptions = Subscriptions(repos, commits)
        self.files = files = FilesV2(names, commits)
        self.downloads = DownloadsV2(names, files)
        self.copies = copies = CopiesV2(names, files, commits)
        self.uploads = UploadsV2(names, files, copies)
        self.file_sets = FileSetsV2(names, commits, copies)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV2(capabilities)
        self.roles = RolesV2(names)
        self.pipelines = PipelinesV2(names)
        self.jobs = JobsV2(names, commits)
        self.datums = DatumsV2(names)
        self.logs = LogsV2(names)
        self.secrets = Secrets(capabilities, methods.Pps, pps_pb2)
        self.defaults = DefaultsV2(names)

    def of_datum(self, datum: str) -> DialectV2:
        return DialectV2(self.capabilities, datum) if datum else self
