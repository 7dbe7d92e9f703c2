"""Two calls at once, on two cores: what comes out must not depend on it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WORTH_ROWS = 2000


def together(first: Callable[[], object], second: Callable[[], object], cores: int) -> None:
    """Call both, at once where there are two cores: kernels that give up the interpreter's lock and share nothing that either writes."""
    if cores < 2:
        first()
        second()
        return
    failed: list[BaseException] = []

    def beside() -> None:
        try:
            second()
        except BaseException as e:  # noqa: BLE001 - raised again where both meet
            failed.append(e)

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        first()
    finally:
        thread.join()
    if failed:
        raise failed[0]


def halves(job: Callable[[slice], object], n: int, cores: int) -> None:
    """Call a job on all of n rows that each stand alone, on both halves at once where that is worth it."""
    if n < WORTH_ROWS or cores < 2:
        job(slice(0, n))
        return
    middle = n // 2
    together(partial(job, slice(0, middle)), partial(job, slice(middle, n)), cores)
