"""What a family remembers of tracks from tick to tick: one row a key, found by bisection, forgotten when unseen for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    I64 = NDArray[np.int64]


class Memory:
    """Rows by rising key. Columns are given with what a new row holds; ``seen_s`` is kept for every row.

    >>> memory = Memory(code=-1)
    >>> at = memory.admit(np.array([7, 3]), 100.0, 600.0)
    >>> memory["code"][at] = [12, 34]
    >>> memory.key.tolist(), memory["code"].tolist()
    ([3, 7], [34, 12])
    """

    def __init__(self, **columns: float) -> None:
        """Keep no rows yet."""
        self._blank = {"seen_s": np.nan, **columns}
        self.key: I64 = np.zeros(0, np.int64)
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(0, np.asarray(value).dtype) for name, value in self._blank.items()}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.key)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column, which may be written to."""
        return self._columns[name]

    def find(self, keys: I64) -> I64:
        """Return the row of each key, -1 where there is none."""
        if not len(self.key):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[at] == keys, at, -1)

    def admit(self, keys: I64, time_s: float, forget_s: float) -> I64:
        """Return the row of each key, adding new ones; forget those unseen for longer than forget_s."""
        at = self.find(keys)
        known = at >= 0
        self._columns["seen_s"][at[known]] = time_s
        gone = ~(time_s - self._columns["seen_s"] <= forget_s)
        if not gone.any() and known.all():
            return at
        new = np.unique(keys[~known])
        key = np.concatenate([self.key[~gone], new])
        order = np.argsort(key, kind="stable")
        self.key = key[order]
        for name, value in self._blank.items():
            old = self._columns[name]
            self._columns[name] = np.concatenate([old[~gone], np.full(len(new), value, old.dtype)])[order]
        at = np.searchsorted(self.key, keys)
        self._columns["seen_s"][at] = time_s
        return at

    def forget(self, rows: I64) -> None:
        """Drop some rows."""
        keep = np.ones(len(self.key), np.bool_)
        keep[rows] = False
        self.key = self.key[keep]
        self._columns = {name: values[keep] for name, values in self._columns.items()}
