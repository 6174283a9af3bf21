#!/usr/bin/env python3
"""What Python's zoneinfo says about the boundaries of days, for test_day_zones.c.

A day's boundary is, by definition, the first instant at which the zone's clocks show the day's reset time or later.
It is found by asking: the clocks are read at every unit of time of the years in question, the largest reading so far
is kept, and the boundary is where that first reaches the reset time.

Prints a line for each zone, year and reset time: `zone minutes first-day boundary boundary ...`, in seconds.
"""
import bisect
import datetime
import itertools
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.date(1970, 1, 1)
DAY = 86400
RESETS = [0, 30, 120, 150, 180, 23 * 60 + 59]

# Two clock changes never lie as close together as this.
STRIDE = 6 * 3600

YEARS = {
    # Its winter time is the deviation. GLib reads that wrongly where no table lists the changes: after 2037.
    "Europe/Dublin": [2026, 2037],
    "Europe/Berlin": [1980, 2024, 2026, 2050, 2437],
    "America/New_York": [1974, 2007, 2026],
    "Africa/Cairo": [2010, 2014, 2023, 2024, 2026],
    "America/Havana": [2012, 2026],
    "Australia/Lord_Howe": [1981, 2026],
    "Asia/Kathmandu": [1985, 1986, 2026],
    "Pacific/Apia": [2011, 2012, 2021, 2026],
    "Africa/Casablanca": [2018, 2019, 2026, 2040],
    "America/Santiago": [2019, 2022, 2026],
    "Asia/Tehran": [1978, 2021, 2022, 2026],
    "Asia/Gaza": [2011, 2026],
    "Asia/Beirut": [2023, 2026],
    "America/Sao_Paulo": [2018],
    "Antarctica/Troll": [2026],
    "Antarctica/Casey": [2020],
    "Pacific/Kwajalein": [1993],
    "Pacific/Kiritimati": [1994, 1995],
}
# Its clocks were set forward by 44 minutes and 30 seconds.
SECONDS = {"Africa/Monrovia": [1971, 1972]}
ALL = [2026]


def offset(zone, at):
    return int(datetime.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())


def readings(zone, start, end, unit):
    """What the clocks show at start, start + unit, ..."""
    shown = []
    before = offset(zone, start)
    for at in range(start, end, STRIDE):
        after = offset(zone, at + STRIDE)
        if before == after:
            shown.extend(range(at + before, at + before + STRIDE, unit))
        else:
            shown.extend(t + offset(zone, t) for t in range(at, at + STRIDE, unit))
        before = after
    return shown


def day_number(year):
    return (datetime.date(year, 1, 1) - EPOCH).days


def print_year(name, year, unit, resets):
    zone = zoneinfo.ZoneInfo(name)
    first, last = day_number(year), day_number(year + 1)
    start = (first - 2) * DAY
    most = list(itertools.accumulate(readings(zone, start, (last + 2) * DAY, unit), max))
    for reset in resets:
        walls = (day * DAY + reset * 60 for day in range(first, last))
        boundaries = (start + unit * bisect.bisect_left(most, wall) for wall in walls)
        print(name, reset, first, *boundaries)


for name, years in YEARS.items():
    for year in years:
        print_year(name, year, 60, RESETS)
for name, years in SECONDS.items():
    for year in years:
        print_year(name, year, 30, RESETS)
for name in sorted(zoneinfo.available_timezones() - {"Factory", "localtime", "posixrules"}):
    for year in ALL:
        print_year(name, year, 900, [0, 150])
