"""What of a failed check's output says why: knows how TAP, cmocka and the sanitizers write, and runs nothing."""
import re

MOST = 120  # lines that are shown of each kind: a record of a run has an end
EACH = 40  # of one test, lest a long one hide the next
LAST = 40  # where nothing is known to look for

# A parent fails because a test in it did, which says more.
PARENT = "failureType: 'subtestsFailed'"
NOT_OK = re.compile(r"^( *)not ok (?!.*# (?:TODO|SKIP)\b)")
CMOCKA = re.compile(r"^\[ +(?:ERROR|LINE|FAILED) +\]")
# And valgrind's.
SANITIZER = re.compile(r"(?:ERROR|WARNING): \w+Sanitizer|: runtime error: |^==\d+== (?:Invalid|Conditional|Use of|Syscall)")


def tap_blocks(lines):
    """Each failed test's line and what stands below it, up to the three dots at its own depth."""
    for start, line in enumerate(lines):
        found = NOT_OK.match(line)
        if not found:
            continue
        end = f"{found[1]}  ..."
        deeper = found[1] + " "
        block = [line]
        for below in lines[start + 1:]:
            if below.strip() and not below.startswith(deeper):
                break
            block.append(below)
            if below == end:
                break
        if not any(PARENT in one for one in block):
            yield block[:EACH]


def report(lines):
    """A sanitizer's, from where it begins."""
    for start, line in enumerate(lines):
        if SANITIZER.search(line):
            return lines[start:start + MOST]
    return []


def failing(text):
    """The lines that say why, and how many there are in all."""
    lines = text.splitlines()
    told = [line for block in tap_blocks(lines) for line in block] or [one for one in lines if CMOCKA.match(one)]
    told = told[:MOST] + report(lines)
    return told or lines[-LAST:], len(lines)
