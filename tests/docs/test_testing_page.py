"""The examples of docs/testing.md, and the README's, run as the reader would: each a test file of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_examples(pytester: pytest.Pytester) -> None:
    examples = _BLOCK.findall((ROOT / "docs" / "testing.md").read_text())
    examples += [block for block in _BLOCK.findall((ROOT / "README.md").read_text()) if "def test_" in block]
    pytester.makepyfile(**{f"test_{number}": example for number, example in enumerate(examples)})
    for name, content in {"README.md": "", "images/cat.png": "a cat", "images@staging/dog.png": "a dog"}.items():
        file = pytester.path / "tests" / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:asyncio")
    outcomes = result.parseoutcomes()
    assert list(outcomes) == ["passed"]
    assert outcomes["passed"] >= sum(example.count("def test_") for example in examples) > 0
