"""Work by hand through the stage: made, correlated, merged, split, ended and undone, each refused in words where it must be."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from scene import RADAR, Sky

from tenere import track
from tenere.batch import PlotFlag, PlotKind, SystemTracks, TrackFlag
from tenere.track import manual, orders, together
from tenere.track.multi import MultiConfig
from tenere.track.orders import Apart, Correlate, End, Merge, ReportCommand, Split, Undo, as_command

DEG = math.degrees
WHO = {"by": "Lt Issa", "reason": "seen by the tower"}
PSR = {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}


class Desk(Sky):
    """A sky with an operator."""

    guarded = ()

    def say(self, *asked):
        """Carry commands out; return their answers."""
        commands = [a if isinstance(a, dict) else as_command(a) for a in asked]
        self.state, answers = track.order(self.state, commands, self.time_s, np.array(sorted(self.guarded), np.uint32))
        return answers

    def do(self, asked):
        """Carry one command out that must be obeyed."""
        (answer,) = self.say(asked)
        assert answer.accepted, answer.text()
        return answer

    def refused(self, asked):
        """Return the key of the answer to a command that must be refused, and changes nothing."""
        before = (dict(self.state.manual.tracks), dict(self.state.manual.orders), self.state.next_number)
        (answer,) = self.say(asked)
        assert not answer.accepted
        assert (answer.order, answer.track) == (0, 0)
        assert "{" not in answer.text("fr")
        assert before == (self.state.manual.tracks, self.state.manual.orders, self.state.next_number)
        return answer.key

    def numbers(self):
        return sorted(self.out.tracks.number.tolist())

    def row(self, number):
        return self.out.tracks.take(self.out.tracks.number == number)


def reported(**more):
    base = {
        "by": "Lt Issa", "words": "helicopter, north of Dosso, low", "lat_deg": 13.2, "lon_deg": 3.2, "position_std_m": 3000.0,
        "aircraft_class": "helicopter", "high_m": 300.0,
    }  # fmt: skip
    return ReportCommand(**base | more)


def two(seed=1, apart_m=4000.0, scans=6, **columns):
    """Return a desk where two aircraft fly side by side as tracks 1 and 2, the first begun before."""
    desk = Desk(seed=seed)
    desk.east = 40e3
    for k in range(scans + 2):
        fly(desk, [0.0] if k < 2 else [0.0, apart_m], **columns)
    assert desk.numbers() == [1, 2]
    return desk


def fly(desk, north, **columns):
    """Let the desk's aircraft fly on for a scan: those north of 60 km by so much are seen."""
    desk.tick(desk.radar(desk.east + np.zeros(len(north)), 60e3 + np.array(north), **PSR | columns))
    desk.east += 1000.0


def test_a_report_makes_a_track_that_grows_and_expires():
    desk = Desk()
    answer = desk.do(reported(keep_s=600.0, callsign="UNO12"))
    assert (answer.track, answer.kind, answer.by, answer.key) == (1, "track_report", "Lt Issa", "order.done")
    first = desk.tick()
    assert first.flags[0] == TrackFlag.CONFIRMED | TrackFlag.COASTING | TrackFlag.MANUAL
    assert (DEG(first.lat_rad[0]), DEG(first.lon_rad[0])) == (pytest.approx(13.2), pytest.approx(3.2))
    assert (first.callsign[0], first.kinds[0], first.sensors[0], first.source[0]) == (b"UNO12", 0, 0, -1)
    assert np.isnan([first.speed_ms[0], first.course_rad[0], first.pressure_altitude_m[0]]).all()
    (told,) = track.told(desk.state.manual)
    assert (told.shown_as, told.high_m, told.remarks[0].words) == (1, 300.0, "helicopter, north of Dosso, low")
    std = [together.std_m(desk.tick()) for _ in range(100)]
    assert all(a < b for a, b in itertools.pairwise(std))
    assert 3000.0 < std[0] < std[-1] < 3000.0 + 0.5 * 95.0 * 510.0
    for _ in range(20):
        last = desk.tick()
    assert len(last) == 0
    assert not desk.state.manual.busy
    assert desk.refused(reported(track=1)) == "order.gone_track"


