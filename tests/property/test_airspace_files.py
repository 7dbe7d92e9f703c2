"""Every airspace format gives back what it can say, and survives whatever it is fed."""

from __future__ import annotations

import gzip
import math
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.airspace import arcs, formats, sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Circle, Corridor, Limit, Period, Polygon, Volume, VolumeKind
from tenere.airspace.setting import tree_of, volume_of

WORD = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S"), max_codepoint=0xFFFF), min_size=1, max_size=12)
NAMES = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
DEGREE = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1e7)


@st.composite
def limit_pairs(draw):
    datum = draw(st.sampled_from(["amsl", "agl", "fl"]))
    low = Limit(round(draw(st.integers(0, 30)) * 304.8, 4), datum)
    high = Limit(round(low.value_m + draw(st.sampled_from([30.48, 100.0, 0.1234, 3048.0])), 4), draw(st.sampled_from([datum, datum, "fl"])))
    high = draw(st.sampled_from([high, Limit(math.inf, "fl")]))
    return (low, high) if low.datum != high.datum or low.value_m < high.value_m else (low, Limit(math.inf, "fl"))


@st.composite
def rings(draw, lat: float, lon: float, most: float):
    """A ring seen whole from its middle, so that it never crosses itself."""
    n = draw(st.integers(3, 9))
    sizes = draw(st.lists(st.floats(0.3, 1.0), min_size=n, max_size=n))
    at = [(2 * math.pi * i / n, most * size) for i, size in enumerate(sizes)]
    return tuple(
        (round(lat + r * math.cos(a), 8), round((lon + r * math.sin(a) / math.cos(math.radians(lat)) + 180) % 360 - 180, 8)) for a, r in at
    )


@st.composite
def shapes(draw):
    lat, lon = draw(st.floats(-70, 70)), draw(st.one_of(st.floats(-180, 180), st.sampled_from([179.9, -179.95])))
    kind = draw(st.sampled_from(["polygon", "hole", "circle", "corridor"]))
    size = draw(st.sampled_from([0.001, 0.1, 2.0]))
    if kind == "circle":
        return Circle(round(lat, 8), round(lon, 8), draw(st.integers(500, 80_000_000)) / 1000)
    if kind == "corridor":
        return Corridor(draw(rings(lat, lon, size)), draw(st.integers(1000, 50_000_000)) / 1000)
    outer = draw(rings(lat, lon, size))
    middle = tuple((round(lat + 0.1 * (a - lat), 8), o) for a, o in outer) if kind == "hole" else ()
    hole = tuple(
        (round(lat + 0.2 * size * da, 8), round((lon + 0.2 * size * do + 180) % 360 - 180, 8))
        for da, do in ((0.1, 0), (-0.1, 0.1), (-0.1, -0.1))
    )
    return Polygon(outer, (hole,) if middle else ())


