"""Closing airspace: risk, closure, acknowledgement by every station in its time, reopening."""

from __future__ import annotations

import math

import pytest

from tenere.airspace.book import Book
from tenere.airspace.closure import LIMIT, Closures
from tenere.airspace.model import Circle, Period, Volume, VolumeKind

STATIONS = ("TWR NIM", "ACC NIM")
T = 1_777_900_000.0


def made():
    fir = Volume(id="fir", name="NIAMEY", kind=VolumeKind.FIR, shape=Circle(13.5, 2.1, 500_000.0), schedule=(Period((0,), 0, 1),))
    shooting = Volume(id="r1", name="R1", kind=VolumeKind.RESTRICTED, shape=Circle(14.0, 2.1, 5000.0), active=False)
    return Book.of([fir, shooting]), Closures(STATIONS, 60.0)


def order(op: str, key: str = "east", **more) -> dict:
    return {"kind": "closure", "op": op, "id": key, "by": "Cdt Sani", **more}


NOTE = order("note", text="fighting reported near the airway", volumes=["fir", "r1"])


def test_from_the_note_to_the_reopening():
    book, closures = made()
    assert closures.step(book, [NOTE], T)
    assert closures.rows(T)[0].state == "noted"
    assert book.version == 0
    closures.step(book, [order("close", signed=True)], T + 10)
    (row,) = closures.rows(T + 10)
    assert (row.state, row.closed.by, row.closed.signed, row.closed.time_s) == ("closed", "Cdt Sani", True, T + 10)
    copy = book.volumes[-1]
    assert (copy.kind, copy.name, copy.schedule, copy.active) == (VolumeKind.CLOSED, "NIAMEY", (), True)
    assert book.active_at(T + 10).tolist()[1:] == [True, True]
    assert book.history[-1].reason == "fighting reported near the airway"
    assert closures.overdue(T + 70) == ()
    closures.step(book, [order("acknowledge", station="TWR NIM", by="Sgt Aïcha")], T + 40)
    tower, centre = closures.rows(T + 80)[0].stations
    assert (tower.acknowledged_s, tower.by, tower.waited_s, tower.overdue) == (T + 40, "Sgt Aïcha", 30.0, False)
    assert math.isnan(centre.acknowledged_s)
    assert (centre.waited_s, centre.overdue) == (70.0, True)
    (late,) = closures.overdue(T + 80)
    assert (late.closure, late.station, late.closed_s, late.since_s) == ("east", "ACC NIM", T + 10, T + 70)
    closures.step(book, [order("acknowledge", station="ACC NIM")], T + 90)
    assert closures.overdue(T + 500) == ()
    closures.step(book, [order("reopen")], T + 600)
    assert [v.id for v in book.volumes] == ["fir", "r1"]
    assert not book.active_at(T + 600)[1]
    assert book.held("r1") is None
    assert closures.rows(T + 600)[0].reopened.time_s == T + 600
    assert closures.rejects.total() == 0


def test_one_click_may_close_what_was_noted_in_the_same_tick():
    book, closures = made()
    closures.step(book, [NOTE, order("close")], T)
    assert closures.rows(T)[0].state == "closed"


@pytest.mark.parametrize(
    "command",
    [
        order("burn"),
        order("close", "nobody"),
        order("close", ""),
        order("note", "n", text="", volumes=["fir"]),
        order("note", "n", text="x", volumes=[]),
        order("note", "n", text="x", volumes=["nowhere"]),
        order("note", "n", text="x", volumes=[["fir"]]),
        order("note", "n", text="x", volumes="fir"),
        order("acknowledge", station="TWR NIM"),
        order("acknowledge", station="TWR ELSEWHERE"),
        order("acknowledge", station=["TWR NIM"]),
        order("reopen"),
        order("close", by=" "),
        order(["close"]),  # type: ignore[arg-type]
        order("close", "\x00"),
    ],
)
def test_what_cannot_be_obeyed_is_counted_and_changes_nothing(command):
    book, closures = made()
    closures.step(book, [NOTE], T)
    assert not closures.step(book, [command], T + 1)
    assert closures.rejects.total() == 1
    assert book.version == 0
    assert closures.rows(T)[0].state == "noted"


def test_a_closure_is_closed_and_acknowledged_once():
    book, closures = made()
    closures.step(book, [NOTE, order("close"), order("acknowledge", station="TWR NIM")], T)
    version = book.version
    closures.step(book, [order("close"), order("acknowledge", station="TWR NIM"), NOTE], T + 1)
    assert closures.rejects.total() == 3
    assert book.version == version


def test_closed_again_after_reopening_everyone_acknowledges_anew():
    book, closures = made()
    closures.step(book, [NOTE, order("close"), order("acknowledge", station="TWR NIM"), order("reopen"), order("close")], T)
    assert [s.station for s in closures.overdue(T + 61)] == list(STATIONS)


@pytest.mark.parametrize("first", ["east", "west"])
def test_two_closures_of_one_volume_leave_it_as_it_was_before_both(first):
    book, closures = made()
    west = order("note", "west", text="x", volumes=["r1"])
    closures.step(book, [NOTE, west, order("close"), order("close", "west")], T)
    second = "west" if first == "east" else "east"
    closures.step(book, [order("reopen", first)], T + 1)
    assert book.held("r1") is True
    closures.step(book, [order("reopen", second)], T + 2)
    assert book.held("r1") is None
    assert [v.id for v in book.volumes] == ["fir", "r1"]


def test_a_volume_removed_meanwhile_does_not_come_back():
    book, closures = made()
    closures.step(book, [NOTE, order("close")], T)
    book.step([{"kind": "volume", "op": "remove", "id": "r1", "by": "x"}], T)
    closures.step(book, [order("reopen")], T + 1)
    assert [v.id for v in book.volumes] == ["fir"]


def test_closures_are_bounded_and_those_that_stand_are_kept():
    book, closures = made()
    closures.step(book, [NOTE, order("close")], T)
    closures.step(book, [{**NOTE, "id": f"n{i}"} for i in range(LIMIT + 5)], T)
    rows = closures.rows(T)
    assert len(rows) == LIMIT
    assert rows[0].id == "east"