def test_it_is_no_plot_and_feeds_no_track():
    desk, plain = two(), two()
    lat, lon = DEG(desk.row(1).lat_rad[0]), DEG(desk.row(1).lon_rad[0])
    desk.do(reported(lat_deg=lat, lon_deg=lon, position_std_m=10.0))
    for _ in range(5):
        fly(desk, [0.0, 4000.0])
        fly(plain, [0.0, 4000.0])
        own = desk.out.tracks.take(slice(2))
        assert [getattr(own, n).tobytes() for n, *_ in own.columns()] == [getattr(plain.out.tracks, n).tobytes() for n, *_ in own.columns()]
    assert desk.numbers() == [1, 2, 3]


def test_a_further_report_updates_it():
    desk = Desk()
    number = desk.do(reported()).track
    desk.tick()
    before = together.std_m(desk.row(number))
    desk.time_s += 115.0
    answer = desk.do(reported(track=number, lat_deg=13.22, position_std_m=500.0, course_deg=0.0, speed_ms=50.0, words="again, by phone"))
    assert (answer.track, answer.key) == (number, "order.done")
    desk.tick()
    row = desk.row(number)
    assert together.std_m(row) < 600.0 < before
    assert DEG(row.lat_rad[0]) == pytest.approx(13.22, abs=0.005)
    assert DEG(row.course_rad[0] + np.pi) % 360 == pytest.approx(180.0, abs=10.0)
    assert row.speed_ms[0] == pytest.approx(50.0, abs=15.0)
    assert [r.words for r in track.told(desk.state.manual)[0].remarks] == ["helicopter, north of Dosso, low", "again, by phone"]
    answer = desk.do(reported(track=number, lat_deg=15.0, position_std_m=500.0))
    assert answer.key == "order.far_report"
    assert DEG(desk.tick().lat_rad[0]) == pytest.approx(15.0, abs=0.01)


def test_a_report_of_some_time_ago_is_grown_to_now():
    desk = Desk()
    desk.do(reported(report_s=desk.time_s - 300.0))
    row = desk.tick()
    assert row.update_s[0] == desk.time_s - 305.0
    assert together.std_m(row) > 6000.0


def test_what_cannot_be_a_report_is_refused_in_words():
    desk = Desk()
    now = desk.time_s
    wrong = {
        "order.of_the_future": reported(report_s=now + 60.0),
        "order.too_old": reported(report_s=now - 1000.0, keep_s=900.0),
        "order.too_fast": reported(speed_ms=200.0),
        "order.upside_down": reported(low_m=500.0),
        "order.no_place": reported(lat_deg=-13.5, lon_deg=-177.9),
        "order.unknown_track": reported(track=1),
        "order.no_name": reported(by=" \n"),
        "order.no_reason": reported(words=" "),
    }
    assert {desk.refused(asked): asked for asked in wrong.values()}.keys() == wrong.keys()
    for bad in ({"lat_deg": "north"}, {"position_std_m": math.nan}, {"position_std_m": math.inf}, {"aircraft_class": "boat"}, {"odd": 1}):
        assert desk.refused(as_command(reported()) | bad) == "order.malformed"
    assert desk.say({"kind": "identity"}, {"kind": ["track_end"]}, {}) == ()


def test_correlation_leaves_one_row_and_keeps_the_remarks():
    desk = two()
    place = desk.row(2)
    number = desk.do(reported(lat_deg=DEG(place.lat_rad[0]), lon_deg=DEG(place.lon_rad[0]))).track
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2, number]
    assert desk.refused(Correlate(track=2, other=1, **WHO)) == "order.not_manual"
    assert desk.refused(Correlate(track=number, other=number, **WHO)) == "order.same_track"
    assert desk.refused(Merge(track=number, other=1, **WHO)) == "order.is_manual"
    done = desk.do(Correlate(track=number, other=2, **WHO))
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2]
    assert desk.out.same == ((number, 2),)
    assert desk.out.aside.number.tolist() == [number]
    (told,) = track.told(desk.state.manual)
    assert (told.number, told.shown_as, len(told.remarks)) == (number, 2, 1)
    assert desk.refused(Correlate(track=number, other=1, **WHO)) == "order.part_of"
    assert desk.do(reported(track=2, words="landing light seen")).track == number, "a report of the number it is shown as"
    assert not desk.row(2).flags[0] & TrackFlag.MANUAL
    desk.do(Undo(order=done.order, **WHO))
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2, number]
    assert desk.refused(Undo(order=done.order, **WHO)) == "order.ended_order"
    assert desk.refused(Undo(order=99, **WHO)) == "order.unknown_order"


