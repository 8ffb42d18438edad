"""Airflow reads its home when it is first imported, so that must be set before any test module is."""

from tests.support import airflow_home

__all__ = ["airflow_home"]
