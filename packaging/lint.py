#!/usr/bin/env python3
"""What the compiler does not check: who includes whom, calls we don't make, lengths, spelling of whitespace, formatting.

Prints `file:line: message` for each finding; the exit code is 1 when there was one. The rules are the tables below.
"""
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys

FUNCTION_LINES = 80
FILE_LINES = 600
TEST_FILE_LINES = 1000

# Whose headers the C files of a folder may include.
LAYERS = {
    "protocol": ["protocol"],
    "auth": ["auth", "protocol"],
    "store": ["store", "protocol"],
    "server": ["server", "store", "auth", "protocol"],
    "examples/cli": ["examples/cli", "protocol"],
    "examples/widget": ["examples/widget"],
    "tests": ["tests", "server", "store", "auth", "protocol", "examples/cli", "examples/widget"],
}

# Header, by pattern: the files that may include it. Tests may include anything.
JSON = ["protocol/json.*", "protocol/decode*", "protocol/encode*", "protocol/echo.*", "protocol/rest*", "auth/*"]
FACES = ["server/loop*", "server/listen*", "server/conn*", "server/ws*", "server/http*"]
# Where the command-line client reads what the server says.
ANSWERS = ["examples/cli/link*", "examples/cli/replica*", "examples/cli/mirror*", "examples/cli/web*",
           "examples/cli/visit*", "examples/cli/cmd_*", "examples/cli/console*"]
HEADERS = {
    "cjson/*": [*JSON, "examples/widget/model.c"],
    # The engine frees the tree of a message it was handed; rest.c makes one of a request; traces are made of messages.
    "protocol/json.h": [*JSON, "server/engine.c", "server/rest*", "server/discovery.c", "server/trace.c",
                        "server/recorder.c", *ANSWERS],
    "glib*": ["protocol/day.c", "examples/widget/model*"],
    "gio/*": ["examples/widget/*"],
    "gtk/*": ["examples/widget/*"],
    "sqlite3*": ["store/*"],
    "libwebsockets*": [*FACES, "examples/cli/link.c"],
    "ev.h": [*FACES, "server/fetch.c", "server/keyring.c", "examples/cli/link.c", "examples/cli/mirror*",
             "examples/cli/console.c"],
    "curl/*": ["server/fetch.c", "examples/cli/web.c"],
    "histedit.h": ["examples/cli/console.c"],
    "ini.h": ["server/options*", "examples/cli/config.c"],
    "jwt*": ["auth/*"],
    "openssl/*": ["auth/*", "server/loop.c"],
}

# Function, by name: why not.
UNSAFE = {
    "strcpy": "has no bound",
    "strcat": "has no bound",
    "sprintf": "has no bound; snprintf",
    "vsprintf": "has no bound; vsnprintf",
    "gets": "has no bound",
    "strtok": "keeps state; strtok_r",
    "alloca": "overruns the stack unseen",
    "gmtime": "keeps state; gmtime_r",
    "localtime": "keeps state; localtime_r",
    "asctime": "keeps state",
    "ctime": "keeps state",
}
# Outside of tests, too:
BANNED = {
    "atoi": "hides errors; strtol",
    "atol": "hides errors; strtol",
    "atoll": "hides errors; strtoll",
    "rand": "is predictable; getrandom",
    "random": "is predictable; getrandom",
    "system": "runs a shell",
    "popen": "runs a shell",
    "printf": "is not the log",
    "puts": "is not the log",
    "fprintf": "is not the log",
    "perror": "is not the log",
    "time": "reads a clock; take now as an argument",
    "gettimeofday": "reads a clock; take now as an argument",
    "clock_gettime": "reads a clock; take now as an argument",
    "clock": "reads a clock; take now as an argument",
}

# The exceptions, all of them. Function: the files that may call it all the same.
TERMINAL = ["server/serve.c", "server/check.c", "server/tool*.c", "server/options*.c"]
ALLOWED = {
    "printf": TERMINAL,
    "puts": TERMINAL,
    "fprintf": [*TERMINAL, "server/log.c", "examples/cli/term.c"],
    "clock_gettime": ["server/clock.c", "examples/cli/now.c", "examples/widget/main.c"],
}

TEXT = ("*.c", "*.h", "*.py", "*.sh", "*.md", "*.mjs", "*.js", "*.ts", "*.tsx", "*.css", "*.html", "*.json", "*.yaml",
        "*.yml", "Makefile", "run")
NOT_OURS = {".git", "build", "dist", "node_modules", "corpus"}

# Debian 12's, on which everything has to run; but for what says so itself where it can't.
NODE = 18
NEWER_NODE = {"tests/firebase/package-lock.json": 20}

# clang-format changes its mind with each version; this is Debian 12's.
FORMAT_VERSION = "14"

findings = 0


