"""tenere doctor: what is installed, reachable and writable, and how to mend what is not."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import socket
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import tenere
from tenere.cli.output import print_json
from tenere.errors import TenereError
from tenere.geo import borders
from tenere.wire import format as formats

PACKAGES = ("numpy", "numba", "pyarrow", "msgspec", "libasterix", "airportsdata", "starlette", "uvicorn", "websockets")

EXAMPLES = """\
examples:
  tenere doctor              look at this installation
  tenere doctor --json       the same for programs
"""


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    mend: str


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's sub-parsers have no public type
    """Add the command to the command line."""
    p = commands.add_parser(
        "doctor",
        help="check this installation and say how to mend it",
        description="Look at what the picture needs: packages, formats, the page, borders, folders, the port.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--port", type=int, default=8080, help="port that run would use")
    p.add_argument("--json", action="store_true", help="print one JSON document")
    p.set_defaults(run=run)


def checks(port: int) -> list[Check]:
    """Look at everything."""
    out = [Check("python", sys.version_info >= (3, 11), platform.python_version(), "install Python 3.11 or later")]
    for name in PACKAGES:
        try:
            out.append(Check(name, True, version(name), ""))
        except PackageNotFoundError:
            out.append(Check(name, False, "missing", "run: make setup"))
    for name in formats.names():
        try:
            formats.load(name)
            out.append(Check(f"format {name}", True, "loads", ""))
        except Exception as e:  # noqa: BLE001 - a plugin may fail in any way, and that is what is asked
            out.append(Check(f"format {name}", False, repr(e), "reinstall the package that adds it"))
    page = Path(tenere.__file__).parent / "serve" / "static" / "index.html"
    out.append(Check("web page", page.is_file(), "built" if page.is_file() else "not built", "run: make setup (needs node 20 or later)"))
    try:
        borders.load(["NE"])
        out.append(Check("borders", True, "Natural Earth 10m", ""))
    except TenereError as e:
        out.append(Check("borders", False, str(e), "run: make setup"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenere"
    out.append(_writable("cache folder", cache, "set XDG_CACHE_HOME to a folder you may write to"))
    out.append(_writable("working folder", Path.cwd(), "start it from a folder you may write to, or give --record a path"))
    free = shutil.disk_usage(Path.cwd()).free
    out.append(Check("disk", free > 1 << 30, f"{free >> 30} GiB free", "free some space: a recording needs it"))
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
            out.append(Check(f"port {port}", True, "free", ""))
        except OSError as e:
            out.append(Check(f"port {port}", False, e.strerror or str(e), "stop what uses it, or run with --port"))
    browser = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("firefox")
    out.append(Check("browser (optional)", True, browser or "none here; any other machine's will do", ""))
    return out


def _writable(name: str, folder: Path, mend: str) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Check(name, True, f"{folder} is writable", "")
    except OSError as e:
        return Check(name, False, f"{folder}: {e.strerror or e}", mend)


def run(args: argparse.Namespace) -> int:
    """Print what was found; 1 when something must be mended."""
    found = checks(args.port)
    if args.json:
        print_json({"ok": all(c.ok for c in found), "checks": [c._asdict() for c in found]})
    else:
        for c in found:
            print(f"{'ok  ' if c.ok else 'MEND'}  {c.name}: {c.found}" + ("" if c.ok else f"  ->  {c.mend}"))
    return 0 if all(c.ok for c in found) else 1
