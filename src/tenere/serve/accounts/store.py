"""The file of the accounts: SQLite, synchronous FULL, readable by its owner alone. The server and the command line share it."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from tenere.errors import TenereError, UsageError
from tenere.serve.accounts import audit
from tenere.serve.accounts.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MARK = 0x54454E41
"""SQLite's application id of this kind of file ("TENA")."""
VERSION = 1
MOST_ACCOUNTS = 10_000
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,15}\Z")
"""An account's name: it stands in the record of every command, whose columns hold 16 bytes."""
BUSY_S = 5.0
FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged or unwritable file raises."""

# Columns stand in the order of Account and of audit.Entry.
TABLES = """
CREATE TABLE account (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, role TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
    created_s REAL NOT NULL, generation INTEGER NOT NULL
) STRICT;
CREATE TABLE generation (last INTEGER NOT NULL) STRICT;
INSERT INTO generation VALUES (0);
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, time_s REAL NOT NULL, event TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
    address TEXT NOT NULL, detail TEXT NOT NULL, before TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
"""


class Account(NamedTuple):
    """One account. generation is another number after each change of its password, role or state, and never used again."""

    name: str
    hash: str
    role: Role
    disabled: bool
    created_s: float
    generation: int


def name_of(text: str) -> str:
    """Return an account's name as it is kept. Raises UsageError."""
    name = text.strip().lower()
    if not NAME.match(name):
        raise UsageError(f"{text!r} is no account name: 2 to 16 of a-z, 0-9, dot, dash and underscore, a letter or digit first")
    return name


