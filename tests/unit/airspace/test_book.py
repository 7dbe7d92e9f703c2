"""The live book of volumes: commands, versions, and who is active when."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import random

import pytest

from tenere.airspace.book import HISTORY, Book
from tenere.airspace.model import Circle, Period, Volume
from tenere.airspace.setting import tree_of

NOON = calendar.timegm((2026, 5, 4, 12, 0, 0))  # a Monday
DAY = 86_400.0


def volume(key: str = "a", **more) -> Volume:
    return Volume(id=key, name=key, shape=Circle(13.5, 2.1, 5000.0), **more)


def order(op: str, key: str = "a", **more) -> dict:
    return {"kind": "volume", "op": op, "id": key, "by": "Lt Issa", **more}


def test_put_remove_activate_deactivate_are_kept_with_time_and_name():
    book = Book.of([volume("site")])
    assert book.version == 0
    table = tree_of(volume(buffer_m=10.0)) | {"floor": "1000 ft agl", "ceiling": "FL95", "starts_s": None}
    assert book.step([order("put", volume=table, reason="fire at the depot", signed=True)], NOON)
    assert [v.id for v in book.volumes] == ["site", "a"]
    assert book.volumes[1].ceiling.value_m == pytest.approx(2895.6)
    assert book.drawn == book.version == 1
    book.step([order("deactivate", "site"), order("activate", "site", by="Cpt Oumarou")], NOON + 1)
    assert (book.drawn, book.version) == (1, 3)
    book.step([order("remove")], NOON + 2)
    assert [v.id for v in book.volumes] == ["site"]
    told = [(c.version, c.operation, c.id, c.by, c.signed) for c in book.history]
    assert told == [
        (1, "put", "a", "Lt Issa", True),
        (2, "deactivate", "site", "Lt Issa", False),
        (3, "activate", "site", "Cpt Oumarou", False),
        (4, "remove", "a", "Lt Issa", False),
    ]
    assert book.history[0].reason == "fire at the depot"
    assert book.rejects.total() == 0


def test_what_is_put_may_be_said_active_in_the_same_breath():
    book = Book.of([volume("zone", active=False)])
    table = tree_of(volume("zone", active=False, remark="moved"))
    book.step([order("put", "zone", volume=table, active=True)], NOON)
    assert book.active_at(NOON).tolist() == [True]
    assert book.held("zone") is True
    assert [c.operation for c in book.history] == ["put", "activate"]
    book.step([order("put", "zone", volume=table)], NOON + 1)
    assert book.held("zone") is None
    assert book.active_at(NOON + 1).tolist() == [False]
    book.step([order("put", "zone", volume=tree_of(volume("zone")), active=False)], NOON + 2)
    assert book.active_at(NOON + 2).tolist() == [False]
    book.step([order("put", "zone", volume={"name": "x"}, active=True), order("put", "zone", volume=table, active="yes")], NOON + 3)
    assert book.held("zone") is None


BAD = [
    order("burn"),
    order("put"),
    order("put", volume=[1]),
    order("put", volume={"name": "x"}),
    order("put", volume={1: 2}),
    order("put", volume=tree_of(volume()) | {"floor": "high"}),
    order("put", volume=tree_of(volume()) | {"shape": {"type": "circle", "lat_deg": 1e400, "lon_deg": 0, "radius_m": 10**400}}),
    order("remove", "nobody"),
    order("activate", "nobody"),
    {"kind": "volume", "op": "remove", "id": "site", "by": ""},
    {"kind": "volume", "op": ["remove"], "id": "site", "by": "x"},
    {"kind": "volume", "op": "remove", "id": 7, "by": "x"},
    order("activate", "site", reason={"a": 1}),
]


@pytest.mark.parametrize("command", BAD)
def test_what_cannot_be_obeyed_is_counted_and_changes_nothing(command):
    book = Book.of([volume("site")])
    assert not book.step([command], NOON)
    assert book.rejects.total() == 1
    assert book.volumes == (volume("site"),)


def test_other_commands_are_not_the_books():
    book = Book.of([])
    assert not book.step([{"kind": "closure"}, 7, None, "volume"], NOON)
    assert book.rejects.total() == 0


def test_history_is_bounded():
    book = Book.of([volume()])
    book.step([order("activate")] * (HISTORY + 10), NOON)
    assert len(book.history) == HISTORY
    assert book.version == HISTORY + 10


def active(time_s: float, **more) -> bool:
    return bool(Book.of([volume(**more)]).active_at(time_s)[0])


@pytest.mark.parametrize(
    ("more", "time_s", "expected"),
    [
        ({}, NOON, True),
        ({"active": False}, NOON, False),
        ({"starts_s": NOON + 1.0}, NOON, False),
        ({"starts_s": NOON}, NOON, True),
        ({"ends_s": NOON}, NOON, False),
        ({"schedule": (Period((0,), 720, 721),)}, NOON, True),
        ({"schedule": (Period((0,), 720, 721),)}, NOON + 60.0, False),
        ({"schedule": (Period((0,), 720, 721),)}, NOON + DAY, False),
        ({"schedule": (Period((1,)),)}, NOON, False),
        ({"schedule": (Period((1,)), Period((0,)))}, NOON, True),
        ({"schedule": (Period((0,), 1320, 120),)}, NOON + 10.5 * 3600, True),  # Monday 22:30
        ({"schedule": (Period((0,), 1320, 120),)}, NOON + 13.5 * 3600, True),  # Tuesday 01:30
        ({"schedule": (Period((0,), 1320, 120),)}, NOON + 14 * 3600, False),  # Tuesday 02:00
        ({"schedule": (Period((0,), 1320, 120),)}, NOON - 10.5 * 3600, False),  # Monday 01:30
        ({"schedule": (Period((0,), 600, 600),)}, NOON + 20 * 3600, True),  # from ten to ten
    ],
)
def test_schedules_and_dates(more, time_s, expected):
    assert active(time_s, **more) is expected


def test_schedules_against_a_calendar():
    dice = random.Random(3)
    for _ in range(200):
        days = tuple(sorted({dice.randrange(7) for _ in range(3)}))
        a, b = dice.randrange(1440), dice.randrange(1441)
        time_s = float(dice.randrange(2_000_000_000))
        at = dt.datetime.fromtimestamp(time_s, dt.UTC)
        minute = at.hour * 60 + at.minute + at.second / 60
        today, before = at.weekday() in days, (at.weekday() - 1) % 7 in days
        expected = (today and a <= minute < b) if a < b else (today and minute >= a) or (before and minute < b)
        assert active(time_s, schedule=(Period(days, a, b),)) == expected, (days, a, b, at)


def test_a_persons_word_holds_until_the_volume_is_put_again():
    book = Book.of([volume(active=False), volume("b", ends_s=NOON - 1)])
    book.step([order("activate"), order("activate", "b")], NOON)
    assert book.active_at(NOON + 30 * DAY).tolist() == [True, True]
    assert book.rows(NOON)[0].by_hand == "Lt Issa"
    book.step([order("deactivate", "b"), order("put", volume=tree_of(volume(active=False)))], NOON)
    assert book.active_at(NOON).tolist() == [False, False]
    assert book.rows(NOON)[0].by_hand == ""


def test_an_empty_book_has_nobody_active():
    assert Book.of([]).active_at(NOON).shape == (0,)


def test_the_same_commands_give_the_same_book():
    commands = [order("put", f"v{i}", volume=tree_of(volume())) for i in range(5)] + [order("remove", "v2"), order("deactivate", "v3")]
    books = [Book.of([]), Book.of([])]
    for book in books:
        book.step(commands, NOON)
    assert books[0].volumes == books[1].volumes
    assert list(books[0].history) == list(books[1].history)
    assert math.isfinite(books[0].history[-1].time_s)