def finding(path, line, message):
    global findings
    findings += 1
    print(f"{path}:{line}: {message}")


def run(*command):
    """True when it had nothing to say against us; what it prints, by lines that name a file, is printed."""
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in said.stdout.splitlines():
        if re.match(r"[^: ]+:\d+:", line):
            print(line)
    return said.returncode == 0


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def our_files():
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(set(folders) - NOT_OURS)
        for name in sorted(names):
            if matches(name, TEXT):
                yield os.path.relpath(os.path.join(folder, name))


def check_text(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            finding(path, number, "whitespace at the end of the line")
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        finding(path, text.count("\n") + 1, "a file ends with one newline")


def layer_of(path):
    """The folder that the path is in, of those in LAYERS; the first one of its path otherwise."""
    return next((layer for layer in LAYERS if path.startswith(layer + "/")), path.split("/")[0])


def check_include(path, number, header, ours):
    layer, owner = layer_of(path), layer_of(header)
    if ours and owner not in LAYERS[layer]:
        finding(path, number, f"{layer}/ may not include {header}")
    if ours and not os.path.exists(header):
        finding(path, number, f"{header} is not there; headers are named from the top folder")
    for pattern, users in HEADERS.items():
        if layer != "tests" and matches(header, [pattern]) and not matches(path, users):
            finding(path, number, f"{header} belongs to {' '.join(users)}")


def check_includes(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            check_include(path, number, found[2], found[1] == '"')


def blank(found):
    """As many lines, and nothing on them."""
    return re.sub(r"[^\n]", " ", found[0])


def code_only(text):
    """Without comments, strings and characters; every line keeps its number."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check_calls(path, code):
    banned = UNSAFE if path.startswith("tests/") else {**UNSAFE, **BANNED}
    for found in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(banned), code):
        name = found[1]
        if not matches(path, ALLOWED.get(name, [])):
            finding(path, code.count("\n", 0, found.start()) + 1, f"{name}() {banned[name]}")


def check_lengths(path, code):
    """The formatting puts a function's braces, and nothing else, alone at the start of a line."""
    lines = code.split("\n")
    start = 0
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.rstrip() == "}" and start:
            if number - start - 1 > FUNCTION_LINES:
                finding(path, start, f"a function of {number - start - 1} lines; {FUNCTION_LINES} is the wall")
            start = 0
    wall = TEST_FILE_LINES if path.startswith("tests/") else FILE_LINES
    if len(lines) - 1 > wall:
        finding(path, wall, f"a file of {len(lines) - 1} lines; {wall} is the wall")


def accepts_node(engines, node):
    """Whether one of the alternatives begins with it, for 18 say: `^16 || >=18`."""
    for operator, major in re.findall(r"(?:^|\|\|)\s*([<>=^~]*)\s*v?(\d+)", engines):
        if int(major) == node or (">" in operator and int(major) < node):
            return True
    return "*" in engines


def check_lock(path, text):
    if re.search(r'"resolved": "(?!\.\./)', text):
        finding(path, 1, "names a registry: npm install --omit-lockfile-registry-resolved")
    node = NEWER_NODE.get(path, NODE)
    for name, package in json.loads(text)["packages"].items():
        engines = package.get("engines", {})
        # Old packages have a list of words there.
        engines = engines.get("node", "*") if isinstance(engines, dict) else "*"
        # npm leaves out an optional package that does not fit.
        if not package.get("optional") and not accepts_node(engines, node):
            finding(path, 1, f"{name} {package.get('version', '')} wants Node {engines}; it has to run on {node}")


def check_formatting(paths):
    tool = shutil.which(f"clang-format-{FORMAT_VERSION}") or shutil.which("clang-format")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout if tool else "missing"
    if f"version {FORMAT_VERSION}." not in version:
        print(f"lint: formatting not checked: clang-format {FORMAT_VERSION} wanted, found: {version.strip()}")
        return
    if paths and not run(tool, "--dry-run", "-Werror", *paths):
        finding(".clang-format", 1, "`make format` puts that right")


def check_scripts(paths):
    if shutil.which("shellcheck") and paths and not run("shellcheck", "-S", "warning", "-f", "gcc", *paths):
        finding("packaging/lint.py", 1, "shellcheck has findings")


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    c_files, scripts = [], []
    for path in our_files():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        check_text(path, text)
        if path.endswith("package-lock.json"):
            check_lock(path, text)
        if re.match(r"#!.*\b(sh|bash)\n", text):
            scripts.append(path)
        if matches(path, ["*.c", "*.h"]) and layer_of(path) in LAYERS:
            c_files.append(path)
            code = code_only(text)
            check_includes(path, text)
            check_calls(path, code)
            check_lengths(path, code)
    check_formatting(c_files)
    check_scripts(scripts)
    print(f"lint: {len(c_files)} C files, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
