"""Assets: what Airflow calls a branch, or a path on one."""
