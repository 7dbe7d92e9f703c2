"""tenere airspace: what files of airspace hold, what of it is refused, and the same in another format."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace import formats
from tenere.airspace.limits import AirspaceError
from tenere.cli.output import Progress, print_json, say, write_whole
from tenere.errors import TenereError, UsageError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tenere.airspace.model import Volume

SHOWN = 50
"""Refused volumes of one file that the table shows; --json has all."""


def run(args: argparse.Namespace) -> int:
    """Check or convert, as asked."""
    if args.what == "convert":
        if not args.to or args.out is None:
            raise UsageError("convert: give --to FORMAT and -o OUT")
        return convert(args)
    if args.to or args.out is not None or args.keep_going:
        raise UsageError("check writes nothing: --to, -o and --keep-going are for convert")
    return check(args)


def read(path: Path) -> tuple[str, formats.Read]:
    """Read a file whole, refusals and all. Raises TenereError."""
    progress = Progress(f"reading {path.name}", 1.0)
    try:
        with path.open("rb") as f:
            data = f.read(formats.MOST_BYTES + 1)
        return formats.read_any(data, str(path), keep_going=True, tell=progress.at)
    except (OSError, ValueError) as e:  # ValueError: a name with a null byte
        raise AirspaceError(f"{path}: cannot be read: {getattr(e, 'strerror', None) or e}") from e
    finally:
        progress.end()


def entry(path: Path) -> dict[str, Any]:
    """Return what a file holds, for people and programs."""
    try:
        found, held = read(path)
    except TenereError as e:
        return {"file": str(path), "error": str(e)}
    kinds = Counter(str(v.kind) for v in held.volumes)
    return {
        "file": str(path),
        "format": found,
        "volumes": len(held.volumes),
        "kinds": dict(sorted(kinds.items())),
        "inactive": sum(not v.active for v in held.volumes),
        "refused": [r._asdict() for r in held.refused],
        "notes": [n._asdict() for n in held.notes],
    }


def check(args: argparse.Namespace) -> int:
    """Tell what files hold; 1 where anything was refused."""
    entries = [entry(path) for path in args.files]
    if args.json:
        print_json({"files": entries})
    else:
        for e in entries:
            _show(e)
    return int(any("error" in e or e["refused"] for e in entries))


def _show(e: dict[str, Any]) -> None:
    if "error" in e:
        say(f"tenere: {e['error']}")
        return
    print(f"{e['file']}: {e['format']}, {e['volumes']} volumes, {len(e['refused'])} refused")
    for kind, count in e["kinds"].items():
        print(f"  {kind:12} {count:6}")
    if e["inactive"]:
        print(f"  of these, inactive until a person activates them: {e['inactive']}")
    for r in e["refused"][:SHOWN]:
        print(f"  refused: {formats.Refusal(**r)}")
    if len(e["refused"]) > SHOWN:
        print(f"  and {len(e['refused']) - SHOWN} more; --json names them all")
    for n in e["notes"]:
        names = f" ({', '.join(n['names'][:5])}{', ...' if n['times'] > 5 else ''})" if n["names"] else ""
        print(f"  note: {n['reason']}: {n['times']} times, first at {n['where']}{names}")


def together(files: list[Path], *, keep_going: bool) -> tuple[list[Volume], list[str]]:
    """Return the volumes of files and their refusals, ids made each their own.

    Raises TenereError where one is refused and it may not be.
    """
    volumes: list[Volume] = []
    refused: list[str] = []
    ids: set[str] = set()
    for path in files:
        found, held = read(path)
        refused += [f"{path}: {r}" for r in held.refused]
        if held.refused and not keep_going:
            told = "\n  ".join(str(r) for r in held.refused[:SHOWN])
            raise AirspaceError(
                f"{path} ({found}): {len(held.refused)} refused, so nothing is written; --keep-going leaves them out:\n  {told}"
            )
        for v in held.volumes:
            chosen, number = v.id, 1
            while chosen in ids:
                number += 1
                chosen = f"{v.id[:56]} #{number}"
            ids.add(chosen)
            volumes.append(msgspec.structs.replace(v, id=chosen))
    return volumes, refused


def convert(args: argparse.Namespace) -> int:
    """Write the volumes of files in another format, and tell what it does not say."""
    volumes, refused = together(args.files, keep_going=args.keep_going)
    progress = Progress(f"writing {args.out.name}", 1.0)
    progress.at(0.0)
    written = formats.write_as(volumes, args.to)
    progress.end()
    write_whole(args.out, written.data.decode(), "-o")
    for r in refused:
        say(f"tenere: left out: {r}")
    if args.json:
        lost, own = dict(sorted(written.lost.items())), dict(sorted(written.own.items()))
        print_json({"file": str(args.out), "format": args.to, "volumes": len(volumes), "refused": refused, "lost": lost, "own": own})
        return int(bool(refused))
    print(f"{args.out}: {args.to}, {len(volumes)} volumes")
    for field, count in sorted(written.lost.items()):
        print(f"  lost: {field} of {count} volumes, for {args.to} cannot say it")
    for field, count in sorted(written.own.items()):
        print(f"  only Tenere reads again: {field} of {count} volumes")
    return int(bool(refused))
