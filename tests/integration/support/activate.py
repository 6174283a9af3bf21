#!/usr/bin/python3
"""Socket activation: opens sockets, and runs a program with them as descriptors from 3 on, as systemd does.

    activate.py [--pid N] [--fds N] [NAME=ADDRESS...] -- PROGRAM [ARGUMENT...]

ADDRESS is 127.0.0.1:0, [::1]:0, unix:PATH, unix:@NAME, or udp, connected and file for what no server can use. A line of JSON
on standard output says which addresses they got, and which process runs. When that has ended another line says how; after
a line on standard input it is run again with the same sockets. Ends with its standard input.
"""
import ctypes
import json
import os
import signal
import socket
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def listen(family, address):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(64)
    return listener


def open_socket(address):
    if address == "udp":
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if address == "connected":
        return socket.socketpair()[0]
    if address == "file":
        return open("/dev/null", "rb")
    if address.startswith("unix:"):
        path = address[len("unix:"):]
        return listen(socket.AF_UNIX, "\0" + path[1:] if path.startswith("@") else path)
    host, port = address.rsplit(":", 1)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    return listen(family, (host.strip("[]"), int(port)))


def run(opened, names, variables, command):
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(opened)))
    if any(names):
        os.environ["LISTEN_FDNAMES"] = ":".join(names)
    os.environ.update(variables)
    # First out of the way: a source may be another's target.
    kept = [os.dup2(one.fileno(), 100 + at) for at, one in enumerate(opened)]
    for at, descriptor in enumerate(kept):
        os.dup2(descriptor, 3 + at, inheritable=True)
        os.close(descriptor)
    os.execvp(command[0], command)


def port_of(one):
    return one.getsockname()[1] if isinstance(one, socket.socket) and one.family in (socket.AF_INET, socket.AF_INET6) else 0


def main():
    ours, command = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
    variables = {}
    while ours and ours[0].startswith("--"):
        variables["LISTEN_" + ours[0][2:].upper()] = ours[1]
        ours = ours[2:]
    names = [spec.split("=", 1)[0] for spec in ours]
    opened = [open_socket(spec.split("=", 1)[1]) for spec in ours]
    die_with_parent()
    while True:
        pid = os.fork()
        if pid == 0:
            die_with_parent()
            run(opened, names, variables, command)
        print(json.dumps({"pid": pid, "ports": [port_of(one) for one in opened]}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)
        if not sys.stdin.readline():
            return


main()
