"""Servers that the browser tests start, kill and start again."""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from multiprocessing import forkserver
from pathlib import Path
from typing import Protocol

import pytest
from browsing import PASSWORD

from tenere.serve.accounts.passwords import Passwords
from tenere.serve.accounts.roles import Role
from tenere.serve.accounts.store import Store

ROOT = Path(__file__).parents[2]
START_S = 240


@functools.cache
def hashed() -> str:
    """Return the password's hash: making one takes its time, as it must."""
    return Passwords().hashed(PASSWORD)


def people(file: Path) -> Store:
    """Make accounts: omar the operator, vera the viewer, sara the supervisor."""
    store = Store(file, create=True)
    for name, role in (("omar", Role.OPERATOR), ("vera", Role.VIEWER), ("sara", Role.SUPERVISOR)):
        store.add(name, hashed(), role)
    return store


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running(Protocol):
    """A process of either kind."""

    @property
    def pid(self) -> int | None: ...

    def kill(self) -> None: ...


class Server:
    """A server program on a port of its own; kill it, start it again."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.port = free_port()
        self.command = [*command, "--port", str(self.port)]
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}/"
        self.process: Running | None = None

    def get(self, path: str):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def launch(self) -> Running:
        with self.log.open("ab") as out:
            return subprocess.Popen(self.command, cwd=ROOT, stdout=out, stderr=out)

    def ended(self, timeout_s: float | None) -> int | None:
        """Wait for the end of the process; its exit status, None where it goes on."""
        assert isinstance(self.process, subprocess.Popen)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def start(self) -> Server:
        self.process = self.launch()
        for _ in range(START_S * 10):
            if self.ended(0) is not None:
                break
            try:
                if self.get("api/health")["status"] == "ok":
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        self.kill()
        pytest.fail(f"{' '.join(self.command)} did not come to serve:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.ended(None)

    def stop(self) -> int | None:
        """Ask it to stop, as Ctrl-C does; return its exit status."""
        assert self.process is not None
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGINT)
        return self.ended(30)


FORKS = multiprocessing.get_context("forkserver")


@functools.cache
def forks() -> None:
    """Start the process that has imported all that the made-up site needs, and is forked for each."""
    FORKS.set_forkserver_preload(["fake_site"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        forkserver.ensure_running()


def serve_made_up(command: list[str], log: str) -> None:
    """Run the made-up site in this process, which was forked for it."""
    with open(log, "ab") as out:  # noqa: PTH123 - the fork has imported no more than it needs
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    import fake_site

    sys.argv = ["fake_site.py", *command]
    fake_site.run()


class MadeUp(Server):
    """A made-up site (fake_site.py), there in a fraction of the time that a program of its own would take to import."""

    def launch(self) -> Running:
        forks()
        process = FORKS.Process(target=serve_made_up, args=(self.command, str(self.log)), daemon=True)
        process.start()
        return process

    def ended(self, timeout_s: float | None) -> int | None:
        assert isinstance(self.process, FORKS.Process)
        self.process.join(timeout_s)
        return self.process.exitcode
