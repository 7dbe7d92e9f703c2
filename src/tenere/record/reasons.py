"""Identities and alerts to tables that join to their evidence: a row whenever something of them changes.

Each row carries a *basis*, a number that counts up from 1; the rows of evidence that it rests on carry the same. So

    select * from 'identities.parquet' join 'evidence.parquet' using (basis)

tells why every identity was what it was, at every time; the same with 'alerts.parquet'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Alerts, Evidence, Identities
from tenere.record.tables import TableWriter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.batch import I64, U32, U64, Batch

_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
IDENTITY_COLUMNS = ("number", "identity", "protected", "civil", "state", "plan", "integrity")
EVIDENCE_COLUMNS = ("rule", "detail", "source", "weight", "since_s", "expires_s")
ALERT_COLUMNS = ("alert", "severity", "detail", "state", "acknowledged_s", "by", "owner", "escalated", "quiet_until_s")
"""What makes a row another than the last of the same number."""


def row_hashes(batch: Batch, columns: tuple[str, ...]) -> U64:
    """Return a number for what some columns of each row say, (n,) uint64: equal rows have equal numbers, others hardly ever."""
    total = np.zeros(len(batch), np.uint64)
    for k, name in enumerate(columns):
        values = np.ascontiguousarray(getattr(batch, name))
        width = values.dtype.itemsize
        octets = values.view(np.uint8).reshape(len(batch), width)
        padded = np.zeros((len(batch), -(-width // 8) * 8), np.uint8)
        padded[:, :width] = octets
        words = padded.view(np.uint64)
        for j in range(words.shape[1]):
            total = (total ^ (words[:, j] + np.uint64(k * 64 + j))) * _ODD
            total ^= total >> np.uint64(29)
    return total


def sums_by(numbers: U32, wanted: U32, hashes: U64) -> U64:
    """Return the sum of the hashes of each wanted number's rows, (k,) uint64, whatever their order. wanted: rising."""
    out = np.zeros(wanted.size, np.uint64)
    at = np.minimum(np.searchsorted(wanted, numbers), max(wanted.size - 1, 0))
    if not wanted.size:
        return out
    held = wanted[at] == numbers
    np.add.at(out, at[held], hashes[held])
    return out


class Changes:
    """Which numbers say something new since they were last seen, and the basis of each."""

    def __init__(self) -> None:
        """Start having seen nothing."""
        self.number = np.zeros(0, np.uint32)
        self.digest = np.zeros(0, np.uint64)

    def take(self, number: U32, digest: U64) -> NDArray[np.bool_]:
        """Tell which of some numbers (rising) are new or changed. Those that are absent are forgotten."""
        at = np.minimum(np.searchsorted(self.number, number), max(self.number.size - 1, 0))
        known = self.number[at] == number if self.number.size else np.zeros(number.size, np.bool_)
        same = known & (self.digest[at] == digest) if self.number.size else known
        self.number, self.digest = number.copy(), digest
        return np.asarray(~same)


class ReasonTables:
    """identities.parquet, alerts.parquet and the evidence.parquet that both join to, in one folder."""

    def __init__(self, folder: Path) -> None:
        """Start the three files. Raises OSError where they cannot be written."""
        more = {"tick_s": np.zeros(0), "basis": np.zeros(0, np.int64)}
        self.tables = {
            "identities": TableWriter(folder / "identities.parquet", Identities.blank(), **more),
            "alerts": TableWriter(folder / "alerts.parquet", Alerts.blank(), **more),
            "evidence": TableWriter(folder / "evidence.parquet", Evidence.blank(), **more),
        }
        self._identities, self._alerts = Changes(), Changes()
        self._last = 0

    def take(self, time_s: float, identities: Identities, evidence: Evidence, alerts: Alerts, why: Evidence) -> None:
        """Write what changed in one tick."""
        order = np.argsort(identities.number, kind="stable")
        rows = identities.take(order)
        digest = row_hashes(rows, IDENTITY_COLUMNS) + sums_by(evidence.number, rows.number, row_hashes(evidence, EVIDENCE_COLUMNS))
        self._write("identities", rows.take(self._identities.take(rows.number, digest)), "number", evidence, evidence.number, time_s)
        digest = row_hashes(alerts, ALERT_COLUMNS)
        self._write("alerts", alerts.take(self._alerts.take(alerts.alert, digest)), "alert", why, why.alert, time_s)

    def _write(self, table: str, rows: Identities | Alerts, key: str, evidence: Evidence, about: U32, time_s: float) -> None:
        n = len(rows)
        if not n:
            return
        basis = self._last + 1 + np.arange(n, dtype=np.int64)
        self._last += n
        self.tables[table].add(rows, tick_s=np.full(n, time_s), basis=basis)
        keys: U32 = getattr(rows, key)
        at: I64 = np.minimum(np.searchsorted(keys, about), n - 1)
        held = np.flatnonzero(keys[at] == about)
        self.tables["evidence"].add(evidence.take(held), tick_s=np.full(held.size, time_s), basis=basis[at[held]])
