"""tenere run, record and replay --serve as programs: started, fed, stopped, killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tenere.batch import Plots
from tenere.cli import main
from tenere.feeds.exercise_feed import encode_radar
from tenere.feeds.live import SteadyClock
from tenere.record.ticklog import Reader

BIN = Path(sys.executable).with_name("tenere")


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    """A running tenere, and what it said."""

    def __init__(self, *argv: object, cwd: Path) -> None:
        self.process = subprocess.Popen([BIN, *map(str, argv)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
        self.said: list[str] = []
        self.out: list[str] = []
        self.readers = [
            threading.Thread(target=self._read, args=(stream, into), daemon=True)
            for stream, into in ((self.process.stderr, self.said), (self.process.stdout, self.out))
        ]
        for r in self.readers:
            r.start()

    @staticmethod
    def _read(stream, into) -> None:
        with stream:
            into.extend(iter(stream.readline, ""))

    def wait_for(self, pattern: str, seconds: float = 120.0) -> re.Match[str]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := re.search(pattern, "".join(self.said + self.out)):
                return found
            if self.process.poll() is not None and not any(r.is_alive() for r in self.readers):
                break
            time.sleep(0.02)
        pytest.fail(f"{pattern!r} was never said: {self.said} {self.out}")

    def end(self, number: int, seconds: float = 30.0) -> tuple[int, float]:
        begun = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(seconds)
        took = time.monotonic() - begun
        for r in self.readers:
            r.join(10)
        return code, took


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(*argv: object) -> Program:
        started.append(Program(*argv, cwd=tmp_path))
        return started[-1]

    yield begin
    for p in started:
        with contextlib.suppress(ProcessLookupError):
            p.process.kill()
        p.process.wait()
        for r in p.readers:
            r.join(10)


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


def plots_at(now: float, flown_s: float) -> bytes:
    made = Plots.blank(
        1, time_s=now, sac_sic=(1 << 8) + 2, kind=4, range_m=40_000.0 + 200.0 * flown_s, azimuth_rad=1.0,
        pressure_altitude_m=9000.0, address=0x340001, mode_a=0o1234, callsign=b"TST123",
    )  # fmt: skip
    return encode_radar(made, np.zeros(1, np.int64))[0]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_bytes_sent_to_a_site_become_a_track_in_the_browser(start, tmp_path, stop):
    radar, other = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    site = tmp_path / "site.toml"
    site.write_text(
        f'[[source]]\nid = "radar"\nudp = "127.0.0.1:{radar}"\n[[source]]\nid = "other"\nudp = "127.0.0.1:{other}"\n'
        '[[source]]\nid = "absent"\nformat = "beast"\ntcp = "127.0.0.1:1"\n'
        '[[sensor]]\nid = "NIM"\nsource = "radar"\nsac = 1\nsic = 2\nlat_deg = 13.5\nlon_deg = 2.1\n'
    )
    program = start("run", site, "--port", 0, "--record", tmp_path / "logs", "--json")
    address = program.wait_for(r"Tenere is on (http://\S+)").group(1)
    rng = np.random.Generator(np.random.PCG64(1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        clock = SteadyClock()
        begun = clock()
        for _ in range(120):
            now = clock()
            s.sendto(plots_at(now, now - begun), ("127.0.0.1", radar))
            for length in rng.integers(0, 300, 50):
                s.sendto(rng.bytes(int(length)), ("127.0.0.1", other))
            time.sleep(0.25)
            tracks = get(address + "api/picture.json")["tracks"]
            if tracks:
                break
    (track,) = tracks
    assert (track["address"], track["callsign"]) == ("340001", "TST123")
    assert abs(track["lat"] - 13.5) < 8
    assert get(address + "api/health")["status"] == "ok"
    code, took = program.end(stop)
    assert code == 0
    assert took < 3.0
    assert not any("Traceback" in line or "Error" in line for line in program.said)
    summary = json.loads("".join(program.out))
    assert summary["tracks"] == 1
    assert summary["address"] == address
    reader = Reader(Path(summary["log"]))
    assert len(list(reader)) == summary["ticks"] > 1
    assert reader.lost_bytes == 0


def test_a_port_in_use_is_said(tmp_path, capsys):
    site = tmp_path / "site.toml"
    site.write_text('[[source]]\nid = "a"\nudp = "127.0.0.1:9"\n')
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        site.write_text("")
        assert main(["run", str(site), "--port", str(port), "--json"]) == 1
        out, err = capsys.readouterr()
        assert f"cannot listen on 127.0.0.1 port {port}" in json.loads(out)["error"]
        assert "choose another with --port" in err
        assert "the picture stays empty" in err
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        site.write_text(f'[[source]]\nid = "a"\nudp = "127.0.0.1:{port}"\n')
        assert main(["run", str(site), "--port", "0"]) == 1
        assert f"source a: cannot listen on udp 127.0.0.1:{port}: " in capsys.readouterr().err
        assert main(["record", str(site), "--out", str(tmp_path / "logs")]) == 1


def test_a_run_that_ends_by_itself(tmp_path, capsys):
    site = tmp_path / "site.toml"
    site.write_text("[site]\ntick_s = 0.1\n")
    assert main(["run", str(site), "--port", "0", "--duration", "0.5", "--record", str(tmp_path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert 3 <= summary["ticks"] <= 8
    assert len(list(Reader(Path(summary["log"])))) == summary["ticks"]
    (tmp_path / "file").touch()
    assert main(["run", str(site), "--record", str(tmp_path / "file")]) == 2
    assert "cannot be written there" in capsys.readouterr().err


def test_a_recording_killed_midway_replays_to_its_last_safe_tick(start, tmp_path, capsys):
    site = tmp_path / "site.toml"
    site.write_text("[site]\ntick_s = 0.2\n[record]\nsync_s = 0.2\n[exercise]\n")
    program = start("record", site, "--duration", 60, "--out", tmp_path / "logs")
    program.wait_for("recording to")
    (path,) = (tmp_path / "logs").iterdir()
    begun = path.stat().st_size
    for _ in range(3000):
        if path.stat().st_size > begun + 10_000:
            break
        time.sleep(0.01)
    code, _ = program.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    size = path.stat().st_size
    reader = Reader(path)
    numbers = [t.number for t in reader]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 3
    assert reader.lost_bytes == 0 or reader.lost_bytes < size / 2
    whole = size - reader.lost_bytes
    os.truncate(path, whole - 7)  # as if the disk had taken half of the last frame
    assert main(["replay", str(path), "--json"]) in (0, 1)
    out, err = capsys.readouterr()
    replayed = json.loads(out)
    assert replayed["ticks"] == len(numbers) - 1
    assert replayed["lost_bytes"] > 0
    assert f"{replayed['lost_bytes']:,} bytes of the log were lost (cut off at byte" in err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_recording_stopped_is_whole(start, tmp_path, stop):
    port = free_port(socket.SOCK_DGRAM)
    site = tmp_path / "site.toml"
    site.write_text(f'[site]\ntick_s = 0.1\n[[source]]\nid = "a"\nudp = "127.0.0.1:{port}"\n')
    program = start("record", site, "--out", "logs", "--json")
    path = tmp_path / program.wait_for(r"recording to (\S+)").group(1)
    begun = path.stat().st_size  # what it says of the site, before any tick
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(1000):
            s.sendto(b"hello", ("127.0.0.1", port))
            if path.stat().st_size > begun + 500:
                break
            time.sleep(0.01)
    code, took = program.end(stop)
    assert code == 0, (program.said, program.out)
    assert took < 3.0
    ticks = list(Reader(path))
    assert json.loads("".join(program.out)) == {"log": str(path.relative_to(tmp_path)), "ticks": len(ticks), "bytes": path.stat().st_size}
    chunks = [(t, c) for t in ticks for c in t.chunks]
    assert chunks
    assert {c.data for _, c in chunks for c in [c]} <= {b"hello" * k for k in range(1000)}
    for t, c in chunks:
        assert np.all(np.abs(c.times_s - t.time_s) < 5)


def test_a_replay_shown_stays_up_and_is_left_with_status_0(start, shared_data, tmp_path):
    path = shared_data / "asterix" / "akap_ARTAS.rply"
    program = start("replay", path, "--serve", "--speed", "max", "--port", 0, "--out", "out", "--json")
    address = program.wait_for(r"replaying on (http://\S+)").group(1)
    program.wait_for("the replay has ended")
    picture = get(address + "api/picture.json")
    assert len(picture["tracks"]) > 50
    assert picture["mode"] == "replay"
    code, took = program.end(signal.SIGINT)
    assert code == 0
    assert took < 3.0
    summary = json.loads("".join(program.out))
    assert summary["tracks"] == 78
    assert (tmp_path / "out" / "tracks.parquet").exists()
    assert not any("Traceback" in line for line in program.said)
    log = start("replay", tmp_path / "out" / "replay.ticks", "--json")
    log.process.wait(120)
    for r in log.readers:
        r.join(10)
    assert json.loads("".join(log.out))["sha256"] == summary["sha256"]


def test_a_replay_stopped_midway_keeps_what_was_done(start, shared_data, tmp_path):
    program = start("replay", shared_data / "asterix" / "akap_Jahorina.rply", "--speed", "5", "--out", "out", "--json")
    log = tmp_path / "out" / "replay.ticks"
    program.wait_for(r"replay: +\d+ %")  # said after a tick was done
    code, _ = program.end(signal.SIGTERM)
    assert code == 130
    summary = json.loads("".join(program.out))
    assert 0 < summary["ticks"] < 113
    assert len(list(Reader(log))) >= summary["ticks"]
