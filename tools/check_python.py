"""Say in one sentence why this Python cannot hold an Airflow version; runs before anything is installed."""

import sys

# Airflow version -> first Python that it does not support
UNSUPPORTED_FROM = {"3.3.2": (3, 14), "3.2.2": (3, 14), "3.1.8": (3, 14), "3.0.6": (3, 13), "2.11.2": (3, 13)}


def main(airflow: str) -> "str | None":
    limit = UNSUPPORTED_FROM.get(airflow)
    if limit is None:
        return f"There are no pinned constraints for Airflow {airflow}; choose from {', '.join(UNSUPPORTED_FROM)}."
    if (3, 10) <= sys.version_info < limit:
        return None
    newest, have = f"3.{limit[1] - 1}", sys.version.split()[0]
    return f"Airflow {airflow} needs Python 3.10 to {newest}; this is {have}. Name another: `make PYTHON=python3.11 …`."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
