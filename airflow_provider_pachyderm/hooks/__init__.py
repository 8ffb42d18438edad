"""Hooks: an Airflow connection becomes a Pachyderm client."""
