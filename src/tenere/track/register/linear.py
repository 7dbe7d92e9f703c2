"""Symmetric positive definite systems by Cholesky's method. Numba kernels, row by row: the same bits whatever else the machine does.

G. H. Golub, C. F. Van Loan, Matrix Computations, 4th edition, 2013, section 4.2 (the outer-product form). Rows that are zero
cost nothing: sensors that share no aircraft.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True)
def factor(a: np.ndarray) -> None:
    """Turn a (n, n), positive definite, into U with U' U = a in its upper triangle, in place; the rest is left as it is."""
    n = len(a)
    for k in range(n):
        d = 1.0 / math.sqrt(a[k, k])
        for j in range(k, n):
            a[k, j] *= d
        for i in range(k + 1, n):
            f = a[k, i]
            if f != 0.0:
                for j in range(i, n):
                    a[i, j] -= f * a[k, j]


@njit(cache=True)
def solved(u: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return x (n,) with U' U x = b."""
    n = len(b)
    x = b.copy()
    for k in range(n):
        x[k] /= u[k, k]
        for j in range(k + 1, n):
            x[j] -= u[k, j] * x[k]
    for k in range(n - 1, -1, -1):
        total = x[k]
        for j in range(k + 1, n):
            total -= u[k, j] * x[j]
        x[k] = total / u[k, k]
    return x


@njit(cache=True)
def inverse_diagonal(u: np.ndarray) -> np.ndarray:
    """Return the diagonal (n,) of the inverse of U' U: the squared lengths of the rows of U's inverse."""
    n = len(u)
    v, out = np.zeros((n, n)), np.zeros(n)
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            f = u[i, k]
            if f != 0.0:
                for j in range(k, n):
                    v[i, j] -= f * v[k, j]
        d = 1.0 / u[i, i]
        v[i, i] = 1.0
        total = 0.0
        for j in range(i, n):
            v[i, j] *= d
            total += v[i, j] * v[i, j]
        out[i] = total
    return out
