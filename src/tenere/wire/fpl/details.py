"""Every field of every ATS message, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.wire.detail import Column, Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.plans import PlanMessage
    from tenere.wire.fpl.envelope import Message
    from tenere.wire.fpl.fields import Fields

    Row = tuple[Message, Fields, PlanMessage]

MESSAGE, ITEM_18, AMENDMENT = "ATS message", "ATS item 18", "ATS amendment"
WORD = 32
"""Bytes of the longest word kept in one piece: longer ones go on in the next."""

TEXTS: tuple[tuple[str, int, str], ...] = (
    ("kind", 3, "field 3: kind of message"),
    ("numbers", 32, "field 3: numbers and reference of the message"),
    ("callsign", 7, "field 7: aircraft identification"),
    ("ssr_mode", 1, "field 7: SSR mode"),
    ("ssr_code", 4, "field 7: SSR code, octal"),
    ("rules", 1, "field 8: I instrument, V visual, Y instrument then visual, Z visual then instrument"),
    ("flight", 1, "field 8: S scheduled, N non-scheduled, G general, M military, X other"),
    ("count", 2, "field 9: number of aircraft, where more than one"),
    ("aircraft_type", 4, "field 9: type designator"),
    ("wake", 1, "field 9: wake turbulence L light, M medium, H heavy, J super"),
    ("equipment", 64, "field 10: communication, navigation and approach equipment"),
    ("surveillance", 32, "field 10: surveillance equipment"),
    ("departure", 4, "field 13: aerodrome of departure"),
    ("departure_time", 4, "field 13: HHMM, UTC: estimated off-block, or actual departure in a DEP"),
    ("speed", 5, "field 15: cruising speed: K km/h, N kt, M hundredths of Mach"),
    ("level", 5, "field 15: cruising level: F flight level, A hundreds of feet, S tens of metres (standard), M tens of metres, VFR"),
    ("destination", 4, "field 16: aerodrome of destination"),
    ("elapsed", 4, "field 16: HHMM of the flight"),
    ("arrival", 4, "field 17: aerodrome of arrival"),
    ("arrival_time", 4, "field 17: HHMM, UTC, of the arrival"),
)


def words(text: str) -> list[bytes]:
    """Return the words of a text, long ones in pieces."""
    return [word[i : i + WORD] for word in text.encode("ascii", "replace").split() for i in range(0, len(word), WORD)]


def _list(name: str, rows: Sequence[Sequence[bytes]], doc: str) -> Column:
    flat = [word for row in rows for word in row]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(row) for row in rows], dtype=np.int64)])
    return Column(name, np.array(flat, f"S{WORD}"), "", doc, offsets=offsets)


def _received(rows: Sequence[Row]) -> tuple[Column, ...]:
    return (
        Column("offset", np.array([m.offset for m, _, _ in rows], np.int64), "", "byte offset of the record in what its source delivered"),
        Column("receive_s", np.array([m.receive_s for m, _, _ in rows], np.float64), "s", "receive time"),
    )


def of(rows: Sequence[Row]) -> dict[str, Detail]:
    """Return the tables of messages."""
    columns = [
        *_received(rows),
        *(Column(name, np.array([getattr(f, name).encode() for _, f, _ in rows], f"S{size}"), "", doc) for name, size, doc in TEXTS),
        _list("route", [words(f.route) for _, f, _ in rows], "field 15: route, word by word"),
        _list("alternates", [[a.encode() for a in f.alternates] for _, f, _ in rows], "field 16: alternate aerodromes"),
        _list("arrival_name", [words(f.arrival_name) for _, f, _ in rows], "field 17: name of an aerodrome without a code"),
        _list("supplementary", [words(f.supplementary) for _, f, _ in rows], "field 19: supplementary information"),
        _list("sts", [[s.encode() for s in p.plan.sts] for _, _, p in rows], "item 18 STS/: special handling"),
        Column("off_block_s", np.array([p.plan.off_block_s for _, _, p in rows], np.float64), "s", "time of field 13, Unix seconds"),
        Column("at_s", np.array([p.at_s for _, _, p in rows], np.float64), "s", "departed, arrived, or delayed until, Unix seconds"),
    ]
    items = [(row, name, value) for row in rows for name, value in row[1].other]
    changes = [(row, number, text) for row in rows for number, text in row[1].amended]
    return {
        MESSAGE: Detail(tuple(columns)),
        ITEM_18: Detail(
            (
                *_received([row for row, _, _ in items]),
                Column("callsign", np.array([row[1].callsign.encode() for row, _, _ in items], "S7"), "", "field 7"),
                Column("indicator", np.array([name.encode() for _, name, _ in items], "S9"), "", "such as STS, DOF, REG, OPR, RMK"),
                _list("value", [words(value) for _, _, value in items], "what it says, word by word"),
            )
        ),
        AMENDMENT: Detail(
            (
                *_received([row for row, _, _ in changes]),
                Column("callsign", np.array([row[1].callsign.encode() for row, _, _ in changes], "S7"), "", "field 7"),
                Column("field", np.array([number for _, number, _ in changes], np.int16), "", "number of the field that is amended"),
                _list("value", [words(text) for _, _, text in changes], "the whole field as amended, word by word"),
            )
        ),
    }
