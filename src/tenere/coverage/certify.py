"""How far a siting plan is from the best there is: a bound on any plan's worth, and a better plan where there is one, by HiGHS.

Cells that the same candidates would see, and that as many sensors see already, are one cell for the solver. HiGHS (MIT licence) is the
package highspy of the extra `coverage`.
"""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.coverage.relax import relax
from tenere.coverage.siting import Plan
from tenere.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from numpy.typing import NDArray

    from tenere.coverage.siting import Problem

POLL_S = 0.1


class Certified(NamedTuple):
    """The best plan known, and what no plan can exceed."""

    plan: Plan
    bound: float

    @property
    def gap(self) -> float:
        """Return the share of the bound that the plan falls short of it at most."""
        return max(0.0, (self.bound - self.plan.worth) / self.bound) if self.bound > 0 else 0.0


class Merged(NamedTuple):
    """The cells for the solver: m of them."""

    start: NDArray[np.int64]
    """(m + 1,) where the candidates of each begin in `candidate`."""
    candidate: NDArray[np.int32]
    once: NDArray[np.float64]
    """(m,) of the cells that a first sensor may still come to see."""
    twice: NDArray[np.float64]
    held: NDArray[np.int64]
    """(m,) sensors that see it already: 0 or 1."""


def merged(p: Problem) -> Merged:
    """Return the cells that some candidate sees and that are not worth all they can be already, those that are alike as one."""
    count = p.candidates
    who = np.repeat(np.arange(count, dtype=np.int32), np.diff(p.start))
    order = np.lexsort((who, p.cell))
    cell, who = p.cell[order], who[order]
    cells, first = np.unique(cell, return_index=True)
    bounds = np.append(first, len(cell))
    groups: dict[bytes, int] = {}
    start, candidate, held = [0], [], []
    once: list[float] = []
    twice: list[float] = []
    for k, d in enumerate(cells.tolist()):
        already = min(int(p.held[d]), 2)
        if already == 2 or (already == 1 and p.twice[d] == 0.0):
            continue
        seers = who[bounds[k] : bounds[k + 1]]
        name = bytes([already]) + seers.tobytes()
        at = groups.setdefault(name, len(groups))
        if at == len(once):
            candidate.append(seers)
            start.append(start[-1] + len(seers))
            once.append(0.0)
            twice.append(0.0)
            held.append(already)
        once[at] += float(p.once[d])
        twice[at] += float(p.twice[d])
    joined = np.concatenate(candidate) if candidate else np.zeros(0, np.int32)
    return Merged(np.array(start), joined, np.array(once), np.array(twice), np.array(held, np.int64))


def certify(p: Problem, plan: Plan, time_s: float, gap: float = 0.005, go_on: Callable[[], bool] = lambda: True) -> Certified:
    """Bound what any plan is worth, and look for a better one than this, until the gap is so small, time_s has passed or go_on() says no.

    Raises UsageError where highspy is not installed.
    """
    solver, cells = _solver(), merged(p)
    if not len(cells.once):
        return Certified(plan, plan.worth)
    relaxed = relax(p, plan)
    known = Certified(plan, max(plan.worth, min(relaxed.bound, float(p.once.sum() + p.twice.sum()))))
    if known.gap <= gap or time_s <= 0 or not go_on():
        return known
    base = p.stands
    h = solver.Highs()
    for name, value in {
        "output_flag": False,
        "time_limit": float(time_s),
        "mip_rel_gap": float(gap),
        "threads": 1,
        "random_seed": 1,
    }.items():
        h.setOptionValue(name, value)
    model, columns = _model(solver, p, cells)
    lower, upper = np.array(model.col_lower_), np.array(model.col_upper_)
    lower[: p.candidates][relaxed.always], upper[: p.candidates][relaxed.never] = 1.0, 0.0
    model.col_lower_, model.col_upper_ = lower, upper
    h.passModel(model)
    _hint(solver, h, p, cells, plan, columns)
    done = threading.Event()

    def solve() -> None:
        h.run()
        done.set()

    h.HandleUserInterrupt = True
    worker = threading.Thread(target=solve, daemon=True)
    worker.start()
    while not done.wait(POLL_S):
        if not go_on():
            h.cancelSolve()
            done.wait()
    worker.join()
    info = h.getInfo()
    bound = base - info.mip_dual_bound
    found = np.flatnonzero(np.array(h.getSolution().col_value[: p.candidates]) > 0.5) if info.primal_solution_status == 2 else plan.sites
    worth = p.worth(found)
    better = Plan(found, worth, float(p.cost[found].sum()), "the solver") if worth > plan.worth else plan
    return Certified(better, max(min(bound, known.bound) if np.isfinite(bound) else known.bound, better.worth))


def _solver() -> ModuleType:
    """Return highspy."""
    try:
        return importlib.import_module("highspy")  # an extra: few need it
    except ImportError:
        msg = "siting: the proof of how good a plan is needs HiGHS: pip install 'tenere[coverage]'"
        raise UsageError(msg) from None


def _model(solver: Any, p: Problem, cells: Merged) -> tuple[Any, int]:  # noqa: ANN401 - highspy has no types
    """Return the program, and its columns: the candidates, each cell's first sensor, its second where that is worth anything.

    A cell's sensors are at most those built that see it and those that stand: first + second - built <= standing.
    """
    count, m = p.candidates, len(cells.once)
    second = np.flatnonzero(cells.twice > 0.0)
    lower = np.concatenate([np.zeros(count), (cells.held > 0).astype(float), np.zeros(len(second))])
    first_worth = np.where(cells.held > 0, 0.0, cells.once)
    lp = solver.HighsLp()
    lp.num_col_, lp.num_row_ = count + m + len(second), m + 1
    lp.col_cost_ = np.concatenate([np.zeros(count), -first_worth, -cells.twice[second]])
    lp.col_lower_, lp.col_upper_ = lower, np.ones(lp.num_col_)
    lp.row_lower_ = np.full(m + 1, -solver.kHighsInf)
    lp.row_upper_ = np.append(cells.held.astype(float), p.budget)
    rank = np.full(m, -1)
    rank[second] = np.arange(len(second))
    starts, index, value = [0], [], []
    for d in range(m):
        seers = cells.candidate[cells.start[d] : cells.start[d + 1]]
        more = [count + d] if rank[d] < 0 else [count + d, count + m + rank[d]]
        index += [seers, np.array(more)]
        value += [np.full(len(seers), -1.0), np.ones(len(more))]
        starts.append(starts[-1] + len(seers) + len(more))
    index.append(np.arange(count))
    value.append(p.cost)
    starts.append(starts[-1] + count)
    lp.a_matrix_.format_ = solver.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = np.array(starts), np.concatenate(index), np.concatenate(value)
    lp.integrality_ = [solver.HighsVarType.kInteger] * count + [solver.HighsVarType.kContinuous] * (m + len(second))
    return lp, lp.num_col_


def _hint(solver: Any, h: Any, p: Problem, cells: Merged, plan: Plan, columns: int) -> None:  # noqa: ANN401 - highspy has no types
    """Let the solver begin with the plan."""
    built = np.zeros(p.candidates)
    built[plan.sites] = 1.0
    seen = np.add.reduceat(built[cells.candidate], cells.start[:-1]) + cells.held
    second = np.flatnonzero(cells.twice > 0.0)
    hint = solver.HighsSolution()
    hint.col_value = np.concatenate([built, np.minimum(seen, 1.0), np.clip(seen[second] - 1.0, 0.0, 1.0)]).tolist()
    assert len(hint.col_value) == columns
    h.setSolution(hint)
