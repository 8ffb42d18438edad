"""The log of a dev server that runs by itself."""

from __future__ import annotations

import logging

from airflow_provider_pachyderm._urls import masked


class MaskingFormatter(logging.Formatter):
    """Masks what is secret in URLs, whoever logs them: clients send signed ones, and errors repeat them."""

    def format(self, record: logging.LogRecord) -> str:
        """See :meth:`logging.Formatter.format`."""
        return masked(super().format(record))


def log_to_stderr(verbose: bool) -> None:
    """Write warnings to the standard error output, and a line for each call if that is asked for."""
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if verbose:
        logging.getLogger("airflow_provider_pachyderm.devserver").setLevel(logging.INFO)
