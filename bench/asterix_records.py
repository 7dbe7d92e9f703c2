"""Made-up ASTERIX records that hold every item of an edition, for measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.asterix.check import rule_of
from tenere.wire.asterix.encode import encode_blocks, encode_records
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.table import EXPLICIT
from tenere.wire.asterix.tables import expansion, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Element, Table


def blocks_of(category: int, n: int, share: float, seed: int = 1) -> list[bytes]:
    """Return blocks of n records that hold each item with a probability, and everything inside the items that they hold."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - made-up records
    layout = table(category)
    columns = _columns(layout, n, rng, "")
    field = expansion(category)
    columns |= _columns(field, n, rng, "RE/") if field is not None else {}
    columns["SP"] = Runs(np.zeros(3 * n, np.uint8), 3 * np.arange(n + 1))
    items = sorted({name.partition("/")[0] for name in layout.slots if "#" not in name} - {"010", "140", "070", "030", "000"})
    kept = {name: rng.random(n) < share for name in items}
    for path, given in list(columns.items()):
        mask = kept.get(path.partition("/")[0])
        if isinstance(given, Runs) and mask is not None:
            columns[path] = _only(given, mask)
    masks: dict[str, Any] = {name: mask for name, mask in kept.items() if name in layout.slot and name not in {"RE", "SP"}}
    if field is not None:
        masks |= {f"RE/{n_}": kept["RE"] for n_ in {s.partition("/")[0] for s in field.slots if "#" not in s} if not _repeats(field, n_)}
    data, ends = encode_records(category, n, columns, {k: v for k, v in masks.items() if not _repeats(layout, k)})
    whole, block_ends = encode_blocks(category, data, ends)
    starts = [0, *block_ends[:-1].tolist()]
    return [whole[a:b] for a, b in zip(starts, block_ends.tolist(), strict=True)]


def _repeats(layout: Table, name: str) -> bool:
    return any(e.repeated for e in layout.elements if layout.slots[e.item] == name)


def _only(given: Runs, mask: NDArray[np.bool_]) -> Runs:
    sizes = np.diff(given.offsets)
    values = given.values[np.repeat(mask, sizes)]
    return Runs(values, np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes * mask)]))


def _columns(layout: Table, n: int, rng: np.random.Generator, prefix: str) -> dict[str, Any]:
    """Return a value of every element in its range."""
    out: dict[str, Any] = {}
    counts: dict[int, NDArray[np.int64]] = {}
    explicit = {node.slot for node in layout.nodes if node.kind == EXPLICIT}
    for element in layout.elements:
        if element.slot in explicit:
            continue
        if element.repeated:
            offsets = counts.setdefault(element.slot, np.concatenate([np.zeros(1, np.int64), np.cumsum(rng.integers(1, 4, n))]))
            out[prefix + element.path] = Runs(_values(layout.category, element, int(offsets[-1]), rng), offsets)
        else:
            out[prefix + element.path] = _values(layout.category, element, n, rng)
    return out


def _values(category: int, element: Element, n: int, rng: np.random.Generator) -> NDArray[Any]:
    width = element.width
    if element.content in {"icao", "ascii"}:
        return rng.choice(
            np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "S1"), (n, width // (6 if element.content == "icao" else 8))
        ).view(f"S{width // (6 if element.content == 'icao' else 8)}")[:, 0]
    if element.content == "table" and element.values:
        return rng.choice(np.array(sorted(v for v in element.values if v < 1 << width), np.int64), n)
    rule = rule_of(category, element)
    if rule is not None:
        low, high = int(np.ceil(rule.low / element.lsb)), int(np.floor(rule.high / element.lsb))
        half = 1 << (width - 1)
        low, high = (max(low, -half), min(high, half - 1)) if element.signed else (max(low, 0), min(high, 2 * half - 1))
        return rng.integers(low, high, n, endpoint=True)
    wide = min(width, 62)
    return rng.integers(-(1 << (wide - 1)), 1 << (wide - 1), n) if element.signed else rng.integers(1, 1 << wide, n)
