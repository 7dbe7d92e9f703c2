"""The chain of the audit: each row holds the hash of the one before, so that none can be changed or taken out unseen.

A chain does not see that its tail was cut off: keep its head elsewhere now and then (`tenere account audit --json`), and give it to
`--after` later.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

START = "0" * 64
"""What the first row follows."""
DETAIL_MOST = 2000
"""Characters of a detail; a longer one is cut, and its hash stands at its end."""


class Entry(NamedTuple):
    """One row: who did what, when, from where."""

    number: int
    time_s: float
    """Seconds since 1970, by the server's clock."""
    event: str
    name: str
    """The account; empty where it is not one."""
    role: str
    address: str
    """Where from; empty: the command line of the server's own machine."""
    detail: str
    before: str
    """Hash of the row before."""
    hash: str


class Verdict(NamedTuple):
    """What a walk along the chain found."""

    rows: int
    head: str
    broken: int
    """Number of the first row that does not fit; 0: the chain is whole."""
    why: str


def shortened(detail: str) -> str:
    """Return a detail that fits its column."""
    if len(detail) <= DETAIL_MOST:
        return detail
    digest = hashlib.sha256(detail.encode("utf-8", "replace")).hexdigest()
    return f"{detail[:DETAIL_MOST]}... ({len(detail)} characters, sha256 {digest})"


def hash_of(number: int, time_s: float, event: str, name: str, role: str, address: str, detail: str, before: str) -> str:
    """Return the hash of a row: SHA-256 over its JSON array."""
    raw = msgspec.json.encode([number, time_s, event, name, role, address, detail, before])
    return hashlib.sha256(raw).hexdigest()


def verify(entries: Iterable[Entry], after: str = "") -> Verdict:
    """Walk the chain from its first row. after: a head kept elsewhere, which must be in it."""
    rows, head, seen = 0, START, not after
    for e in entries:
        rows += 1
        if e.number != rows:
            return Verdict(rows, head, rows, f"row {rows} is missing")
        if e.before != head:
            return Verdict(rows, head, rows, f"row {rows} does not follow the one before it")
        try:
            made = hash_of(*e[:-1])
        except (TypeError, ValueError):  # a value of no kind that we write
            made = ""
        if made != e.hash:
            return Verdict(rows, head, rows, f"row {rows} was changed")
        head = e.hash
        seen = seen or head == after
    if not seen:
        return Verdict(
            rows,
            head,
            rows + 1,
            f"the head {after[:12]}... kept elsewhere is not in the chain: its tail was cut off, or it is another file",
        )
    return Verdict(rows, head, 0, "")
