"""Five accidents as exercises: every guard holds, and taking a guard away is seen.

Each mutation removes one guard from the running picture, as a careless change would, and the drill of its incident must then fail.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import msgspec
import numpy as np
import pytest

from tenere.batch import Identity
from tenere.cli import main
from tenere.cli.drill import drill
from tenere.config import Config
from tenere.exercise import tables
from tenere.exercise.config import ExerciseConfig
from tenere.identify import stage as identify_stage
from tenere.track.config import TrackConfig
from tenere.watch import stage as watch_stage
from tenere.watch.families import FAMILIES
from tenere.watch.families import airspace as airspace_family

if TYPE_CHECKING:
    from pathlib import Path

INCIDENTS = ("incident_claim", "incident_alignment", "incident_risk", "incident_late_closure", "incident_diversion")


def run(name: str, config: Config | None = None) -> dict[str, bool]:
    """Return whether each guard of an incident held."""
    exercise = ExerciseConfig(scenario=name)
    watcher, _ = drill(msgspec.structs.replace(config or Config(), exercise=exercise))
    return {e.guard: held for e, held, _ in watcher.results()}


@pytest.mark.parametrize("name", INCIDENTS)
def test_every_guard_holds_and_the_recording_gives_the_same(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", name, "--out", str(tmp_path), "--json"]) == 0
    drilled = json.loads(capsys.readouterr().out)[0]
    assert len(drilled["guards"]) >= 3
    assert {g["held"] for g in drilled["guards"]} == {True}
    assert main(["replay", str(tmp_path / name / "replay.ticks"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sha256"] == drilled["sha256"]
    out = tmp_path / name
    for table in ("identities", "alerts"):
        rows = duckdb.sql(
            f"select count(e.rule) from '{out}/{table}.parquet' t left join '{out}/evidence.parquet' e using (basis) group by t.basis"
        ).fetchall()
        assert rows
        # what was first seen of a track may be no evidence yet; an alert always has some
        assert sum(n > 0 for (n,) in rows) >= (len(rows) if table == "alerts" else 0.5 * len(rows))
    assert drilled["alerts"] == duckdb.sql(f"select max(alert) from '{out}/alerts.parquet'").fetchall()[0][0]


def without_family(name: str):
    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        kept = tuple(f if f.name != name else f._replace(step=lambda _state, _view: ()) for f in FAMILIES)
        assert kept != FAMILIES
        monkeypatch.setattr(watch_stage, "FAMILIES", kept)

    return mutate


def suspects_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's word counts whatever the flight is."""

    def judge(state, at, tracks, time_s):
        made = honest(state, at, tracks, time_s)
        said = {c["track"] for c in orders if c.get("identity") == "suspect"}
        return made.replace(identity=np.where(np.isin(made.number, list(said)), Identity.SUSPECT, made.identity))

    def step(state, tracks, time_s, commands=(), *more, **rest):
        orders.extend(c for c in commands if c.get("kind") == "identity")
        return honest_step(state, tracks, time_s, commands, *more, **rest)

    orders: list[dict[str, object]] = []
    honest, honest_step = identify_stage._judge, identify_stage.step
    monkeypatch.setattr(identify_stage, "_judge", judge)
    monkeypatch.setattr("tenere.identify.step", step)


def forgets_emergencies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emergency is like any other entry."""
    monkeypatch.setattr(airspace_family, "distress", lambda *_: None)


@pytest.mark.parametrize(
    ("name", "mutate", "falls"),
    [
        ("incident_claim", without_family("contradiction"), "contradiction alarm within a tick"),
        ("incident_claim", suspects_anybody, "no civil flight is made suspect"),
        ("incident_risk", without_family("closure"), "a risk that was noted stands until somebody decides"),
        ("incident_risk", without_family("airspace"), "the airliner is warned of before it enters"),
        ("incident_late_closure", without_family("closure"), "the station that is silent is named after a minute"),
        ("incident_diversion", forgets_emergencies, "the violation's label is emergency: call ATC, and it stays on the list"),
    ],
)
def test_a_guard_taken_away_is_seen(name: str, mutate, falls: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert falls in {e.guard for e in tables.load(name).expect}
    mutate(monkeypatch)
    assert run(name)[falls] is False


def test_a_turned_radar_that_nobody_watches_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_stage, "_trusted", lambda tracks, _sensors: np.ones(len(tracks), np.bool_))
    blind = msgspec.structs.replace(TrackConfig().register, estimate=False)
    held = run("incident_alignment", Config(track=msgspec.structs.replace(TrackConfig(), register=blind)))
    assert held["the turned radar is found before the airliner takes off"] is False
    assert not all(v for k, v in held.items() if k.startswith(("what the turned radar shows", "nobody is proposed", "its displaced")))
