from __future__ import annotations

import asyncio
import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.batch import Emergency
from tenere.errors import WireError
from tenere.serve.delta import Picture
from tenere.serve.filters import Filter, parse_filter, wanted
from tenere.serve.hub import ALL, Hub
from tenere.serve.page import page_tracks
from tenere.serve.stepped import stepped
from tenere.serve.stream import ASK_EVERY_S, ASKS, Allowance

QUIET = dataclasses.replace(make_snapshot(), alerts=make_snapshot().alerts.take(np.zeros(0, np.int64)))


def numbers(asked: Filter, snap=QUIET) -> list[int]:
    picture = stepped(*page_tracks(snap))
    return picture.of("number")[wanted(asked, picture, snap.alerts)].tolist()


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        (Filter(), [11, 12, 13, 14]),
        (Filter(box=(2.0, 13.0, 3.5, 14.5)), [11, 12]),
        (Filter(box=(170.0, 13.0, 3.5, 15.5)), [11, 12]),  # across the antimeridian
        (Filter(levels=(300, 400)), [11, 12]),  # 12 has no level: it may be there
        (Filter(levels=(0, 100)), [12, 13, 14]),
        (Filter(kinds=("psr", "remote_id")), [12, 13]),
        (Filter(box=(2.0, 13.0, 2.5, 14.5), track=13), [11, 13]),
        (Filter(kinds=("mlat",)), []),
    ],
)
def test_a_reader_gets_what_it_asks_for(asked, got):
    assert numbers(asked) == got


def test_distress_and_alerts_are_sent_whatever_was_asked_for():
    nowhere = Filter(box=(-100.0, 0.0, -99.0, 1.0))
    assert numbers(nowhere) == []
    tracks = QUIET.tracks.replace(emergency=np.array([0, 0, Emergency.GENERAL, 0], np.uint8))
    assert numbers(nowhere, dataclasses.replace(QUIET, tracks=tracks)) == [13]
    assert numbers(nowhere, make_snapshot()) == [11, 12]  # an emergency about 12, a warning about 11


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", '{"type":"filter","boxes":[1,2,3,4]}', '{"type":"filter","box":[1,2,3]}', '{"type":"filter","box":[1,5,3,4]}',
        '{"type":"filter","box":[1,2,400,4]}', '{"type":"filter","box":["a",2,3,4]}', '{"type":"filter","box":[NaN,2,3,4]}',
        '{"type":"filter","box":[1e999,2,3,4]}', '{"type":"filter","levels":[5,1]}', '{"type":"filter","levels":[0,1e999]}',
        '{"type":"filter","kinds":[]}', '{"type":"filter","kinds":["radar"]}', '{"type":"filter","kinds":"psr"}',
        '{"type":"filter","track":-1}', '{"type":"filter","track":1e12}', '{"type":"filter","track":1.5}', '{"type":"other"}',
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_with_a_reason(text):
    with pytest.raises(WireError, match="no filter"):
        parse_filter(text)


@given(st.text(max_size=200))
def test_noise_raises_only_wire_errors(text):
    try:
        parse_filter(text)
    except WireError:
        return
    assert text.lstrip().startswith("{")


def test_a_filtered_reader_follows_its_own_changes():
    async def go():
        hub = Hub()
        client, picture = hub.join(), Picture()
        assert hub.choose(client, Filter(box=(2.0, 13.0, 3.5, 14.5)))
        kinds = []
        for k in range(4):
            hub.publish(dataclasses.replace(make_snapshot(1000.0 + k), alerts=QUIET.alerts))
            _, frame = await client.take()
            kinds.append(frame[4])
            picture.take(frame)
            assert picture.steps.of("number").tolist() == [11, 12]
        assert kinds == [3, 4, 4, 4]
        assert hub.choose(client, Filter())
        _, frame = await client.take()
        picture.take(frame)
        assert picture.steps.rows == 4
        assert client.filter is ALL

    asyncio.run(go())


def test_a_reader_that_would_be_simple_gets_keyframes_alone():
    async def go():
        hub = Hub()
        client, other = hub.join(), hub.join()
        assert hub.choose(client, Filter(changes=False))
        kinds = []
        for k in range(3):
            hub.publish(make_snapshot(1000.0 + k))
            kinds.append([(await c.take())[1][4] for c in (client, other)])
        assert kinds == [[3, 3], [3, 4], [3, 4]]
        assert len(hub._chains) == 1

    asyncio.run(go())


def test_the_same_filter_is_encoded_once_and_different_ones_are_bounded(monkeypatch):
    async def go():
        monkeypatch.setattr(Hub, "FILTERS", 2)
        hub = Hub()
        clients = [hub.join() for _ in range(4)]
        one, two, three = (Filter(track=k, kinds=("psr",)) for k in (1, 2, 3))
        assert hub.choose(clients[0], one)
        assert hub.choose(clients[1], one)
        assert hub.choose(clients[2], two)
        assert not hub.choose(clients[3], three)
        assert hub.choose(clients[2], three), "its own old one is given up"
        hub.publish(make_snapshot())
        assert len(hub._chains) == 3
        frames = [(await c.take())[1] for c in clients]
        assert frames[0] is frames[1]
        assert frames[3] is not frames[0]

    asyncio.run(go())


def test_asking_is_rationed():
    now = 0.0
    allowance = Allowance(lambda: now)
    assert [allowance.take() for _ in range(ASKS + 2)] == [True] * ASKS + [False] * 2
    now += ASK_EVERY_S
    assert [allowance.take(), allowance.take()] == [True, False]
    now += 1000 * ASK_EVERY_S
    assert sum(allowance.take() for _ in range(3 * ASKS)) == ASKS
