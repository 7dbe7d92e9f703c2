"""Candidates, where they can stand, what they see and what that is worth: on ground of known shape."""

import math

import numpy as np
import pytest

from tenere.coverage import candidates, places
from tenere.coverage.asking import Height
from tenere.coverage.candidates import demand, gather, pose, sees, sight, summits, worths
from tenere.coverage.config import CoverageConfig, ObstacleConfig
from tenere.coverage.country import Sight
from tenere.coverage.counts import count_all
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.coverage.siting import greedy
from tenere.coverage.siting_config import CandidateConfig, ProtectConfig, SitingConfig
from tenere.coverage.traffic import Density
from tenere.errors import UsageError
from tenere.geo.terrain import ArraySource, Terrain

LAT, LON = 16.0, 8.0


@pytest.fixture(scope="module")
def plane():
    """Lay ground of 130 km by 130 km: a plain of 300 m, two hills, a wall north to south, a lake of no height in the east."""
    north, east = np.meshgrid(np.linspace(1, -1, 401), np.linspace(-1, 1, 401), indexing="ij")
    z = np.full((401, 401), 300.0)
    for y, x, top in ((0.3, -0.3, 500.0), (-0.3, 0.31, 250.0)):
        z = np.maximum(z, 300.0 + top * np.exp(-((north - y) ** 2 + (east - x) ** 2) / 0.003))
    z = np.where(np.abs(east + 0.02) < 0.01, np.maximum(z, 600.0), z)
    z[(np.abs(north) < 0.05) & (np.abs(east - 0.45) < 0.05)] = np.nan
    source = ArraySource("hills", z.astype(np.float32), LAT + 1.0, LON - 1.0, 0.005)
    rad = np.radians
    return Terrain((source,), fill_posts=0).over(rad([LAT - 0.6, LAT + 0.6]), rad([LON - 0.6, LON + 0.6]), 0.0, 1000.0)


@pytest.fixture(scope="module")
def inside(plane):
    made = np.zeros(plane.shape, bool)
    made[10:-10, 10:-10] = True
    return made


def config(**given):
    return SitingConfig(**({"range_m": 60e3, "antenna_m": 20.0, "demand_km": 5.0} | given))


def given_at(*spots):
    return tuple(CandidateConfig(id=f"C{k}", lat_deg=LAT + n, lon_deg=LON + e) for k, (n, e) in enumerate(spots))


def test_what_cannot_stand_is_counted_with_a_reason(plane, inside, tmp_path):
    found = gather(
        config(candidate=given_at((0.1, 0.1), (0.0, 0.45), (0.59, 0.0), (5.0, 5.0), (0.1, 0.1))), plane, inside, tmp_path, ["C0"]
    )
    assert [c.id for c in found.candidates] == ["C0-2", "C4"], "an id that is taken gets a number; what is named twice on purpose stays"
    assert found.refused == {candidates.VOID: 1, candidates.OUTSIDE: 2}
    assert found.first == {candidates.VOID: "C1", candidates.OUTSIDE: "C2"}
    assert found.candidates[0].ground_m == pytest.approx(300.0, abs=1.0)


def test_files_of_places_and_grids_give_candidates(plane, inside, tmp_path):
    (tmp_path / "towns.csv").write_text(
        "id;Name;LATITUDE;longitude\n1;In Gall;16.2;8.2\n2;Nowhere;;\n3;Pole;99;8\n\n4;;16.201;8.2\n", "utf-8-sig"
    )
    (tmp_path / "hills.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Tabelot"},'
        ' "geometry": {"type": "Point", "coordinates": [7.8, 15.9]}},'
        ' {"type": "Feature", "properties": null, "geometry": {"type": "LineString", "coordinates": []}}]}'
    )
    asked = config(places=("towns.csv", "hills.geojson"), grid_km=40.0)
    found = gather(asked, plane, inside, tmp_path)
    assert [c.id for c in found.candidates][:2] == ["In Gall", "Tabelot"]
    assert [c.origin for c in found.candidates] == ["towns.csv", "hills.geojson"] + ["grid"] * (len(found.candidates) - 2)
    assert len(found.candidates) == 2 + 9
    assert found.refused == {places.NO_PLACE: 1, places.BAD_PLACE: 1, places.NO_POINT: 1, candidates.TWICE: 1}
    with pytest.raises(CoverageError, match=r"none\.csv: cannot be read"):
        gather(config(places=("none.csv",)), plane, inside, tmp_path)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CoverageError, match=r"bad\.csv: its first line must name columns lat and lon"):
        gather(config(places=("bad.csv",)), plane, inside, tmp_path)
    with pytest.raises(UsageError, match="more than 5 candidates"):
        gather(config(grid_km=10.0, most_candidates=5), plane, inside, tmp_path)


def test_summits_are_the_highest_within_their_radius(plane, inside):
    rows, columns = summits(plane, inside, 15e3)
    got = set(zip(rows.tolist(), columns.tolist(), strict=True))
    for n, e in ((0.3, -0.3), (-0.3, 0.31)):
        row, column = (round(float(v)) for v in plane.to_grid(math.radians(LAT + n), math.radians(LON + e)))
        assert any(abs(r - row) <= 1 and abs(c - column) <= 1 for r, c in got)
    z = plane.heights_m
    i, j = np.mgrid[0 : z.shape[0], 0 : z.shape[1]]
    for r, c in got:
        near = ((i - r) ** 2 + (j - c) ** 2 <= 15**2) & ~np.isnan(z)
        assert z[r, c] == z[near].max()


def test_airports_of_the_area_are_candidates(plane, tmp_path):
    found = gather(config(airports=True), plane, np.ones(plane.shape, bool), tmp_path)
    assert all(c.origin == "airport" and len(c.id) == 4 for c in found.candidates)


