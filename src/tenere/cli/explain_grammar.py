"""What may be said after tenere explain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tenere.cli.declaring import command

EXAMPLES = """\
what it does:
  Tells in one paragraph what a track was held to be at a time, what spoke for it and what against, and which alerts stood.
  SOURCE is the folder that tenere replay --out wrote (at once), or recordings or a tick log, which are replayed to that time.

how a time is said:
  1187@10:42:10          that time of the day, UTC (the last day that the source holds)
  1187@2026-11-22T10:42:10   a date too
  1187@1795430530        Unix seconds
  1187                   the last time that the source holds it

examples:
  tenere explain 1187@10:42:10 out
  tenere explain AFR123@10:42 out --lang fr          by callsign, or address in hexadecimal
  tenere explain 1187@10:42:10 logs/20261122T090000Z.ticks --json
"""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type of subparsers private
    """Add the command."""
    about = "Tell what a track was held to be at a time, and why."
    p = command(commands, "explain", "tenere.cli.explain:run", "why a track was what it was, in a paragraph", about, EXAMPLES)
    p.add_argument("what", metavar="TRACK[@TIME]", help="track number, callsign or address, and the time")
    p.add_argument("source", nargs="+", type=Path, metavar="SOURCE", help="folder of tables, recordings, or one tick log")
    p.add_argument("--site", type=Path, default=None, metavar="SITE.toml", help="site file for recordings that are replayed")
    p.add_argument("--lang", choices=("en", "fr"), default="en", metavar="en|fr", help="language (default en)")
    p.add_argument("--json", action="store_true", help="print one JSON document: the facts, the evidence and the paragraph")