@st.composite
def volumes(draw):
    floor, ceiling = draw(limit_pairs())
    starts = draw(st.sampled_from([-math.inf, 1.7e9, 1.7e9 + 0.125]))
    return Volume(
        id=draw(NAMES),
        name=draw(NAMES),
        kind=draw(st.sampled_from(list(VolumeKind))),
        airspace_class=draw(st.sampled_from(["", *"ABCDEFG"])),
        floor=floor,
        ceiling=ceiling,
        shape=draw(shapes()),
        buffer_m=draw(st.sampled_from([0.0, 926.0])),
        buffer_up_m=draw(st.sampled_from([0.0, 150.5])),
        schedule=tuple(
            Period(tuple(sorted(set(d))), a, b)
            for d, a, b in draw(
                st.lists(st.tuples(st.lists(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(0, 1440)), max_size=3)
            )
        ),
        starts_s=starts,
        ends_s=draw(st.sampled_from([math.inf, 1.8e9])),
        active=draw(st.booleans()),
        country=draw(st.sampled_from(["", "NE", "NER"])),
        remark=draw(st.one_of(st.just(""), NAMES)),
    )


LISTS = st.lists(volumes(), min_size=1, max_size=3, unique_by=lambda v: v.id)


@pytest.mark.parametrize("to", ["geojson", "kml", "aixm", "ed269", "ed318"])
@given(held=LISTS)
@settings(max_examples=15)
def test_formats_with_room_for_more_give_back_every_volume_whole(to, held):
    held = [sanity.settled(v) for v in held if not sanity.problem(v)]
    written = formats.write_as(held, to)
    found, back = formats.read_any(written.data, "-") if held else (to, formats.Read((), (), ()))
    assert found == to
    assert list(back.volumes) == held
    assert not written.lost


@pytest.mark.parametrize("to", ["openair", "yaixm"])
@given(held=LISTS)
@settings(max_examples=25)
def test_small_formats_name_what_they_lose_and_then_lose_no_more(to, held):
    held = [sanity.settled(v) for v in held if not sanity.problem(v)]
    if to == "yaixm":  # it has no corridors: each leg comes back as a volume
        held = [v for v in held if not isinstance(v.shape, Corridor)]
    if not held:
        return
    written = formats.write_as(held, to)
    _, back = formats.read_any(written.data, "-", keep_going=to == "yaixm")
    theirs = {v.id: v for v in back.volumes}
    differing = {f for v in held if v.id in theirs for f in formats.differing(v, theirs[v.id])}
    assert differing == set(written.lost) - {"volume"}
    assert written.lost["volume"] == len(held) - len(theirs)
    may = {"schedule", "buffer_m", "buffer_up_m", "country", "remark", "kind", "holes", "starts_s", "ends_s"}
    assert differing <= may | ({"floor", "ceiling"} if to == "yaixm" else set()), differing
    again = formats.read_any(formats.FORMATS[to].write(back.volumes), "-")[1] if back.volumes else back
    assert again.volumes == back.volumes


@given(held=LISTS)
@settings(max_examples=15)
def test_what_is_drawn_holds_the_outline_within_the_tolerance(held):
    """Lines of the map and of the globe between the same points are nowhere farther apart than told."""
    for v in held:
        if not isinstance(v.shape, Polygon) or sanity.problem(v):
            continue
        dense = arcs.for_map(v.shape.ring)
        assert set(v.shape.ring) <= set(dense)
        assert arcs.of_map(dense) == dense
        assert arcs.for_map(dense) == dense


@given(held=volumes())
def test_a_plain_table_makes_the_volume_again(held):
    held = sanity.settled(held)
    if not sanity.problem(held):
        assert volume_of(msgspec.json.decode(msgspec.json.encode(tree_of(held)))) == held


SEEDS = {
    "openair": b"AC D\r\nAN ONE\r\nAL GND\r\nAH 3000 ft\r\nV X=46:30:46 N 008:41:21 E\r\nDA 5,10,200\r\nDP 46:30:00 N 008:00:00 E\r\n",
    "yaixm": b"airspace:\n- name: A\n  type: D\n  geometry:\n  - upper: FL65\n    lower: SFC\n    boundary:\n    - circle:\n"
    b"        radius: 2 nm\n        centre: 512253N 0003241W\n",
}


def mutated(seed: bytes, random_: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(random_.randint(1, 8)):
        at = random_.randrange(len(data))
        choice = random_.randrange(5)
        if choice == 0:
            data[at] = random_.randrange(256)
        elif choice == 1:
            del data[at : at + random_.randrange(1, 40)]
        elif choice == 2:
            data[at:at] = data[random_.randrange(len(data)) :][: random_.randrange(1, 60)]
        elif choice == 3:
            data[at:at] = random_.choice(
                [b"9" * 400, b"\x00", b"\xff\xfe", b"[", b"{", b"<", b"&a;", b"1e999", b"-1", b"nan", b"\n", b": *x", b"\xe2\x80\xa8"]
            )
        else:
            del data[at:]
        data = data or bytearray(b"x")
    return bytes(data)


def seeds() -> dict[str, bytes]:
    held = formats.read_any(SEEDS["openair"], "-")[1].volumes
    shapes_ = (Circle(13.5, 2.1, 5000.0), Corridor(((13.0, 2.0), (14.0, 3.0)), 9260.0), held[0].shape)
    made = [
        Volume(id=f"v{i}", name=f"v {i}", shape=s, schedule=(Period((0, 1), 60, 120),), starts_s=1.7e9, airspace_class="D", remark="x")
        for i, s in enumerate(shapes_)
    ]
    return SEEDS | {to: formats.FORMATS[to].write(made) for to in ("geojson", "kml", "aixm", "ed269", "ed318")}


def sound(data: bytes) -> None:
    """Read bytes of any kind: what comes out stands, or an AirspaceError says what is wrong."""
    try:
        _, read = formats.read_any(data, "-", keep_going=True)
    except AirspaceError:
        return
    assert all(not sanity.problem(v) for v in read.volumes)
    assert len({v.id for v in read.volumes}) == len(read.volumes)
    assert all(r.where and r.reason for r in read.refused)


@pytest.mark.parametrize("to", ["openair", "yaixm", "geojson", "kml", "aixm", "ed269", "ed318"])
def test_damaged_files_never_break_a_reader(to):
    seed, dice = seeds()[to], random.Random(to)
    for _ in range(80):
        sound(mutated(seed, dice))


@pytest.mark.parametrize("name", ["openair_Switzerland.txt", "uk_airspace.yaml"])
def test_damaged_pieces_of_the_real_files_never_break_a_reader(shared_data, name):
    whole, dice = (shared_data / "airspace" / name).read_bytes(), random.Random(name)
    for _ in range(10):
        at = dice.randrange(len(whole) - 5000)
        sound(whole[: 200 if name.endswith("yaml") else 0] + mutated(whole[at : at + 5000], dice))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_at_all(data):
    sound(data)
    for chosen in formats.FORMATS.values():
        try:
            chosen.read(data)
        except AirspaceError:
            continue


MEMBERS = [
    "type",
    "features",
    "geometry",
    "properties",
    "coordinates",
    "layer",
    "upper",
    "lower",
    "schedule",
    "day",
    "floor",
    "name",
    "tenere",
    "horizontalProjection",
    "center",
    "radius",
    "applicability",
    "startDateTime",
    "extendedProperties",
    "geometries",
    "extent",
]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(MEMBERS),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
def test_any_json_tree(tree):
    for chosen in (formats.geojson, formats.ed269, formats.ed318):
        try:
            read = chosen.read_tree({"type": "FeatureCollection", "features": [tree]})
        except AirspaceError:
            continue
        assert all(not sanity.problem(v) for v in read.volumes)


BOMBS = {
    "laughs": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><kml>&b;</kml>',
    "outside": b'<?xml version="1.0"?><!DOCTYPE l SYSTEM "file:///etc/passwd"><kml/>',
    "deep xml": b"<kml>" + b"<a>" * 100_000,
    "deep json": b'{"features":' + b"[" * 200_000,
    "deep yaml": b"airspace:\n" + b"[" * 50_000,
    "deep yaml lines": b"airspace:\n" + b"".join(b" " * i + b"- \n" for i in range(1, 300)),
    "aliases": b"airspace: \n- &a [x, x]\n- &b [*a, *a]\n- [*b, *b]\n",
    "tag": b"airspace:\n- !!python/object/apply:os.system ['true']\n",
    "huge number": b'{"features":[{"geometry":{"type":"Polygon","coordinates":[[[' + b"9" * 5000 + b",1]]]}}]}",
    "huge degrees": b"AC D\nAN X\nAL GND\nAH " + b"9" * 5000 + b" ft\nDP " + b"9" * 5000 + b":00:00 N 008:00:00 E\n",
    "huge line": b"AC D\nAN X\nDP " + b" " * 3_000_000 + b"\n",
    "slow": b"AC D\nAN X\nV X=" + b"1" * 199 + b"\n" + b"DP 46:30:00 N" + b"," * 150 + b"x\n",
    "gzip bomb": gzip.compress(b"\0" * (70 << 20)),
    "half a gzip": gzip.compress(b"AC D\nAN X\n" * 1000)[:60],
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_with_a_reason(name):
    with pytest.raises(AirspaceError):
        formats.read_any(BOMBS[name], "-")