def test_what_a_candidate_sees_is_what_coverage_counts(plane, inside):
    c = config(at=("500ft", "FL065"), demand_km=2.0)
    d = demand(c, plane, inside)
    assert [v.name for v in d.levels] == ["500ft", "FL065"]
    held = gather(config(candidate=given_at((0.1, -0.2))), plane, inside, None).candidates[0]
    who = sight(c, CoverageConfig(), held)
    assert who.antenna.max_elevation_rad == pytest.approx(math.radians(45.0))
    got = sees(plane, who, d, 4 / 3)
    counted = count_all(plane, [who], [Height(152.4), Height(1981.2, above_ground=False)])["radar"]
    for row, count in zip(got, counted, strict=True):
        assert (row != (count[d.rows, d.columns] > 0)).sum() <= 2, "at the very edge of its range"
    assert 0 < got[0].sum() < got[1].sum() <= len(d.rows)
    west = np.degrees(plane.place(d.rows.astype(float), d.columns.astype(float))[1]) < LON - 0.05
    assert got[0][west].mean() > 3 * got[0][~west].mean(), "the wall hides what is east of it"


def test_the_problem_is_that_of_its_parts(plane, inside):
    c = config(candidate=given_at((0.3, 0.3), (-0.3, -0.3), (0.0, 0.2), (-0.3, 0.3)), budget=2.0, second_worth=0.25, demand_km=4.0)
    held = gather(c, plane, inside, None)
    standing = [
        Sight("here", "radar", Antenna(math.radians(LAT + 0.3), math.radians(LON - 0.3), max_range_m=60e3)),
        Sight("lost", "radar", Antenna(math.radians(LAT + 9), math.radians(LON), max_range_m=60e3)),
    ]
    told = []
    posed = pose(c, plane, held.candidates, standing, inside, progress=told.append)
    p = posed.problem
    assert told == [1, 2, 3, 4, 5, 6]
    assert list(posed.refused) == ["lost"]
    assert [s.id for s in posed.standing] == ["here"]
    assert p.once.sum() == pytest.approx(100.0)
    assert p.twice == pytest.approx(0.25 * p.once)
    for k, candidate in enumerate(held.candidates):
        assert (
            p.cell[p.start[k] : p.start[k + 1]].tolist()
            == np.flatnonzero(sees(plane, sight(c, CoverageConfig(), candidate), posed.demand, 4 / 3)).tolist()
        )
    assert (p.held > 0).tolist() == sees(plane, standing[0], posed.demand, 4 / 3).ravel().tolist()
    plan = greedy(p)
    assert len(plan.sites) == 2
    assert p.stands < plan.worth <= 125.0


def test_worth_follows_area_traffic_and_protected_places(plane, inside):
    d = demand(config(), plane, inside)
    even = worths(config(), plane, d, None)
    assert even.shape == (1, len(d.rows))
    assert even.sum() == pytest.approx(100.0)
    assert np.ptp(even) / even.mean() < 1e-3
    density = Density(plane, d.every)
    lat, lon = plane.place(d.rows[[7, 7, 9]].astype(float), d.columns[[7, 7, 9]].astype(float))
    density.deposit(lat, lon, np.full(3, 9000.0), np.array([10.0, 20.0, 10.0]))
    flown = worths(config(area_worth=0.0, traffic_worth=2.0), plane, d, density)[0]
    assert np.flatnonzero(flown).tolist() == [7, 9]
    assert flown[7] == pytest.approx(75.0)
    town = ProtectConfig(name="town", lat_deg=LAT + 0.2, lon_deg=LON, radius_km=10.0, worth=1.0)
    kept = worths(config(protect=(town,)), plane, d, None)[0]
    row, column = (float(v) for v in plane.to_grid(math.radians(LAT + 0.2), math.radians(LON)))
    near = np.hypot(d.rows - row, d.columns - column) <= 10
    assert kept[near].sum() == pytest.approx(50.0 + 50.0 * near.mean(), rel=0.01)
    tiny = ProtectConfig(lat_deg=LAT + 0.21, lon_deg=LON + 0.003, radius_km=0.1)
    assert worths(config(protect=(tiny,)), plane, d, None)[0].max() > 50.0, "a place smaller than the lattice is its nearest post"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"at": ()}, "names no height"),
        ({"at": ("high",)}, "is no height"),
        ({"area_worth": 0.0}, "no place is worth anything"),
        ({"traffic_worth": 1.0}, "nothing flies"),
        ({"protect": (ProtectConfig(name="x", lat_deg=40.0, lon_deg=8.0),)}, "lies outside the area"),
    ],
)
def test_what_makes_no_problem_says_why(plane, inside, given, says):
    with pytest.raises((UsageError, CoverageError), match=says):
        pose(config(**given), plane, [], [], inside)
    with pytest.raises(CoverageError, match="no place whose ground is known"):
        demand(config(), plane, np.zeros_like(inside))


def test_a_candidate_is_the_sensor_that_its_table_makes(plane, inside):
    c = config(candidate=given_at((0.1, 0.1)), max_elevation_deg=30.0, min_elevation_deg=-1.0)
    held = gather(c, plane, inside, None).candidates[0]
    who = sight(c, CoverageConfig(obstacle=(ObstacleConfig(lat_deg=LAT, lon_deg=LON, height_m=30.0),)), held)
    assert who.antenna.max_range_m == pytest.approx(60e3, rel=0.2), "by its detection and what is to be seen"
    assert (who.antenna.height_m, math.degrees(who.antenna.max_elevation_rad)) == (20.0, pytest.approx(30.0))
    assert len(who.obstacles) == 1
    with pytest.raises(CoverageError, match="nowhere detects a drone"):
        sight(config(kind="adsb"), CoverageConfig(target="drone"), held)
