"""What a report writes can be read again, and says what the numbers say."""

from __future__ import annotations

import base64
import html.parser
import io
import itertools
import json
import re
import xml.dom.minidom
from math import radians

import numpy as np
import pyarrow.parquet as pq
import pytest

from tenere.coverage import setting
from tenere.coverage.area_config import AreaConfig, CircleConfig
from tenere.coverage.config import CoverageConfig
from tenere.coverage.horizon import CoverageError
from tenere.coverage.report import gaps as gaps_module
from tenere.coverage.report import maps, outlines, pixels
from tenere.coverage.report import write as writing
from tenere.coverage.report.document import Say, blocks
from tenere.coverage.report.gaps import gaps
from tenere.coverage.report.page import page
from tenere.coverage.report.study import Ask, study
from tenere.coverage.report.tables import Hole, table, tree
from tenere.coverage.traffic import Density
from tenere.geo.geodesic import between
from tenere.geo.terrain import ArraySource, Terrain
from tenere.site import SensorConfig

rasterio = pytest.importorskip("rasterio", reason="rasters need the extra coverage")

AREAS = (
    AreaConfig(id="ctr", name="Zone & <all>", kind="ctr", circle=CircleConfig(lat_deg=13.5, lon_deg=2.5, radius_m=60e3)),
    AreaConfig(id="box", polygon=((13.2, 2.2), (13.2, 3.0), (13.8, 3.0), (13.8, 2.2))),
)


def ask(folder, **more):
    sensors = (
        SensorConfig(id="N-R", kind="radar", lat_deg=13.5, lon_deg=2.4, range_m=40e3),
        SensorConfig(id="S A/1", kind="adsb", lat_deg=13.3, lon_deg=2.8, range_m=60e3, antenna_m=25.0),
        SensorConfig(id="far", kind="adsb", lat_deg=20.0, lon_deg=2.8, range_m=60e3),
        SensorConfig(id="void", kind="adsb", lat_deg=13.95, lon_deg=2.05, range_m=60e3),
        SensorConfig(id="where", kind="adsb"),
    )
    coverage = CoverageConfig(step_m=1000.0, heights_ft=(500.0, 5000.0), flight_levels=(15.0, 195.0))
    return Ask(**{"name": "Trial", "sensors": sensors, "coverage": coverage, "areas": AREAS, "home": "NE", "folder": folder, **more})


@pytest.fixture(scope="module")
def terrain():
    rng = np.random.Generator(np.random.PCG64(3))
    z = (350.0 + 150.0 * rng.random((21, 23)).repeat(10, axis=0).repeat(10, axis=1)).astype(np.float32)
    z[:80, :20] = np.nan  # a void the size of a county, where one sensor stands
    return Terrain((ArraySource("made", z, 14.5, 1.9, 0.01),))


@pytest.fixture(scope="module")
def found(terrain, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setting, "ground", lambda _coverage, _folder: terrain)
        return study(ask(tmp_path_factory.mktemp("site")))


