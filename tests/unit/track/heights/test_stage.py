import math

import numpy as np
import pytest
from bench import heights as sky

from tenere import track
from tenere.batch import HeightSource, Plots, Status, SystemTracks, TrackFlag, Trend
from tenere.errors import Rejects
from tenere.qnh import Qnh, QnhBook
from tenere.track import TrackConfig
from tenere.track.heights.config import HeightsConfig

NOW = sky.START_S


def run(plots_of, seconds, config=None, book=None):
    state = track.init(TrackConfig(cores=1), sky.site(), (sky.LAT, sky.LON), config or HeightsConfig(geoid_m=sky.GEOID_M), book)
    for second in range(seconds):
        heard = [track.Heard("", plots_of(second), SystemTracks.blank(), Status.blank())]
        state, out = track.step(state, heard, NOW + second + 1, 1.0)
    return state, out


def one(second, level, height=math.nan, address=0x123456):
    lat = sky.LAT + second * 200 / 6.37e6
    return Plots.blank(
        1, time_s=NOW + second + 0.5, sac_sic=256 + 9, kind=6, address=address, lat_rad=lat, lon_rad=sky.LON, position_std_m=20.0,
        pressure_altitude_m=level, height_m=height,
    )  # fmt: skip


def test_every_kind_of_aircraft_has_its_height():
    report = sky.run(4.0, 3, sky.Way(HeightsConfig(geoid_m=sky.GEOID_M)))
    assert report["ADS-B, both heights"]["height_p95_m"] < 5
    assert report["Mode C only"]["height_p95_m"] < 80
    assert report["3-D radar only"]["height_p95_m"] < 600
    assert report["no height"]["height_known"] > 0.9
    for kind in ("ADS-B, both heights", "Mode C only", "no height", "3-D radar and Mode C"):
        assert report[kind]["within_2_sigma"] > 0.85
        assert report[kind]["flagged"] == 0.0
    assert report["flags of what leaves"]["flagged_aircraft"] == 1.0


def test_learning_the_air_places_radar_plots_better():
    before = sky.run(4.0, 3, sky.Way(HeightsConfig(learn=False, slant=False)))
    after = sky.run(4.0, 3, sky.Way(HeightsConfig(geoid_m=sky.GEOID_M)))
    assert after["Mode C only"]["ground_p50_m"] < 0.95 * before["Mode C only"]["ground_p50_m"]
    assert after["no height"]["ground_p95_m"] < 0.6 * before["no height"]["ground_p95_m"]


def test_altitude_below_the_transition_and_level_above():
    book = QnhBook()
    book.take([Qnh("DRRN", sky.LAT, sky.LON, 100_000.0, NOW - 60)], NOW, Rejects())
    _, out = run(lambda t: Plots.concat([one(t, 1000.0), one(t, 6000.0, address=0x222222)]), 12, book=book)
    low, high = (int(np.flatnonzero(out.tracks.address == a)[0]) for a in (0x123456, 0x222222))
    # 1000 hPa is 110.9 m below 1013.25 hPa
    assert out.tracks.altitude_m[low] == pytest.approx(889.1, abs=0.5)
    assert out.tracks.qnh_hpa[low] == pytest.approx(1000.0)
    assert math.isnan(out.tracks.altitude_m[high])
    _, out = run(lambda t: one(t, 1000.0), 12)
    assert math.isnan(out.tracks.altitude_m[0])
    assert math.isnan(out.tracks.qnh_hpa[0])


def test_qnh_alone_lowers_the_height():
    book = QnhBook()
    book.take([Qnh("DRRN", sky.LAT, sky.LON, 100_000.0, NOW - 60)], NOW, Rejects())
    _, low = run(lambda t: one(t, 1000.0), 12, HeightsConfig(), book)
    _, standard = run(lambda t: one(t, 1000.0), 12, HeightsConfig())
    assert standard.tracks.height_m[0] == pytest.approx(1000.0, abs=0.5)
    # 110.9 m for 1000 hPa, and 54 m for the tropics' warmth
    assert low.tracks.height_m[0] == pytest.approx(943.1, abs=0.5)
    assert low.tracks.height_std_m[0] < standard.tracks.height_std_m[0]
    assert HeightSource(low.tracks.height_from[0]) == HeightSource.PRESSURE


