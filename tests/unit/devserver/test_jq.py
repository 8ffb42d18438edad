"""Filters of lists in jq."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.servicers.jq import jq_filter

ITEM: dict[str, Any] = {"state": "JOB_SUCCESS", "version": "3", "pipeline": {"name": "p"}, "number": 2, "no": False}


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("", True),
        ('select(.state == "JOB_SUCCESS")', True),
        ('select(.state != "JOB_SUCCESS")', False),
        ('select(.pipeline.name == "p" and .version == "3")', True),
        ('select(.pipeline.name == "q" or .number >= 2)', True),
        ('select((.state == "JOB_SUCCESS") | not)', False),
        ('select(.state | startswith("JOB_"))', True),
        ('select(.state | test("FAIL"))', False),
        (".pipeline.name", True),
        (".no", False),
        (".missing.deeper", False),
        ("select(.pipeline < 3)", False),
    ],
)
def test_what_stays(text: str, stays: bool) -> None:
    assert jq_filter(text)(ITEM) is stays


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("][", "UNKNOWN", 'unexpected token "]"'),
        ("select(", "UNKNOWN", "unexpected token <EOF>"),
        ("map(.x)", "UNIMPLEMENTED", "does not know all of jq: map"),
        ("{a: 1}", "UNIMPLEMENTED", "does not know all of jq: {a: 1}"),
    ],
)
def test_what_is_refused(text: str, code: str, why: str) -> None:
    with pytest.raises(EngineError) as refused:
        jq_filter(text)
    assert refused.value.code == code
    assert why in refused.value.text
