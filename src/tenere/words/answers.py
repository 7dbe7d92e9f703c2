"""What became of a command: the answer that a stage gives, and people read."""

from __future__ import annotations

from typing import NamedTuple

from tenere.words import text


class Answer(NamedTuple):
    """What became of one command."""

    place: int
    """Its place among the tick's commands."""
    kind: str
    accepted: bool
    order: int
    """The order it made, or took back; 0 none."""
    track: int
    """The track it made, or is about; 0 none."""
    key: str
    """A key of the phrase book."""
    details: tuple[str, ...]
    by: str

    def text(self, lang: str = "en") -> str:
        """Return the answer in words."""
        return text(self.key, lang, *self.details)
