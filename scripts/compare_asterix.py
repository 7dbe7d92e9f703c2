"""Hold every item that Tenere reads against other decoders, on every ASTERIX file of a folder.

    python -m scripts.compare_asterix                                  libasterix, a sample of each large file
    python -m scripts.compare_asterix --all                            every block: minutes
    python -m scripts.compare_asterix --peer-python VENV/bin/python    asterix-decoder too, in that interpreter

One line a file and category: records, values compared, equal, different. A difference that a known defect or a choice explains is
counted under its reason, any other is listed; exit status 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.asterix_decoder_names import peer_values
from scripts.asterix_peers import DEFECTS, AsterixDecoder, LibAsterix, Record
from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.asterix.detail import plans
from tenere.wire.asterix.detail_plan import TEXT
from tenere.wire.asterix.tables import known_categories, table
from tenere.wire.format import SourceHint
from tenere.wire.recording import read

if TYPE_CHECKING:
    from tenere.wire.asterix.detail_plan import Field
    from tenere.wire.detail import Column, Detail

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "asterix"

LETTERS = "a six-bit code that is no letter: libasterix leaves it out, Tenere writes ?"
STEP = "libasterix has a wrong step (I010/202 and I010/210 a quarter of what the specification says): see asterix_peers.DEFECTS"
CONTRADICTED = "libasterix reads blocks of another edition as records: Tenere refuses what contradicts itself"
LEADING = "libasterix refuses the whole of a damaged block: Tenere keeps the records before the damage"
CRASHED = "asterix-decoder dies on the block"
REFUSED = "asterix-decoder gives no record of the block, or fewer"


@dataclass
class Line:
    """What one file and category came to."""

    records: int = 0
    values: int = 0
    equal: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, path: str, ours: Any, theirs: Any, reason: str = "") -> None:  # noqa: ANN401 - values of any type
        """Count one pair of values that are not equal."""
        if reason:
            self.explained[reason] += 1
            return
        self.different[path] += 1
        self.examples.setdefault(path, f"{path}: Tenere {ours!r}, peer {theirs!r}")


def path_of(part: Field, prefix: str, slots: list[str]) -> str:
    """Return the path by which a peer's values are kept: as libasterix nests its names."""
    if part.element is None:
        return slots[part.slot]
    path = part.element.path.partition("@")[0] if "@" in part.element.path.split("/")[0] else part.element.path
    if part.element.when:
        path = f"{path.rpartition('/')[0]} {part.unit}"
    return prefix + path


class Ours:
    """The columns of one category, as values by row."""

    def __init__(self, category: int, detail: Detail) -> None:
        """Pair each column with the path of its element."""
        self.detail = detail
        self.by_name = {c.name: c for c in detail.columns}
        layout = table(category)
        plan, expansion = plans(category, layout.edition)
        self.fields = [(path_of(f, "", layout.slots), f) for f in plan.fields]
        if expansion is not None:
            self.fields += [(path_of(f, "RE:", expansion.layout.slots), f) for f in expansion.fields]
        self.offset = self.by_name["offset"].values

    def values(self, rows: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        """Return path -> value of some rows; what is absent is left out."""
        out: list[dict[str, Any]] = [{} for _ in rows]
        for path, part in self.fields:
            column = self.by_name[part.name]
            if column.present is not None and not column.present[rows].any():
                continue
            for row, value in zip(out, _column_values(column, rows), strict=True):
                if value is not None:
                    row[path] = value.decode("ascii") if part.what == TEXT and isinstance(value, bytes) else value
        return out


def _column_values(column: Column, rows: np.ndarray[Any, Any]) -> list[Any]:
    if column.offsets is not None:
        first, last = column.offsets[rows].tolist(), column.offsets[rows + 1].tolist()
        parts = [column.values[a:b] for a, b in zip(first, last, strict=True)]
        values: list[Any] = [p.tobytes() if column.octets else p.tolist() for p in parts]
    else:
        values = column.values[rows].tolist()
    if column.present is not None:
        return [v if here else None for v, here in zip(values, column.present[rows].tolist(), strict=True)]
    return [None if v != v else v for v in values]


def same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 - values of any type
    """Say whether two values are one; spaces and zeros at the end of a text do not count."""
    if isinstance(theirs, list) and isinstance(ours, bytes):
        return ours == b"".join(theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs, strict=True))
    if isinstance(theirs, str):
        text = ours.decode("ascii") if isinstance(ours, bytes) else ours
        return bool(text == theirs.rstrip(" \0"))
    return bool(ours == theirs)


def explain(category: int, path: str, ours: Any, theirs: Record) -> str:  # noqa: ANN401 - values of any type
    """Return what explains a value that is not libasterix's; empty where nothing does."""
    if path in theirs.letters:
        return LETTERS
    factor = DEFECTS.get((category, path))
    return STEP if factor and path in theirs.values and ours == theirs.values[path] * factor else ""


def compare_record(line: Line, category: int, ours: dict[str, Any], theirs: Record) -> None:
    """Compare every value that either has of one record."""
    for path in {**ours, **theirs.values}:
        if path.endswith("#count"):
            continue
        a, b = ours.get(path), theirs.values.get(path)
        if a is None and b is None:
            continue
        if a == [] and theirs.values.get(f"{path}#count", theirs.values.get(f"{path.rpartition('/')[0]}#count")) == 0:
            continue
        line.values += len(b) if isinstance(b, list) else 1
        if same(a, b):
            line.equal += len(b) if isinstance(b, list) else 1
        else:
            line.note(path, a, b, explain(category, path, a, theirs))


