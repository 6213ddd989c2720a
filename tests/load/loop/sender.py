"""A process that posts batches at given moments and says how long each took.

It has nothing but the standard library, so that it takes as little processor time as it can from what is measured.
Each lane is one connection; a batch belongs to the lane of its devices, so the readings of a device stay in order.
"""

import http.client
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

PATIENCE_S = 60


class Sender:
    """Sends the bodies of a plan; `sent_s` and `answered_s` are Unix seconds, one entry a body."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan, self._port = plan, 0
        self._bodies = Path(plan["bodies"]).read_bytes().split(b"\n")
        self._headers = {"Authorization": plan["authorization"], "Content-Type": "application/json"}
        self.sent_s = [0.0] * len(self._bodies)
        self.answered_s = [0.0] * len(self._bodies)
        self.failure = ""

    def run(self, start_s: float, port: int) -> None:
        """Send everything; the due moments of the plan count from `start_s`."""
        self._port = port
        lanes = [threading.Thread(target=self._run_lane, args=(lane, start_s)) for lane in range(self._plan["lanes"])]
        for thread in lanes:
            thread.start()
        for thread in lanes:
            thread.join()

    def _run_lane(self, lane: int, start_s: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            for place, own in enumerate(self._plan["lane_of"]):
                if own == lane and not self.failure:
                    time.sleep(max(start_s + self._plan["due_s"][place] - time.time(), 0))
                    self._send(connection, place)
        except (OSError, http.client.HTTPException) as error:
            self.failure = repr(error)

    def _send(self, connection: http.client.HTTPConnection, place: int) -> None:
        self.sent_s[place] = time.time()
        connection.request("POST", self._plan["path"], self._bodies[place], self._headers)
        answer = connection.getresponse()
        content = answer.read()
        self.answered_s[place] = time.time()
        report = json.loads(content) if answer.status == 200 else {}
        if not report or report["accepted"] != report["received"]:
            self.failure = f"POST {self._plan['path']}: {answer.status} {content[:500].decode(errors='replace')}"


def main(plan_path: str) -> None:
    """Read the plan, say "ready", read moment and port from standard input, send, and answer with a JSON line."""
    sender = Sender(json.loads(Path(plan_path).read_text()))
    print("ready", flush=True)  # noqa: T201
    start_s, port = sys.stdin.readline().split()
    sender.run(float(start_s), int(port))
    answer = {"sent_s": sender.sent_s, "answered_s": sender.answered_s, "failure": sender.failure}
    print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
