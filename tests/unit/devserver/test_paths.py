from __future__ import annotations

import pytest

from airflow_provider_pachyderm.devserver.engine.files.paths import BadPath, clean, validate
from airflow_provider_pachyderm.devserver.releases.profile import Profile, profile_for

V1, V2 = profile_for("1.13.4"), profile_for("2.11.6")
PRINTABLE = "only printable ASCII characters allowed"


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        *[("", "/"), ("/", "/"), (".", "/"), ("..", "/"), ("a", "/a"), ("//a", "/a"), ("/a/", "/a"), ("/a//b", "/a/b")],
        *[("/a/../b", "/b"), ("/./a", "/a"), ("../../a", "/a"), ("/...", "/..."), ("/a..b/c", "/a..b/c")],
    ],
)
def test_clean(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


@pytest.mark.parametrize("profile", [V1, V2])
@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("plain", "/plain"), ("/x/", "/x"), ("//dd", "/dd"), ("/x1//y", "/x1/y"), ("/sp ace", "/sp ace")]
    + [(f"/{c}x", f"/{c}x") for c in ":~|#%'\",;&=$<>\\.-`"]
    + [("/" + "n" * 10_000, "/" + "n" * 10_000)],
)
def test_accepted_by_both_worlds(profile: Profile, path: str, cleaned: str) -> None:
    assert validate(path, profile) == cleaned


@pytest.mark.parametrize("profile", [V1, V2])
@pytest.mark.parametrize("character", "*?[]{}!()@+^")
def test_glob_characters_are_refused(profile: Profile, character: str) -> None:
    with pytest.raises(BadPath) as caught:
        validate(f"/a{character}b", profile)
    assert caught.value.text == f"path (/a{character}b) invalid: globbing character ({character}) not allowed in path"


@pytest.mark.parametrize("profile", [V1, V2])
def test_the_first_glob_character_is_named(profile: Profile) -> None:
    with pytest.raises(BadPath, match=r"globbing character \(\{\)"):
        validate("/a{b}*", profile)


@pytest.mark.parametrize("profile", [V1, V2])
@pytest.mark.parametrize("path", ["/ünï", "/tab\there", "/new\nline", "/del\x7f", "/nul\0x", "/end\n"])
def test_only_printable_ascii(profile: Profile, path: str) -> None:
    with pytest.raises(BadPath) as caught:
        validate(path, profile)
    assert caught.value.text == f"path ({path}) invalid: {PRINTABLE}"


@pytest.mark.parametrize("path", ["/a/../b", "/./b", "b/.", "/../../b"])
def test_1x_cleans_dots_away(path: str) -> None:
    assert validate(path, V1) == "/b"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("../esc", "path (../esc) invalid: traverses above root"),
        ("", f"path () invalid: {PRINTABLE}"),
        ("/", f"path () invalid: {PRINTABLE}"),
        (".", f"path () invalid: {PRINTABLE}"),
        ("..", f"path () invalid: {PRINTABLE}"),
        ("ü", f"path (/ü) invalid: {PRINTABLE}"),
        ("st*r/", "path (/st*r) invalid: globbing character (*) not allowed in path"),
    ],
)
def test_refused_by_1x(path: str, text: str) -> None:
    with pytest.raises(BadPath) as caught:
        validate(path, V1)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", text)


@pytest.mark.parametrize("path", ["/a/../b", "/./p", "/x2/./y", "../esc", ".", "..", "/a/."])
def test_2x_refuses_dots(path: str) -> None:
    with pytest.raises(BadPath) as caught:
        validate(path, V2)
    assert caught.value.text == f"path ({path}) invalid: relative file paths are not allowed"


def test_2x_accepts_the_root_but_not_nothing() -> None:
    assert validate("/", V2) == "/"
    with pytest.raises(BadPath, match=r"path \(\) invalid: only printable"):
        validate("", V2)
