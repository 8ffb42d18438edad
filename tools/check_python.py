"""Say in one sentence why this Python cannot hold an Airflow version. Runs on any Python 3, before anything is installed."""

import sys

# Airflow version -> first Python that it does not support
UNSUPPORTED_FROM = {"3.3.2": (3, 14), "2.11.2": (3, 13)}


def main():
    airflow = sys.argv[1]
    have = sys.version_info[:2]
    limit = UNSUPPORTED_FROM.get(airflow)
    if limit is None:
        return "There are no pinned constraints for Airflow %s; choose from %s." % (airflow, ", ".join(UNSUPPORTED_FROM))
    if (3, 10) <= have < limit:
        return None
    return "Airflow %s needs Python 3.10 to 3.%d and this is %d.%d: set another one with `make PYTHON=python3.11 ...`." % (
        airflow,
        limit[1] - 1,
        *have,
    )


if __name__ == "__main__":
    sys.exit(main())
