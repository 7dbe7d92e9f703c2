"""Ground that is not known: which values mean that, how many there are, and which of them are filled.

Rule: a post without a height is filled where posts of known height stand on both sides of it, along its row or along its column, with
at most `MOST_POSTS` unknown posts between them: linearly between the two, the mean of both directions where both are there. Every wider
void stays unknown (NaN); nothing is ever taken for zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

MOST_POSTS = 4
"""Widest void that is filled, in posts of the file itself."""
LOWEST_M, HIGHEST_M = -450.0, 9000.0
"""Ground on earth: the shore of the Dead Sea lies at -430 m, Everest at 8,849 m. A height outside is absurd."""
DTED_VOID, SRTM_VOID = -32767, -32768


@dataclass
class Voids:
    """What was met while ground was read, in posts.

    posts: read. marked: carry the file's own mark (nodata, or a mask). nan: not a number. dted: -32767 or -32768 without a mark.
    absurd: a height that no ground has. filled: of all these, how many were filled by the rule. One post read twice is counted twice.
    """

    posts: int = 0
    marked: int = 0
    nan: int = 0
    dted: int = 0
    absurd: int = 0
    filled: int = 0

    @property
    def unknown(self) -> int:
        """Posts that stay without a height."""
        return self.marked + self.nan + self.dted + self.absurd - self.filled

    def add(self, other: Voids) -> None:
        """Add another count to this one."""
        for name in ("posts", "marked", "nan", "dted", "absurd", "filled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def says(self) -> str:
        """Say it in a line: '1,442,401 posts read, 310 without a height (300 marked, 10 absurd): 290 filled, 20 left unknown'."""
        kinds = (("marked", self.marked), ("not a number", self.nan), ("-32767", self.dted), ("absurd", self.absurd))
        void = sum(n for _, n in kinds)
        if not void:
            return f"{self.posts:,} posts read, all with a height"
        parts = ", ".join(f"{n:,} {name}" for name, n in kinds if n)
        return f"{self.posts:,} posts read, {void:,} without a height ({parts}): {self.filled:,} filled, {self.unknown:,} left unknown"


def mark(z: F32, masked: NDArray[np.bool_] | None) -> Voids:
    """Set every post without a height to NaN, in place, and count them by kind.

    Z: (n, m) float32 metres; masked: (n, m), the file's own mark.
    """
    voids = Voids(posts=z.size)
    if masked is not None:
        voids.marked = int(masked.sum())
        z[masked] = np.nan
    voids.nan = int(np.isnan(z).sum()) - voids.marked
    for value in (DTED_VOID, SRTM_VOID):
        there = z == np.float32(value)
        voids.dted += int(there.sum())
        z[there] = np.nan
    with np.errstate(invalid="ignore"):
        there = (z < LOWEST_M) | (z > HIGHEST_M)
    voids.absurd = int(there.sum())
    z[there] = np.nan
    return voids


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_lines(z: F32, to: F32, weight: NDArray[np.int8], most: int, turned: bool) -> None:
    """Add, along each row (column where turned), what the rule gives a void; weight counts the directions."""
    lines, length = (z.shape[1], z.shape[0]) if turned else (z.shape[0], z.shape[1])
    for i in range(lines):
        last = -1
        for j in range(length):
            v = z[j, i] if turned else z[i, j]
            if v != v:
                continue
            gap = j - last - 1
            if last >= 0 and 0 < gap <= most:
                start = z[last, i] if turned else z[i, last]
                for q in range(last + 1, j):
                    share = np.float32((q - last) / (gap + 1))
                    r, c = (q, i) if turned else (i, q)
                    to[r, c] += start + (v - start) * share
                    weight[r, c] += 1
            last = j


def fill(z: F32, most: int = MOST_POSTS) -> int:
    """Fill narrow voids by the rule above, in place, and return how many posts were. z: (n, m) float32, NaN where unknown."""
    unknown = np.isnan(z)
    if not unknown.any():
        return 0
    to, weight = np.zeros_like(z), np.zeros(z.shape, np.int8)
    _fill_lines(z, to, weight, most, False)
    _fill_lines(z, to, weight, most, True)
    there = weight > 0
    z[there] = to[there] / weight[there]
    return int(there.sum())
