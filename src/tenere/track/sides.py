"""Running the looks of a tick on one core or two: what comes out is the same, bit for bit (tenere.track.regions)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tenere.track import kernels, work
from tenere.track.crew import together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.track.kernels import Tick
    from tenere.track.regions import Looks
    from tenere.track.store import Store
    from tenere.track.work import Measured, Work


class Sides:
    """Scratch and counters of the two sides' looks."""

    def __init__(self, w: Work) -> None:
        """Make them for a scratch, which the lower side shares."""
        self.of, self.books = w, np.zeros((2, work.NBOOK), np.int64)
        self.lower = w._replace(free=np.zeros_like(w.free), part=np.zeros(1, np.int64))
        self.upper = work.twin(w)

    def process(self, store: Store, book: NDArray[np.int64], measured: Measured, looks: Looks, tick: Tick, cores: int) -> None:
        """Process all looks of a tick; its assigned is filled."""
        g, done = 0, False
        while True:
            g = kernels.all_looks(store, book, self.of, self.lower, self.upper, self.books, measured, looks, g, done, tick)
            if g == len(looks.groups):
                return
            first, second, both = (int(v) for v in looks.groups[g, :3])
            together(
                partial(kernels.run, store, self.books[0], self.lower, measured, looks, first, second, tick),
                partial(kernels.run, store, self.books[1], self.upper, measured, looks, second, both, tick),
                cores,
            )
            done = True
