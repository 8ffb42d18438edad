"""The examples of docs/testing.md, run as the reader would: each a test file of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_examples(pytester: pytest.Pytester) -> None:
    examples = _BLOCK.findall(PAGE.read_text())
    pytester.makepyfile(**{f"test_{number}": example for number, example in enumerate(examples)})
    for name, content in {"README.md": "", "images/cat.png": "a cat", "images@staging/dog.png": "a dog"}.items():
        file = pytester.path / "tests" / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:asyncio")
    outcomes = result.parseoutcomes()
    assert list(outcomes) == ["passed"]
    assert outcomes["passed"] >= sum(example.count("def test_") for example in examples) > 0
