#!/usr/bin/python3
"""What a screen reader finds in a program's windows: a line of JSON for each part, outermost first.

    accessible.py PROGRAM

Debian's Python by its full name, for another one has no gi.
"""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402


def show(part):
    states = [state.value_nick for state in part.get_state_set().get_states()]
    print(json.dumps({"role": part.get_role_name(), "name": part.get_name(), "states": states}))
    for number in range(part.get_child_count()):
        child = part.get_child_at_index(number)
        if child:
            show(child)


desktop = Atspi.get_desktop(0)
for number in range(desktop.get_child_count()):
    try:
        program = desktop.get_child_at_index(number)
        if program and program.get_name() == sys.argv[1]:
            show(program)
    except GLib.Error:
        pass  # it changed while it was looked at: the next look will see it
