"""Everything that records say, as columns: what a decoder gives when asked for more than the picture needs.

>>> height = Column("height", np.array([1.0, 0.0]), "FL", "flight level", present=np.array([True, False]))
>>> heard = Column("receivers", np.array([3, 7, 9]), doc="who heard it", offsets=np.array([0, 2, 3]))
>>> detail = Detail((height, heard))
>>> len(detail), [column.name for column in detail.columns]
(2, ['height', 'receivers'])
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.tick import Chunk


@dataclass(frozen=True, slots=True)
class Column:
    """One field of every record.

    values: (n,) numbers or text (dtype S); with offsets (total,), of which row i holds values[offsets[i]:offsets[i + 1]].
    present: (n,) which rows hold it; None: all.
    octets: the values (uint8, with offsets) are the bytes of one field each, not a list of numbers.
    """

    name: str
    values: NDArray[Any]
    unit: str = ""
    doc: str = ""
    present: NDArray[np.bool_] | None = None
    offsets: NDArray[np.int64] | None = None
    octets: bool = False

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.values) if self.offsets is None else len(self.offsets) - 1


@dataclass(frozen=True)
class Detail:
    """Equal-length columns of one kind of record."""

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.columns[0]) if self.columns else 0

    @classmethod
    def concat(cls, parts: Sequence[Detail]) -> Detail:
        """Return the rows of all parts, in order; they have the same columns. There is at least one part."""
        full = [p for p in parts if len(p)] or [parts[0]]
        return full[0] if len(full) == 1 else cls(tuple(_joined(columns) for columns in zip(*(p.columns for p in full), strict=True)))


def told(tables: dict[str, Detail], chunk: Chunk) -> dict[str, Detail]:
    """Return the tables that hold a record; of a chunk without a byte, every table: so that it can be asked which there are."""
    return {name: table for name, table in tables.items() if len(table)} if chunk.data else tables


def _joined(parts: tuple[Column, ...]) -> Column:
    first = parts[0]
    present = None
    if any(p.present is not None for p in parts):
        present = np.concatenate([np.ones(len(p), np.bool_) if p.present is None else p.present for p in parts])
    offsets = None
    if first.offsets is not None:
        counts = np.concatenate([np.diff(p.offsets) for p in parts if p.offsets is not None])
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return replace(first, values=np.concatenate([p.values for p in parts]), present=present, offsets=offsets)
