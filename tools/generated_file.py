"""The command line of the tools that make one file from the code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def write_or_check(file: Path, text: str, description: str | None, arguments: Sequence[str] | None) -> int:
    """Write a file, or with ``--check`` say whether it is what would be written.

    :param description: what the tool's help begins with.
    :param arguments: the command line without the program's name; the process's own by default.
    :return: exit status; 1 if the file is out of date.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the file is out of date")
    if not parser.parse_args(arguments).check:
        file.write_text(text)
    elif file.read_text() != text:
        print(f"{file.name} is out of date: run `make fix`", file=sys.stderr)
        return 1
    return 0