def test_a_track_that_sensors_lose_goes_on_by_hand_under_its_number():
    desk = two()
    place = desk.row(2)
    number = desk.do(reported(lat_deg=DEG(place.lat_rad[0]), lon_deg=DEG(place.lon_rad[0]), keep_s=300.0)).track
    desk.do(Correlate(track=number, other=2, **WHO))
    at = []
    for _ in range(56):
        fly(desk, [0.0])
        assert desk.numbers() in ([1, 2], [1]), "never a second row, never the wrong number"
        if len(desk.row(2)) and desk.row(2).flags[0] & TrackFlag.MANUAL:
            at.append((desk.time_s, together.std_m(desk.row(2)), float(desk.row(2).first_s[0])))
    assert at[0][0] < place.time_s[0] + 60.0
    assert at[-1][0] > place.time_s[0] + 250.0
    assert at[0][1] < at[-1][1]
    assert {a[2] for a in at} == {place.first_s[0]}
    for _ in range(20):
        fly(desk, [0.0])
    assert desk.numbers() == [1]
    assert not desk.state.manual.busy


def test_a_merge_leaves_the_elders_number_and_an_undo_brings_the_other_back():
    desk = two(apart_m=2000.0)
    done = desk.do(Merge(track=2, other=1, **WHO))
    before = desk.row(1)
    fly(desk, [0.0, 2000.0])
    assert desk.numbers() == [1]
    assert set(desk.out.plot_tracks.tolist()) == {1}, "the plots of both are plots of the one"
    row = desk.row(1)
    assert row.first_s[0] == before.first_s[0]
    own = {int(n): float(y) for n, y in zip(desk.out.aside.number, desk.out.aside.y_m, strict=True)}
    assert own[2] - 2500.0 < row.y_m[0] < own[2] - 200.0, "between the two"
    assert desk.refused(Merge(track=1, other=2, **WHO)) == "order.part_of"
    assert desk.refused(End(track=2, **WHO)) == "order.part_of"
    desk.do(Undo(order=done.order, **WHO))
    fly(desk, [0.0, 2000.0])
    assert desk.numbers() == [1, 2]


def test_a_merged_aircraft_lives_while_any_of_its_tracks_does():
    desk = two(apart_m=2000.0)
    desk.do(Merge(track=1, other=2, hold_s=600.0, **WHO))
    for _ in range(20):
        fly(desk, [2000.0])
        assert desk.numbers() == [1], "the elder is lost, its number lives in the younger's plots"
    assert desk.row(1).flags[0] == TrackFlag.CONFIRMED
    for _ in range(110):
        fly(desk, [2000.0])
    assert desk.numbers() == [2], "after the order has lapsed the track has its own number again"


def test_what_splits_off_a_merged_track_again_stays_merged_until_it_leaves():
    desk = two(apart_m=1200.0)
    desk.do(Merge(track=1, other=2, hold_s=3600.0, **WHO))
    for _ in range(12):
        fly(desk, [0.0])
    side = 800.0
    for _ in range(12):
        fly(desk, [0.0, side])
        assert desk.numbers() == [1]
    (o,) = desk.state.manual.of("merge")
    assert o.more, "a track began beside it"
    for _ in range(20):
        side += 700.0
        fly(desk, [0.0, side])
    assert len(desk.numbers()) == 2, "it flies away, and is another"
    assert desk.state.manual.of("merge")[0].more == ()


def test_what_began_again_and_then_names_itself_is_another():
    desk = two(apart_m=1200.0)
    desk.do(Merge(track=1, other=2, hold_s=3600.0, **WHO))
    for _ in range(12):
        fly(desk, [0.0])
    for _ in range(10):
        fly(desk, [0.0, 900.0])
    assert desk.numbers() == [1]
    for _ in range(4):
        fly(desk, [0.0, 900.0], kind=np.array([1, 4]), address=np.array([-1, 0x062A01]))
    assert desk.numbers() == [1, 3]
    assert desk.row(3).address[0] == 0x062A01


