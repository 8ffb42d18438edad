"""docs/airflow/connection.md has a row for each field of the connection form."""

from __future__ import annotations

import re

from airflow_provider_pachyderm.hooks._form import EXTRA_FIELDS
from tests.support.pages import DOCS

PAGE = DOCS / "airflow" / "connection.md"


def test_every_field_has_its_row() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \| [^|]{10,} \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(field.label, field.key) for field in EXTRA_FIELDS]
