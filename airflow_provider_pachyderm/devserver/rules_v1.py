"""How 1.x reads and puts files: rules of its servicers that no other part of the server asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True)
class ReadRules:
    """GetFile, ListFile and their like.

    :param globs: paths of GetFile and ListFile are patterns.
    :param directory: the words in which GetFile refuses a directory; empty: nothing comes.
    :param lists_files: ListFile of a file tells that file, else it is refused.
    :param missing: the words of ListFile and CopyFile for a path that is not there.
    :param get_missing: GetFile says so in these words, not in those of InspectFile.
    :param pattern_missing: the words of GetFile for a pattern that matches nothing; empty: those of InspectFile.
    :param paths: how ListFile tells paths: beginning as ``"asked"``, ``"bare"`` (without a slash directly below the
        root), or ``"absolute"``.
    :param root: the root in listings.
    :param children: directories tell the names of what is in them: in InspectFile, and in ListFile if asked for.
    :param ranges_break: a range of a large file starts earlier than asked for, and ends with the file.
    :param negative: a negative offset is refused, else nothing comes.
    :param lists_as_asked: ListFile names the commit as the request did.
    :param globs_as_asked: GlobFile names the commit as the request did.
    :param copies_nothing: CopyFile of a path that is not there does nothing.
    :param diffs_by_new_names: DiffFile finds what is in an older directory under the path of the newer one.
    :param sorts_paths: GetFile joins what a pattern matches in the order of the paths as text.
    """

    globs: bool = True
    directory: str = ""
    lists_files: bool = True
    missing: str = 'file "{path}" not found'
    get_missing: bool = True
    pattern_missing: str = ""
    paths: str = "absolute"
    root: str = "/"
    children: bool = False
    ranges_break: bool = False
    negative: bool = False
    lists_as_asked: bool = False
    globs_as_asked: bool = False
    copies_nothing: bool = True
    diffs_by_new_names: bool = True
    sorts_paths: bool = False

    V1_4: ClassVar[ReadRules]
    V1_5: ClassVar[ReadRules]
    V1_6: ClassVar[ReadRules]
    V1_7: ClassVar[ReadRules]
    V1_7_2: ClassVar[ReadRules]
    V1_7_6: ClassVar[ReadRules]
    V1_8: ClassVar[ReadRules]


ReadRules.V1_8 = ReadRules(pattern_missing="no file(s) found that match {path}")
ReadRules.V1_7_6 = replace(
    ReadRules.V1_8,
    directory="cannot read directory, no header or footer",
    paths="bare",
    root="",
    children=True,
    lists_as_asked=True,
    globs_as_asked=True,
    copies_nothing=False,
    diffs_by_new_names=False,
    sorts_paths=True,
)
ReadRules.V1_7_2 = replace(ReadRules.V1_7_6, ranges_break=True)
ReadRules.V1_7 = replace(
    ReadRules.V1_7_2,
    globs=False,
    directory="{path} is a directory",
    lists_files=False,
    get_missing=False,
    paths="asked",
    lists_as_asked=False,
)
ReadRules.V1_6 = replace(ReadRules.V1_7, missing='no node at "{path}"')
ReadRules.V1_5 = replace(ReadRules.V1_6, negative=True, ranges_break=False)
ReadRules.V1_4 = replace(ReadRules.V1_5, globs_as_asked=False)


@dataclass(frozen=True)
class GraphRules:
    """Branches and commits that are made from others.

    :param kept: commits know ranges of the commits that are made from them.
    :param heads_bring_theirs: a new commit is also made from all that the heads of its inputs are made from.
    :param names_own_provenance: that a branch is in its own provenance is said of it, else it is a loop.
    :param head_clears: a branch cannot be given both a head and provenance, else the head must be made from the heads.
    :param head_moves_others: a branch that is given a head gives branches downstream theirs, if it is made from them.
    :param lists_by_provenance: branches that were made together are listed by how many are upstream of them.
    :param delete_propagates_moved: DeleteCommit lets downstream branches follow branches that have another head then,
        else the first branch of the repo.
    :param counts: commits count what is made from them and finished.
    :param repo_mends: deleting a repo takes its commits out of the ranges of those upstream.
    :param flush_looks_again: FlushCommit looks for what was made from finished commits meanwhile.
    :param trigger_own_branch: a finished commit also triggers what follows the branch on which it was made.
    """

    kept: bool = True
    heads_bring_theirs: bool = True
    names_own_provenance: bool = True
    head_clears: bool = False
    head_moves_others: bool = True
    lists_by_provenance: bool = True
    delete_propagates_moved: bool = True
    counts: bool = True
    repo_mends: bool = True
    flush_looks_again: bool = True
    trigger_own_branch: bool = True

    V1_4: ClassVar[GraphRules]
    V1_7: ClassVar[GraphRules]
    V1_8: ClassVar[GraphRules]
    V1_8_7: ClassVar[GraphRules]
    V1_9: ClassVar[GraphRules]
    V1_9_2: ClassVar[GraphRules]
    V1_9_6: ClassVar[GraphRules]
    V1_9_9: ClassVar[GraphRules]
    V1_11_4: ClassVar[GraphRules]


GraphRules.V1_11_4 = GraphRules(trigger_own_branch=False)
GraphRules.V1_9_9 = replace(GraphRules.V1_11_4, flush_looks_again=False)
GraphRules.V1_9_6 = replace(GraphRules.V1_9_9, counts=False)
GraphRules.V1_9_2 = replace(GraphRules.V1_9_6, head_clears=True, head_moves_others=False, lists_by_provenance=False)
GraphRules.V1_9 = replace(GraphRules.V1_9_2, repo_mends=False)
GraphRules.V1_8_7 = replace(GraphRules.V1_9, names_own_provenance=False)
GraphRules.V1_8 = replace(GraphRules.V1_8_7, delete_propagates_moved=False)
GraphRules.V1_7 = replace(GraphRules.V1_8, heads_bring_theirs=False)
GraphRules.V1_4 = replace(GraphRules.V1_7, kept=False)


@dataclass(frozen=True)
class CopyRules:
    """CopyFile of a directory.

    :param walks_by_prefix: what begins with its path is copied, too, be it in it or not.
    :param touches_directories: directories are written to as well, though not with anything.
    :param dies_of_outputs: real servers die of copying from an output commit that has no files of its own yet.
    :param copies_headers: a directory with a header is copied as one, and its files not by themselves.
    """

    walks_by_prefix: bool = False
    touches_directories: bool = False
    copies_headers: bool = True
    dies_of_outputs: bool = True


@dataclass(frozen=True)
class TreeRules:
    """What becomes of what was written to a commit.

    :param kept: how changes are kept until the commit is finished, see :class:`.snapshots.put_records.Records`.
    :param delete_patterns: DeleteFile takes patterns, and can delete the root.
    :param delete_spares: of a directory that is not the first thing that one DeleteFile deletes, every second entry
        stays, without a directory.
    :param headers: what files of a directory share: nothing (``""``), something that is ``"added"`` to what they had,
        or that the directory had when it was made and ``"kept"``.
    :param looks_above_first: that something above a path is a file is seen before that the path is a directory.
    :param copying: what CopyFile writes.
    """

    kept: str = "by change"
    delete_patterns: bool = True
    delete_spares: bool = False
    headers: str = "kept"
    looks_above_first: bool = False

    copying: CopyRules = CopyRules()

    V1_4: ClassVar[TreeRules]
    V1_6_7: ClassVar[TreeRules]
    V1_7_2: ClassVar[TreeRules]
    V1_7_10: ClassVar[TreeRules]
    V1_8: ClassVar[TreeRules]
    V1_10: ClassVar[TreeRules]


TreeRules.V1_10 = TreeRules(delete_spares=True)
TreeRules.V1_8 = replace(TreeRules.V1_10, copying=CopyRules(dies_of_outputs=False))
TreeRules.V1_7_10 = TreeRules(headers="added", looks_above_first=True, copying=CopyRules(True, True, False, False))
TreeRules.V1_7_2 = replace(TreeRules.V1_7_10, headers="", copying=CopyRules(True, False, False, False))
TreeRules.V1_6_7 = replace(TreeRules.V1_7_2, kept="by path", delete_patterns=False)
TreeRules.V1_4 = replace(TreeRules.V1_6_7, kept="in turn")


_SAME_COMMIT = "all requests in a put files call must have the same commit ID; expected '{one}', got '{other}'"


@dataclass(frozen=True)
class PutRules:
    """PutFile.

    :param many_files: a stream may hold several files, else all its content goes to the first.
    :param same_commit: the words for a second commit in a stream; empty: it is not looked at.
    :param scrambles: a file that comes three times or more in a stream is stored in another order.
    :param side_by_side: the puts of a stream are done side by side, so that of several of one file any may be the last.
    :param limits_checked: limits of a split without a delimiter are refused, else they mean nothing.
    :param cut_json: the status for JSON that ends too early.
    :param explains: the words for a URL that is no http one tell the URL.
    :param statuses: a URL that answers with an error is refused, else the answer is stored.
    :param nothing: status and words for a stream without messages; none: it is fine.
    :param header_footer: messages have the numbers of ``header_records`` and ``delete``.
    :param overwrite_flag: a bool has the number of ``overwrite_index``.
    :param delimiters: those that are known.
    :param dump_crlf: rows of an SQL dump may end as lines on Windows do.
    """

    many_files: bool = True
    same_commit: str = _SAME_COMMIT
    scrambles: bool = False
    side_by_side: bool = True
    limits_checked: bool = True
    cut_json: str = "UNKNOWN"
    explains: bool = True
    statuses: bool = True
    nothing: tuple[str, str] = ("", "")
    header_footer: bool = False
    overwrite_flag: bool = False
    delimiters: frozenset[int] = frozenset({1, 2, 3, 4})
    dump_crlf: bool = True

    V1_4: ClassVar[PutRules]
    V1_5: ClassVar[PutRules]
    V1_5_3: ClassVar[PutRules]
    V1_6: ClassVar[PutRules]
    V1_7: ClassVar[PutRules]
    V1_7_6: ClassVar[PutRules]
    V1_7_10: ClassVar[PutRules]
    V1_8: ClassVar[PutRules]
    V1_8_3: ClassVar[PutRules]
    V1_9: ClassVar[PutRules]
    V1_9_4: ClassVar[PutRules]


PutRules.V1_9_4 = replace(PutRules(), scrambles=True, nothing=("UNKNOWN", "EOF"))
PutRules.V1_9 = replace(PutRules.V1_9_4, statuses=False)
PutRules.V1_8_3 = replace(PutRules.V1_9, same_commit=_SAME_COMMIT.replace("all", "All", 1))
PutRules.V1_8 = replace(PutRules.V1_8_3, same_commit="", side_by_side=False)
PutRules.V1_7_10 = replace(
    PutRules.V1_8,
    limits_checked=False,
    cut_json="FAILED_PRECONDITION",
    nothing=("OUT_OF_RANGE", "EOF"),
    header_footer=True,
    delimiters=frozenset({1, 2, 3}),
    dump_crlf=False,
)
PutRules.V1_7_6 = replace(PutRules.V1_7_10, header_footer=False, delimiters=frozenset({1, 2}))
PutRules.V1_7 = replace(PutRules.V1_7_6, many_files=False, scrambles=False)
PutRules.V1_6 = replace(PutRules.V1_7, nothing=("", ""))
PutRules.V1_5_3 = replace(PutRules.V1_6, overwrite_flag=True)
PutRules.V1_5 = replace(PutRules.V1_6)
PutRules.V1_4 = replace(PutRules.V1_5, explains=False)
