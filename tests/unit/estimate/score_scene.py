"""Small pictures of the air, made row by row."""

from __future__ import annotations

import numpy as np

from tenere.estimate.paths import Reports, ordered, paths
from tenere.estimate.score import score
from tenere.estimate.steps import ScoreConfig, grid, span_of


def reports(who, time_s, x_m, y_m, vx_ms=None, vy_ms=None, z=None, cov=None, address=None, parties=None) -> Reports:
    """Return rows; what is not given is not known."""
    who = np.asarray(who, np.int64)
    n = len(who)

    def column(values):
        return np.full(n, np.nan) if values is None else np.asarray(values, float) + np.zeros(n)

    return Reports(
        who,
        column(time_s),
        column(x_m),
        column(y_m),
        column(vx_ms),
        column(vy_ms),
        column(z),
        np.full((n, 3), np.nan) if cov is None else np.broadcast_to(np.asarray(cov, float), (n, 3)),
        np.full(n, -1) if address is None else np.asarray(address, np.int64) + np.zeros(n, np.int64),
        (int(who.max(initial=-1)) + 1) if parties is None else parties,
    )


def rows(*flights, parties=None, **more) -> Reports:
    """Return the rows of flights (who, times, x, y), each flown straight along x at what its x tell."""
    parts = [(np.full(len(t), who), np.asarray(t, float), x + np.zeros(len(t)), y + np.zeros(len(t))) for who, t, x, y in flights]
    return reports(*(np.concatenate(c) for c in zip(*parts, strict=True)), parties=parties, **more)


def told(truth: Reports, tracks: Reports, gap_s: float = 30.0, **config):
    """Return the score of tracks against the truth."""
    truth, tracks, chosen = ordered(truth)[0], ordered(tracks)[0], ScoreConfig(**config)
    return score(paths(truth, gap_s), tracks, grid(span_of(truth), tracks, chosen), chosen)
