"""What every module of the command line's grammar declares commands with. Imports nothing slow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def command(commands: Any, name: str, home: str, brief: str, about: str, examples: str) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse keeps the type private
    """Add a command; home is "module:function"."""
    p: argparse.ArgumentParser = commands.add_parser(
        name, help=brief, description=about, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.set_defaults(command=home)
    return p


def read_as(p: argparse.ArgumentParser) -> None:
    """Add how recordings are to be read, for decode and replay."""
    p.add_argument("--format", default="", metavar="NAME", help="read the files as this format (default: found by content)")
    p.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="an option of the format, such as editions.48=1.30")
    p.add_argument("--mapping", type=Path, default=None, metavar="FILE", help="TOML file that says which column means what (format plots)")
