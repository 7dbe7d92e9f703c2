"""What may be said of ``tenere nuisance`` and ``tenere watch try``. Imports nothing slow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tenere.cli.declaring import command, read_as

NUISANCE_EXAMPLES = """\
what it does:
  Runs recordings through the picture and holds each conflict alert against what really happened: real, averted, nuisance or
  false; each loss of separation against the alerts: in time, late or missed. All by flight hour. What really happened comes
  from the same paths, smoothed with what came later. With --plant, recorded flights are moved so that they meet others, and
  it says how many of those conflicts were alerted in time. What the words mean: docs/howto/measure-nuisance.md

exit status:
  0 measured; 1 a file could not be read or nothing flew; 2 wrong usage, site or rules file; 130 interrupted: what was done is told.

examples:
  tenere nuisance monday.pcap --site site.toml
  tenere nuisance flights.json.gz --plant 500 --seed 1 --json
  tenere nuisance monday.pcap --rules quieter.toml --airspace openair.txt -o monday.json
"""
TRY_EXAMPLES = """\
what it does:
  Runs tick logs or recordings twice, with the rules as they are and with those of RULES.toml (what it says of [watch]), and
  tells rule by rule how many alerts each raises, what is added and what is gone: before the edit goes live.

exit status: as of tenere nuisance

examples:
  tenere watch try quieter.toml logs/*.ticks --site site.toml
  tenere watch try quieter.toml monday.pcap --json
"""


def whole(text: str) -> int:
    """Read --plant and --seed: a whole number, 0 to 100,000."""
    value = int(text)
    if not 0 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text}: give a whole number, 0 to 100000")
    return value


def lead(text: str) -> float:
    """Read --needed and --reaction: seconds, 0 to 600."""
    value = float(text)
    if not 0.0 <= value <= 600.0:
        raise argparse.ArgumentTypeError(f"{text}: give seconds, 0 to 600")
    return value


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type of subparsers private
    """Add both commands."""
    about = "Measure what the alerts of recordings were worth: nuisance by flight hour, and conflicts alerted in time."
    p = command(commands, "nuisance", "tenere.cli.nuisance:run", "what alerts are worth, by flight hour", about, NUISANCE_EXAMPLES)
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, JSON tables of positions, or one tick log")
    _common(p)
    p.add_argument("--rules", type=Path, default=None, metavar="RULES.toml", help="what a file says of [watch], laid over the site's")
    p.add_argument("--plant", type=whole, default=0, metavar="N", help="plant N conflicts into the traffic and run it again")
    p.add_argument("--seed", type=whole, default=1, metavar="S", help="which conflicts are planted (default 1)")
    p.add_argument("--needed", type=lead, default=30.0, metavar="S", help="seconds before a loss that count as in time (default 30)")
    p.add_argument("--reaction", type=lead, default=10.0, metavar="S", help="seconds from when a loss can be foreseen (default 10)")
    p.add_argument("-o", "--out", type=Path, default=None, metavar="FILE.json", help="write the JSON document there")
    read_as(p)
    p.add_argument("--json", action="store_true", help="print one JSON document, with a row for each alert and loss")
    about = "Try rules before they go live."
    p = command(commands, "watch", "tenere.cli.watch_try:run", "try rules on recordings before they go live", about, TRY_EXAMPLES)
    p.add_argument("what", choices=("try",), metavar="try", help="what to do")
    p.add_argument("rules", type=Path, metavar="RULES.toml", help="what the changed rules say of [watch]")
    p.add_argument("files", nargs="+", type=Path, metavar="RECORDING", help="recordings, or tick logs")
    _common(p)
    read_as(p)
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _common(p: argparse.ArgumentParser) -> None:
    p.add_argument("--site", type=Path, default=None, metavar="SITE.toml", help="site file: where the sensors stand, rules, airspace")
    p.add_argument("--airspace", type=Path, action="append", default=[], metavar="FILE", help="airspace to load too; may be given again")