def sample(count: int, most: int) -> np.ndarray[Any, Any]:
    """Return rows 0 .. count - 1, or about `most` of them, evenly."""
    return np.arange(0, count, max(1, -(-count // most)) if most else 1)


def compare_file(path: Path, peer: LibAsterix, other: AsterixDecoder | None, most: int) -> dict[tuple[str, int], Line]:
    """Compare one file; return the lines of each peer and category."""
    recording = read(path.read_bytes(), path.name)
    if recording.format != "asterix":
        return {}
    chunk = Chunk("", recording.chunk.data, recording.chunk.ends, recording.chunk.times_s)
    _, details = FORMAT.details(FORMAT.init(SourceHint()), chunk, 0.0)
    blocks = find_blocks(np.frombuffer(chunk.data, np.uint8), chunk.ends)
    out: dict[tuple[str, int], Line] = {}
    for category in sorted(set(blocks.category.tolist()) & set(known_categories())):
        mine = np.flatnonzero(blocks.category == category)
        detail = details.get(f"CAT{category:03d}")
        per_block = max(1.0, len(detail) / len(mine)) if detail is not None else 1.0
        mine = mine[sample(len(mine), int(most / per_block) if most else 0)]
        spans = [(int(blocks.start[k]), int(blocks.end[k])) for k in mine.tolist()]
        ours = Ours(category, detail) if detail is not None else None
        found = [rows_of(ours, start, end) for start, end in spans]
        line = out["libasterix", category] = Line()
        for (start, end), rows in zip(spans, found, strict=True):
            compare_block(line, category, start, rows, peer.read(chunk.data[start:end]))
        if other is not None:
            line = out["asterix-decoder", category] = Line()
            answers = other.read([chunk.data[a:b] for a, b in spans])
            for rows, answer in zip(found, answers, strict=True):
                compare_answer(line, category, rows, answer)
    return out


def rows_of(ours: Ours | None, start: int, end: int) -> list[tuple[int, dict[str, Any]]]:
    """Return (offset, values) of the records that stand in a block."""
    if ours is None:
        return []
    first, last = np.searchsorted(ours.offset, [start, end])
    rows = np.arange(first, last)
    return list(zip(ours.offset[rows].tolist(), ours.values(rows), strict=True))


def compare_block(line: Line, category: int, start: int, rows: list[tuple[int, dict[str, Any]]], theirs: list[Record] | None) -> None:
    """Compare the records of one block with libasterix's."""
    if theirs is None:
        if rows:
            line.explained[LEADING] += len(rows)
        return
    if not rows and theirs:
        line.explained[CONTRADICTED] += len(theirs)
        return
    by_offset = {start + r.offset: r for r in theirs}
    line.records += len(rows)
    for offset, values in rows:
        record = by_offset.pop(offset, None)
        if record is None:
            line.note("record", offset, None)
        else:
            compare_record(line, category, values, record)
    for offset in by_offset:
        line.note("record", None, offset)


def compare_answer(line: Line, category: int, rows: list[tuple[int, dict[str, Any]]], answer: list[dict[str, Any]] | None) -> None:
    """Compare the records of one block with asterix-decoder's, value by value where both name it alike."""
    if answer is None:
        line.explained[CRASHED] += 1
        return
    if len(answer) < len(rows):
        line.explained[REFUSED] += len(rows) - len(answer)
    if len(answer) != len(rows):
        return
    line.records += len(rows)
    for (_, ours), theirs in zip(rows, answer, strict=True):
        for path, value, equal, reason in peer_values(category, ours, theirs):
            line.values += 1
            line.equal += equal
            if not equal:
                line.note(path, ours[path], value, reason)


def main() -> None:
    """Compare, print the table, say what differs."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    p.add_argument("--all", action="store_true", help="every block, not a sample")
    p.add_argument("--records", type=int, default=2000, help="records of each category and file (%(default)s)")
    p.add_argument("--peer-python", type=Path, help="an interpreter that has asterix-decoder")
    args = p.parse_args()
    peer = LibAsterix()
    other = AsterixDecoder(args.peer_python) if args.peer_python else None
    unexplained, total = 0, Counter[str]()
    print(f"{'file':<48} {'peer':<15} {'cat':>4} {'records':>8} {'values':>9} {'equal':>9} {'differ':>6} {'explained':>9}")
    for path in sorted(args.folder.iterdir()):
        try:
            lines = compare_file(path, peer, other, 0 if args.all else args.records)
        except WireError as error:
            print(f"{path.name:<48} not read: {error.reason}")
            continue
        for (name, category), line in lines.items():
            differ = sum(line.different.values())
            unexplained += differ
            total[name] += line.values
            print(
                f"{path.name[:48]:<48} {name:<15} {category:>4} {line.records:>8} {line.values:>9} {line.equal:>9} {differ:>6} "
                f"{sum(line.explained.values()):>9}"
            )
            for reason, count in line.explained.items():
                print(f"    explained: {count} x {reason}")
            for path_of_value, count in line.different.most_common(20):
                print(f"    DIFFERENT: {count} x {line.examples[path_of_value]}")
    if other is not None:
        other.close()
        print(f"asterix-decoder died {other.crashes} times")
    for name, count in total.items():
        print(f"{count:,} values compared with {name}")
    print(f"{unexplained} unexplained differences")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
