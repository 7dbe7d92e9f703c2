"""tenere decode: what is in these files, counted or written out whole."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from tenere.cli.output import Progress, print_json, say
from tenere.errors import Rejects, TenereError, UsageError
from tenere.feeds.files import FileFeed, cut, open_recording
from tenere.wire import format as formats

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tenere.record.details import DetailWriter

UNITS_AT_ONCE = 50_000


def options(given: list[str], mapping: Path | None) -> dict[str, Any]:
    """Return what --option KEY=VALUE and --mapping FILE say, as a source's options; raise UsageError where they do not read."""
    out: dict[str, Any] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--option {text}: give KEY=VALUE, such as editions.48=1.30")
        *path, last = key.split(".")
        inner = out
        for step in path:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise UsageError(f"--option {text}: {step} has a value already")
        inner[last] = value
    if mapping is not None:
        try:
            tree = tomllib.loads(mapping.read_text(encoding="utf-8-sig"))
        except OSError as e:
            raise UsageError(f"--mapping {mapping}: cannot be read: {e.strerror or e}") from e
        except (ValueError, RecursionError) as e:
            raise UsageError(f"--mapping {mapping}: not valid TOML: {e}") from e
        out["mapping"] = tree.get("mapping", tree)
    return out


def hint_of(args: argparse.Namespace) -> formats.SourceHint:
    """Return what the command line tells of the files' format; a mapping means plots. Raise UsageError for what makes no sense."""
    hint = formats.SourceHint(options=options(args.option, args.mapping))
    if args.mapping is not None and not args.format:
        args.format = "plots"
    if args.format:
        if args.format not in formats.names():
            raise UsageError(f"--format {args.format}: there is no such format; there are {', '.join(formats.names())}")
        formats.load(args.format).init(hint)  # what is wrong with the options is told before any file is read
    return hint


def count(feed: FileFeed, hint: formats.SourceHint, writer: DetailWriter | None) -> dict[str, Any]:
    """Decode a whole recording; return its counts, and hand its details to a writer."""
    chosen = formats.load(feed.format)
    state, own = chosen.init(hint), chosen.init(hint)
    records: Counter[str] = Counter()
    rejects = Rejects()
    proven: set[int] = set()
    claimed: set[int] = set()
    plans = 0
    n = len(feed.chunk.ends)
    progress = Progress(f"{feed.path.name}", n)
    for first in range(0, n, UNITS_AT_ONCE):
        part = cut(feed.chunk, first, min(n, first + UNITS_AT_ONCE))
        state, decoded = chosen.step(state, part, float(part.times_s[-1]))
        records.update(decoded.records)
        rejects.merge(decoded.rejects)
        proven |= decoded.addresses
        claimed |= decoded.claimed
        plans += len(decoded.plans)
        if writer is not None and chosen.details is not None:
            own, details = chosen.details(own, part, float(part.times_s[-1]))
            writer.add(details, feed.path.name)
        progress.at(first + len(part.ends))
    progress.end()
    rejects.first_offset = {reason: feed.where(at) for reason, at in rejects.first_offset.items()}
    rejects.merge(feed.rejects)
    rejects.first_offset |= feed.rejects.first_offset
    return {
        "file": str(feed.path),
        "framing": feed.framing,
        "format": feed.format,
        "records": dict(sorted(records.items())),
        "addresses": len(proven | claimed),
        "addresses_proven": len(proven),
        "plans": plans,
        "rejected": rejects.counts,
        "first_offset": rejects.first_offset,
        "first_sender": rejects.first_sender,
    }


def run(args: argparse.Namespace) -> int:
    """Decode every file; 1 when one could not be read or yielded nothing."""
    hint = hint_of(args)
    if args.out is not None and not args.to:
        raise UsageError("-o DIR: say what to write there, such as --to parquet")
    writer = None
    if args.to:
        from tenere.record.details import DetailWriter  # noqa: PLC0415 - counting needs no Arrow

        if args.out is None:
            raise UsageError(f"--to {args.to}: name a folder for the tables with -o DIR")
        writer = DetailWriter(args.out, args.to)
    try:
        out, failed = _each(args, hint, writer)
    except BaseException:
        if writer is not None:
            writer.abandon()
        raise
    tables = {}
    if writer is not None:
        writer.close()
        tables = {name: {"file": str(writer.path(name)), "rows": rows} for name, rows in sorted(writer.rows.items())}
    if args.json:
        print_json({"files": out, "tables": tables} if writer is not None else {"files": out})
    else:
        for table in tables.values():
            print(f"{table['file']}: {table['rows']:,} rows")
    return 1 if failed else 0


def _each(args: argparse.Namespace, hint: formats.SourceHint, writer: DetailWriter | None) -> tuple[list[dict[str, Any]], bool]:
    """Decode file after file; return what each held and whether one yielded nothing."""
    out, failed = [], False
    for path in args.files:
        try:
            entry = count(open_recording(path, path.name, args.format, hint), hint, writer)
        except UsageError:
            raise
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
    return out, failed


def _print(entry: dict[str, Any]) -> None:
    """Print one file's counts for people."""
    print(f"{entry['file']}: {entry['framing'] or 'unreadable'}, {entry['format'] or '-'}; {entry['addresses']} addresses")
    for name, n in entry["records"].items():
        print(f"  {n:>10,}  {name}")
    for reason, n in entry["rejected"].items():
        sender = entry["first_sender"].get(reason)
        print(f"  {n:>10,}  rejected: {reason} (first at byte {entry['first_offset'][reason]:,}{f', {sender}' if sender else ''})")
