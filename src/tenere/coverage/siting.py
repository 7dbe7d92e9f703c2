"""Where the next sensors should stand: of the candidates, those that together see the most of what matters. Numba kernels.

The maximal covering location problem (Church and ReVelle, Papers of the Regional Science Association 32, 1974), with a
worth for the second sensor that sees a cell, sites that stand already, and a cost for each candidate. `greedy` takes what adds most for
its cost; `swapped` exchanges one site at a time while that helps; `shaken` leaves local optima by moving a few sites at random, by a
seed. What a plan falls short of the best there is, `tenere.coverage.certify` says.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LEAST_SHARE = 1e-9
"""A change that adds less of the whole worth is none."""
SHAKEN_SHARE = 0.3
"""Share of the sites that a shake moves, at most."""
WORSE_SHARE = 0.002
"""A shake goes on from a plan that is so much worse than the best."""


class Tables(NamedTuple):
    """What the kernels read of a problem."""

    start: I64
    cell: NDArray[np.int32]
    from_: I64
    """(D + 1,) where each cell's candidates begin in `seer`."""
    seer: NDArray[np.int32]
    once: F64
    twice: F64
    cost: F64


@dataclass(frozen=True)
class Problem:
    """Candidates, what each would see, and what that is worth. C candidates, D cells of demand."""

    start: I64
    """(C + 1,) where each candidate's cells begin in `cell`."""
    cell: NDArray[np.int32]
    """The cells that each candidate would see, ascending."""
    once: F64
    """(D,) worth of a cell that a sensor sees."""
    twice: F64
    """(D,) what is added where a second one sees it: never more than the first, so that holes come before redundancy."""
    held: NDArray[np.int16]
    """(D,) sensors that stand already and see the cell."""
    cost: F64
    """(C,) of each candidate."""
    budget: float

    @classmethod
    def of(
        cls, sees: Mask, once: F64, budget: float, *, twice: F64 | None = None, held: I64 | None = None, cost: F64 | None = None
    ) -> Problem:
        """Return the problem of sees (C, D): whether a candidate would see a cell; raise UsageError where the figures make none.

        once, twice, held (D,), cost (C,): as the fields; without them nothing for a second sensor, none there yet, one each.
        """
        if sees.shape[1] != len(once):
            msg = "siting: worths, sites that stand and costs must be as many as cells and candidates"
            raise UsageError(msg)
        start = np.concatenate([[0], np.cumsum(sees.sum(axis=1))]).astype(np.int64)
        return cls.listed(start, np.nonzero(sees)[1].astype(np.int32), once, budget, twice=twice, held=held, cost=cost)

    @classmethod
    def listed(
        cls,
        start: I64,
        cell: NDArray[np.int32],
        once: F64,
        budget: float,
        *,
        twice: F64 | None = None,
        held: I64 | None = None,
        cost: F64 | None = None,
    ) -> Problem:
        """Return the problem of candidates whose cells are listed, as the fields; raise UsageError where the figures make none."""
        count, cells = len(start) - 1, len(once)
        p = cls(
            start=start,
            cell=cell,
            once=np.asarray(once, np.float64),
            twice=np.zeros(cells) if twice is None else np.asarray(twice, np.float64),
            held=np.zeros(cells, np.int16) if held is None else np.asarray(held, np.int16),
            cost=np.ones(count) if cost is None else np.asarray(cost, np.float64),
            budget=float(budget),
        )
        if not (len(p.twice) == len(p.held) == cells and len(p.cost) == count and (not len(cell) or 0 <= cell.min() <= cell.max() < cells)):
            msg = "siting: worths, sites that stand and costs must be as many as cells and candidates"
            raise UsageError(msg)
        wrong = {
            "the worth of a cell must be a number, zero or more": not (np.isfinite(p.once).all() and (p.once >= 0).all()),
            "a second sensor's worth must be from zero to the first one's": not ((p.twice >= 0) & (p.twice <= p.once)).all(),
            "a cost must be a number above zero": not (np.isfinite(p.cost).all() and (p.cost > 0).all()),
            "the budget must be a number, zero or more": not 0 <= p.budget < np.inf,
        }
        for what, yes in wrong.items():
            if yes:
                msg = f"siting: {what}"
                raise UsageError(msg)
        return p

    @functools.cached_property
    def tables(self) -> Tables:
        """Return the problem as the kernels read it: what each candidate sees, and who sees each cell."""
        who = np.repeat(np.arange(self.candidates, dtype=np.int32), np.diff(self.start))
        order = np.argsort(self.cell, kind="stable")
        begin = np.concatenate([[0], np.cumsum(np.bincount(self.cell, minlength=len(self.once)))]).astype(np.int64)
        return Tables(self.start, self.cell, begin, who[order], self.once, self.twice, self.cost)

    @property
    def candidates(self) -> int:
        """Return C."""
        return len(self.cost)

    @property
    def stands(self) -> float:
        """Return what the sites that stand already are worth."""
        return float(self.once[self.held > 0].sum() + self.twice[self.held > 1].sum())

    def worth(self, sites: I64) -> float:
        """Return what the cells are worth with these candidates built (k,), the sites that stand included."""
        count = self.held.astype(np.int64)
        for j in sites:
            count[self.cell[self.start[j] : self.start[j + 1]]] += 1
        return float(self.once[count > 0].sum() + self.twice[count > 1].sum())


class Plan(NamedTuple):
    """Sites to be built, and what the cells are worth then."""

    sites: I64
    """Candidates, ascending."""
    worth: float
    cost: float
    by: str
    """What found it: greedy, swaps, shakes, or the solver."""


