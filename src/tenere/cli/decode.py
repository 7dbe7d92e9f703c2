"""tenere decode: what is in these files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tenere.cli.output import Progress, print_json, say
from tenere.errors import Rejects, TenereError
from tenere.feeds.files import FileFeed, cut, open_recording
from tenere.wire import format as formats

if TYPE_CHECKING:
    import argparse

UNITS_AT_ONCE = 50_000


def count(feed: FileFeed) -> dict[str, Any]:
    """Decode a whole recording; return its counts."""
    chosen = formats.load(feed.format)
    state = chosen.init(formats.SourceHint())
    records: Counter[str] = Counter()
    rejects = Rejects()
    proven: set[int] = set()
    claimed: set[int] = set()
    n = len(feed.chunk.ends)
    progress = Progress(f"{feed.path.name}", n)
    for first in range(0, n, UNITS_AT_ONCE):
        part = cut(feed.chunk, first, min(n, first + UNITS_AT_ONCE))
        state, decoded = chosen.step(state, part, float(part.times_s[-1]))
        records.update(decoded.records)
        rejects.merge(decoded.rejects)
        proven |= decoded.addresses
        claimed |= decoded.claimed
        progress.at(first + len(part.ends))
    progress.end()
    offsets = {reason: feed.where(at) for reason, at in rejects.first_offset.items()} | feed.rejects.first_offset
    return {
        "file": str(feed.path),
        "framing": feed.framing,
        "format": feed.format,
        "records": dict(sorted(records.items())),
        "addresses": len(proven | claimed),
        "addresses_proven": len(proven),
        "rejected": {reason: rejects.counts.get(reason, 0) + feed.rejects.counts.get(reason, 0) for reason in offsets},
        "first_offset": offsets,
    }


def run(args: argparse.Namespace) -> int:
    """Decode every file; 1 when one could not be read or yielded nothing."""
    out, failed = [], False
    for path in args.files:
        try:
            entry = count(open_recording(path, path.name))
        except TenereError as e:
            say(f"tenere decode: {e}")
            entry = {"file": str(path), "framing": None, "format": None, "records": {}, "addresses": 0, "rejected": {}, "error": str(e)}
        if not entry["records"]:
            failed = True
            if "error" not in entry:
                entry["error"] = f"{path}: no record in it stands; see what was rejected"
                say(f"tenere decode: {entry['error']}")
        out.append(entry)
        if not args.json:
            _print(entry)
    if args.json:
        print_json({"files": out})
    return 1 if failed else 0


def _print(entry: dict[str, Any]) -> None:
    """Print one file's counts for people."""
    print(f"{entry['file']}: {entry['framing'] or 'unreadable'}, {entry['format'] or '-'}; {entry['addresses']} addresses")
    for name, n in entry["records"].items():
        print(f"  {n:>10,}  {name}")
    for reason, n in entry["rejected"].items():
        print(f"  {n:>10,}  rejected: {reason} (first at byte {entry['first_offset'][reason]:,})")