class Store:
    """The open file. Its methods may be called from any thread; each change is on the disk when its method returns."""

    def __init__(self, path: Path, *, create: bool = False, clock: Callable[[], float] = time.time) -> None:  # noqa: TID251 - a record of who did what, when
        """Open the file. create: make it where it is not there. Raises TenereError saying what is wrong and what to do."""
        self.path = path
        self._clock = clock
        self._lock, self._read_lock = threading.Lock(), threading.Lock()
        made = create and self._make()
        try:
            if not path.is_file():
                raise UsageError(f"{path}: there is no file of accounts: make one with tenere account add NAME --role ROLE --file {path}")
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise UsageError(f"{path}: others on this machine may read it: chmod 600 {path}")
            self._db = self._connected()
            if made:
                self._begin()
            if (self._number("application_id"), self._number("user_version")) != (MARK, VERSION):
                raise UsageError(f"{path}: is not a file of accounts of this version of Tenere")
            self._reader = self._connected()
        except (OSError, *FAULTS) as e:
            raise UsageError(f"{path}: cannot be opened as a file of accounts: {e}") from e

    def _connected(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
        return db

    def _make(self) -> bool:
        """Make an empty file that its owner alone may read; False where there is one with something in it."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            return self.path.stat().st_size == 0
        except OSError as e:
            raise UsageError(f"{self.path}: cannot be made: {e.strerror or e}") from e
        return True

    def _begin(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")  # who reads never waits for who writes
        self._db.executescript(f"BEGIN; {TABLES} PRAGMA application_id = {MARK}; PRAGMA user_version = {VERSION}; COMMIT;")

    def _number(self, pragma: str) -> int:
        return int(self._db.execute(f"PRAGMA {pragma}").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._read_lock:
            self._reader.close()
            self._db.close()

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        """Hold the file for a change: whole, or not at all. Raises TenereError where the disk does not take it."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(*FAULTS):
                        self._db.execute("ROLLBACK")
                    raise
            except FAULTS as e:
                raise TenereError(f"{self.path}: cannot be written: {e}") from e

    def find(self, name: str) -> Account | None:
        """Return an account; None where there is none of the name. Raises TenereError where the file cannot be read."""
        rows = self._read("SELECT * FROM account WHERE name = ?", (name,))
        return _account(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """Return every account, by name."""
        return [_account(r) for r in self._read("SELECT * FROM account ORDER BY name")]

    def _read(self, sql: str, given: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        with self._read_lock:  # a connection of its own: it never waits for the disk
            try:
                return self._reader.execute(sql, given).fetchall()
            except FAULTS as e:
                raise TenereError(f"{self.path}: cannot be read: {e}") from e

    def add(self, name: str, hashed: str, role: Role) -> None:
        """Make an account. Raises UsageError where there is one of the name already."""
        with self._change():
            if self._db.execute("SELECT 1 FROM account WHERE name = ?", (name,)).fetchone():
                raise UsageError(f"there is an account {name} already")
            if self._db.execute("SELECT count(*) FROM account").fetchone()[0] >= MOST_ACCOUNTS:
                raise UsageError(f"there are {MOST_ACCOUNTS} accounts already")
            self._db.execute("INSERT INTO account VALUES (?, ?, ?, 0, ?, ?)", (name, hashed, role.value, self._clock(), self._generation()))
            self._append("account added", name, role.value)

    def change(self, name: str, event: str, *, hashed: str | None = None, role: Role | None = None, disabled: bool | None = None) -> None:
        """Change an account; every session of it ends. Raises UsageError where there is none of the name."""
        with self._change():
            held = self._held(name)
            self._db.execute(
                "UPDATE account SET hash = ?, role = ?, disabled = ?, generation = ? WHERE name = ?",
                (
                    held.hash if hashed is None else hashed,
                    (held.role if role is None else role).value,
                    held.disabled if disabled is None else disabled,
                    self._generation(),
                    name,
                ),
            )
            self._append(event, name, (role or held.role).value)

    def rehash(self, name: str, old: str, new: str) -> None:
        """Put a stronger hash of the same password in the place of the old; sessions go on."""
        with self._change():
            self._db.execute("UPDATE account SET hash = ? WHERE name = ? AND hash = ?", (new, name, old))

    def remove(self, name: str) -> None:
        """Take an account away; what it did stays in the audit. Raises UsageError where there is none of the name."""
        with self._change():
            held = self._held(name)
            self._db.execute("DELETE FROM account WHERE name = ?", (name,))
            self._generation()
            self._append("account removed", name, held.role.value)

    def _held(self, name: str) -> Account:
        row = self._db.execute("SELECT * FROM account WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UsageError(f"there is no account {name}")
        return _account(row)

    def _generation(self) -> int:
        self._db.execute("UPDATE generation SET last = last + 1")
        return int(self._db.execute("SELECT last FROM generation").fetchone()[0])

    def note(self, event: str, name: str = "", role: str = "", address: str = "", detail: str = "") -> None:
        """Add a row to the audit. Raises TenereError where the disk does not take it."""
        with self._change():
            self._append(event, name, role, address, detail)

    def _append(self, event: str, name: str, role: str = "", address: str = "", detail: str = "") -> None:
        last = self._db.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        number, before = (1, audit.START) if last is None else (last[0] + 1, last[1])
        row = (number, self._clock(), event, name, role, address, audit.shortened(detail), before)
        self._db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, audit.hash_of(*row)))

    def entries(self, last: int | None = None) -> Iterator[audit.Entry]:
        """Yield the audit's rows, oldest first. last: only so many of the newest."""
        since = 0
        if last is not None:
            since = max(0, int(str(self._read("SELECT coalesce(max(number), 0) FROM audit")[0][0])) - last)
        while True:
            rows = self._read(
                "SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT 1000",
                (since,),
            )
            if not rows:
                return
            for row in rows:
                entry = audit.Entry(*row)  # type: ignore[arg-type]  # the table is STRICT
                if not entry.number > since:
                    raise TenereError(f"{self.path}: is damaged: its audit is out of order")
                since = entry.number
                yield entry


def _account(row: tuple[object, ...]) -> Account:
    """Return an account of its row. Raises TenereError where its role is none."""
    name, hashed, role, disabled, created, generation = row
    try:
        return Account(str(name), str(hashed), Role(str(role)), bool(disabled), float(str(created)), int(str(generation)))
    except ValueError as e:
        raise TenereError(f"account {name}: {e}") from e
