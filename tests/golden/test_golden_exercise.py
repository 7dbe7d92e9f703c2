"""Live equals replay, in any process: the same ticks give the same picture, bit for bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenere.cli import main
from tenere.record.ticklog import Reader

SCRIPT = Path(__file__).with_name("golden_exercise.py")


def play(out: Path, seed: str) -> dict:
    env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Africa/Niamey" if seed == "1" else "Asia/Kathmandu"}
    done = subprocess.run([sys.executable, str(SCRIPT), str(out)], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    logs = [folder / "one.ticks", folder / "two.ticks"]
    return logs, [play(log, seed) for log, seed in zip(logs, ("1", "4242"), strict=True)]


def test_two_processes_make_the_same_picture_and_the_same_log(played):
    logs, (one, two) = played
    assert one == two
    assert one["tracks"] > 30
    assert one["plots"] > 300
    assert logs[0].read_bytes() == logs[1].read_bytes()


def test_the_replay_of_its_log_is_the_live_picture(played, capsys, tmp_path):
    logs, (live, _) = played
    assert main(["replay", str(logs[0]), "--speed", "max", "--out", str(tmp_path), "--json"]) == 0
    replayed = json.loads(capsys.readouterr().out)
    assert replayed["sha256"] == live["sha256"]
    assert (replayed["ticks"], replayed["plots"], replayed["lost_bytes"]) == (60, live["plots"], 0)
    assert Path(replayed["log"]).read_bytes() == logs[0].read_bytes()


def test_the_operators_order_is_in_the_log_and_changes_the_picture(played, capsys, tmp_path):
    logs, (live, _) = played
    orders = [t.commands for t in Reader(logs[0]) if t.commands]
    assert len(orders) == 1
    from tenere.record.ticklog import TickLog
    from tenere.tick import Tick

    reader = Reader(logs[0])
    log = TickLog(tmp_path / "without.ticks", reader.header.config, reader.header.version)
    for t in reader:
        log.append(Tick(t.number, t.time_s, t.chunks))
    log.close()
    main(["replay", str(log.path), "--json"])
    assert json.loads(capsys.readouterr().out)["sha256"] != live["sha256"]
