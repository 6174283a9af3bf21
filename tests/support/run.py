#!/usr/bin/env python3
"""Runs every check named, says a line for each and of those that failed why, and ends with the totals.

    run.py build/asan/tests/unit/test_json tests/integration/sync.test.mjs \
        LOCKSTEPD=build/asan/lockstepd,tests/integration/sync.test.mjs ...

How a thing is run and counted follows from its name: see KINDS. Before a comma stand variables for its environment.
The exit code is 0 when something was run and nothing failed. All that was printed is kept below build/test-log, and so
is what a sanitizer or valgrind says, in whichever process: that is a failure too. PATIENCE=10 gives everything ten times
as long.
"""
import concurrent.futures
import contextlib
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from failing import failing  # noqa: E402

SECONDS = 240 * float(os.environ.get("PATIENCE", 1))
LOGS = "build/test-log"
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def count_cmocka(text, code):
    # What failed or was skipped is listed again at a group's end. Whoever crashed has neither passed nor failed.
    text = re.sub(r"test\(s\) run\.\n.*?(?=\[==========\]|\Z)", "", text, flags=re.S)
    started, passed, skipped = (text.count(word) for word in ("[ RUN      ]", "[       OK ]", "[  SKIPPED ]"))
    return passed, started - passed - skipped, skipped


def count_node(text, code):
    def total(*words):
        return sum(int(n) for n in re.findall(r"^(?:#|ℹ) (?:%s) (\d+)$" % "|".join(words), text, re.M))
    return total("pass"), total("fail", "cancelled"), total("skipped", "todo")


def count_whole(text, code):
    return int(code == 0), int(code != 0), 0


def corpus_of(path):
    return "tests/fuzz/corpus/" + os.path.basename(path).removeprefix("fuzz_")


# What the name looks like, how it is run, how its output is counted.
KINDS = [
    (r"tests/fuzz/", lambda path: [path, corpus_of(path)], count_whole),
    (r"\.mjs$", lambda path: ["node", "--test", "--test-reporter=tap", path], count_node),
    (r"^examples/", lambda path: ["npm", "--prefix", path, "run", "--silent", "test"], count_node),
    (r"\.(py|sh)$", lambda path: [path], count_whole),
    (r"", lambda path: [path], count_cmocka),
]


running = set()


class Result:
    def __init__(self, name, text, code, counts, seconds):
        self.name, self.text, self.seconds = name, text, seconds
        self.passed, self.failed, self.skipped = counts
        # A crash, or a program that ran nothing, is a failure too.
        if self.failed == 0 and (code != 0 or self.passed + self.skipped == 0):
            self.failed = 1
        self.why = f", exit code {code}" if code else ""


def end(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def end_all(*_):
    for group in list(running):
        end(group)
    os._exit(1)


def log_of(name):
    return os.path.abspath(os.path.join(LOGS, re.sub(r"[^\w.-]", "-", name)))


def environment(log, settings):
    sanitizers = {name: f"{options}:log_path={log}.sanitizer" for name, options in SANITIZERS.items()}
    sanitizers["VALGRIND_OPTS"] = f"--log-file={log}.sanitizer.%p"
    return {**os.environ, **sanitizers, "G_SLICE": "always-malloc", **dict(setting.split("=") for setting in settings)}


def communicate(command, variables):
    """The output and the exit code. What a program leaves running, or takes too long for, is ended."""
    with subprocess.Popen(command, env=variables, start_new_session=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        running.add(process.pid)
        late = threading.Timer(SECONDS, end, [process.pid])
        late.start()
        text = process.communicate()[0].decode(errors="replace")
        late.cancel()
        end(process.pid)
        running.discard(process.pid)
        return text, process.returncode


PAGE = r"/(page-(?!size)\w+|tabs)\.test\.mjs$"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def run(name):
    *settings, path = name.split(",")
    if re.search(PAGE, path) and not os.path.exists(CHROMIUM):
        return Result(name, f"# SKIP not here: {CHROMIUM}\n", 0, (0, 0, 1), 0)
    command, count = next((command, count) for pattern, command, count in KINDS if re.search(pattern, path))
    log = log_of(name)
    for old in glob.glob(glob.escape(log) + ".*"):
        os.remove(old)
    start = time.monotonic()
    try:
        text, code = communicate(command(path), environment(log, settings))
    except OSError as error:
        text, code = f"{error}\n", 127
    seconds = time.monotonic() - start
    if seconds >= SECONDS:
        text += f"\nstopped after {SECONDS:.0f} s\n"
    counts = count(text, code)
    for report in glob.glob(glob.escape(log) + ".sanitizer.*"):
        with open(report, encoding="utf-8", errors="replace") as file:
            said = file.read()
        text += said
        if said:  # valgrind's is there from the start
            code = code or "0, but a sanitizer reports"
    with open(log + ".log", "w", encoding="utf-8") as file:
        file.write(text)
    return Result(name, text, code, counts, seconds)


def show(result):
    word = "FAIL" if result.failed else "ok  "
    failed = f", {result.failed} failed{result.why}" if result.failed else ""
    skipped = f", {result.skipped} skipped" if result.skipped else ""
    print(f"{word} {result.name}: {result.passed} passed{failed}{skipped} ({result.seconds:.1f} s)")
    for reason in sorted(set(re.findall(r"# SKIP (.*)", result.text))):
        print(f"    skipped: {reason}")
    if result.failed:
        told, lines = failing(result.text)
        print("".join(f"    {line}\n" for line in told), end="")
        print(f"    ({len(told)} of {lines} lines; all of it: {os.path.relpath(log_of(result.name))}.log)")
    sys.stdout.flush()


# A minute of these is spent waiting: beside the others they take nothing from them.
WAITS = r"/(clock|deadlines|prometheus|proxy|stream)\.test\.mjs$"


def phase_of(name):
    """What talks to a server has limits of time, and so is not run beside programs that take all of the machine."""
    if not name.endswith(".mjs"):
        return "programs"
    if re.search(WAITS, name):
        return "waits"
    return "browser" if re.search(PAGE + r"|/widget\.test\.mjs$", name) else "wire"


def run_phases(names):
    """Yields each result. Those that wait begin with the first that speak with a server, and are told of last."""
    def pool(jobs):
        return concurrent.futures.ThreadPoolExecutor(jobs)

    def of(phase):
        return [name for name in names if phase_of(name) == phase]
    with pool(os.cpu_count()) as programs:
        yield from programs.map(run, of("programs"))
    with pool(4) as waits:
        waiting = waits.map(run, of("waits"))
        # Those that speak with a server wait a good part of their time, too.
        for jobs, phase in ((os.cpu_count() + 1, "wire"), (2, "browser")):
            with pool(jobs) as others:
                yield from others.map(run, of(phase))
        yield from waiting


def main(names):
    signal.signal(signal.SIGINT, end_all)
    signal.signal(signal.SIGTERM, end_all)
    os.makedirs(LOGS, exist_ok=True)
    results = []
    for result in run_phases(names):
        show(result)
        results.append(result)
    for result in results:
        if result.failed:
            print(f"failed: {result.name}")
    passed, failed, skipped = (sum(getattr(r, k) for r in results) for k in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
