"""Every way in at once, stopped in the midst of it: the record is whole, and nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import pytest

from tenere.record.ticklog import Reader

BIN = Path(sys.executable).with_name("tenere")
SOURCES = ("udp", "dual", "tcp", "listen", "serial", "file", "folder", "capture")


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def capture(count: int) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for k in range(count):
        packet = struct.pack(">BBHHHBBH8xHHHH", 0x45, 0, 33, 7, 0, 64, 17, 0, 1, 1, 13, 0) + b"hello"
        out += struct.pack("<IIII", 1_700_000_000 + k // 100, k % 100 * 10_000, len(packet), len(packet)) + packet
    return out


class Sender:
    """Sends "hello" on every way in, again and again, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.udp, self.one, self.two = (free_port(socket.SOCK_DGRAM) for _ in range(3))
        self.listen = free_port(socket.SOCK_STREAM)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.05)
        self.master, self.slave = pty.openpty()
        (folder / "in").mkdir()
        (folder / "log").touch()
        (folder / "x.pcap").write_bytes(capture(2000))
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def site(self) -> str:
        ways = {
            "udp": f'udp = "127.0.0.1:{self.udp}"\none_way = true',
            "dual": f'udp = "127.0.0.1:{self.one}"\nudp2 = "127.0.0.1:{self.two}"',
            "tcp": f'format = "beast"\ntcp = "127.0.0.1:{self.server.getsockname()[1]}"',
            "listen": f'format = "beast"\nlisten = "127.0.0.1:{self.listen}"',
            "serial": f'format = "beast"\nserial = "{os.ttyname(self.slave)}"',
            "file": 'format = "beast"\nfile = "log"',
            "folder": 'format = "beast"\nfolder = "in"',
            "capture": 'capture = "x.pcap"',
        }
        assert tuple(ways) == SOURCES
        return "[site]\ntick_s = 0.2\n" + "".join(f'[[source]]\nid = "{name}"\n{keys}\n' for name, keys in ways.items())

    def run(self) -> None:
        clients: list[socket.socket] = []
        ours: socket.socket | None = None
        k = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, (self.folder / "log").open("ab", buffering=0) as log:
            while not self.ended.wait(0.02):
                k += 1
                for port in (self.udp, self.one, self.two):
                    s.sendto(b"hello", ("127.0.0.1", port))
                with contextlib.suppress(TimeoutError):
                    clients.append(self.server.accept()[0])
                with contextlib.suppress(OSError):
                    ours = ours or socket.create_connection(("127.0.0.1", self.listen))
                for c in [*clients, *([ours] if ours else [])]:
                    with contextlib.suppress(OSError):
                        c.send(b"hello")
                log.write(b"hello")
                os.write(self.master, b"hello")
                (self.folder / "in" / f"{k:05}").write_bytes(b"hello")
        for c in [*clients, *([ours] if ours else [])]:
            c.close()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.server.close()
        os.close(self.master)
        os.close(self.slave)


def heard(path: Path) -> dict[str, bytes]:
    """What a log holds of each source, up to its last whole tick."""
    out: dict[str, bytes] = {}
    for tick in Reader(path):
        for chunk in tick.chunks:
            out[chunk.source] = out.get(chunk.source, b"") + chunk.data
    return out


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["ctrl-c", "sigterm", "kill"])
def test_a_record_of_every_way_in_is_whole_however_it_is_stopped(tmp_path, stop):
    with Sender(tmp_path) as sender:
        (tmp_path / "site.toml").write_text(sender.site())
        program = subprocess.Popen(
            [BIN, "record", "site.toml", "--out", "logs", "--json"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            for _ in range(1200):
                logs = list((tmp_path / "logs").glob("*.ticks")) if (tmp_path / "logs").is_dir() else []
                if logs and set(heard(logs[0])) == set(SOURCES):
                    break
                time.sleep(0.1)
                assert program.poll() is None
            else:
                pytest.fail(f"only {set(heard(logs[0]))} were heard")
            program.send_signal(stop)
            out, said = program.communicate(timeout=60)
        finally:
            program.kill()
            program.wait()
    reader = Reader(logs[0])
    ticks = list(reader)
    assert [t.number for t in ticks] == list(range(len(ticks)))
    for name, data in heard(logs[0]).items():
        whole, rest = divmod(len(data), 5)
        assert data == b"hello" * whole + b"hello"[:rest], name
    assert "Traceback" not in said
    assert "Error" not in said
    if stop == signal.SIGKILL:
        assert program.returncode == -signal.SIGKILL
    else:
        assert program.returncode == 0
        assert reader.lost_bytes == 0
        assert json.loads(out)["ticks"] == len(ticks)


def test_a_picture_of_every_way_in_says_how_each_did(tmp_path):
    with Sender(tmp_path) as sender:
        (tmp_path / "site.toml").write_text(sender.site())
        program = subprocess.run(
            [BIN, "run", "site.toml", "--port", "0", "--duration", "8", "--json"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert program.returncode == 0, program.stderr
    assert "Traceback" not in program.stderr
    sources = {s["id"]: s for s in json.loads(program.stdout)["sources"]}
    assert tuple(sources) == SOURCES
    for name, s in sources.items():
        assert s["transport"] == ("udp" if name == "dual" else name)
        assert s["state"] in {"receiving", "ended"}, s
        assert s["bytes"] > 0, s
        assert s["units_s"] > 0, s
    assert sources["dual"]["duplicates"] > 0
    assert [n["silent"] for n in sources["dual"]["networks"]] == [False, False]
    assert sum(sources["udp"]["rejects"].values()) > 0  # "hello" is no ASTERIX
