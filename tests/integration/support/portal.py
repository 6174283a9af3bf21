#!/usr/bin/python3
"""The part of a desktop's settings portal that says whether windows are to be dark: a line on standard input, 0, 1 for
dark or 2 for light, is what it says from then on.

Debian's Python by its full name, for another one has no gi.
"""
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.portal.Settings">
<method name="Read"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/></method>
<signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal>
</interface></node>"""
PATH, NAME = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
KEY = ("org.freedesktop.appearance", "color-scheme")
scheme = GLib.Variant("u", 0)


def answer(bus, sender, path, interface, method, parameters, call):
    if parameters.unpack() == KEY:
        call.return_value(GLib.Variant("(v)", (GLib.Variant("v", scheme),)))
    else:
        call.return_dbus_error("org.freedesktop.portal.Error.NotFound", "no such setting")


def change(source, condition):
    global scheme
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    scheme = GLib.Variant("u", int(line))
    bus.emit_signal(None, PATH, NAME, "SettingChanged", GLib.Variant("(ssv)", (*KEY, scheme)))
    return True


loop = GLib.MainLoop()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], answer)
Gio.bus_own_name_on_connection(bus, "org.freedesktop.portal.Desktop", Gio.BusNameOwnerFlags.NONE,
                               lambda *_: print("ready", flush=True), None)
GLib.io_add_watch(sys.stdin, GLib.IOCondition.IN | GLib.IOCondition.HUP, change)
loop.run()