def test_a_merge_that_cannot_be_is_refused_or_given_up():
    desk = two(apart_m=60e3)
    assert desk.refused(Merge(track=1, other=2, **WHO)) == "order.far_apart"
    assert desk.refused(Merge(track=1, other=1, **WHO)) == "order.same_track"
    assert desk.refused(Merge(track=1, other=7, **WHO)) == "order.unknown_track"
    desk = two(apart_m=15e3)
    desk.do(Merge(track=1, other=2, **WHO))
    north = 15e3
    for _ in range(20):
        north += 800.0
        fly(desk, [0.0, north])
    assert desk.numbers() == [1, 2]
    assert not desk.state.manual.orders, "two tracks that fly away from each other are two"


def test_two_civil_flights_with_addresses_are_never_one():
    desk = civil_pair()
    desk.guarded = (1, 2)
    assert desk.refused(Merge(track=1, other=2, **WHO)) == "order.two_addresses"
    desk.guarded = (1,)
    desk.do(Merge(track=1, other=2, **WHO))
    fly_civil(desk)
    assert desk.numbers() == [1]
    assert desk.row(1).address[0] == 0x062A01
    desk.guarded = (1, 2)
    desk.say()
    fly_civil(desk)
    assert desk.numbers() == [1, 2], "the other turned out to be a flight of its own"
    assert not desk.state.manual.orders


def fly_civil(desk, codes=(0o1234, 0o1235), addresses=(0x062A01, 0x062A02)):
    desk.tick(desk.radar(desk.east + np.zeros(2), [60e3, 63e3], kind=PlotKind.MODE_S, address=np.array(addresses), mode_a=np.array(codes)))
    desk.east += 1000.0


def civil_pair(addresses=(0x062A01, 0x062A02)):
    desk = Desk()
    desk.east = 40e3
    for _ in range(6):
        fly_civil(desk, addresses=addresses)
    assert desk.numbers() == [1, 2]
    return desk


def test_an_emergency_of_a_merged_track_is_the_ones():
    desk = civil_pair()
    desk.do(Merge(track=1, other=2, **WHO))
    for _ in range(4):
        fly_civil(desk, codes=(0o1234, 0o7600))
    assert desk.numbers() == [1]
    assert desk.row(1).mode_a[0] == 0o7600


def test_a_false_track_ends_and_its_plots_bring_it_back_only_when_undone():
    desk = two()
    assert desk.refused(as_command(End(track=2, **WHO)) | {"reason": ""}) == "order.malformed"
    done = desk.do(End(track=2, by="Lt Issa", reason="a wind farm"))
    for _ in range(5):
        fly(desk, [0.0, 4000.0])
        assert desk.numbers() == [1]
        assert set(desk.out.plot_tracks.tolist()) == {0, 1}
    (answer,) = desk.say(as_command(Merge(track=2, other=1, **WHO)))
    assert answer.text() == "Refused: track 2 was ended by Lt Issa: a wind farm"
    assert "close par Lt Issa" in answer.text("fr")
    desk.do(Undo(order=done.order, **WHO))
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2]
    desk.do(End(track=2, hold_s=20.0, **WHO))
    for _ in range(6):
        fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2], "the order has lapsed"


def test_a_civil_flight_is_not_ended_by_hand_but_its_ghost_is():
    desk = civil_pair()
    desk.guarded = (1, 2)
    assert desk.refused(End(track=2, **WHO)) == "order.civil_flight"
    desk.guarded = ()
    desk.do(End(track=2, **WHO))
    fly_civil(desk)
    assert desk.numbers() == [1]
    desk.guarded = (2,)
    desk.say()
    fly_civil(desk)
    assert desk.numbers() == [1, 2], "it turned out civil"
    ghost = civil_pair((0x062A01, 0x062A01))
    ghost.guarded = (1, 2)
    done = ghost.do(End(track=2, **WHO))
    fly_civil(ghost, addresses=(0x062A01, 0x062A01))
    assert ghost.numbers() == [1]
    assert ghost.out.aside.number.tolist() == [2]
    assert ghost.refused(End(track=1, **WHO)) == "order.civil_flight", "the last that shows the address stays"
    ghost.do(Undo(order=done.order, **WHO))


def test_an_emergency_brings_an_ended_track_back():
    desk = civil_pair()
    desk.do(End(track=2, **WHO))
    for _ in range(4):
        fly_civil(desk, codes=(0o1234, 0o7700))
    assert desk.numbers() == [1, 2]


