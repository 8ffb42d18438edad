from __future__ import annotations

import pytest

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.files.globs import (
    BadGlob,
    is_glob,
    literal_start,
    matcher,
)
from airflow_provider_pachyderm.devserver.releases.profile import Profile, profile_for

V1_6, V1_8, V1_9, V2 = map(profile_for, ("1.6.10", "1.8.8", "1.11.9", "2.11.6"))

# the tree of the recorded scenario "glob"
FILES = "/.dot /1 /12 /Up /a /ab /abc.txt /b /dir/a /dir/b.txt /dir/sub/a /dir/sub/c.txt /dir2/a /x.txt"
PATHS = sorted(["/", "/dir", "/dir/sub", "/dir2", *FILES.split()])
TOP = "/.dot /1 /12 /Up /a /ab /abc.txt /b /dir /dir2 /x.txt"
ALL = " ".join(path for path in PATHS if path != "/")

RECORDED = {
    "*": TOP,
    "/*": TOP,
    "**": ALL,
    "/**": ALL,
    "/": "/",
    "": "/",
    "/dir": "/dir",
    "/dir/": "/dir",
    "/dir/*": "/dir/a /dir/b.txt /dir/sub",
    "dir/*": "/dir/a /dir/b.txt /dir/sub",
    "/dir/**": "/dir/a /dir/b.txt /dir/sub /dir/sub/a /dir/sub/c.txt",
    "/*/*": "/dir/a /dir/b.txt /dir/sub /dir2/a",
    "/*/a": "/dir/a /dir2/a",
    "/**/a": "/dir/a /dir/sub/a /dir2/a",
    "/**.txt": "/abc.txt /dir/b.txt /dir/sub/c.txt /x.txt",
    "/**/*.txt": "/dir/b.txt /dir/sub/c.txt",
    "*.txt": "/abc.txt /x.txt",
    "?": "/1 /a /b",
    "/??": "/12 /Up /ab",
    "/[ab]": "/a /b",
    "/[a-b]": "/a /b",
    "/[!a]": "/1 /b",
    "/[^a]": "/1 /b",
    "/[0-9]*": "/1 /12",
    "/{a,b}": "/a /b",
    "/{dir,dir2}/a": "/dir/a /dir2/a",
    "/none": "",
    "/none*": "",
    "/none/*": "",
    "a": "/a",
    "/dir*/a": "/dir/a /dir2/a",
    "/@(a|b)": "/a /b",
    "/\\a": "",
    "/.*": "/.dot",
    "/U?": "/Up",
    "/*/": TOP,
    "/{a": "/a",
    "\\": "",
    # seen in probes
    "@(dir|b)": "/b /dir",
    "/dir/!(a)": "/dir/b.txt /dir/sub",
    "/{,dir/}a": "/a /dir/a",
    "/+(a|b)": "/a /ab /b",
    "/?(a)b": "/ab /b",
    "/*(1)2": "/12",
}


@pytest.mark.parametrize("profile", [V1_9, V2], ids=["1.x", "2.x"])
@pytest.mark.parametrize(("pattern", "expected"), RECORDED.items())
def test_as_recorded(profile: Profile, pattern: str, expected: str) -> None:
    found = matcher(pattern, profile)
    assert [path for path in PATHS if found(path)] == expected.split()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("/[", "unexpected end of input"),
        ("/[a", "unexpected end of input"),
        ("/[b-a]", "error parsing regexp: [x-y] range in reverse order in `\\A/[b-a]\\z`"),
    ],
)
def test_malformed(pattern: str, text: str) -> None:
    with pytest.raises(BadGlob) as caught:
        matcher(pattern, V2)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", text)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a\\*?", "/a*b", True),
        ("/a\\*?", "/axb", False),
        ("/a.?", "/axb", False),
        ("/!(a)", "/ab", True),
        ("/!(a)*", "/ab", False),
        ("/!(a).txt", "/b.txt", True),
        ("/[\\]a]", "/]", True),
        ("/[a-]", "/-", True),
        ("/(a|c)", "/c", True),
        ("/(d)/1", "/d/1", True),
        ("/[[:digit:]]", "/7", True),
        ("/[[:digit:]]", "/[", True),
        ("/[![:digit:]]", "/7", False),
        ("/[[:alpha:]x-z]*", "/q9", True),
        ("/[a!b]", "/c", True),
        ("/*", "/a\nb", True),
    ],
)
def test_details(pattern: str, path: str, matches: bool) -> None:
    assert matcher(pattern, V1_9)(path) is matches


@pytest.mark.parametrize("profile", [V1_8, V1_9, V2])
@pytest.mark.parametrize("pattern", [*RECORDED, "/a\\*?", "/d[i]r/*", "/dir/", "/dir/a", "/", "/{,dir/}a", "/*b/c"])
def test_nothing_matches_that_begins_otherwise(profile: Profile, pattern: str) -> None:
    start, found = literal_start(pattern, profile), matcher(pattern, profile)
    assert all(path.startswith(start) for path in PATHS if path != "/" and found(path))


@pytest.mark.parametrize("pattern", ["/a{", "a{", "/?{", "/ab{", "/{", "/{a", "/*{"])
def test_d13_an_opening_brace_at_the_end_may_kill_the_server(pattern: str) -> None:
    for profile in (V1_6, V1_8, V1_9):
        kills = profile is not V1_9 and "{a" not in pattern and pattern not in {"/{", "/*{"}
        try:
            matcher(pattern, profile)
        except EngineError as error:
            assert (kills, error.code) == (True, "UNAVAILABLE")
        else:
            assert not kills


@pytest.mark.parametrize(("profile", "code"), [(V1_9, "UNAVAILABLE"), (V2, "UNKNOWN")])
@pytest.mark.parametrize("pattern", ["/[b-a]", "/[]", "/[]a]"])
def test_d67_what_is_no_expression_kills_the_server_or_is_refused(profile: Profile, code: str, pattern: str) -> None:
    with pytest.raises(EngineError) as caught:
        matcher(pattern, profile)
    assert caught.value.code == code


def test_how_all_matches_begin() -> None:
    patterns = ("/dir/a*", "dir/[ab]", "/d*", "/**", "/dir/a", "/dir/a\\*", "/dir/{a,b}", "/dir/+(a)")
    starts = ["/dir/a", "/dir/", "/d", "/", "/dir/a", "/dir/a", "/dir/", "/dir/"]
    assert [literal_start(pattern, V2) for pattern in patterns] == starts


def test_is_glob() -> None:
    assert [p for p in ("/a", "/a\\b", "/a*", "/[", "/x@y") if is_glob(p, V1_9)] == ["/a*", "/[", "/x@y"]