class Work(NamedTuple):
    """What is built, and what each candidate would add: kept up to date cell by cell."""

    seen: I64
    """(D,) sensors that see each cell."""
    gain: F64
    """(C,) what each candidate would add, were it not built."""
    taken: Mask
    """(C,) which are built."""


@njit(cache=True, inline="always")
def _more(once: np.ndarray, twice: np.ndarray, d: int, n: int) -> float:
    """Return what another sensor adds to a cell that n see."""
    worth: float = once[d] if n == 0 else (twice[d] if n == 1 else 0.0)
    return worth


@njit(cache=True)
def _change(t: Tables, w: Work, j: int, step: int) -> None:
    """Build a site (step 1) or take it away (-1)."""
    seen, gain, cell, from_, seer, once, twice = w.seen, w.gain, t.cell, t.from_, t.seer, t.once, t.twice
    w.taken[j] = step > 0
    for c in range(t.start[j], t.start[j + 1]):
        d = cell[c]
        was = _more(once, twice, d, seen[d])
        seen[d] += step
        change = _more(once, twice, d, seen[d]) - was
        if change != 0.0:
            for k in range(from_[d], from_[d + 1]):
                gain[seer[k]] += change


@njit(cache=True)
def _best(w: Work, cost: np.ndarray, left: float, by_cost: bool, least: float) -> int:
    """Return the candidate that adds most (by_cost: for its cost) of those that can be paid; -1 where none adds more than least."""
    gain, taken = w.gain, w.taken
    best, most = -1, 0.0
    for j in range(len(cost)):
        if taken[j] or cost[j] > left or gain[j] <= least:
            continue
        rank = gain[j] / cost[j] if by_cost else gain[j]
        if rank > most:
            best, most = j, rank
    return best


@njit(cache=True)
def _fill(t: Tables, left: float, w: Work, least: float) -> float:
    """Build what adds most for its cost until nothing more can be paid or adds anything; return what is left."""
    while True:
        j = _best(w, t.cost, left, True, least)
        if j < 0:
            return left
        left -= t.cost[j]
        _change(t, w, j, 1)


@njit(cache=True)
def _swap(t: Tables, left: float, w: Work, least: float) -> float:
    """Exchange one site at a time while each exchange adds more than least; return what is left of the budget."""
    cost, taken, gain = t.cost, w.taken, w.gain
    better = True
    while better:
        better = False
        for i in range(len(cost)):
            if not taken[i]:
                continue
            _change(t, w, i, -1)
            j = _best(w, cost, left + cost[i], False, gain[i] + least)
            if j < 0:
                j = i
            else:
                better = True
            _change(t, w, j, 1)
            left += cost[i] - cost[j]
        left = _fill(t, left, w, least)
    return left


def _begun(p: Problem, sites: I64) -> tuple[Work, float]:
    """Return the work with these sites built, and what is left of the budget."""
    count = p.held.astype(np.int64)
    worth = np.where(count == 0, p.once, np.where(count == 1, p.twice, 0.0))
    gain = np.add.reduceat(np.append(worth[p.cell], 0.0), np.minimum(p.start[:-1], len(p.cell))) * (np.diff(p.start) > 0)
    w = Work(count, gain, np.zeros(p.candidates, bool))
    for j in sites:
        _change(p.tables, w, int(j), 1)
    return w, p.budget - float(p.cost[sites].sum())


def _plan(p: Problem, taken: Mask, by: str) -> Plan:
    """Return the plan of what is built."""
    sites = np.flatnonzero(taken)
    return Plan(sites, p.worth(sites), float(p.cost[sites].sum()), by)


def _least(p: Problem) -> float:
    return LEAST_SHARE * float(p.once.sum() + p.twice.sum())


def greedy(p: Problem) -> Plan:
    """Return the plan that takes, one after the other, what adds most for its cost."""
    w, left = _begun(p, np.zeros(0, np.int64))
    _fill(p.tables, left, w, _least(p))
    return _plan(p, w.taken, "greedy")


def swapped(p: Problem, plan: Plan, by: str = "swaps") -> Plan:
    """Return the plan after exchanges of one site each, none of which would help any more."""
    w, left = _begun(p, plan.sites)
    _swap(p.tables, left, w, _least(p))
    made = _plan(p, w.taken, by)
    return made if made.worth > plan.worth else plan


def shaken(p: Problem, plan: Plan, seed: int) -> Iterator[Plan]:
    """Give the best plan so far after every shake, without end: a few sites leave, others come, exchanges follow."""
    random, here = np.random.Generator(np.random.PCG64(seed)), plan
    while True:
        if len(here.sites):
            gone = random.choice(here.sites, max(1, round(SHAKEN_SHARE * len(here.sites) * random.random())), replace=False)
            kept = np.setdiff1d(here.sites, gone)
            free, left = random.permutation(np.setdiff1d(np.arange(p.candidates), kept)), p.budget - float(p.cost[kept].sum())
            come = []
            for j in free[: len(gone)]:
                if p.cost[j] <= left:
                    come.append(j)
                    left -= float(p.cost[j])
            sites = np.sort(np.append(kept, np.array(come, np.int64)))
            made = swapped(p, Plan(sites, p.worth(sites), float(p.cost[sites].sum()), "shakes"), "shakes")
            here = made if made.worth >= (1.0 - WORSE_SHARE) * plan.worth else plan
            plan = made if made.worth > plan.worth else plan
        yield plan
