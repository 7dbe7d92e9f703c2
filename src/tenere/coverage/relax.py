"""A bound on what any siting plan is worth, by Lagrangian relaxation, and the candidates that it settles. Numba kernels.

A cell's price is what the relaxed plan pays for each sensor that sees it: with prices given, the best sites are those whose cells
are dearest, and each cell decides by itself (Galvao and ReVelle, European Journal of Operational Research 88, 1996). Prices
follow the subgradient. Any prices bound every plan's worth from above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.siting import Plan, Problem, Tables

    F64 = NDArray[np.float64]

STEPS = 3000
PATIENCE = 30
"""Steps without a better bound, after which steps are halved."""
FIRST_STEP, LEAST_STEP = 1.5, 1e-3


class Relaxed(NamedTuple):
    """What the relaxation found."""

    bound: float
    price: F64
    """(D,) of each cell, of that bound."""
    never: NDArray[np.bool_]
    """(C,) candidates of no plan better than the one given."""
    always: NDArray[np.bool_]
    """(C,) candidates of every such plan."""


@njit(cache=True)
def _dear(start: np.ndarray, cell: np.ndarray, price: np.ndarray, out: np.ndarray) -> None:
    """Fill out (C,) with what each candidate's cells cost together."""
    for j in range(len(out)):
        total = 0.0
        for c in range(start[j], start[j + 1]):
            total += price[cell[c]]
        out[j] = total


@njit(cache=True)
def _chosen(dear: np.ndarray, cost: np.ndarray, budget: float, take: np.ndarray) -> float:
    """Fill take (C,) with the share of each candidate in the best purchase, the last one in part; return its worth."""
    order = np.argsort(-dear / cost, kind="mergesort")
    left, total = budget, 0.0
    take[:] = 0.0
    for j in order:
        if left <= 0.0 or dear[j] <= 0.0:
            break
        take[j] = min(1.0, left / cost[j])
        left -= take[j] * cost[j]
        total += take[j] * dear[j]
    return total


@njit(cache=True)
def _value(t: Tables, held: np.ndarray, budget: float, price: np.ndarray, dear: np.ndarray, take: np.ndarray, slope: np.ndarray) -> float:
    """Return the bound of these prices; fill dear, take (C,) and slope (D,), the bound's slope by each price."""
    start, cell, once, twice, cost = t.start, t.cell, t.once, t.twice, t.cost
    _dear(start, cell, price, dear)
    total = _chosen(dear, cost, budget, take)
    for d in range(len(once)):
        u = price[d]
        total += u * held[d] + max(once[d] - u, 0.0) + max(twice[d] - u, 0.0)
        slope[d] = held[d] - (1.0 if once[d] > u else 0.0) - (1.0 if twice[d] > u else 0.0)
    for j in range(len(take)):
        if take[j] > 0.0:
            for c in range(start[j], start[j + 1]):
                slope[cell[c]] += take[j]
    return total


@njit(cache=True)
def _descend(t: Tables, held: np.ndarray, budget: float, price: np.ndarray, known: float, steps: int) -> tuple[float, np.ndarray]:
    """Follow the subgradient from these prices; return the least bound and its prices. known: what a plan is worth."""
    once, cost = t.once, t.cost
    dear, take, slope = np.zeros(len(cost)), np.zeros(len(cost)), np.zeros(len(once))
    best, best_price = np.inf, price.copy()
    pace, waited = FIRST_STEP, 0
    for _ in range(steps):
        bound = _value(t, held, budget, price, dear, take, slope)
        if bound < best * (1.0 - 1e-7):
            best, waited = bound, 0
            best_price[:] = price
        else:
            waited += 1
            if waited >= PATIENCE:
                pace, waited = 0.5 * pace, 0
                price[:] = best_price
                if pace < LEAST_STEP:
                    break
        norm = 0.0
        for d in range(len(price)):
            if price[d] <= 0.0 and slope[d] > 0.0:
                slope[d] = 0.0
            norm += slope[d] * slope[d]
        if norm == 0.0 or bound - known <= 0.0:
            break
        step = pace * (bound - known) / norm
        for d in range(len(price)):
            price[d] = min(max(price[d] - step * slope[d], 0.0), once[d])
    return best, best_price


def relax(p: Problem, plan: Plan, steps: int = STEPS) -> Relaxed:
    """Return a bound on every plan's worth, and which candidates it settles, given the best plan known."""
    held = np.minimum(p.held, 2).astype(np.float64)
    price = np.where(p.held == 0, 0.5 * p.once, 0.5 * p.twice)
    bound, price = _descend(p.tables, held, p.budget, price, plan.worth, steps)
    never, always = np.zeros(p.candidates, bool), np.zeros(p.candidates, bool)
    sites = int(p.budget / p.cost[0]) if p.candidates else 0
    if p.candidates and (p.cost == p.cost[0]).all() and 0 < sites < p.candidates:
        dear = np.zeros(p.candidates)
        _dear(p.start, p.cell, price, dear)
        rank = np.argsort(-dear, kind="stable")
        last, next_ = dear[rank[sites - 1]], dear[rank[sites]]
        taken = np.zeros(p.candidates, bool)
        taken[rank[:sites]] = True
        never = ~taken & (bound - (last - dear) < plan.worth)
        always = taken & (bound - (dear - next_) < plan.worth)
    return Relaxed(bound, price, never, always)
