"""One thread for long work: one job at a time, and of those that wait only the newest."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class SupersededError(Exception):
    """Another job is wanted by now."""


class Newest:
    """Runs jobs in a thread that lives as long as there are any. A job gets a check to call now and then: it raises when a newer one waits.

    failed: told of what a job raised, other than SupersededError.
    """

    def __init__(self, name: str, failed: Callable[[Exception], None]) -> None:
        """Start no thread yet."""
        self._name, self._failed = name, failed
        self._lock = threading.Lock()
        self._job: Callable[[Callable[[], None]], None] | None = None
        self._thread: threading.Thread | None = None
        self._turn = 0

    @property
    def busy(self) -> bool:
        """A job runs or waits."""
        return self._thread is not None

    def put(self, job: Callable[[Callable[[], None]], None]) -> None:
        """Give a job in place of the one that waits, and of the one that runs."""
        with self._lock:
            self._turn += 1
            self._job = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def drop(self) -> None:
        """Want nothing any more."""
        with self._lock:
            self._turn += 1
            self._job = None

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; False where that takes longer."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return not self.busy

    def _check(self, turn: int) -> None:
        if turn != self._turn:
            raise SupersededError

    def _work(self) -> None:
        while True:
            with self._lock:
                job, self._job, turn = self._job, None, self._turn
                if job is None:
                    self._thread = None
                    return
            try:
                job(lambda turn=turn: self._check(turn))  # type: ignore[misc]  # the turn of this job, not of a later one
            except SupersededError:
                continue
            except Exception as e:  # noqa: BLE001 - a thread of its own: whoever owns it is told
                self._failed(e)
