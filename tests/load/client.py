"""One client of bench_ingest: sends every n-th batch of a file, one after the other, on a command from standard input.

A process of its own with nothing but the standard library, so that it costs the two cores as little as it can.
"""

import http.client
import json
import sys
from pathlib import Path


def main(path: str, first: int, step: int, port: int, authorization: str) -> None:
    """The file holds a JSON body a line."""
    bodies = Path(path).read_bytes().split(b"\n")[first::step]
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for body in bodies:
        connection.request("POST", "/api/v1/telemetry/ingest", body, headers)
        answer = connection.getresponse()
        report = json.loads(answer.read())
        assert report["accepted"] == report["received"], (answer.status, report)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
