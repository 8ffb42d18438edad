"""What the dev server runs in place of a pipeline's command when a test does the work: ``python stand_in.py PORT``.

It tells the test which datum it is for, and where its files are, waits, prints what it is told and ends with a code.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main() -> int:
    """Ask, print, end."""
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection, connection.makefile("rw") as stream:
        stream.write(json.dumps(dict(os.environ)) + "\n")
        stream.flush()
        answer = json.loads(stream.readline())
    for line in answer["log"]:
        print(line, flush=True)
    code: int = answer["code"]
    return code


if __name__ == "__main__":
    sys.exit(main())
