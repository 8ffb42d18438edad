"""Scrape a website into Pachyderm: read the links of a page, and let the Pachyderm server fetch each of them.

Shows how tasks that are mapped over a list write to one branch: they take turns, each page is a commit of its own, and
when one fails the others stand. For all pages in one commit, see ``pachyderm_one_commit.py``.

Trigger it with a configuration such as ``{"repo": "pages", "index": "https://example.com/"}``.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

# Only for Airflow 3: `from airflow.sdk import DAG, task`.
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.operators.pachyderm import PachydermCreateRepoOperator, PachydermPutFileUrlOperator

with DAG(
    dag_id="pachyderm_scrape",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    catchup=False,
    params={"repo": "pages", "index": "https://example.com/"},
    default_args={"retries": 2},
    tags=["pachyderm"],
):
    create_repo = PachydermCreateRepoOperator(task_id="create_repo", repo="{{ params.repo }}")

    @task
    def links(params: dict[str, str]) -> list[dict[str, str]]:
        """Return the arguments of one mapped task for each page that the index links to."""
        with urlopen(params["index"], timeout=30) as reply:
            text = reply.read().decode(errors="replace")
        urls = sorted({urljoin(params["index"], link) for link in re.findall(r'href="([^"#]+)"', text)})
        return [{"url": url, "path": urlsplit(url).path.rstrip("/") or "/index.html"} for url in urls]

    put_page = PachydermPutFileUrlOperator.partial(
        task_id="put_page", repo="{{ params.repo }}", description="Scraped from {{ params.index }}"
    ).expand_kwargs(links())

    create_repo >> put_page
