from __future__ import annotations

import numpy as np
import pytest

from tenere.batch import PlotKind, Plots, Tracks
from tenere.serve.tracks import recorder
from tenere.serve.tracks.recorder import Recorder

NOBODY = Plots.blank(0)


def tracks(*numbers, **columns):
    return Tracks.blank(len(numbers), number=np.array(numbers, np.uint32), **columns)


def run(made, time_s, t, plots=NOBODY, by=()):
    made.take(time_s, t, plots, np.array(by, np.int64))


def names(made, number):
    return [(since, kind, what) for since, kind, what in made.told(number).names]


def test_a_profile_has_a_sample_each_ten_seconds_and_half_an_hour_of_them():
    made = Recorder()
    for s in range(2400):
        run(made, 1000.0 + s, tracks(5, 6, pressure_altitude_m=[3000.0 + s, np.nan], speed_ms=200.0))
    told = made.told(5)
    assert len(told.profile) == recorder.SAMPLES
    times = np.array([p[0] for p in told.profile])
    assert np.diff(times).tolist() == [10.0] * (recorder.SAMPLES - 1)
    assert told.profile[-1][1] == pytest.approx(3000.0 + times[-1] - 1000.0)
    assert np.isnan(made.told(6).profile[0][1])


def test_samples_are_bounded_in_all(monkeypatch):
    monkeypatch.setattr(recorder, "SAMPLE_ROWS", 25)
    made = Recorder()
    for k in range(20):
        run(made, 10.0 * k, tracks(*range(1, 11)))
    assert [p[0] for p in made.told(3).profile] == [180.0, 190.0]


def test_each_new_name_is_noted_once_with_its_time():
    made = Recorder()
    run(made, 1.0, tracks(5, 9, mode_a=[0o1234, -1], callsign=[b"", b"AFR1"]))
    run(made, 2.0, tracks(5, 9, mode_a=[0o1234, 0o2000], callsign=[b"UNO1", b"AFR1"]))
    run(made, 3.0, tracks(5, 9, mode_a=[-1, 0o2000], callsign=[b"", b"AFR1"]))  # not said: it keeps its name
    run(made, 4.0, tracks(5, 9, mode_a=[0o7700, 0o2000], callsign=[b"UNO1", b"AFR2"], address=[0x62001, -1]))
    assert names(made, 5) == [(1.0, "mode_a", 0o1234), (2.0, "callsign", b"UNO1"), (4.0, "mode_a", 0o7700), (4.0, "address", 0x62001)]
    assert names(made, 9) == [(1.0, "callsign", b"AFR1"), (2.0, "mode_a", 0o2000), (4.0, "callsign", b"AFR2")]


def test_names_follow_the_number_wherever_its_row_is():
    made = Recorder()
    run(made, 1.0, tracks(5, 9, callsign=[b"A", b"B"]))
    run(made, 2.0, tracks(9, 7, 5, callsign=[b"B", b"C", b"A"]))
    run(made, 3.0, tracks(7, callsign=[b"C"]))
    run(made, 4.0, tracks(5, 7, callsign=[b"A", b"D"]))
    assert names(made, 5) == [(1.0, "callsign", b"A")]
    assert names(made, 9) == [(1.0, "callsign", b"B")]
    assert names(made, 7) == [(2.0, "callsign", b"C"), (4.0, "callsign", b"D")]


def test_the_latest_plots_of_a_track_and_who_gave_them():
    made = Recorder()
    for s in range(100):
        plots = Plots.blank(3, time_s=float(s), sensor=[0, 3, 0], kind=[PlotKind.SSR, PlotKind.ADSB, PlotKind.PSR], range_m=[s, s, -1.0])
        run(made, float(s), tracks(5), plots, by=[5, 5, 0])
    told = made.told(5)
    assert len(told.plots["time_s"]) == recorder.PLOTS_TOLD
    assert told.plots["time_s"][-2:] == [99.0, 99.0]
    assert -1.0 not in told.plots["range_m"], "what no track used is nobody's"
    assert told.sensors == [(0, 99.0, 100), (3, 99.0, 100)]


def test_plots_and_pairs_are_bounded(monkeypatch):
    monkeypatch.setattr(recorder, "PLOTS", 50)
    monkeypatch.setattr(recorder, "SEEN", 40)
    made = Recorder()
    for s in range(30):
        run(made, float(s), tracks(5), Plots.blank(10, time_s=float(s), sensor=0), by=range(10 * s + 1, 10 * s + 11))
    assert made.told(12) is None
    assert len(made.told(295).plots["number"]) == 1
    assert len(made._seen) <= 40
    assert (np.diff(made._seen.astype(np.int64)) > 0).all()


def test_a_sensor_of_a_format_without_one_does_not_spill_into_another_track():
    made = Recorder()
    run(made, 1.0, tracks(5, 6), Plots.blank(2, time_s=1.0, sensor=[-1, 2]), by=[5, 6])
    assert made.told(5).sensors == [(-1, 1.0, 1)]
    assert made.told(6).sensors == [(2, 1.0, 1)]


def test_a_track_that_is_gone_is_still_told_of_and_time_going_back_starts_anew():
    made = Recorder()
    run(made, 100.0, tracks(5, callsign=[b"A"]))
    run(made, 110.0, tracks(6))
    assert [p[0] for p in made.told(5).profile] == [100.0]
    run(made, 50.0, tracks(6))
    assert made.told(5) is None


@pytest.mark.parametrize("number", [0, -1, 1 << 32, 1 << 70, 77])
def test_a_number_that_nothing_is_known_of(number):
    made = Recorder()
    assert made.told(number) is None
    run(made, 1.0, tracks(5))
    assert made.told(number) is None


def test_no_tracks_and_no_plots_are_a_tick_too():
    made = Recorder()
    run(made, 1.0, Tracks.blank(0))
    run(made, 2.0, tracks(5, callsign=[b"A"]))
    run(made, 3.0, Tracks.blank(0))
    assert names(made, 5) == [(2.0, "callsign", b"A")]
