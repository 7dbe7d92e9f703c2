"""tenere doctor: what is installed, reachable and writable, and how to mend what is not.

Whatever is looked at may be missing, so only the standard library is imported before it is looked at.
"""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import socket
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import tenere
from tenere.cli.output import print_json

if TYPE_CHECKING:
    import argparse

PACKAGES = {
    "numpy": "numpy",
    "numba": "numba",
    "defusedxml": "defusedxml",
    "pyarrow": "pyarrow",
    "msgspec": "msgspec",
    "libasterix": "asterix",
    "airportsdata": "airportsdata",
    "starlette": "starlette",
    "uvicorn": "uvicorn",
    "websockets": "websockets",
}
"""Distribution and the module it brings."""

PAGE = Path(tenere.__file__).parent / "serve" / "static" / "index.html"
ENOUGH_BYTES = 1 << 30


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    mend: str


def checks(port: int) -> list[Check]:
    """Look at everything."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "tenere"
    browser = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("firefox")
    return [
        Check("python", sys.version_info >= (3, 11), platform.python_version(), "install Python 3.11 or later"),
        *(_package(name, module) for name, module in PACKAGES.items()),
        *_formats(),
        Check("web page", PAGE.is_file(), "built" if PAGE.is_file() else "not built", "run: make setup (needs node 20 or later)"),
        _borders(),
        _writable("cache folder", cache, "set XDG_CACHE_HOME to a folder you may write to"),
        _writable("working folder", Path.cwd(), "start it from a folder you may write to, or give --record a path"),
        _disk(),
        _port(port),
        Check("browser (optional)", True, browser or "none here; any other machine's will do", ""),
    ]


def _package(name: str, module: str) -> Check:
    try:
        importlib.import_module(module)
        return Check(name, True, version(name), "")
    except (ModuleNotFoundError, PackageNotFoundError):
        return Check(name, False, "missing", "run: make setup")
    except Exception as e:  # noqa: BLE001 - a broken package may fail in any way, and that is what is asked
        return Check(name, False, f"installed, but does not load: {e!r}", "run: make clean setup")


def _formats() -> list[Check]:
    try:
        from tenere.wire import format as formats  # noqa: PLC0415 - msgspec may be missing

        names = formats.names()
    except ModuleNotFoundError as e:
        return [Check("formats", False, f"{e.name} is missing", "run: make setup")]
    out = []
    for name in names:
        try:
            formats.load(name)
            out.append(Check(f"format {name}", True, "loads", ""))
        except Exception as e:  # noqa: BLE001 - a plugin may fail in any way, and that is what is asked
            out.append(Check(f"format {name}", False, repr(e), "reinstall the package that adds it (our own: run make setup)"))
    return out or [Check("formats", False, "none installed", "run: make setup (the package is not installed, only copied)")]


def _borders() -> Check:
    try:
        from tenere.geo import borders  # noqa: PLC0415 - numpy may be missing

        borders.load(["NE"])
    except Exception as e:  # noqa: BLE001 - missing, damaged or without its packages: all are asked
        return Check("borders", False, str(e), "run: make setup")
    return Check("borders", True, "Natural Earth 10m", "")


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free
    return Check("disk", free > ENOUGH_BYTES, f"{free >> 30} GiB free", "free some space: a recording needs it")


def _port(port: int) -> Check:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError as e:
            return Check(f"port {port}", False, e.strerror or str(e), "stop what uses it, or run with --port")
    return Check(f"port {port}", True, "free", "")


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
