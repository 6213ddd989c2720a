"""Asks an address twenty times a second until a line is read; then writes the longest answer, ms, and the failures.

A process of its own: what the benchmark computes must not count.
"""

import http.client
import select
import sys
import time
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
worst_s, failures = 0.0, 0
connection = http.client.HTTPConnection(url.netloc, timeout=60)
while not select.select([sys.stdin], [], [], 0.05)[0]:
    began_s = time.perf_counter()
    try:
        connection.request("GET", url.path)
        response = connection.getresponse()
        response.read()
        failures += response.status >= 500
    except OSError:
        connection.close()
        failures += 1
    worst_s = max(worst_s, time.perf_counter() - began_s)
sys.stdout.write(f"{worst_s * 1_000} {failures}\n")