def test_a_jump_marks_the_track_and_is_kept():
    state, out = run(lambda t: one(t, 5000.0, 5100.0 + (800.0 if t > 60 else 0.0)), 70)
    assert len(state.heights.jumps) == 1
    jump = state.heights.jumps[0]
    assert (jump.number, jump.by_m) == (int(out.tracks.number[0]), pytest.approx(800.0, abs=10))
    assert out.tracks.flags[0] & TrackFlag.HEIGHTS_DIFFER
    _, out = run(lambda t: one(t, 5000.0, 5100.0), 70)
    assert not out.tracks.flags[0] & TrackFlag.HEIGHTS_DIFFER


def test_a_picture_at_any_time_leaves_the_trends_as_they_are():
    def climbing(t):
        return one(t, 3000.0 + 8.0 * t)

    plain, _ = run(climbing, 30)
    asked, _ = run(climbing, 30)
    for k in range(5):
        track.picture(asked, NOW + 30.0 + 20.0 * k)
    assert np.array_equal(plain.store.together["trend"], asked.store.together["trend"])
    assert track.picture(asked, NOW + 30.0).trend.tolist() == [Trend.CLIMBING]


def other(second, height, rate):
    return SystemTracks.blank(
        1, time_s=NOW + second + 0.5, sac_sic=9, source_track=4, flags=0, lat_rad=sky.LAT, lon_rad=sky.LON, address=7,
        pressure_altitude_m=900.0, vertical_rate_ms=rate, height_m=height,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "trend"), [(3.0, Trend.CLIMBING), (-3.0, Trend.DESCENDING), (0.1, Trend.LEVEL), (math.nan, Trend.UNKNOWN)]
)
def test_a_partners_track_has_altitude_and_trend_and_the_height_it_says(rate, trend):
    book = QnhBook()
    book.take([Qnh("DRRN", sky.LAT, sky.LON, 100_000.0, NOW - 60)], NOW, Rejects())
    state = track.init(TrackConfig(cores=1), sky.site(), (sky.LAT, sky.LON), HeightsConfig(), book)
    for second in range(3):
        heard = [track.Heard("s", Plots.blank(), other(second, 845.0, rate), Status.blank())]
        state, out = track.step(state, heard, NOW + second + 1, 1.0)
    row = out.tracks
    assert (row.trend.tolist(), row.height_from.tolist(), row.height_m.tolist()) == ([trend], [HeightSource.MEASURED], [845.0])
    # 1000 hPa is 110.9 m below 1013.25 hPa
    assert row.altitude_m[0] == pytest.approx(789.1, abs=0.5)


def test_a_transition_level_set_by_hand():
    book = QnhBook()
    book.take([Qnh("DRRN", sky.LAT, sky.LON, 100_000.0, NOW - 60)], NOW, Rejects())
    told = {}
    for level in (0, 70):
        config = HeightsConfig(transition_altitude_ft=5000.0, transition_level=level)
        _, out = run(lambda t: one(t, 2000.0), 12, config, book)
        told[level] = float(out.tracks.altitude_m[0])
    # FL65.6: above the transition level of 5,000 ft and 1000 hPa, FL55, and below the one set by hand
    assert math.isnan(told[0])
    assert told[70] == pytest.approx(1889.1, abs=0.5)


def test_trends():
    _, out = run(lambda t: Plots.concat([one(t, 3000.0 + 8.0 * t), one(t, 6000.0, address=2), one(t, 9000.0 - 6.0 * t, address=3)]), 60)
    trends = dict(zip(out.tracks.address.tolist(), out.tracks.trend.tolist(), strict=True))
    assert trends == {0x123456: Trend.CLIMBING, 2: Trend.LEVEL, 3: Trend.DESCENDING}
