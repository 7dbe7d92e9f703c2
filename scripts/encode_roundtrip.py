"""Whether libasterix reads what Tenere writes: random records of every item, value by value and byte by byte.

    python -m scripts.encode_roundtrip [--records 10000] [--categories 21,34,48,62,63,65] [--seed 1]

Each item is there at random, with random values among those to which the edition gives a meaning, inside their ranges.
libasterix's reading must hold the same values, and its own writing of them the same bytes.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.wire.asterix.check import rule_of
from tenere.wire.asterix.encode import encode_blocks, encode_records
from tenere.wire.asterix.encode_layout import children
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, REPETITIVE, REPETITIVE_FX
from tenere.wire.asterix.tables import expansion, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Element, Node, Table

    Fields = dict[str, Any]

CATEGORIES = (21, 34, 48, 62, 63, 65)
ICAO = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"


class Sample(NamedTuple):
    """Arguments of encode_records, and what each record then holds: path -> raw numbers, or the octets of an explicit item.

    variant: (n,) which layout of the category each record has.
    """

    columns: dict[str, Any]
    present: dict[str, Any]
    fields: list[Fields]
    variant: NDArray[np.int64]


class Result(NamedTuple):
    """One category: what was compared, and the first difference if there is one."""

    category: int
    edition: str
    records: int
    octets: int
    values: int
    equal: bool
    encode_s: float
    libasterix_s: float
    difference: str


def sample(category: int, n: int, rng: np.random.Generator, edition: str | None = None) -> Sample:
    """Draw n records of any items."""
    layout = table(category, edition)
    made = _Draw(layout, n, rng, "")
    variant = np.zeros(n, np.int64)
    if layout.selector:
        variants = layout.selector[4:]
        value = rng.choice([v for v, which in enumerate(variants) if which >= 0], n)
        variant = np.asarray(variants)[value]
        made.fixed[layout.selector[0], layout.selector[1]] = value
    here: dict[int, NDArray[np.bool_]] = {}
    nodes: dict[int, Node] = {}
    for k, root in enumerate(layout.roots):
        for node in children(layout, layout.nodes[root]):
            drawn = here.get(node.slot)
            if drawn is None:
                drawn = np.zeros(n, np.bool_)
            always = layout.slots[node.slot] == "010" or (layout.selector and node.slot == layout.selector[0])
            here[node.slot] = drawn | (variant == k) & (bool(always) | (rng.random(n) < 0.5))
            nodes[node.slot] = node
    fields = expansion(category)
    for slot, node in nodes.items():
        if fields is not None and layout.slots[slot] == "RE":
            inside = _Draw(fields, n, rng, "RE/")
            inside.some(children(fields, fields.nodes[fields.roots[0]]), here[slot])
            made.columns |= inside.columns
            made.present |= inside.present
            for row, held in enumerate(inside.fields):
                made.fields[row] |= held
        else:
            made.item(node, here[slot])
    return Sample(made.columns, made.present, made.fields, variant)


class _Draw:
    """Draws values item by item."""

    def __init__(self, layout: Table, n: int, rng: np.random.Generator, prefix: str) -> None:
        self.layout, self.n, self.rng, self.prefix = layout, n, rng, prefix
        self.columns: dict[str, Any] = {}
        self.present: dict[str, Any] = {}
        self.fields: list[Fields] = [{} for _ in range(n)]
        self.fixed: dict[tuple[int, int], NDArray[np.int64]] = {}
        self.elements: dict[int, list[Element]] = {}
        for element in layout.elements:
            self.elements.setdefault(element.slot, []).append(element)

    def item(self, node: Node, here: NDArray[np.bool_]) -> None:
        """Draw one item where records hold it."""
        name = self.prefix + self.layout.slots[node.slot]
        if node.kind == COMPOUND:
            self.some(children(self.layout, node), here)
        elif node.kind == EXTENDED:
            self.present[name] = here
            parts = self.rng.integers(1, node.count + 1, self.n)
            for k in range(node.count):
                part = here & (parts > k)
                mine = self.elements.get(node.slot + k, [])
                if k:
                    self.present |= {self.prefix + element.path: part for element in mine}
                self.single(mine, part)
        elif node.kind in {REPETITIVE, REPETITIVE_FX}:
            counts = np.where(here, self.rng.integers(0 if node.kind == REPETITIVE else 1, 4, self.n), 0)
            self.present[name] = here
            self.repeated(self.elements[node.slot], counts)
        elif node.kind == EXPLICIT:
            counts = np.where(here, self.rng.integers(0, 12, self.n), 0)
            self.present[name] = here
            offsets = np.concatenate([[0], np.cumsum(counts)])
            octets = self.rng.integers(0, 256, offsets[-1]).astype(np.uint8)
            self.columns[name] = Runs(octets, offsets)
            for row in np.flatnonzero(here):
                self.fields[row][name] = octets[offsets[row] : offsets[row + 1]].tobytes()
        else:
            self.present[name] = here
            self.single(self.elements.get(node.slot, []), here)

    def some(self, inside: list[Node], here: NDArray[np.bool_]) -> None:
        """Draw some of the items that stand together, at least one, where records hold them."""
        masks = self.rng.random((len(inside), self.n)) < 0.4
        masks[self.rng.integers(len(inside), size=self.n), np.arange(self.n)] = True
        for child, mask in zip(inside, masks, strict=True):
            self.item(child, here & mask)

    def single(self, elements: list[Element], here: NDArray[np.bool_]) -> None:
        """Draw elements that a record holds once."""
        for element in elements:
            raw, given = self.values(element, self.n)
            self.columns[self.prefix + element.path] = given
            for row in np.flatnonzero(here):
                self.fields[row][self.prefix + element.path] = [int(raw[row])]

    def repeated(self, elements: list[Element], counts: NDArray[np.int64]) -> None:
        """Draw elements that a record holds several of."""
        offsets = np.concatenate([[0], np.cumsum(counts)])
        for element in elements:
            raw, given = self.values(element, int(offsets[-1]))
            self.columns[self.prefix + element.path] = Runs(given, offsets)
            for row in np.flatnonzero(counts):
                self.fields[row][self.prefix + element.path] = [int(v) for v in raw[offsets[row] : offsets[row + 1]]]

    def values(self, element: Element, n: int) -> tuple[Any, Any]:
        """Draw values of an element: as raw unsigned numbers, and as a caller gives them."""
        rng, width = self.rng, element.width
        if element.content in {"icao", "ascii"}:
            bits = 6 if element.content == "icao" else 8
            letters = np.frombuffer(ICAO if bits == 6 else bytes(range(0x20, 0x7F)), np.uint8)
            text = letters[rng.integers(0, len(letters), (n, width // bits))]
            text[:, 0] = ord("Q")
            codes = np.where(text >= ord("A"), text - ord("A") + 1, text) if bits == 6 else text
            raw = [
                int.from_bytes(bytes(row), "big") if bits == 8 else sum(int(v) << 6 * k for k, v in enumerate(row[::-1])) for row in codes
            ]
            return raw, np.ascontiguousarray(text).view(f"S{text.shape[1]}")[:, 0]
        if width > 64:
            octets = rng.integers(0, 256, (n, width // 8)).astype(np.uint8)
            return [int.from_bytes(row.tobytes(), "big") for row in octets], octets
        if (element.slot, element.bit) in self.fixed:
            raw = self.fixed[element.slot, element.bit]
        elif element.content == "table" and element.values:
            raw = rng.choice(np.array(sorted(element.values)), n)
        elif (rule := rule_of(self.layout.category, element)) is not None:
            low, high = int(np.ceil(rule.low / element.lsb)), int(np.floor(rule.high / element.lsb))
            raw = rng.integers(low, high, n, endpoint=True).view(np.uint64) & np.uint64((1 << width) - 1)
        else:
            raw = rng.integers(0, (1 << width) - 1, n, np.uint64, endpoint=True)
        signed = raw.astype(np.uint64).view(np.int64)
        if element.signed:
            signed = np.where(signed >> (width - 1) & 1 == 1, signed - (1 << width), signed)
        if element.content == "quantity" and width <= 52:
            return raw, signed * element.lsb
        return raw, signed if element.signed else raw


def libasterix_fields(record: Any, expanded: Any = None) -> Fields:  # noqa: ANN401 - libasterix's classes are generated
    """Return what libasterix reads in one record: element path -> raw numbers, explicit item -> its octets.

    expanded: libasterix's class of the reserved expansion field, which then gives its elements in place of its octets.
    """
    fields: Fields = {}
    for name, item in record.items_regular.items():
        _collect(fields, name, _inside(item))
    if expanded is not None and "RE" in fields:
        bits = importlib.import_module("asterix.base").Bits.from_bytes(fields.pop("RE"))
        found, rest = expanded.cv_expansion._parse(bits)  # noqa: SLF001 - it has no other entry
        if len(rest):
            fields["RE"] = "more than its items"
        for name, item in found.arg.items():
            _collect(fields, f"RE/{name}", _inside(item))
    return fields


def _collect(out: Fields, path: str, variation: Any) -> None:  # noqa: ANN401 - libasterix's classes are generated
    base = next(c.__name__ for c in type(variation).__mro__ if c.__module__ == "asterix.base")
    if base == "Element":
        out.setdefault(path, []).append(variation.as_uint())
    elif base in {"Group", "Extended"}:
        entries = variation.arg if base == "Group" else [entry for part in variation.arg for entry in part if entry is not None]
        for entry in entries:
            if hasattr(entry, "cv_non_spare"):
                _collect(out, f"{path}/{entry.cv_non_spare.cv_name}", _inside(entry.arg))
    elif base == "Repetitive":
        for one in variation.arg:
            _collect(out, path, one)
    elif base == "Compound":
        for name, item in variation.arg.items():
            _collect(out, f"{path}/{name}", _inside(item))
    elif base == "Explicit":
        out[path] = variation.get_bytes()


def _inside(non_spare: Any) -> Any:  # noqa: ANN401 - libasterix's classes are generated
    rule = non_spare.arg
    return rule.arg if hasattr(rule, "cv_variation") else rule.cv_default_variation._parse(rule.bs)[0]  # noqa: SLF001 - no other way in


def roundtrip(category: int, n: int, rng: np.random.Generator, edition: str | None = None) -> Result:
    """Write n random records, let libasterix read and write them, and compare."""
    layout = table(category, edition)
    drawn = sample(category, n, rng, edition)
    begin = time.perf_counter()
    data, ends = encode_records(category, n, drawn.columns, drawn.present, edition)
    blocks, block_ends = encode_blocks(category, data, ends, 0 if layout.selector else 8000)
    encode_s = time.perf_counter() - begin
    base = importlib.import_module("asterix.base")
    manifest = importlib.import_module("asterix.generated").manifest
    spec = next(s for s in manifest["CATS"][category] if f"{s.cv_edition[0]}.{s.cv_edition[1]}" == layout.edition)
    expanded = max(manifest["REFS"].get(category, []), key=lambda s: s.cv_edition, default=None)
    libasterix_s = 0.0
    row, values, at, difference = 0, 0, 0, ""
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    for block_end in block_ends.tolist():
        begin = time.perf_counter()
        which = [list(spec.cv_uap.cv_uaps)[drawn.variant[row]]] if layout.selector else []
        records = spec.cv_uap.parse(*which, base.Bits.from_bytes(blocks[at + 3 : block_end]))
        libasterix_s += time.perf_counter() - begin
        at = block_end
        if isinstance(records, ValueError):
            difference = difference or f"the block of record {row} is refused: {records}"
            break
        for record in records:
            fields = libasterix_fields(record, expanded)
            values += sum(len(v) for v in fields.values())
            if fields != drawn.fields[row]:
                paths = sorted(p for p in {*fields, *drawn.fields[row]} if fields.get(p) != drawn.fields[row].get(p))
                difference = difference or f"record {row} differs in {', '.join(paths[:5])}"
            if record.unparse().to_bytes() != data[starts[row] : ends[row]]:
                difference = difference or f"record {row}: other bytes"
            row += 1
    if row != n:
        difference = difference or f"{row} records read"
    return Result(category, layout.edition, row, len(data), values, not difference, encode_s, libasterix_s, difference)


def main() -> None:
    """Print the table; exit 1 where anything differs."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--records", type=int, default=10_000, help="records of each category")
    parser.add_argument("--categories", default=",".join(map(str, CATEGORIES)))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.Generator(np.random.PCG64(given.seed))
    print(f"{'category':>8} {'edition':>7} {'records':>8} {'octets':>9} {'values':>9} {'equal':>5} {'written':>9} {'libasterix':>10}")
    failed = False
    for category in map(int, given.categories.split(",")):
        r = roundtrip(category, given.records, rng)
        failed |= not r.equal
        said = "yes" if r.equal else "NO"
        print(
            f"  CAT{r.category:03d} {r.edition:>7} {r.records:8,} {r.octets:9,} {r.values:9,} {said:>5} "
            f"{r.encode_s:7.2f} s {r.libasterix_s:8.2f} s {r.difference}",
            flush=True,
        )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
