from __future__ import annotations

import pytest

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.files.split_records import BadContent
from airflow_provider_pachyderm.devserver.engine.files.splits import (
    Delimiter,
    Splitter,
    file_name,
    number_of,
)

LINES = b"l1\nl2\nl3\nl4\nl5\n"
JSON = b'{"a":1}\n{"a":2}{"a":3}\n'


def split(content: bytes, delimiter: Delimiter, step: int = 0, **limits: int) -> list[bytes]:
    splitter = Splitter(delimiter, **limits)
    files = []
    for start in range(0, len(content), step or len(content) or 1):
        files += splitter.feed(content[start : start + (step or len(content))])
    return files + splitter.close()


@pytest.mark.parametrize(
    ("content", "delimiter", "limits", "expected"),
    [
        (LINES, Delimiter.LINE, {}, [b"l1\n", b"l2\n", b"l3\n", b"l4\n", b"l5\n"]),
        (LINES, Delimiter.LINE, {"datums": 2}, [b"l1\nl2\n", b"l3\nl4\n", b"l5\n"]),
        (LINES, Delimiter.LINE, {"size": 7}, [b"l1\nl2\nl3\n", b"l4\nl5\n"]),
        (LINES, Delimiter.LINE, {"datums": 2, "size": 99}, [b"l1\nl2\n", b"l3\nl4\n", b"l5\n"]),
        (LINES, Delimiter.LINE, {"datums": 9, "size": 4}, [b"l1\nl2\n", b"l3\nl4\n", b"l5\n"]),
        (b"x\ny", Delimiter.LINE, {}, [b"x\n", b"y"]),
        (b"", Delimiter.LINE, {}, []),
        (b"\n\n", Delimiter.LINE, {}, [b"\n", b"\n"]),
        (JSON, Delimiter.JSON, {}, [b'{"a":1}', b'{"a":2}', b'{"a":3}']),
        (JSON, Delimiter.JSON, {"datums": 2}, [b'{"a":1}{"a":2}', b'{"a":3}']),
        (JSON, Delimiter.JSON, {"size": 8}, [b'{"a":1}{"a":2}', b'{"a":3}']),
        (b'["]}", {"x\\"": [1]}] 12 true\n"a b"null', Delimiter.JSON, {}, None),
        (b"1,2\n3,4\n", Delimiter.CSV, {}, [b"1,2\n", b"3,4\n"]),
        (b'h1,h2\r\n\n1,"2"\n3,"4\n4"\n', Delimiter.CSV, {}, [b"h1,h2\n", b"1,2\n", b'3,"4\n4"\n']),
        (b'"a""b", c,\n"",1,"x,y"', Delimiter.CSV, {}, [b'"a""b"," c",\n', b',1,"x,y"\n']),
    ],
)
@pytest.mark.parametrize("step", [0, 1, 3])
def test_files(
    content: bytes, delimiter: Delimiter, limits: dict[str, int], expected: list[bytes] | None, step: int
) -> None:
    if expected is None:
        expected = [b'["]}", {"x\\"": [1]}]', b"12", b"true", b'"a b"', b"null"]
    assert split(content, delimiter, step, **limits) == expected


def test_header_records_are_left_out_and_kept_aside() -> None:
    splitter = Splitter(Delimiter.CSV, header_records=1)
    files = splitter.feed(b"h1,h2\n1,2\n3,4\n") + splitter.close()
    assert (splitter.header, files) == (b"h1,h2\n", [b"1,2\n", b"3,4\n"])


