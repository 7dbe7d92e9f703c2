"""The tracker on two hours of a real airport's multilateration (skips where the recordings are absent)."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from tenere.batch import Status, SystemTracks
from tenere.feeds.files import open_recording
from tenere.track import Heard, TrackConfig, init, step
from tenere.wire import format as formats


@pytest.fixture(scope="module")
def plots(shared_data):
    feed = open_recording(shared_data / "asterix" / "lebl_201002_mlat.ast", "mlat")
    chosen = formats.load(feed.format)
    _, decoded = chosen.step(chosen.init(formats.SourceHint()), feed.chunk, float(feed.chunk.times_s[0]))
    return decoded.plots


def track(plots, config):
    """Return for every tick its time, and the numbers and addresses of its tracks; and the track of each plot."""
    state, rows, used = init(config), [], []
    ticks = np.floor(np.maximum.accumulate(plots.time_s)).astype(int)
    starts = np.append(np.unique(ticks, return_index=True)[1], len(ticks))
    for a, b in pairwise(starts):
        state, out = step(state, [Heard("mlat", plots.take(slice(a, b)), SystemTracks.blank(), Status.blank())], float(ticks[a] + 1), 1.0)
        rows.append((ticks[a] + 1, out.tracks.number, out.tracks.address))
        used.append(out.plot_tracks)
    return rows, np.concatenate(used)


def test_one_unbroken_track_an_address(plots):
    rows, _ = track(plots, TrackConfig())
    of_number, of_address, times = defaultdict(set), defaultdict(set), defaultdict(list)
    for time_s, numbers, addresses in rows:
        for n, a in zip(numbers.tolist(), addresses.tolist(), strict=True):
            of_number[n].add(a)
            of_address[a].add(n)
            times[a].append(time_s)
    assert all(len(a) == 1 for a in of_number.values()), "a track with two addresses"
    assert len(of_address) == 63  # 69 less the 6 field monitors, which are never tracked
    assert sum(map(len, of_address.values())) / len(of_address) <= 1.1
    placed = np.isfinite(plots.x_m) | np.isfinite(plots.lat_rad)
    live = plots.take(((plots.flags & 7) == 0) & placed)
    for a in np.unique(live.address[live.address > 0]):
        reports = np.sort(live.time_s[live.address == a])
        shown = np.array(times[int(a)])
        for part in np.split(reports, np.nonzero(np.diff(reports) > 60)[0] + 1):
            inside = shown[(shown >= part[0]) & (shown <= part[-1] + 1)]
            assert len(inside), f"{a:06X} has reports and no track"
            assert inside[0] - part[0] < 3
            assert np.diff(inside).max(initial=0) < 3, f"{a:06X} is broken"


def test_wrong_addresses_merge_no_two_aircraft(plots):
    rng = np.random.Generator(np.random.PCG64(11))
    real = plots.address.copy()
    wrong = np.nonzero(rng.random(len(plots)) < 0.01)[0]
    heard = real.copy()
    half = len(wrong) // 2
    heard[wrong[:half]] = rng.choice(real[real > 0], half)  # another aircraft's that is about
    heard[wrong[half:]] ^= 1 << rng.integers(0, 24, len(wrong) - half)  # one bit fell over
    rows, used = track(plots.replace(address=heard), TrackConfig())
    shown = {int(n) for _, numbers, _ in rows for n in numbers}
    mixed = 0
    for n in shown:
        mine = real[used == n]
        values, counts = np.unique(mine, return_counts=True)
        others = counts.sum() - counts.max()
        assert others <= max(1, 0.03 * counts.sum()), f"track {n} holds {dict(zip(values.tolist(), counts.tolist(), strict=True))}"
        mixed += others
    assert mixed <= 0.2 * len(wrong)
    real_live = np.unique(real[(plots.flags & 7) == 0])
    assert len(shown) <= 1.1 * len(real_live)


def test_without_names_the_figure_is_known(plots):
    part = plots.take(slice(0, 30_000))
    _, used = track(part, TrackConfig(features=("height",)))
    live = (part.flags & 7) == 0
    pairs = {(int(n), int(a)) for n, a in zip(used[live], part.address[live], strict=True) if n > 0}
    addresses = {a for _, a in pairs}
    assert len(pairs) / len(addresses) < 6.0
