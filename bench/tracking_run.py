"""Runs our tracker over one scenario of the benchmark's format and scores it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench.airbench import scenario, variants
from bench.airbench.score import score
from tenere import track
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import Data, Meta
    from tenere.batch import Tracks

CACHE = Path(__file__).parents[1] / "build" / "bench"
OURS = ("air10_c50", "air100_c50", "air500_c50", "air100_c500", "air500_c500", "air100_c50_T10", "air100_c50_rot", "air500_c500_rot")
BEGIN_S = 1000.0  # the tracker's clock at the scenario's zero
UNTIMED = 2
PARTS = {"full": "rms_full", "loc": "loc_rms", "missed": "missed_per_scan", "false": "false_per_scan"}
COLUMNS = ("scan", "track_id", "x", "y", "vx", "vy", "var_xx", "var_xy", "var_yy")


def scenarios_of(folder: Path | None, only: list[str]) -> list[Path]:
    """Return the scenarios of a folder, or of the suite and its variants, made where the cache has them not yet."""
    if folder is None:
        folder = CACHE / "air"
        wanted = [n for n in (*OURS, *variants.available()) if not only or n in only]
        for name in wanted:
            if not (folder / f"{name}.json").exists():
                print(f"making {name}", file=sys.stderr)
                made = variants.make(name) if name in variants.VARIANTS else scenario.make(**scenario.SUITE[name])
                scenario.save(folder, name, *made)
        return [folder / f"{n}.npz" for n in wanted]
    found = sorted(p for p in folder.glob("*.npz") if p.with_suffix(".json").exists())
    return [p for p in found if not only or p.stem in only]


class Run(NamedTuple):
    """What a run gave: the rows to score and the CPU seconds and plots of each timed scan."""

    out: dict[str, NDArray[Any]]
    cpu_s: NDArray[np.float64]
    plots: NDArray[np.int64]


def sensors_of(meta: Meta) -> tuple[SensorConfig, ...]:
    """Return what a site file would say of the scenario's radars: one whose place nobody gave, or several placed."""
    return tuple(
        SensorConfig(
            id=f"R{s}",
            kind="radar",
            source=f"r{s}",
            lat_deg=place.get("lat_deg", float("nan")),
            lon_deg=place.get("lon_deg", float("nan")),
            range_std_m=meta["sigma_r_m"],
            azimuth_std_deg=meta["sigma_az_deg"],
            range_m=meta["r_max_m"],
            clutter=meta["lam"],
            period_s=meta["T"],
            detection=meta["pd"],
        )
        for s, place in enumerate(meta.get("radars", [{}]))
    )


def heard_of(data: Data, meta: Meta, k: int) -> list[Heard]:
    """Return scan k as the tracker hears it, radar by radar: nothing of the truth, no plot_src."""
    plots = plots_of(data, k)
    if "radars" not in meta:
        return [Heard("r0", plots, SystemTracks.blank(), Status.blank())]
    low, high = np.searchsorted(data["plot_scan"], (k, k + 1))
    which = data["plot_sensor"][low:high]
    return [Heard(f"r{s}", plots.take(which == s), SystemTracks.blank(), Status.blank()) for s in range(len(meta["radars"]))]


def plots_of(data: Data, k: int) -> Plots:
    """Return the plots of scan k in our columns."""
    low, high = np.searchsorted(data["plot_scan"], (k, k + 1))
    n = int(high - low)
    given: dict[str, Any] = {"height_m": 0.0}
    if "plot_h" in data:
        mode_c = data["plot_h"][low:high]
        given = {"pressure_altitude_m": mode_c}
    return Plots.blank(
        n,
        time_s=BEGIN_S + data["plot_t"][low:high],
        kind=np.where(np.isfinite(given["pressure_altitude_m"]), PlotKind.PSR_SSR, PlotKind.PSR) if "plot_h" in data else PlotKind.PSR,
        range_m=data["plot_r"][low:high],
        azimuth_rad=(np.pi / 2 - data["plot_az"][low:high]) % (2 * np.pi),
        sac_sic=-1,
        **given,
    )


def rows_of(k: int, tracks: Tracks) -> list[NDArray[Any]]:
    """Return the output columns of scan k."""
    return [
        np.full(len(tracks), k),
        tracks.number.astype(np.int64),
        tracks.x_m,
        tracks.y_m,
        tracks.vx_ms,
        tracks.vy_ms,
        tracks.var_xx_m2,
        tracks.var_xy_m2,
        tracks.var_yy_m2,
    ]


def run(data: Data, meta: Meta, scans: int | None = None, config: TrackConfig | None = None) -> Run:
    """Track the first scans of a scenario.

    Frozen scans step at their time k T. Of a rotating radar scan k's plots are heard by (k + 1) T, when it steps; the
    row of scan k is the state at k T then. Only track.step is timed, and not in the first two scans.
    """
    last = data["X"].shape[0] if scans is None else min(scans, data["X"].shape[0])
    period_s = meta["T"]
    centre = tuple(np.deg2rad(meta["centre_deg"])) if "centre_deg" in meta else None
    state = track.init(config or TrackConfig(), sensors_of(meta), centre)
    parts, cpu_s, counts = [], [], []
    for k in range(last):
        heard = heard_of(data, meta, k)
        now_s = BEGIN_S + (k + 1 if meta["rotating"] else k) * period_s
        begin = time.process_time()
        state, tracked = track.step(state, heard, now_s, period_s)
        spent = time.process_time() - begin
        if k >= UNTIMED:
            cpu_s.append(spent)
            counts.append(sum(len(h.plots) for h in heard))
        tracks = track.picture(state, BEGIN_S + k * period_s) if meta["rotating"] else tracked.tracks
        parts.append(rows_of(k, tracks))
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    return Run(dict(zip(COLUMNS, columns, strict=True)), np.array(cpu_s), np.array(counts))


def measure(name: str, data: Data, meta: Meta, scans: int | None = None, config: TrackConfig | None = None) -> tuple[dict[str, Any], Run]:
    """Return the row of a scenario, its scores and what it cost, and the run."""
    got = run(data, meta, scans, config)
    scored = score(data, meta, got.out, int(min(scans or data["X"].shape[0], data["X"].shape[0])))
    spent, plots = float(got.cpu_s.sum()), int(got.plots.sum())
    row = {
        "name": name,
        **flat(scored),
        "s_per_scan": spent / max(1, len(got.cpu_s)),
        "plots_per_s": plots / spent if spent else None,
        "us_per_plot": 1e6 * spent / max(1, plots),
    }
    return row, got


def flat(scored: dict[str, Any]) -> dict[str, Any]:
    """Return the scores with gospa_* the RMS, and its parts under gospa_*_{full, loc, missed, false}."""
    out = dict(scored)
    for key in [k for k in scored if k.startswith("gospa_")]:
        parts = out.pop(key)
        out[key] = parts["rms"]
        out |= {f"{key}_{short}": parts[of] for short, of in PARTS.items()}
    return out


def rounded(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a result with its floats to six figures, for a file that is read and compared."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value
