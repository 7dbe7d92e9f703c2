"""tenere track: the tracker alone, from tables of plots to one table of tracks."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere import track
from tenere.batch import Status, SystemTracks, Tracks
from tenere.cli import setting
from tenere.cli.decode import options
from tenere.cli.output import Progress, Seen, print_json, say
from tenere.config import BOUNDS, Config, PlaceConfig
from tenere.errors import TenereError, UsageError
from tenere.feeds.files import source_name
from tenere.feeds.plot_files import PlotFile, PlotTicks
from tenere.qnh import QnhBook
from tenere.record.tables import TableWriter

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from tenere.estimate.smooth import FixedLag

MOST_LAG_TICKS = 600


class Settings:
    """What a run goes by: files and the names of their feeds, the site's sensors, the tick, the lag of smoothing in ticks (0: none)."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Weigh the options and read the site file; raise UsageError for what makes no sense."""
        config = setting.complete(setting.site(args.site)) if args.site is not None else Config()
        self.config, self.heights = config.track, config.heights
        self.qnh = QnhBook.of(config.qnh, config.heights.qnh_radius_km * 1e3, config.heights.qnh_age_s)
        self.centre_rad: tuple[float, float] | None = (math.radians(config.site.centre_lat_deg), math.radians(config.site.centre_lon_deg))
        if math.isnan(sum(self.centre_rad)):
            self.centre_rad = None
        self.tick_s = config.site.tick_s if args.tick is None else args.tick
        low, high = BOUNDS[PlaceConfig]["tick_s"]
        if not low <= self.tick_s <= high:
            raise UsageError(f"--tick {self.tick_s:g}: give {low:g} to {high:g} seconds")
        self.lag_ticks = 0 if args.smooth is None else max(1, math.ceil(args.smooth / self.tick_s - 1e-9))
        if self.lag_ticks > MOST_LAG_TICKS:
            raise UsageError(f"--smooth {args.smooth:g}: is more than {MOST_LAG_TICKS} ticks of {self.tick_s:g} s")
        self.mapping: dict[str, Any] = options([], args.mapping).get("mapping", {})
        taken = set[str]()
        self.feeds = [(path, source_name(path, taken)) for path in args.files]
        # a sensor whose own feed is not among the files may come in any of them, as in a replay
        self.sensors = tuple(s if not s.source or s.source in taken else msgspec.structs.replace(s, source="") for s in config.sensor)
        self.patience_s = max(config.track.coast_s, config.track.coast_addressed_s) + self.tick_s
        self.out: Path = args.out
        _check_out(self.out, args.files)


def _check_out(out: Path, files: list[Path]) -> None:
    """Refuse to write over what is read, or where there is no folder."""
    if out.is_dir():
        raise UsageError(f"--out {out}: is a folder; name the file of tracks in it")
    if any(out.resolve() == path.resolve() for path in files):
        raise UsageError(f"--out {out}: is read from; name another file")


class Tally:
    """What a run made, in counts."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.plots = self.used = self.ticks = 0
        self.seen = Seen()
        self.cpu_s = 0.0
        self.first_s = self.last_s = math.nan
        self.dropped: dict[str, int] = {}

    def take(self, time_s: float, tracked: track.Tracked) -> None:
        """Count one tick."""
        self.ticks += 1
        self.plots += len(tracked.plots)
        self.used += int(np.count_nonzero(tracked.plot_tracks))
        self.seen.add(tracked.tracks.number)
        self.first_s = time_s if math.isnan(self.first_s) else self.first_s
        self.last_s = time_s


def _tracked(settings: Settings, ticks: PlotTicks, tally: Tally) -> Iterator[tuple[Tracks, track.State]]:
    """Step the tracker through all ticks; yield the tracks of each and the state."""
    state = track.init(settings.config, settings.sensors, settings.centre_rad, settings.heights, settings.qnh)
    progress = Progress("track", float(ticks.rows))
    for time_s, parts in ticks:
        heard = [track.Heard(source, plots, SystemTracks.blank(), Status.blank()) for source, plots in parts]
        cpu = time.process_time()
        state, tracked = track.step(state, heard, time_s, settings.tick_s)
        tally.cpu_s += time.process_time() - cpu
        tally.take(time_s, tracked)
        tally.dropped = dict(state.counts)
        yield tracked.tracks, state
        progress.at(float(ticks.rows_read), f"{len(tracked.tracks)} tracks")
    progress.end()


def _write(settings: Settings, ticks: PlotTicks, tally: Tally) -> int:
    """Run and write the table; return its rows. Whatever ends the run early leaves no file."""
    smoother: FixedLag | None = None
    empty: Tracks = Tracks.blank()
    if settings.lag_ticks:
        from tenere.estimate.smooth import FixedLag, SmoothedTracks  # noqa: PLC0415 - only smoothing needs its kernels

        smoother, empty = FixedLag(settings.lag_ticks), SmoothedTracks.blank()
    try:
        writer = TableWriter(settings.out, empty)
    except OSError as e:
        raise UsageError(f"--out {settings.out}: cannot be written there: {e.strerror or e}") from e
    try:
        state: track.State | None = None
        for tracks, state in _tracked(settings, ticks, tally):
            writer.add(tracks if smoother is None else _placed(smoother.step(tracks), state))
        if smoother is not None and state is not None:
            while smoother.held:
                writer.add(_placed(smoother.flush(), state))
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return writer.rows


def _placed(rows: Tracks, state: track.State) -> Tracks:
    """Return smoothed rows with the latitude and longitude of the smoothed place."""
    main = rows.frame == 0
    if state.plane is None or not main.any():
        return rows
    lat, lon = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    lat[main], lon[main] = state.plane.inverse(rows.smooth_x_m[main], rows.smooth_y_m[main])  # type: ignore[attr-defined]  # SmoothedTracks
    return rows.replace(smooth_lat_rad=lat, smooth_lon_rad=lon)


def run(args: argparse.Namespace) -> int:
    """Track; 1 when a file could not be read or no plot stood."""
    settings = Settings(args)
    files = [PlotFile(path, source, settings.mapping) for path, source in settings.feeds]
    ticks = PlotTicks(files, settings.tick_s, settings.patience_s)
    if not math.isfinite(ticks.first_s):
        raise TenereError("no row has a time: nothing can be tracked")
    tally = Tally()
    rows = _write(settings, ticks, tally)
    summary = {
        "out": str(settings.out),
        "rows": rows,
        "tracks": tally.seen.count(),
        "plots": tally.plots,
        "used": tally.used,
        "ticks": tally.ticks,
        "tick_s": settings.tick_s,
        "air_s": round(tally.last_s - tally.first_s + settings.tick_s, 3),
        "smooth_s": settings.lag_ticks * settings.tick_s,
        "cpu_s": round(tally.cpu_s, 3),
        "plots_s": round(tally.plots / max(tally.cpu_s, 1e-9)),
        "untracked": tally.dropped,
        "files": [{"file": str(f.path), "rows": f.rows, "rejected": f.rejects.counts, "first_row": f.rejects.first_offset} for f in files],
    }
    for f in files:
        for reason, count in f.rejects.counts.items():
            say(f"tenere track: {f.path}: {reason}: {count:,} (first in row {f.rejects.first_offset[reason]:,})")
    if args.json:
        print_json(summary)
    else:
        print("  ".join(f"{k} {v}" for k, v in summary.items() if not isinstance(v, list | dict)))
    if not tally.plots:
        say("tenere track: no row stood; the table of tracks is empty")
    return 0 if tally.plots else 1
