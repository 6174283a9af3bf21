#!/usr/bin/env python3
"""Fuzzes with every fuzzer named for a number of seconds, two at a time, and says a line for each.

    fuzz.py 60 build/fuzz/tests/fuzz/fuzz_json build/fuzz/tests/fuzz/fuzz_day

Each begins with the seeds in tests/fuzz/corpus/NAME and what earlier runs have found, build/fuzz/corpus/NAME, to which
what is new is added. The whole output is kept as build/fuzz/NAME.log; an input that a fuzzer ended at as
build/fuzz/NAME-crash-..., which the fuzzer takes as its argument. The exit code is 0 when none was found.
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time

AT_ONCE = 2
ONE_INPUT = 10  # seconds that one may take
SLACK = 60  # seconds that it may take to begin and to end
MEMORY = "/dev/shm"  # databases that live for one input belong there
running = set()


class Outcome:
    def __init__(self, text, code, seconds):
        self.code, self.seconds = code, seconds
        self.runs = self.number(text, r"^stat::number_of_executed_units: +(\d+)")
        self.new = self.number(text, r"^stat::new_units_added: +(\d+)")
        self.edges = self.number(text, r"cov: (\d+)")
        self.found = re.findall(r"Test unit written to (\S+)", text)
        self.text = text

    @staticmethod
    def number(text, pattern):
        """The last one that is told of."""
        return int(([0] + re.findall(pattern, text, re.M))[-1])

    @property
    def good(self):
        return self.code == 0 and self.runs > 0 and not self.found


def end_all(*_):
    for process in list(running):
        process.kill()
    os._exit(1)


def command_of(path, seconds, name, place):
    corpus = os.path.join(place, "corpus", name)
    os.makedirs(corpus, exist_ok=True)
    return [path, f"-max_total_time={seconds}", f"-timeout={ONE_INPUT}", "-print_final_stats=1",
            f"-artifact_prefix={place}/{name}-", corpus, f"tests/fuzz/corpus/{name}"]


def environment():
    place = {"TMPDIR": MEMORY} if os.access(MEMORY, os.W_OK) else {}
    return {**os.environ, **place, "G_SLICE": "always-malloc"}


def fuzz(path, seconds):
    name = os.path.basename(path).removeprefix("fuzz_")
    place = os.path.normpath(os.path.join(os.path.dirname(path), "../.."))
    log = os.path.join(place, name + ".log")
    start = time.monotonic()
    with open(log, "w+b") as output:
        process = subprocess.Popen(command_of(path, seconds, name, place), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, env=environment())
        running.add(process)
        try:
            code = process.wait(seconds + SLACK)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait() or 1
        running.discard(process)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Outcome(text, code, time.monotonic() - start)


def show(path, outcome):
    print(f"{'ok  ' if outcome.good else 'FAIL'} {path}: {outcome.runs} runs, {outcome.edges} edges, {outcome.new} new "
          f"in the corpus, {len(outcome.found)} found ({outcome.seconds:.0f} s)")
    if not outcome.good:
        said = [line for line in outcome.text.splitlines() if not line.startswith("#")]
        print("".join(f"    {line}\n" for line in said[-60:]), end="")
    sys.stdout.flush()


def main(seconds, paths):
    signal.signal(signal.SIGINT, end_all)
    signal.signal(signal.SIGTERM, end_all)
    good = True
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = [(path, pool.submit(fuzz, path, seconds)) for path in paths]
        for path, outcome in outcomes:
            show(path, outcome.result())
            good = good and outcome.result().good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
