"""How commands speak: one JSON document or text on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from tenere.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON-able tree
    """Return the tree with NaN and infinity made null, for JSON has neither."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value


def print_json(document: Any) -> None:  # noqa: ANN401 - any JSON-able tree
    """Print the one JSON document, in ASCII: no terminal, locale or odd file name can break it."""
    print(json.dumps(clean(document), allow_nan=False, indent=2), flush=True)


def say(message: str) -> None:
    """Tell the user something on stderr; where nobody reads that any more, go on."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def write_whole(path: Path, text: str, option: str) -> None:
    """Write a file whole or not at all. Raises UsageError naming the option that gave it."""
    made = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        made.write_text(text, encoding="utf-8")
        made.replace(path)
    except OSError as e:
        raise UsageError(f"{option} {path}: cannot be written: {e.strerror or e}") from e
    finally:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)


class Seen:
    """Which numbers were seen, for numbers that are handed out in order: one byte each, ever."""

    def __init__(self) -> None:
        """Start with none."""
        self._marks = bytearray()

    def add(self, numbers: NDArray[np.integer[Any]]) -> None:
        """Mark numbers, (n,)."""
        for number in numbers.tolist():
            if number >= len(self._marks):
                self._marks.extend(bytes(number + 1 - len(self._marks)))
            self._marks[number] = 1

    def count(self) -> int:
        """Count the distinct numbers seen."""
        return self._marks.count(1)


class Progress:
    """A line on stderr that says how far a long job is: on a terminal redrawn, elsewhere one line after 2 s and then each 10 s."""

    def __init__(self, what: str, total: float) -> None:
        """Start; nothing is printed for the first two seconds."""
        self.what, self.total = what, total
        self.start, self.last = time.monotonic(), float("-inf")
        self.tty = sys.stderr.isatty()
        self.shown = False

    def at(self, done: float, extra: str = "") -> None:
        """Say that so much of the total is done."""
        now = time.monotonic()
        if now - self.start < 2.0 or now - self.last < (0.2 if self.tty else 10.0):
            return
        self.last = now
        share = f"{100 * done / self.total:3.0f} %" if self.total > 0 else f"{done:.0f}"
        with contextlib.suppress(OSError):
            print(f"{self.what}: {share} {extra}", end="\r" if self.tty else "\n", file=sys.stderr, flush=True)
        self.shown = True

    def end(self) -> None:
        """Leave the line clean."""
        if self.shown and self.tty:
            print(" " * 79, end="\r", file=sys.stderr, flush=True)
