"""Numbers for senders' names: stable within a source, never shared by two names, bounded in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 65_536
LARGEST = 2**31 - 1


@dataclass
class Numbers:
    """A number for each name heard, counting up; the name heard longest ago is forgotten first.

    A forgotten name that returns gets a new number, so that no number ever means two things.

    >>> numbers = Numbers()
    >>> numbers.of("one"), numbers.of("two"), numbers.of("one"), numbers.known("three")
    (0, 1, 0, -1)
    """

    table: dict[str, int] = field(default_factory=dict)
    free: int = 0
    most: int = MOST

    def of(self, name: str) -> int:
        """Return the number of a name, a new one where it is not known; the name is now the latest heard."""
        number = self.table.pop(name, -1)
        if number < 0:
            number, self.free = self.free, self.free + 1 if self.free < LARGEST else 0
        self.table[name] = number
        if len(self.table) > self.most:
            del self.table[next(iter(self.table))]
        return number

    def known(self, name: str) -> int:
        """Return the number of a name, -1 where it has none."""
        return self.table.get(name, -1)
