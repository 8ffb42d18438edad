"""Files: writing changes into commits, and views on commits for reading."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.names import check_branch_name, is_commit_id
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    COMMIT_FINISHED,
    COMMIT_NOT_FOUND,
    COMMIT_TAKES_NO_FILES,
    SHARED_IDS,
)
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, crash, refused
from airflow_provider_pachyderm.devserver.engine.files.copies import copy_changes, copy_changes_v1
from airflow_provider_pachyderm.devserver.engine.files.copy_rules import COPY_DIES_OF_OUTPUTS
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FileSets
from airflow_provider_pachyderm.devserver.engine.files.paths import clean, validate
from airflow_provider_pachyderm.devserver.engine.files.rules import (
    COPY_NEEDS_HEAD,
    DELETES_ARE_CHECKED,
    NAMES_RESOLVED_COMMIT,
    ONE_SHOT,
    OPEN_OUTPUT_UNREADABLE,
    OPEN_UNREADABLE,
    OUTPUT_LOSES_FILES,
    PUTS_TO_FINISHED_LOST,
    UNKNOWN_ID_WRITES_TO_BRANCH,
)
from airflow_provider_pachyderm.devserver.engine.files.scans import ScanView
from airflow_provider_pachyderm.devserver.engine.files.views import TreeView, View
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchKey,
    Change,
    CommitKey,
    CommitRef,
    Delete,
    Origin,
)
from airflow_provider_pachyderm.devserver.engine.snapshots.entries import Entries
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Index
from airflow_provider_pachyderm.devserver.engine.store.blobs import CHUNK, Blob, BlobStore, DamagedBlob
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow


class Files:
    """Writing files, and opening commits to read them."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        commits: Commits,
        maker: CommitMaker,
        snapshots: Snapshots,
        blobs: BlobStore,
        file_sets: FileSets,
    ) -> None:
        self._core = core
        self._lookups = lookups
        self._commits = commits
        self._maker = maker
        self._snapshots = snapshots
        self._blobs = blobs
        self._file_sets = file_sets

    # ---- writing ------------------------------------------------------------------------

    def clean_path(self, path: str) -> str:
        """The stored form of a path that is to be written; refused as the version does."""
        return validate(path, self._core.profile)

    def path_to_delete(self, path: str) -> str:
        """The stored form of a path that is to be deleted (2.x), that of a directory with a slash behind it."""
        cleaned = self.clean_path(path) if self._core.profile[DELETES_ARE_CHECKED] else clean(path)
        return cleaned.rstrip("/") + "/" if path.endswith("/") else cleaned

    def check_target(self, ref: CommitRef) -> None:
        """Refuse early what :meth:`modify` would refuse at the end of an upload."""
        self._open_commit(ref)

    def check_there(self, ref: CommitRef) -> None:
        """Refuse a commit, or a branch, that is not there; since 1.8 a branch may be without a head."""
        branch = self._lookups.find_branch(self._branch_of(ref))
        if branch is None or branch.head is not None or self._core.profile[COPY_NEEDS_HEAD]:
            self._commits.resolve(ref)

    def modify(self, ref: CommitRef, changes: Sequence[Change]) -> CommitKey:
        """Write changes to a commit, all of them or none.

        :param ref: an open commit, or a branch: if its head is not open (or there is no such branch), the changes
            become a new finished commit on it.
        :returns: the commit that has them now.
        """
        with self._core.unit() as unit:
            opened = self._open_commit(ref)
            if opened is not None and opened.finishing is not None:
                return self._refuse_or_lose(opened, changes)
            if opened is not None:
                self._snapshots.change(opened, changes)
                return self._lookups.commit_key(opened)
            row = self._maker.insert(unit, self._branch_of(ref), self._lookups.head(self._branch_of(ref)), Origin.USER)
            self._commits.finish_row(unit, self._snapshots.change_at_once(row, changes))
            return self._lookups.commit_key(row)

    def _refuse_or_lose(self, row: CommitRow, changes: Sequence[Change]) -> CommitKey:
        """What becomes of a write to a finished commit where there are no one-shot writes."""
        commit = self._lookups.commit_key(row)
        if any(isinstance(change, Delete) for change in changes):
            raise self._core.refusal(COMMIT_FINISHED, commit=commit)
        if not self._core.profile[PUTS_TO_FINISHED_LOST]:
            raise self._core.refusal(COMMIT_TAKES_NO_FILES, commit=commit)
        return commit

    def _open_commit(self, ref: CommitRef) -> CommitRow | None:
        """The commit to write to, open where there are one-shot writes; None if one is to be made on a branch."""
        if not self._core.profile[ONE_SHOT]:
            return self._commit_to_write(ref)
        if is_commit_id(ref.id):
            row = self._commits.find(ref)
            if row is not None:
                self._commits.check_open(row)
                return row
            if not self._core.profile[UNKNOWN_ID_WRITES_TO_BRANCH] or not ref.branch:
                raise self._core.refusal(COMMIT_NOT_FOUND, commit=CommitKey(ref.repo, ref.id, ref.branch))
        self._lookups.repo(ref.repo)
        head = self._lookups.head(self._branch_of(ref))
        if head is not None and head.finishing is None:
            return head
        check_branch_name(self._branch_of(ref).name, self._core.profile)
        self._commits.check_input(self._branch_of(ref))
        return None

    def _commit_to_write(self, ref: CommitRef) -> CommitRow:
        if is_commit_id(ref.id) and self._commits.find(ref) is None and not self._core.profile[PUTS_TO_FINISHED_LOST]:
            raise self._core.refusal(COMMIT_TAKES_NO_FILES, commit=CommitKey(ref.repo, ref.id))
        return self._commits.resolve(ref)

    def _branch_of(self, ref: CommitRef) -> BranchKey:
        """The branch to write to; 2.x takes it from either place."""
        in_id = not self._core.profile[SHARED_IDS] or (not ref.branch and not is_commit_id(ref.id))
        return BranchKey(ref.repo, ref.id if in_id else ref.branch)

    def copy_changes(self, view: View, path: str, target: str, append: bool, datum: str = "") -> list[Change]:
        """The changes that copy a file or a directory.

        :param view: the source's commit.
        :param append: add to what is at the target, else replace it.
        """
        if isinstance(view, TreeView):
            return copy_changes_v1(view.index, path, target, append, self._core.profile)
        return copy_changes(view.below(path), path, target, append, datum)

    # ---- reading ------------------------------------------------------------------------

    def open(self, ref: CommitRef, datum: str = "", path: str = "/", as_written: bool = False) -> View:
        """Look at a commit's files, as they are now if it is open, or at those of a file set.

        :param datum: only those that were put with it; all if empty.
        :param path: what is looked for, if only that.
        :param as_written: in 1.x, also what an output commit keeps from readers.
        """
        if self._file_sets.is_file_set(ref):
            key = self._file_sets.key(ref)
            return ScanView(self._core, self._file_sets.entries(ref.id), key, None, ref.id, datum)
        row = self._commits.resolve(ref)
        self._check_readable(row, as_written)
        named = ref.id if not self._core.profile[NAMES_RESOLVED_COMMIT] else row.id
        key, finished = self._lookups.commit_key(row), row.finished
        index = self._index(row, clean(path), as_written)
        if isinstance(index, Entries):
            return ScanView(self._core, index, key, finished, named, datum)
        return TreeView(self._core, index, key, finished, named)

    def parent(self, ref: CommitRef) -> View | None:
        """Look at the files of a commit's parent."""
        if self._file_sets.is_file_set(ref):
            return None
        row = self._commits.resolve(ref)
        parent = self._lookups.commit_by_num(row.parent)
        return None if parent is None else self.open(CommitRef(ref.repo, parent.id), as_written=True)

    def open_to_copy(self, ref: CommitRef, path: str) -> View:
        """Look at what is to be copied (1.x), also in output commits, of which some releases die."""
        row = self._commits.resolve(ref)
        has_tree = row.finished is not None and not row.error
        if self._core.profile[COPY_DIES_OF_OUTPUTS] and not has_tree and self._is_output(row):
            raise crash("an output commit that is open or was finished as empty is copied from")
        return self.open(ref, path=path, as_written=True)

    def changed(self, num: int, path: str) -> bool:
        """Whether a commit put or deleted a file (2.x), be it with the content that it had."""
        return any(change.path == path for change in self._snapshots.delta(self._lookups.commit(num)))

    def _index(self, row: CommitRow, path: str, as_written: bool) -> Index | Entries:
        lost = self._core.profile[OUTPUT_LOSES_FILES] and row.finished is not None and not as_written
        if lost and self._is_output(row):
            return Index({})
        return self._snapshots.index_seen_from(row, path)

    def _is_output(self, row: CommitRow) -> bool:
        return self._lookups.is_made_from_others(row.num)

    def _check_readable(self, row: CommitRow, as_written: bool) -> None:
        if row.finished is None and self._core.profile[OPEN_UNREADABLE]:
            raise refused("cannot read from an open commit")
        hidden = self._core.profile[OPEN_OUTPUT_UNREADABLE] and not as_written
        if row.finished is None and hidden and self._is_output(row):
            raise refused(f"output commit {row.id} not finished")

    async def read(
        self, path: str, content: Iterable[Blob], offset: int = 0, size: int | None = None, chunk: int = CHUNK
    ) -> AsyncIterator[bytes]:
        """Content that :meth:`View.content` found, in pieces.

        :param path: where it was found.
        :param offset: bytes to leave out at the start of all.
        :param size: most bytes to give.
        :param chunk: most bytes a piece.
        :raises EngineError: ``DATA_LOSS`` if it is not what was stored.
        """
        rest = size
        for blob in content:
            if offset >= blob.size:
                offset -= blob.size
                continue
            wanted = blob.size - offset if rest is None else min(rest, blob.size - offset)
            if not wanted:
                return
            try:
                async for data in self._blobs.read(blob, offset, wanted, chunk):
                    yield data
            except DamagedBlob as error:
                raise EngineError("DATA_LOSS", f"the content of {path} is damaged: {error}") from None
            offset = 0
            rest = rest if rest is None else rest - wanted
