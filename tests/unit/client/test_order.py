"""One order of listings: whatever a 2.x server sends in its own order comes out by path, as early as it can."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.client._paths import PathOrder, sort_key

segments = st.text("ab-./0~".replace("/", ""), min_size=1, max_size=3).filter(lambda s: s not in (".", ".."))
file_paths = st.sets(st.lists(segments, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts)), max_size=12)


def with_directories(files: set[str]) -> set[str]:
    """Add the directories, with the slash that servers write behind them; no path is a file as well."""
    directories = {path[: i + 1] for path in files for i, char in enumerate(path) if char == "/"}
    return {path for path in files if path + "/" not in directories} | directories


def played(sent: list[str], root: str = "/") -> list[list[str]]:
    """What comes out after each item, and at the end."""
    order = PathOrder[str](str, root)
    return [*(list(order.feed([path])) for path in sent), list(order.rest())]


@given(file_paths)
def test_bytes_order_becomes_path_order(files: set[str]) -> None:
    sent = [path.rstrip("/") or "/" for path in sorted(with_directories(files))]
    received = [path for batch in played(sent) for path in batch]
    assert received == sorted(sent, key=lambda path: [part for part in path.split("/") if part])


def test_a_directory_comes_before_its_longer_siblings() -> None:
    assert played(["/a-b", "/a.txt", "/a", "/a/1", "/b"]) == [[], [], ["/a"], ["/a/1"], ["/a-b", "/a.txt", "/b"], []]


def test_what_nothing_can_come_before_is_not_held() -> None:
    sent = ["/.hidden", "/1.txt", "/2.txt", "/b", "/b/c", "/b/d"]
    assert played(sent) == [["/.hidden"], [], ["/1.txt"], ["/2.txt", "/b"], ["/b/c"], ["/b/d"], []]


def test_the_name_of_the_directory_itself_holds_nothing() -> None:
    assert played(["/a-b", "/a-b/1", "/a-b/2"], "/a-b") == [["/a-b"], ["/a-b/1"], ["/a-b/2"], []]
    assert played(["/a-b", "/a-b/1"], "/") == [[], [], ["/a-b", "/a-b/1"]]


def test_keys() -> None:
    assert sorted(["/a.b", "/a/b", "/a", "/a b"], key=sort_key) == ["/a", "/a/b", "/a b", "/a.b"]