@pytest.fixture(scope="module")
def folder(found, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    names, lacking = writing.write(found, out, lang="fr", holes=HOLES)
    assert [n for n in lacking if "ReportLab" not in n] == []
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == names
    assert [p.name for p in out.parent.iterdir()] == ["out"]
    return out


HOLES = (
    Hole("box", "500ft", 1, radians(13.4), radians(2.9), 3.2e8, 7200.0, 2, ("N-R",)),
    Hole("box", "500ft", 2, radians(13.7), radians(2.3), 1e7),
)


def test_sensors_that_cannot_be_counted_are_named(found):
    assert [s.id for s in found.sights] == ["N-R", "S A/1"]
    assert {(o.id, o.reason) for o in found.left_out} == {("far", "far"), ("void", "stand"), ("where", "place")}
    said = {o.id: o.detail for o in found.left_out}
    assert "not known (a void)" in said["void"]
    assert 600 < float(said["far"]) < 750


def test_the_json_holds_the_numbers(found, folder):
    document = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    n = found.numbers
    assert [a["id"] for a in document["areas"]] == ["ctr", "box"]
    for a, area in enumerate(document["areas"]):
        assert area["km2"] == pytest.approx(n.area_m2[a] / 1e6, abs=1e-3)
        for h, row in enumerate(area["heights"]):
            parts = row["none_km2"] + row["one_km2"] + row["more_km2"] + row["under_ground_km2"] + area["unknown_km2"]
            assert parts == pytest.approx(area["km2"], abs=0.01)
            assert row["seen_share"] == pytest.approx(n.seen_m2[a, h, 1:].sum() / n.area_m2[a], abs=1e-6)
            assert [s["id"] for s in row["sensors"]] == ["N-R", "S A/1"]
    assert document["areas"][0]["unknown_km2"] > 0
    assert document["areas"][0]["heights"][2]["under_ground_km2"] > 0
    assert document["holes"][1]["traffic_h"] is None
    assert document["holes"][0]["traffic_h"] == 2.0


def test_the_table_has_a_row_for_everyone_and_its_units(found, folder):
    held = pq.read_table(folder / "coverage.parquet")
    assert held.schema.field("one_m2").metadata == {b"unit": b"m2", b"meaning": b"seen by one of them; of a sensor, by it"}
    assert held.num_rows == 2 * 4 * (1 + 2 + 2)
    assert held.equals(table(found))
    rows = [r for r in held.to_pylist() if r["who"] == "all"]
    for r in rows:
        assert sum(r[k] for k in ("none_m2", "one_m2", "more_m2", "unknown_m2", "under_ground_m2")) == pytest.approx(r["area_m2"])
    each = next(r for r in held.to_pylist() if r["id"] == "S A/1" and r["height"] == "FL195" and r["area"] == "box")
    assert each["one_m2"] == found.numbers.each_m2[1, 1, 3]
    assert each["alone_m2"] <= each["one_m2"]


def test_holes_are_what_nobody_sees_the_largest_first(found, monkeypatch):
    monkeypatch.setattr(gaps_module, "MOST", 10_000)
    told = []
    every = gaps(found, progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (8, 8)
    n = found.numbers
    for a, area in enumerate(found.areas):
        for h, level in enumerate(found.levels):
            own = [hole for hole in every if (hole.area, hole.level) == (area.id, level.name)]
            assert sum(hole.area_m2 for hole in own) == pytest.approx(n.seen_m2[a, h, 0], rel=1e-4, abs=1.0)
            assert [hole.rank for hole in own] == list(range(1, len(own) + 1))
            assert [hole.area_m2 for hole in own] == sorted((hole.area_m2 for hole in own), reverse=True)
            for hole in own:
                row, column = (round(float(v)) for v in found.plane.to_grid(hole.lat_rad, hole.lon_rad))
                assert found.counts[h, row, column] == 0
                assert found.inside[row, column] >> a & 1
    assert any("N-R" in hole.around for hole in every)


def test_holes_know_what_flies_over_them(found):
    density = Density.over(found.plane, 5000.0)
    large = next(h for h in gaps(found) if (h.area, h.level, h.rank) == ("ctr", "500ft", 1))
    density.deposit(np.array([large.lat_rad]), np.array([large.lon_rad]), np.array([3000.0]), np.array([3600.0]))
    flown = [h for h in gaps(found, density) if (h.area, h.level) == ("ctr", "500ft")]
    assert flown[0].traffic_s == pytest.approx(3600.0, rel=0.9)
    assert flown[0].traffic_rank == 1
    assert large.traffic_rank == 0


def test_the_rasters_hold_the_picture(found, folder):
    with rasterio.open(folder / "altitudes.tif") as f, rasterio.open(folder / "sensors.tif") as g:
        assert f.crs.to_epsg() == 4326
        assert f.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert g.tags()["SENSORS"] == "N-R S_A/1"
        best, second, who, next_who = f.read(1), f.read(2), g.read(1), g.read(2)
        assert (f.nodata, g.nodata) == (-9999.0, -2)
        rows, columns = np.nonzero(who >= 0)
        lon, lat = f.transform.c + (columns + 0.5) * f.transform.a, f.transform.f + (rows + 0.5) * f.transform.e
        picture = found.picture
        at = tuple(np.rint(v).astype(int) for v in found.plane.to_grid(np.radians(lat), np.radians(lon)))
        assert np.abs(picture.best_m[at] - best[rows, columns]).max() <= 1 / 16
        assert (picture.best[at] == who[rows, columns]).all()
        assert ((who == -1) <= (best == f.nodata)).all()
        assert ((next_who >= 0) == (second != f.nodata)).all()
        assert {-2, -1, 0, 1} <= set(np.unique(who).tolist())
        cell = np.radians(f.transform.a) * 6371008.8
        answered = (np.cos(np.radians(f.transform.f + (np.arange(f.height) + 0.5) * f.transform.e))[:, None] * (who > -2)).sum() * cell**2
        union = found.plane.area_m2(*np.nonzero((found.inside > 0) & ~np.isnan(found.plane.heights_m))).sum()
        assert answered == pytest.approx(union, rel=0.01)


def ring_area(ring):
    x, y = np.array(ring)[:, 0], np.array(ring)[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def test_the_outlines_are_geojson_and_hold_what_is_seen(found, folder):
    document = json.loads((folder / "contours.geojson").read_text(encoding="utf-8"))
    assert [(f["properties"]["height"], f["properties"]["sensors"]) for f in document["features"]] == [
        (v.name, k) for v in found.levels for k in (1, 2)
    ]
    holes = 0
    for k, feature in enumerate(document["features"]):
        total = 0.0
        for polygon in feature["geometry"]["coordinates"]:
            holes += len(polygon) - 1
            for i, ring in enumerate(polygon):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert (ring_area(ring) > 0) == (i == 0)  # RFC 7946, 3.1.6: the outer ring anticlockwise
                lat = np.radians(np.mean([p[1] for p in ring]))
                total += ring_area(ring) * np.cos(lat) * np.radians(1.0) ** 2 * 6371008.8**2
        seen = found.counts[k // 2] >= 1 + k % 2
        assert total == pytest.approx(found.plane.area_m2(*np.nonzero(seen)).sum(), rel=0.02, abs=1e6)
    assert holes


def test_the_rings_for_tar1090_are_closed_lines_above_the_sea(folder):
    fused = json.loads((folder / "upintheair.json").read_text(encoding="utf-8"))
    assert {r["alt"] for r in fused["rings"]} == {457.2, 5943.6}
    assert fused["refraction"] == 0.25
    own = json.loads((folder / "upintheair" / "S_A_1.json").read_text(encoding="utf-8"))
    assert (own["lat"], own["lon"]) == (13.3, 2.8)
    assert [len(r["points"]) for r in own["rings"]] == [360, 360]
    high = np.radians(np.array(own["rings"][1]["points"]))
    far = between(radians(13.3), radians(2.8), high[:, 0], high[:, 1])[0]
    assert np.median(far) == pytest.approx(60e3, abs=1500.0)  # it sees FL 195 as far as it reaches, where the ground is known
    assert far.max() < 60.1e3
    assert not (folder / "upintheair" / "N-R.json").exists()  # a radar has no tar1090


def test_rings_without_a_height_above_the_sea_are_the_usual_ones(terrain, tmp_path, monkeypatch):
    monkeypatch.setattr(setting, "ground", lambda _coverage, _folder: terrain)
    low = study(ask(tmp_path, at=("500ft",), wanted=("box",)))
    assert [a.id for a in low.areas] == ["box"]
    rings = outlines.fused_rings(low)["rings"]
    assert {r["alt"] for r in rings} == {3048.0, 9144.0}


def test_a_simplified_ring_strays_no_farther_than_told():
    t = np.linspace(0, 2 * np.pi, 721)
    ring = np.stack([100 * np.cos(t), 60 * np.sin(t)], axis=1)
    ring[-1] = ring[0]
    few = outlines.simple(ring, 1.0)
    assert 8 < len(few) < 60
    assert (few[0] == few[-1]).all()
    fine = np.concatenate([a + (b - a) * np.linspace(0, 1, 200)[:, None] for a, b in itertools.pairwise(few)])
    assert max(np.hypot(*(fine - p).T).min() for p in ring) < 1.1


PLAIN = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


@PLAIN
def test_the_maps_are_pngs_with_marks_and_a_bar(found, folder):
    for level in found.levels:
        with rasterio.open(folder / f"map-{level.name}.png") as f:
            image, colours = f.read(1), f.colormap(1)
            assert max(image.shape) <= maps.MOST_PIXELS
        assert colours[maps.MORE][:3] == maps.PALETTE[maps.MORE]
        assert {maps.OUTSIDE, maps.ONE, maps.LINE, maps.PAPER} <= set(np.unique(image).tolist())
    drawn = maps.maps(found)
    share = [(m.image == maps.NOBODY).sum() / (m.image != maps.OUTSIDE).sum() for m in drawn]
    assert share[0] > share[1]
    assert maps.UNDER in drawn[2].used
    assert maps.UNKNOWN in drawn[0].used
    assert drawn[0].bar_px == pytest.approx(drawn[0].bar_km * drawn[0].image.shape[1] / found.plane.shape[1])


def test_the_colours_differ_in_lightness():
    def light(c):
        v = np.array(c) / 255.0
        return float(np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    told = sorted(light(maps.PALETTE[c]) for c in (maps.NOBODY, maps.ONE, maps.MORE))
    assert [round(100 * v) for v in told] == [3, 25, 69]


def test_letters_are_those_of_the_words():
    cells = pixels.letters("t1", 1)
    assert ["".join(" #"[v] for v in row) for row in cells.astype(int)] == ["###  # ", " #  ## ", " #   # ", " #   # ", " #  ###"]
    assert pixels.letters("é", 2).shape == (10, 6)


class Reader(html.parser.HTMLParser):
    """Collect the tags and what they refer to."""

    def __init__(self):
        super().__init__()
        self.tags, self.refers = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.refers += [v for k, v in attrs if k in ("src", "href")]


@PLAIN
def test_the_page_needs_nothing_else(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert "script" not in reader.tags
    assert reader.refers
    for refers in reader.refers:
        assert refers.startswith("data:image/png;base64,")
        with rasterio.open(io.BytesIO(base64.b64decode(refers.partition(",")[2]))) as f:
            assert f.count == 1
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        xml.dom.minidom.parseString(svg.encode())  # well formed
    assert "Zone &amp; &lt;all&gt;" in text
    assert "Le capteur far est laissé de côté\u00a0: la zone la plus proche est à " in text
    assert '<html lang="fr">' in text


def test_the_page_says_it_in_english_too(found):
    text = page(blocks(found, "en", HOLES), "en")
    assert "At 500\u00a0ft above the ground" in text
    assert "320" in text
    assert "coverage." not in text


def test_numbers_are_written_as_the_language_has_them():
    assert Say("fr").number(1234567.8, 1) == "1\u00a0234\u00a0567,8"
    assert Say("en").number(1234567.8, 1) == "1,234,567.8"
    assert Say("en").percent(1.0, 1e5) == "<\u00a00.1\u00a0%"
    assert Say("fr").percent(0.0, 1e5) == "0,0\u00a0%"
    assert Say("fr").place(radians(-13.5), radians(-2.25)) == "13,500° S 2,250° O"


def test_the_pdf_is_one_and_the_same_each_time(found):
    pytest.importorskip("reportlab", reason="the PDF needs the extra coverage")
    from tenere.coverage.report.pdf import pdf

    first = pdf(blocks(found, "fr", HOLES), "fr")
    assert first.startswith(b"%PDF-1.")
    assert first == pdf(blocks(found, "fr", HOLES), "fr")
    assert len(re.findall(rb"/Type /Page\b(?!s)", first)) >= 3
    assert b"/Lang" in first


def test_without_reportlab_only_the_pdf_is_lacking(found, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "reportlab.lib.styles", None)
    names, lacking = writing.write(found, tmp_path / "out")
    assert "report.pdf" not in names
    assert len(lacking) == 1
    assert "pip install 'tenere[coverage]'" in lacking[0]


def test_whatever_stops_it_leaves_nothing(found, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "coverage.json").write_text("before")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(outlines, "geojson", stop)
    with pytest.raises(KeyboardInterrupt):
        writing.write(found, tmp_path / "out")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == ["out", "out/coverage.json"]
    assert (tmp_path / "out" / "coverage.json").read_text() == "before"


def test_a_report_is_put_over_an_older_one(found, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "coverage.json").write_text("before")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    writing.write(found, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "coverage.json").read_text())["site"] == "Trial"
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_plane_too_large_for_memory_is_refused_with_a_step_that_fits(tmp_path, monkeypatch):
    def opened(*_):
        raise EOFError

    monkeypatch.setattr(setting, "ground", opened)
    with pytest.raises(CoverageError, match=r"posts of 1000 m .* need .* GiB are there: .*--area") as e:
        study(ask(tmp_path), most_bytes=200_000)
    step = float(re.search(r"--step ([0-9.]+) fits", str(e.value))[1])
    coarse = CoverageConfig(step_m=step, heights_ft=(500.0, 5000.0), flight_levels=(15.0, 195.0))
    with pytest.raises(EOFError):  # it went on to the terrain
        study(ask(tmp_path, coverage=coarse), most_bytes=200_000)


def test_an_area_between_the_posts_is_refused(terrain, tmp_path, monkeypatch):
    monkeypatch.setattr(setting, "ground", lambda *_: terrain)
    tiny = AreaConfig(id="tiny", circle=CircleConfig(lat_deg=13.5051, lon_deg=2.5051, radius_m=10))
    with pytest.raises(CoverageError, match="area tiny: no post of 1000 m lies in it"):
        study(ask(tmp_path, areas=(tiny,)))


def test_the_tree_has_no_word_for_what_was_not_computed(found):
    assert tree(found)["holes"] == []