def test_a_track_made_by_hand_ends_by_hand_and_comes_back():
    desk = Desk()
    number = desk.do(reported()).track
    done = desk.do(End(track=number, **WHO))
    assert len(desk.tick()) == 0
    assert desk.refused(reported(track=number)) == "order.ended_by"
    desk.do(Undo(order=done.order, **WHO))
    assert desk.tick().number.tolist() == [number]


def test_a_split_shows_two_until_it_lapses_or_is_undone():
    desk = two()
    done = desk.do(Split(track=1, hold_s=60.0, **WHO))
    assert done.track == 3
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2, 3]
    second, first = desk.row(3), desk.row(1)
    assert second.flags[0] & TrackFlag.MANUAL
    assert together.distance_m(first, second) < 500.0
    assert desk.out.same == ((1, 3),)
    assert desk.refused(Split(track=1, **WHO)) == "order.two_of_one"
    assert desk.refused(Split(track=3, **WHO)) == "order.is_manual"
    desk.do(Correlate(track=3, other=2, **WHO))
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2], "the tracker had found the second already"
    desk.do(Undo(order=done.order, **WHO))
    fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2]
    assert not desk.state.manual.busy
    desk.do(Split(track=1, hold_s=30.0, **WHO))
    for _ in range(8):
        fly(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2]


def twin_address(split):
    """Fly an aircraft and, from the twelfth scan on, another 1 km beside it with its address; return the desk and when two were seen."""
    desk, first = Desk(), None
    desk.east = 40e3
    for k in range(24):
        if k == 10 and split:
            desk.do(Split(track=1, **WHO))
        north = [60e3] if k < 12 else [60e3, 61e3]
        desk.tick(desk.radar(desk.east + np.zeros(len(north)), north, kind=PlotKind.MODE_S, address=0x062A01))
        desk.east += 1000.0
        assert len(desk.out.tracks) <= 2
        if first is None and (desk.out.tracks.flags & TrackFlag.MANUAL == 0).sum() == 2:
            first = k
    return desk, first


def test_after_a_split_the_tracker_takes_a_second_at_once_and_the_one_shown_by_hand_gives_way():
    plain, late = twin_address(split=False)
    desk, soon = twin_address(split=True)
    assert plain.numbers() == [1, 2]
    assert desk.numbers() == [1, 3]
    assert soon < late
    assert track.told(desk.state.manual)[0].shown_as == 3
    assert set(desk.out.same) == {(1, 2), (2, 3)}


def test_tracks_held_apart_are_made_one_by_nobody():
    desk = two(apart_m=2000.0)
    done = desk.do(Apart(track=2, other=1, **WHO))
    assert track.forbids(desk.state.manual, 1, 2)
    assert not track.forbids(desk.state.manual, 1, 3)
    assert desk.refused(Merge(track=1, other=2, **WHO)) == "order.held_apart"
    assert desk.refused(Apart(track=1, other=2, **WHO)) == "order.held_apart"
    desk.do(Undo(order=done.order, **WHO))
    desk.do(Merge(track=1, other=2, **WHO))
    assert desk.refused(Apart(track=1, other=2, **WHO)) == "order.part_of"


def system_tick(desk, north, flags=0):
    """Fly on with another system's track of the aircraft too."""
    row = desk.row(1)
    system = SystemTracks.blank(
        1, time_s=desk.time_s, sac_sic=0x0101, source_track=77, lat_rad=row.lat_rad, lon_rad=row.lon_rad, flags=flags,
        east_ms=200.0, north_ms=0.0, position_std_m=300.0,
    )  # fmt: skip
    desk.tick(desk.radar(desk.east + np.zeros(len(north)), 60e3 + np.array(north), **PSR), system=system)
    desk.east += 1000.0


def test_another_systems_track_merges_with_ours():
    desk = two()
    system_tick(desk, [0.0, 4000.0])
    system_tick(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2, 3]
    desk.do(Merge(track=3, other=1, **WHO))
    system_tick(desk, [0.0, 4000.0])
    assert desk.numbers() == [1, 2]
    assert desk.row(1).source[0] == -1, "the row is ours"
    for _ in range(12):
        system_tick(desk, [4000.0])
        assert desk.numbers() == [1, 2]
    assert desk.row(1).source[0] == 0, "ours is lost: the other system's place under our number"
    system_tick(desk, [4000.0], flags=PlotFlag.ENDED)
    assert desk.numbers() == [2]


