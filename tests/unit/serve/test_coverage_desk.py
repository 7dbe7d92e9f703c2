"""The desk: which sensors are counted, when it computes, what it answers, and what one of them would see elsewhere."""

from __future__ import annotations

import math
import threading
import zlib

import numpy as np
import pytest
from flat_coverage import SENSORS, make_desk, plain, ready, views

from tenere.coverage.asking import Box
from tenere.coverage.config import CoverageConfig
from tenere.coverage.horizon import CoverageError
from tenere.geo.terrain import TerrainError
from tenere.serve.coverage import desk as desks
from tenere.serve.coverage import png
from tenere.serve.coverage.asked import AskError, Try, height_name, height_of, heights_of
from tenere.serve.coverage.newest import Newest

BOX = Box(2.0, 12.0, 4.5, 14.2)
LOW = height_of("500ft")


def opened(image: bytes) -> np.ndarray:
    """Return the classes of one of our PNGs, its checksums and sizes looked at (PNG specification, section 5)."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(image):
        size, kind = int.from_bytes(image[at : at + 4]), image[at + 4 : at + 8]
        body = image[at + 8 : at + 8 + size]
        assert int.from_bytes(image[at + 8 + size : at + 12 + size]) == zlib.crc32(kind + body)
        parts[kind] = body
        at += 12 + size
    width, height, depth, colour = int.from_bytes(parts[b"IHDR"][:4]), int.from_bytes(parts[b"IHDR"][4:8]), *parts[b"IHDR"][8:10]
    assert (depth, colour, len(parts[b"PLTE"]), len(parts[b"tRNS"])) == (2, 3, 12, 4)
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any()
    bits = np.unpackbits(rows[:, 1:], axis=1).reshape(height, -1, 2)
    return (bits[:, :width, 0] * 2 + bits[:, :width, 1]).astype(np.uint8)


@pytest.fixture(scope="module")
def desk():
    return ready(make_desk())


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (5, 7), (2, 9)])
def test_a_png_holds_what_was_put_in(shape):
    made = np.random.Generator(np.random.PCG64(1)).integers(0, 4, shape).astype(np.uint8)
    assert np.array_equal(opened(png.encode(made)), made)
    assert len({c[3] for c in png.COLOURS}) == 4  # by which the page tells them apart


def test_nothing_is_computed_before_somebody_asks():
    made = make_desk(opened=lambda: pytest.fail("opened"))
    assert made.state()["state"] == "waiting"
    made.ask([], start=False)
    assert made.state()["state"] == "waiting"
    assert made.state()["heights"] == ["500ft", "1500ft", "FL050"]


def test_switched_off_it_opens_no_terrain():
    made = make_desk(opened=lambda: pytest.fail("opened"), live=False)
    made.ask([])
    assert (made.state()["state"], made.state()["why"]) == ("off", "switched off")


def test_without_terrain_it_says_why_and_does_not_ask_again():
    calls = []

    def none():
        calls.append(1)
        raise TerrainError("the demo terrain is not installed: pip install it")

    made = make_desk(opened=none)
    for _ in range(3):
        made.ask([])
        assert made.settled()
    assert (made.state()["state"], made.state()["why"]) == ("off", "terrain")
    assert "pip install" in made.state()["detail"]
    assert calls == [1]


def test_without_a_placed_sensor_it_says_so():
    made = make_desk(sensors=SENSORS[2:])
    made.ask([])
    assert made.state()["why"] == "no sensor"


def test_a_bug_is_told_and_logged(monkeypatch, caplog):
    monkeypatch.setattr(desks, "make", lambda *_: 1 // 0)
    made = make_desk()
    made.ask([])
    assert made.settled()
    assert made.state()["why"] == "coverage"
    assert "ZeroDivisionError" in made.state()["detail"]
    assert "coverage could not be computed" in caplog.text


def test_the_sensors_that_have_a_place_and_see_for_themselves_are_counted(desk):
    state = desk.state()
    assert state["state"] == "ready"
    assert [(s["id"], s["counted"]) for s in state["sensors"]] == [("A", True), ("B", True)]
    assert (state["area"], state["terrain"], state["step_m"]) == ("HM", ["plain"], 1000.0)


def test_silent_and_untrusted_sensors_are_not_counted_and_named():
    made = ready(make_desk(), views("silent", "doubtful"))
    assert [s.id for s in made.held.wanted.sights] == ["B"]
    assert [(s["id"], s["counted"], s["why"]) for s in made.state()["sensors"]] == [("A", False, "silent"), ("B", True, None)]
    assert made.at(made.held, 13.0, 3.0)["best"]["sensor"] == "B"
    assert made.at(made.held, 13.0, 3.0)["second"] is None


def test_where_nothing_is_heard_all_are_taken_and_that_is_said():
    made = ready(make_desk(), views("never heard", "silent"))
    assert made.state()["planned"] is True
    assert len(made.held.wanted.sights) == 2


def test_a_sensor_learned_from_its_feed_is_counted_where_it_says_it_stands():
    seen = [*views("ok", "ok", "ok"), desks_view("N", 13.3, 3.1), desks_view("X", math.nan, math.nan)]
    seen[2] = desks_view("C", 12.9, 3.4, "adsb")
    made = ready(make_desk(), seen)
    assert [s.id for s in made.held.wanted.sights] == ["A", "B", "C", "N"]


def desks_view(name, lat, lon, kind="radar"):
    return views("ok")[0].__class__(id=name, kind=kind, lat_deg=lat, lon_deg=lon, range_m=50e3, placed=math.isfinite(lat))


def test_it_is_made_anew_when_a_sensor_falls_silent_but_not_at_once_again(monkeypatch):
    made = ready(make_desk(), views("ok", "ok"))
    made.ask(views("silent", "ok"), start=False)
    assert made.settled()
    assert made.held.number == 1  # patience
    monkeypatch.setattr(desks, "PATIENCE_S", 0.0)
    made.ask(views("silent", "ok"), start=False)
    assert made.settled()
    assert made.held.number == 2
    assert [s.id for s in made.held.wanted.sights] == ["B"]
    made.ask(views("silent", "ok"), start=False)
    assert made.settled()
    assert made.held.number == 2


def test_a_sensor_over_a_void_is_left_out_with_its_reason():
    made = ready(make_desk(opened=lambda: plain(void=True)))
    told = {s["id"]: s for s in made.state()["sensors"]}
    assert told["A"]["counted"] is False
    assert "void" in told["A"]["why"]
    assert told["B"]["counted"] is True
    assert made.state()["unknown"] is True


def test_the_plane_holds_every_range_and_keeps_to_the_posts_allowed():
    made = ready(make_desk(step_m=100.0, live_posts=20_000))
    n, m = made.held.picture.plane.shape
    assert 15_000 < n * m < 22_000
    assert made.state()["step_m"] > 1000
    for s in SENSORS[:2]:
        row, column = made.held.picture.plane.to_grid(math.radians(s.lat_deg), math.radians(s.lon_deg))
        reach = s.range_m / made.held.picture.plane.step_m
        assert reach <= row <= n - reach
        assert reach <= column <= m - reach


def test_a_place_is_told_as_flat_ground_has_it(desk):
    told = desk.at(desk.held, 13.0, 3.3)  # 32 km from A: behind an earth of 4/3, 20 m high
    horizon = (32.5e3 - math.sqrt(2 * 8.5e6 * 20)) ** 2 / (2 * 8.5e6)
    by = {told[k]["sensor"]: told[k] for k in ("best", "second")}
    assert set(by) == {"A", "B"}
    assert by["A"]["agl_m"] == pytest.approx(horizon, abs=6)
    assert by["A"]["amsl_m"] == pytest.approx(by["A"]["agl_m"] + 300.0, abs=0.2)
    assert told["best"]["agl_m"] <= told["second"]["agl_m"]
    assert desk.at(desk.held, 16.0, 8.0) == {"lat": 16.0, "lon": 8.0, "known": False, "ground_m": None, "best": None, "second": None}
    assert desk.at(desk.held, -80.0, -170.0)["known"] is False


def test_layers_show_what_one_and_two_see(desk):
    single, double = (opened(desk.layer(desk.held, LOW, kind, BOX, 300)) for kind in ("single", "double"))
    assert set(np.unique(single)) == {0, 2}
    assert set(np.unique(double)) == {0, 1, 2}
    assert ((single == 2) <= (double == 2)).all()
    high = opened(desk.layer(desk.held, height_of("FL050"), "single", BOX, 300))
    assert (high == 0).sum() > (single == 0).sum()
    assert (opened(desk.layer(desk.held, height_of("FL005"), "single", BOX, 300)) == 3).any()  # under ground


def test_holes_and_areas_add_up(desk):
    for kind in ("single", "double"):
        told = desk.holes(desk.held, LOW, kind)
        whole = told["properties"]
        assert whole["area_km2"] == pytest.approx(111.2 * 111.2 * math.cos(math.radians(13.1)) * 1.4**2, rel=0.02)
        assert 0 < whole["double_km2"] < whole["single_km2"] < whole["area_km2"]
        seen = whole["single_km2"] if kind == "single" else whole["double_km2"]
        holes = sum(f["properties"]["area_km2"] for f in told["features"]) + whole["small_km2"]
        assert seen + holes == pytest.approx(whole["area_km2"], rel=0.01)
        first = told["features"][0]["properties"]
        at = desk.at(desk.held, first["lat_deg"], first["lon_deg"])["best" if kind == "single" else "second"]
        assert at is None or at["agl_m"] > LOW.metres
    assert desk.holes(desk.held, height_of("60000ft"), "single")["properties"]["holes"] >= 0


def trying(**more):
    return Try(**{"lat": 13.0, "lon": 3.0, "height": "500ft", "box": tuple(BOX), "width": 300, "sensor": "A", **more})


def tried(desk, asked):
    while not desk.ready_to_try(desk.held, asked.sensor):
        assert desk.settled()
    return desk.attempt(desk.held, asked, Box(*asked.box))


def test_tried_where_it_stands_nothing_changes_and_the_picture_stays(desk):
    before = desk.held.picture.best_m.copy()
    told = tried(desk, trying())
    assert (told["gained_km2"], told["lost_km2"]) == (0.0, 0.0)
    assert np.array_equal(opened(told["png"]), opened(desk.layer(desk.held, LOW, "single", BOX, 300)))
    assert np.array_equal(desk.held.picture.best_m, before)
    assert told["server_ms"] > 0


@pytest.mark.parametrize("kind", ["single", "double"])
def test_moved_elsewhere_it_gains_and_loses_as_a_picture_made_so(desk, kind):
    told = tried(desk, trying(lat=12.8, lon=2.8, kind=kind))
    moved = ready(make_desk(sensors=(SENSORS[0].__class__(id="A", lat_deg=12.8, lon_deg=2.8, range_m=100e3, antenna_m=20.0), SENSORS[1])))
    was, now = (d.holes(d.held, LOW, kind)["properties"][f"{kind}_km2"] for d in (desk, moved))
    assert told["gained_km2"] - told["lost_km2"] == pytest.approx(now - was, abs=0.02 * was)
    assert told["seen_km2"] == pytest.approx(now, rel=0.03)
    image = opened(told["png"])
    other = opened(moved.layer(moved.held, LOW, kind, BOX, 300))
    assert (image != other).mean() < 0.02  # the planes' posts lie elsewhere


def test_a_new_site_and_a_higher_mast_only_gain(desk):
    new = tried(desk, trying(sensor="", lat=12.5, lon=2.5, range_m=50e3))
    assert new["gained_km2"] > 0
    assert new["lost_km2"] == 0
    higher = tried(desk, trying(antenna_m=120.0))
    assert higher["gained_km2"] > 0
    assert higher["lost_km2"] == 0


def test_a_place_outside_the_plane_is_refused(desk):
    with pytest.raises(CoverageError, match="outside"):
        tried(desk, trying(lat=20.0, lon=20.0))
    with pytest.raises(CoverageError, match="id"):
        desk.ready_to_try(desk.held, "nobody")
    with pytest.raises(AskError):
        tried(desk, trying(height="15"))


def test_counts_and_rooms_are_bounded(desk):
    for feet in range(100, 100 + 3 * desks.COUNTS):
        desk.layer(desk.held, height_of(f"{feet}ft"), "single", BOX, 16)
    assert len(desk._counts) <= desks.COUNTS
    tried(desk, trying(range_m=600_000.0))
    assert desk._room.size <= desk.held.picture.plane.heights_m.size


def test_heights_have_names_that_can_be_asked_for():
    coverage = CoverageConfig(heights_ft=(1500.0, 500.0, -3.0, 1e9, 500.2), flight_levels=(195.0, 5.0, 1000.0))
    assert [height_name(h) for h in heights_of(coverage)] == ["500ft", "1500ft", "FL005", "FL195"]
    assert all(height_of(height_name(h)) == h for h in heights_of(coverage))
    for text in ("", "ft", "1500", "1500 ft", "-1ft", "60001ft", "FL", "FL601", "fl195", "1500FT", "\u0661\u0665ft", "1e3ft", "1500ft\n"):
        with pytest.raises(AskError):
            height_of(text)


def test_of_the_jobs_that_wait_the_newest_is_done():
    done, gate, began = [], threading.Event(), threading.Event()

    def first(check):
        began.set()
        gate.wait(10)
        check()
        done.append("first")

    work = Newest("test", done.append)
    work.put(first)
    assert began.wait(10)
    for k in range(5):
        work.put(lambda check, k=k: (check(), done.append(k)))
    gate.set()
    assert work.wait(10)
    assert done == [4]
    work.put(lambda _: done.append(1 / 0))
    assert work.wait(10)
    assert isinstance(done[-1], ZeroDivisionError)
    work.put(lambda _: done.append("after"))
    assert work.wait(10)
    assert done[-1] == "after"
