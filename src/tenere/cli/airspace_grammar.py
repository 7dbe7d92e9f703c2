"""What may be said of tenere airspace on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tenere.cli.declaring import command

EXAMPLES = """\
what it does:
  Opens files of airspace, whose format is found by content: OpenAir, AIXM 5.1, ED-269, ED-318, GeoJSON, KML, YAIXM, gzip or not.
  check tells what each holds and, by line and name, every volume that is refused. convert writes what a file holds in another
  format, and tells what that cannot say. What each format keeps: docs/howto/airspace.md

exit status:
  0 every volume stands; 1 a file could not be read, or a volume of it was refused; 2 wrong usage; 130 interrupted: no file is
  left half written.

examples:
  tenere airspace check swiss.txt uk.yaml                          what is in them, and what is refused
  tenere airspace check zones.json --json                          the same for programs
  tenere airspace convert swiss.txt --to aixm -o swiss.xml         nothing is written while a volume is refused
  tenere airspace convert swiss.txt --to kml -o swiss.kml --keep-going
"""
FORMATS = ("openair", "aixm", "ed269", "ed318", "kml", "geojson", "yaixm")


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type private
    """Add the command to those of tenere."""
    about = "Check files of airspace, and convert them from one format to another."
    p = command(commands, "airspace", "tenere.cli.airspace:run", "check and convert files of airspace", about, EXAMPLES)
    p.add_argument(
        "what", choices=("check", "convert"), metavar="WHAT", help="check or convert: tell what files hold, or write one in another format"
    )
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files of airspace; convert puts several together")
    p.add_argument("--to", choices=FORMATS, default="", metavar="|".join(FORMATS), help="format to write (convert)")
    p.add_argument("-o", "--out", type=Path, default=None, metavar="OUT", help="file to write (convert)")
    p.add_argument("--keep-going", action="store_true", help="convert what stands where volumes are refused, which are named")
    p.add_argument("--json", action="store_true", help="print one JSON document")
