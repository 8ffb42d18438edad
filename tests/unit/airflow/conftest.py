import tests.support.airflow_home  # noqa: F401
