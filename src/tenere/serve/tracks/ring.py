"""Rows in whole columns, so many at most: the newest take the place of the oldest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Ring:
    """A table that never grows. Its rows are numbered from the oldest kept."""

    def __init__(self, room: int, **columns: DTypeLike) -> None:
        """Make room for so many rows."""
        self.room = room
        self.columns: dict[str, NDArray[Any]] = {name: np.zeros(room, dtype) for name, dtype in columns.items()}
        self._next = 0

    def add(self, **columns: NDArray[Any]) -> None:
        """Add rows, the oldest first; of more than there is room for, the last."""
        n = len(next(iter(columns.values())))
        skip = max(0, n - self.room)
        first = min(n - skip, self.room - self._next)
        for name, values in columns.items():
            held = self.columns[name]
            held[self._next : self._next + first] = values[skip : skip + first]
            held[: n - skip - first] = values[skip + first :]
        self._next = (self._next + n - skip) % self.room

    def where(self, name: str, value: int, most: int) -> NDArray[np.intp]:
        """Return the places, oldest first, of the newest rows whose column has a value other than 0: at most so many."""
        found = np.flatnonzero(self.columns[name] == value)
        return np.asarray(found[np.argsort((found - self._next) % self.room, kind="stable")][-most:])

    def clear(self) -> None:
        """Forget every row."""
        for held in self.columns.values():
            held[:] = 0
        self._next = 0
