"""The dialect of servers of 1.4 to 1.13. Its areas ask the capabilities where these differ."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v1 import methods, pps_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV1
from airflow_provider_pachyderm.client._dialects.branches_v1 import BranchesBefore1_7, BranchesFrom1_7
from airflow_provider_pachyderm.client._dialects.commit_removal_v1 import CommitRemovalV1
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearch
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSets
from airflow_provider_pachyderm.client._dialects.commits_v1 import CommitsV1
from airflow_provider_pachyderm.client._dialects.copies_v1 import CopiesV1
from airflow_provider_pachyderm.client._dialects.datums import DatumsV1
from airflow_provider_pachyderm.client._dialects.defaults import Defaults
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.diffs import DiffsV1
from airflow_provider_pachyderm.client._dialects.downloads_v1 import DownloadsV1
from airflow_provider_pachyderm.client._dialects.file_sets import FileSets
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV1
from airflow_provider_pachyderm.client._dialects.files_v1 import FilesV1
from airflow_provider_pachyderm.client._dialects.jobs_v1 import JobsV1
from airflow_provider_pachyderm.client._dialects.logs import LogsV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.pipelines_v1 import PipelinesV1
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos_v1 import ReposV1
from airflow_provider_pachyderm.client._dialects.roles_v1 import RolesV1
from airflow_provider_pachyderm.client._dialects.secrets import Secrets
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads_v1 import UploadsV1


class DialectV1(Dialect):
    """``pfs.API``."""

    def __init__(self, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        names = NamesV1(capabilities)
        objects = Feature.BRANCH_OBJECTS in capabilities
        self.branches = BranchesFrom1_7(names) if objects else BranchesBefore1_7(names)
        self.repos = repos = ReposV1(names, self.branches)
        self.projects = Projects(capabilities)
        self.file_system = FileSystemV1(capabilities, repos)
        self.commits = commits = CommitsV1(names, self.branches, repos)
        self.commit_sets = CommitSets(capabilities)
        self.commit_removal = CommitRemovalV1(names, self.branches, commits)
        self.diffs = DiffsV1(names)
        self.commit_search = CommitSearch(commits, self.diffs.of_commit)
        self.subscriptions = Subscriptions(repos, commits)
        self.files = files = FilesV1(names, commits)
        self.downloads = DownloadsV1(names, files)
        self.uploads = UploadsV1(names, files)
        self.copies = CopiesV1(names, files, commits)
        self.file_sets = FileSets(capabilities)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV1(capabilities)
        self.roles = RolesV1(names)
        self.pipelines = PipelinesV1(names)
        self.jobs = JobsV1(names)
        self.datums = DatumsV1(names)
        self.logs = LogsV1(names)
        self.secrets = Secrets(capabilities, methods.Pps, pps_pb2)
        self.defaults = Defaults(capabilities)
