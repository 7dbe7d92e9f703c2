"""Running the looks of a tick on one core or two: what comes out is the same, bit for bit (tenere.track.regions)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tenere.crew import together
from tenere.track import kernels, regions, work

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
        g = 0
        while (g := kernels.slices(store, book, self.of, measured, looks, g, tick)) < len(looks.groups):
            first, second, both, end = (int(v) for v in looks.groups[g])
            need = int(looks.starts[second] - looks.starts[first]), int(looks.starts[both] - looks.starts[second])
            regions.reserve(store, book, self.of, self.lower, self.upper, self.books, need, int(tick.cfg[work.MAX_TRACKS]))
            together(
                partial(kernels.run, store, self.books[0], self.lower, measured, looks, first, second, tick),
                partial(kernels.run, store, self.books[1], self.upper, measured, looks, second, both, tick),
                cores,
            )
            regions.settle(book, self.of, self.lower, self.upper, self.books)
            kernels.run(store, book, self.of, measured, looks, both, end, tick)
            g += 1
