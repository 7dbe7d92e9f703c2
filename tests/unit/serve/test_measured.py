"""The figures of the sensors over HTTP: each with its limits, their verdicts and sources, in both languages."""

from __future__ import annotations

import asyncio
import importlib.resources
import json
import sys
import threading
import tomllib
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "performance"))

from air import BEGIN_S, Air, Tick, facts

from tenere import performance
from tenere.performance import window
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.measured import KEPT, ORDER, Measured

PACKED = importlib.resources.files("tenere.performance") / "thresholds.toml"
TABLE = performance.parse(tomllib.loads(PACKED.read_text(encoding="utf-8")), "thresholds.toml")
NAME = 'R1 "é" &x=1'


@pytest.fixture(scope="module")
def held():
    """Measure a radar that sees everything, and a multilateration, for five minutes."""
    made, air = window.begin(1200.0, 1e6), Air(60)
    told = [facts(NAME, period_s=5.0), facts("M", "mlat", frame=-1), facts("NEVER")]
    for k in range(1, 301):
        time_s, tick = BEGIN_S + k, Tick()
        rows = [r for r in range(60) if r % 5 == k % 5]
        at = air.at(time_s - 0.3, rows)
        tick.add(at, [r + 1 for r in rows], time_s=time_s - 0.3, receive_s=time_s - 0.2, mode_a=0o1000, address=[r + 1 for r in rows])
        every = list(range(0, 60, 2))
        tick.add(air.at(time_s - 0.5, every), [r + 1 for r in every], time_s=time_s - 0.5, sensor=1, kind=7, mode_a=0o1000)
        window.observe(made, tick.seen(air.tracks(time_s), told), time_s)
    return made


def get(hub, path="/api/performance", times=1, **given):
    async def go():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(hub, None)), base_url="http://localhost") as client:
            return await asyncio.gather(*(client.get(path, **given) for _ in range(times)))

    answers = asyncio.run(go())
    return answers[0] if times == 1 else answers


def hub_of(held, limits=TABLE):
    hub = Hub()
    hub.measured = Measured(lambda: held, limits)
    return hub


def strict(answer):
    return json.loads(answer.text, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))


def test_a_sensors_figures_with_verdicts_and_sources(held):
    answer = get(hub_of(held), params={"sensor": NAME})
    assert answer.headers["Cache-Control"] == "no-store"
    found = strict(answer)
    assert (found["since"], found["time"], found["looked_at"]) == (BEGIN_S + 1, BEGIN_S + 300, 1.0)
    (sensor,) = found["sensors"]
    assert (sensor["id"], sensor["kind"], sensor["group"], sensor["plots"]) == (NAME, "radar", "ssr", 60 * 60)
    figures = {f["figure"]: f for f in sensor["figures"]}
    assert {"update", "gaps", "gap_longest_s", "range_mean_m", "azimuth_std_deg", "false", "mode_a_wrong", "delay_95_s"} <= figures.keys()
    assert [f for f in figures if f in ORDER] == [f for f in ORDER if f in figures]
    update = figures["update"]
    assert update["value"] == 1.0
    assert 0.99 < update["low"] < update["high"] <= 1.0
    (judged,) = update["judged"]
    assert (judged["verdict"], judged["at_least"], judged["limit"]) == ("pass", 0.97, "radar97-ssr-update")
    assert "section 6.3.2.1" in judged["source"]["en"]
    assert "une recommandation" in judged["source"]["fr"]
    assert figures["range_noise_m"]["judged"][0]["verdict"] == "no limit"
    assert figures["range_noise_m"]["judged"][0]["why"]["fr"].startswith("aucune limite")
    assert (figures["delay_95_s"]["unit"], figures["azimuth_mean_deg"]["unit"], update["unit"]) == ("s", "deg", "share")


def test_a_limit_of_its_own_seconds_stands_behind_the_update(held):
    (sensor,) = strict(get(hub_of(held), params={"sensor": "M"}))["sensors"]
    names = [(f["figure"], f["seconds"], f["ground"]) for f in sensor["figures"]]
    assert sensor["group"] == "mlat_wide"
    assert ("update_in", 8.0, False) in names
    assert names.index(("update_in", 8.0, False)) > names.index(("update", None, False))
    judged = {j["limit"]: j for f in sensor["figures"] for j in f["judged"]}
    assert judged["ed142-update-enroute"]["verdict"] == "pass"
    assert judged["ed142-address"]["verdict"] == "not judged"  # one_way: never there, and the document counts otherwise
    assert "en route" in judged["ed142-update-enroute"]["why"]["fr"]
    assert "terminale" in judged["ed142-update-terminal"]["why"]["fr"]


def test_limits_of_the_sites_own_are_kept(held):
    own = {"group": {NAME: "psr"}, "threshold": [{"id": "radar97-psr-update", "at_least": 0.5, "source": "our contract"}]}
    (sensor,) = strict(get(hub_of(held, performance.merged(TABLE, own, "own")), params={"sensor": NAME}))["sensors"]
    assert sensor["group"] == "psr"
    (judged,) = next(f for f in sensor["figures"] if f["figure"] == "update")["judged"]
    assert judged["source"] == {"en": "our contract", "fr": "our contract"}


def test_without_a_name_all_that_were_seen(held):
    assert [s["id"] for s in strict(get(hub_of(held)))["sensors"]] == [NAME, "M"]
    assert strict(get(hub_of(held), params={"sensor": "NEVER"}))["sensors"] == []


@pytest.mark.parametrize("name", ["", "NO", "r1", "x" * 60_000, "\0", "../M", "%", "\ufffd", "é", "M\n"])
def test_a_sensor_that_is_not_there_is_404(held, name):
    answer = get(hub_of(held), params={"sensor": name})
    assert answer.status_code == 404
    assert len(answer.content) < 200


def test_before_a_picture_and_where_nothing_is_measured():
    nothing = {"time": None, "since": None, "looked_at": None, "sensors": []}
    assert strict(get(Hub())) == nothing
    assert strict(get(hub_of(None))) == nothing
    assert strict(get(hub_of(window.begin(100.0, 1.0))))["sensors"] == []
    assert get(hub_of(None), params={"sensor": "M"}).status_code == 404


def test_many_askers_wait_for_one_and_share_its_answer(held):
    made = []

    class Counting(Measured):
        def _tree(self, name):
            made.append(threading.get_ident())
            return super()._tree(name)

    hub = Hub()
    hub.measured = Counting(lambda: held, TABLE)
    answers = get(hub, params={"sensor": "M"}, times=40)
    assert {a.text for a in answers} == {answers[0].text}
    assert len(made) == 1
    hub.sequence += 1
    get(hub, params={"sensor": "M"})
    assert len(made) == 2
    assert threading.get_ident() not in made


def test_what_is_kept_of_a_tick_is_bounded(held):
    measured = hub_of(held).measured
    for k in range(2 * KEPT):
        assert measured.answer(1, f"no {k}") is None
    measured.answer(1, "M")
    assert len(measured._made) == 1


def test_it_waits_while_the_picture_is_stepped(held):
    measured, found = hub_of(held).measured, []
    with measured.lock:
        asking = threading.Thread(target=lambda: found.append(measured.answer(1, "M")))
        asking.start()
        asking.join(0.2)
        assert found == []
    asking.join(10)
    assert found
