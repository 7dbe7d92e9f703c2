"""Authentication data, put together from the pages it came in. Nothing here verifies any: no key is known.

Page 0 says how many pages there are, how many bytes, and when it was made; it holds 17 bytes, each further page 23. What
lies beyond the stated length may be error correction (its own length first). (ASTM F3411-22a 5.4.5.10.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenere.wire.remote_id import messages as m

MOST_PAGES = 16
FIRST_PAGE_BYTES, PAGE_BYTES = 17, 23


@dataclass
class Assembly:
    """The pages one transmitter has sent of its present authentication data."""

    head: bytes = b""
    pages: dict[int, bytes] = field(default_factory=dict)
    given: bool = False

    def add(self, message: bytes) -> tuple[bytes, bytes] | None:
        """Take one page; return the data and what lies beyond it where it makes them whole, once for each set of pages.

        A page that differs from the one held means that other data have begun: what is held is dropped then.
        """
        page = message[1] & 0xF
        body = message[2:] if page else message[8:]
        head = message[1:8] if page == 0 else self.head
        changed = page in self.pages and self.pages[page] != body
        if changed or (self.head and head != self.head):
            self.pages, self.given = {}, False
            if page:
                self.head = b""
        self.pages[page] = body
        if page == 0:
            self.head = head
        if self.given or not self.head:
            return None
        last, length = self.head[1], self.head[2]
        if last >= MOST_PAGES or any(p not in self.pages for p in range(last + 1)):
            return None
        self.given = True
        whole = b"".join(self.pages[p] for p in range(last + 1))
        return whole[:length], whole[length:]


@dataclass
class Assemblies:
    """The assemblies of one source by MAC address, the one heard longest ago first."""

    held: dict[int, Assembly] = field(default_factory=dict)

    def add(self, mac: int, message: bytes) -> tuple[bytes, bytes] | None:
        """Take one page of a transmitter; return as Assembly.add does."""
        assembly = self.held.pop(mac, None) or Assembly()
        self.held[mac] = assembly
        if len(self.held) > m.MOST_TRANSMITTERS:
            del self.held[next(iter(self.held))]
        return assembly.add(message)
