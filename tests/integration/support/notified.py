#!/usr/bin/python3
"""What a service manager hears: binds the datagram socket that is named, and prints each datagram as a line of JSON, with
when it came on the monotonic clock. Ends with its standard input."""
import json
import select
import socket
import sys
import time

path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\0" + path[1:] if path.startswith("@") else path)
print(json.dumps({"bound": path}), flush=True)
while True:
    readable, _, _ = select.select([receiver, sys.stdin], [], [])
    if receiver in readable:
        text = receiver.recv(65536).decode()
        came_ms = time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e6
        fields = dict(line.split("=", 1) for line in text.split("\n"))
        print(json.dumps({"ms": came_ms, **fields}), flush=True)
    elif not sys.stdin.readline():
        break
