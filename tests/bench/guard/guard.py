#!/usr/bin/env python3
"""Counts the instructions of the hottest paths and compares them with those that are kept in counts.txt.

    guard.py [--update] [path...]

It fails when a path takes more instructions than its tolerance allows; `--update` keeps the counts as they are now,
there and in docs/performance.md. The counts are callgrind's: they repeat, whatever else the machine does.
"""
import concurrent.futures
import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
PROGRAM = os.path.join(ROOT, "build/release/tests/bench/guard/guard")
COUNTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "counts.txt")
DOCUMENT = os.path.join(ROOT, "docs/performance.md")
PROFILES = os.path.join(ROOT, "build/guard")
TOLERANCE = 5  # per cent, of a path that has none yet
FOLDER_CHARS = 90  # the fixture holds some more

# Neither the C library nor OpenSSL shall choose by the processor how to copy and how to multiply: x86-64 has this much.
PLAIN_GLIBC = """AVX AVX2 AVX512F AVX512VL AVX512BW BMI1 BMI2 ERMS FMA FMA4 FSRM LZCNT MOVBE RTM SSE4_1 SSE4_2 SSSE3
    XSAVE XSAVEC AVX_Fast_Unaligned_Load Fast_Unaligned_Copy Fast_Unaligned_Load Slow_BSF""".split()
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C",
    "TZ": "UTC",
    "G_SLICE": "always-malloc",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join("-" + feature for feature in PLAIN_GLIBC),
    "OPENSSL_ia32cap": "0x0000000007ffffff:0",
}

HEAD = """\
# Instructions that each path takes, and by how many per cent more it may take before `make test` fails.
# `make guard-update` writes all but the tolerances, which are written by hand. Taken with
# {machine}
"""
ADVICE = """\
Where the instructions go: callgrind_annotate build/guard/PATH.1
What is meant to cost more is kept by `make guard-update`, for the commit to show."""


class Kept:
    """What counts.txt says: the machine it was taken with, and (count, tolerance) by path."""

    def __init__(self):
        self.machine, self.paths = None, {}
        if not os.path.exists(COUNTS):
            return
        with open(COUNTS, encoding="utf-8") as file:
            for line in file:
                if line.startswith("#"):
                    self.machine = line[2:].strip()
                else:
                    name, count, tolerance = line.split()
                    self.paths[name] = int(count), float(tolerance.rstrip("%"))


def run(*command, where="/nowhere"):
    """What it prints; it ends everything when it fails. Its database lies in the folder `where`."""
    done = subprocess.run(command, env={**ENVIRONMENT, "TMPDIR": where}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"guard: {' '.join(command)} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


@contextlib.contextmanager
def folder():
    """A new one whose name is of the same length everywhere: copies of it shape the heap, and so what malloc takes."""
    with tempfile.TemporaryDirectory(prefix="lockstep-guard-") as outer:
        inner = outer + "/".ljust(FOLDER_CHARS - len(outer), "-")
        os.mkdir(inner)
        yield inner


def count(name, where):
    """Of one path, in a process of its own: what other paths leave behind is of no matter."""
    profile = os.path.join(PROFILES, name)
    run("valgrind", "--tool=callgrind", "-q", "--instr-atstart=no", "--collect-atstart=no",
        f"--callgrind-out-file={profile}", PROGRAM, name, where=where)
    with open(profile + ".1", encoding="utf-8", errors="replace") as file:
        text = file.read()
    done = int(re.search(r"^desc: Trigger: Client Request: (\d+)$", text, re.M)[1])
    return round(int(re.search(r"^totals: (\d+)$", text, re.M)[1]) / done)


def count_all(names):
    shutil.rmtree(PROFILES, ignore_errors=True)
    os.makedirs(PROFILES)
    with folder() as where, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(lambda name: count(name, where), names)))


def least(name, kept):
    """Below which a path is so much cheaper that what is kept should follow."""
    was, tolerance = kept.paths.get(name, (0, 0))
    return was * (1 - tolerance / 100)


def judge(name, now, kept):
    """A word about one path, and whether it is within what it may take."""
    if name not in kept.paths:
        return "not kept yet", False
    was, tolerance = kept.paths[name]
    if now > was * (1 + tolerance / 100):
        return f"more than {tolerance:g} % over", False
    return ("less than kept" if now < least(name, kept) else ""), True


def show(counts, kept):
    """Prints the table; True when nothing takes too much."""
    good = True
    print(f"{'path':<14}{'kept':>12}{'now':>12}{'ratio':>8}")
    for name, now in counts.items():
        was = kept.paths.get(name, (0, 0))[0]
        word, within = judge(name, now, kept)
        print(f"{name:<14}{was:>12,}{now:>12,}{now / was if was else 0:>8.3f}  {word}".rstrip())
        good = good and within
    return good


def keep(machine, counts, kept):
    with open(COUNTS, "w", encoding="utf-8") as file:
        file.write(HEAD.format(machine=machine))
        for name, now in counts.items():
            tolerance = kept.paths.get(name, (0, TOLERANCE))[1]
            file.write(f"{name:<14}{now:>10}{tolerance:>8g}%\n")
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    for name, now in counts.items():
        text = re.sub(rf"^(\| `{name}` \|.*\|) [\d,]* \|$", rf"\1 {now:,} |", text, flags=re.M)
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(text)


def main(arguments):
    update = "--update" in arguments
    asked = [argument for argument in arguments if not argument.startswith("--")]
    if update and asked:
        sys.exit("guard: all paths are kept, or none")
    if not os.path.exists(PROGRAM):
        sys.exit("guard: it is not built: make guard")
    versions, *names = run(PROGRAM).splitlines()
    if set(asked) - set(names):
        sys.exit(f"guard: there are {', '.join(names)}")
    machine, kept = f"{platform.machine()}, {versions}", Kept()
    counts = count_all([name for name in names if not asked or name in asked])
    good = show(counts, kept)
    if update:
        keep(machine, counts, kept)
        return 0
    if set(kept.paths) - set(names):
        print("there no more:", *sorted(set(kept.paths) - set(names)))
        good = False
    if kept.machine and kept.machine.split(",")[0] != platform.machine():
        print(f"what is kept was counted on another kind of machine, and is not compared: {kept.machine}")
        return 0
    if any(now < least(name, kept) for name, now in counts.items()):
        print("What has become cheaper is kept by `make guard-update`, so that it stays so.")
    if machine != kept.machine:
        print(f"kept with {kept.machine}\nnow with  {machine}")
    if not good:
        print(ADVICE)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
