"""What became of commands, kept for a while so that every page hears it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from tenere.serve.phrases import LANGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.words.answers import Answer

KEPT = 20
HELD_S = 60.0
"""How long an answer is told."""


class Answered:
    """The last answers, each numbered, so that a page tells the new ones from those that it has shown."""

    def __init__(self) -> None:
        """Start with none."""
        self._rows: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._next = 1

    def take(self, time_s: float, answers: Sequence[Answer]) -> None:
        """Keep what a tick answered."""
        for a in answers:
            self._rows.append(
                {
                    "id": self._next,
                    "time": time_s,
                    "kind": a.kind,
                    "accepted": a.accepted,
                    "track": a.track or None,
                    "order": a.order or None,
                    "by": a.by,
                    "text": {lang: a.text(lang) for lang in LANGS},
                }
            )
            self._next += 1

    def rows(self, now_s: float) -> list[dict[str, Any]]:
        """Return the answers of the last HELD_S, oldest first."""
        return [row for row in self._rows if 0.0 <= now_s - row["time"] <= HELD_S]