def test_a_fused_place_is_never_surer_than_the_surest():
    desk = two(apart_m=1500.0)
    rows = desk.out.tracks
    fused = together._fused(rows, 1, 0.0, desk.state.plane)
    assert fused.var_xx_m2[0] >= 0.999 * rows.var_xx_m2.min()
    assert fused.var_yy_m2[0] >= 0.999 * rows.var_yy_m2.min()
    assert rows.y_m.min() < fused.y_m[0] < rows.y_m.max()
    lat, lon = desk.state.plane.inverse(fused.x_m[0], fused.y_m[0])
    assert (fused.lat_rad[0], fused.lon_rad[0]) == (lat, lon)
    same = rows.take(np.array([0, 0]))
    assert together._fused(same, 1, 0.0, None).var_xx_m2[0] == pytest.approx(same.var_xx_m2[0])


def test_the_picture_at_another_time_holds_the_work_by_hand_and_changes_nothing():
    desk = two()
    desk.do(reported())
    desk.do(Merge(track=1, other=2, **WHO))
    fly(desk, [0.0, 4000.0])
    kept = (dict(desk.state.manual.tracks), dict(desk.state.manual.orders))
    earlier = track.picture(desk.state, desk.time_s - 7.0)
    assert sorted(earlier.number.tolist()) == [1, 3]
    assert kept == (desk.state.manual.tracks, desk.state.manual.orders)


def test_nothing_done_by_hand_costs_no_copy():
    desk = two()
    raw = desk.out.tracks
    assert together.show(desk.state.manual, raw, desk.state.plane, desk.time_s).tracks is raw


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(manual, "MAX_TRACKS", 2)
    monkeypatch.setattr(manual, "MAX_ORDERS", 1)
    monkeypatch.setattr(manual, "MAX_REPORTS", 2)
    desk = two()
    number = desk.do(reported()).track
    desk.do(reported())
    assert desk.refused(reported()) == "order.full"
    desk.do(reported(track=number))
    assert desk.refused(reported(track=number)) == "order.full"
    assert desk.refused(Split(track=1, **WHO)) == "order.full"
    desk.do(End(track=2, **WHO))
    assert desk.refused(End(track=1, **WHO)) == "order.full"


def test_every_answer_is_given_somewhere():
    text, own = (Path(m.__file__).read_text(encoding="utf-8") for m in (manual, orders))
    assert [k for k in orders.ANSWERS if f'"{k}"' not in text and own.count(f'"{k}"') < 2] == []


def test_an_unplaced_sensors_track_cannot_be_split_or_correlated():
    desk = Desk(sensors=(RADAR.__class__(id="U", kind="radar", source="r"),), seed=2)
    for _ in range(8):
        at = desk.time_s - 10_000.0
        desk.tick(desk.radar([40e3 + 200.0 * at], [60e3], **PSR))
    (number,) = desk.numbers()
    assert desk.row(number).frame[0] == 1
    made = desk.do(reported()).track
    assert desk.refused(Split(track=number, **WHO)) == "order.no_place"
    assert desk.refused(Correlate(track=made, other=number, **WHO)) == "order.no_common_place"


def test_the_tracker_over_several_frames_has_an_operator_too():
    desk = Desk(multi=MultiConfig())
    desk.east = 40e3
    for _ in range(10):
        fly(desk, [0.0, 3000.0])
    assert desk.numbers() == [1, 2]
    desk.do(Merge(track=1, other=2, **WHO))
    number = desk.do(reported()).track
    desk.do(Split(track=1, **WHO))
    fly(desk, [0.0, 3000.0])
    assert desk.numbers() == [1, number, number + 1]
    assert set(desk.out.plot_tracks.tolist()) <= {0, 1}


@pytest.mark.parametrize("asked", [None, Apart(track=1, other=2, **WHO), Split(track=1, **WHO), Split(track=2, **WHO)])
def test_the_tracker_joins_no_tracks_that_persons_hold_apart(asked, monkeypatch):
    desk = two()
    if asked is not None:
        desk.do(asked)
    rows = [[np.flatnonzero(desk.state.store.number == n)[0] for n in (1, 2)]]
    monkeypatch.setattr(desk.state.suspects, "check", lambda *_: np.array(rows))
    fly(desk, [0.0, 4000.0])
    assert (desk.numbers()[:2] == [1, 2]) == (asked is not None)
    assert ((1, 2) in desk.out.same) == (asked is None), "what protects either protects the one"