DUMP = b"-- a dump\nCREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n2\n3\n\\.\n\nCOPY u FROM stdin;\n4\n\\."
BEFORE, BEHIND = b"-- a dump\nCREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n", b"\\.\n\nCOPY u FROM stdin;\n4\n\\."


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize(
    ("limits", "header", "rows"),
    [
        ({}, b"", [b"1\n", b"2\n", b"3\n"]),
        ({"datums": 2}, b"", [b"1\n2\n", b"3\n"]),
        ({"header_records": 1}, b"1\n", [b"2\n", b"3\n"]),
        ({"header_records": 3}, b"1\n2\n3\n", []),
        ({"header_records": 4}, b"", [b"1\n2\n3\n"]),
    ],
)
def test_a_dump(step: int, limits: dict[str, int], header: bytes, rows: list[bytes]) -> None:
    splitter = Splitter(Delimiter.SQL, **limits)
    parts = [DUMP[at : at + step] for at in range(0, len(DUMP), step)] if step else [DUMP]
    files = [file for part in parts for file in splitter.feed(part)] + splitter.close()
    assert (splitter.header, files, splitter.footer) == (BEFORE + header, rows, BEHIND)


def test_a_dump_of_windows() -> None:
    dump = BEFORE + b"1\r\n\\.\r\nend\r\n"
    splitter = Splitter(Delimiter.SQL)
    assert splitter.feed(dump) + splitter.close() == [b"1\n"]
    assert splitter.footer == b"\\.\nend\r\n"
    before_1_8 = Splitter(Delimiter.SQL, crlf=False)
    before_1_8.feed(dump)
    with pytest.raises(EngineError, match="missing footer"):
        before_1_8.close()


@pytest.mark.parametrize(
    ("dump", "why"),
    [
        (b"", "invalid header - missing row inserts"),
        (b"COPY t", "invalid header - missing row inserts"),
        (b"COPY t\n", "invalid pgdump - missing footer"),
        (b"COPY t\n1\n\\.", "invalid pgdump - missing footer"),
    ],
)
def test_no_dump(dump: bytes, why: str) -> None:
    with pytest.raises(EngineError) as caught:
        split(dump, Delimiter.SQL)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", why)


def test_more_header_records_than_there_are() -> None:
    splitter = Splitter(Delimiter.LINE, header_records=3)
    files = splitter.feed(b"a\nb\n") + splitter.close()
    assert (splitter.header, files) == (b"a\nb\n", [])


@pytest.mark.parametrize("content", [b'{"a":', b'"abc', b"[1,", b'{"a":1} {', b'"x\\'])
def test_json_that_ends_too_early(content: bytes) -> None:
    with pytest.raises(BadContent) as caught:
        split(content, Delimiter.JSON)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", "unexpected EOF")


@pytest.mark.parametrize("content", [b"nope ", b"{x}", b"} ", b"1]"])
def test_no_json(content: bytes) -> None:
    with pytest.raises(BadContent, match="invalid character"):
        split(content, Delimiter.JSON)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"NaN ", "invalid character 'N' looking for beginning of value"),
        (b'{"a": [Infinity]}', "invalid character 'I' looking for beginning of value"),
        (b"[-Infinity]", "invalid character 'I' in numeric literal"),
        (b"[" * 100_000 + b"]" * 100_000, "exceeded max depth"),
    ],
)
def test_no_json_though_python_may_read_it(content: bytes, why: str) -> None:
    with pytest.raises(BadContent) as caught:
        split(content, Delimiter.JSON)
    assert (caught.value.code, caught.value.text) == ("UNKNOWN", why)


def test_numbers_of_any_length() -> None:
    numbers = [b"9" * 5000, b"-" + b"1" * 5000, b"1" * 5000 + b".5", b"1e99999"]
    assert split(b" ".join(numbers), Delimiter.JSON) == numbers


@pytest.mark.parametrize("content", [b'a,"b', b'a"b,c\n', b'"a"b\n'])
def test_no_csv(content: bytes) -> None:
    with pytest.raises(BadContent, match="parse error"):
        split(content, Delimiter.CSV)


def test_many_records_in_one_chunk_take_linear_time() -> None:
    assert len(split(b'{"a":1}' * 100_000, Delimiter.JSON)) == 100_000


def test_names() -> None:
    assert file_name("/dir", 26) == "/dir/000000000000001a"
    assert number_of("000000000000001a") == 26
    assert number_of("1a") is number_of("g" * 16) is None
