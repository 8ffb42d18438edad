"""The dev server as its users run it, which is how the package offers it for tests."""

from airflow_provider_pachyderm.testing.server import DevServer

__all__ = ["DevServer"]
