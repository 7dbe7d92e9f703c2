from __future__ import annotations

import contextlib
import sqlite3
import threading

import pytest
from accounts_kit import CHEAP, PASSWORD, Clock, filled
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.errors import TenereError, UsageError
from tenere.serve.accounts import audit
from tenere.serve.accounts.roles import Role
from tenere.serve.accounts.store import Store, name_of


@pytest.fixture
def store(tmp_path):
    made = filled(tmp_path / "a.sqlite")
    yield made
    made.close()


def test_the_file_is_its_owners_alone_and_synced_in_full(tmp_path, store):
    assert {oct(p.stat().st_mode & 0o777) for p in tmp_path.iterdir()} == {"0o600"}
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._reader.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_that_others_may_read_is_refused(store):
    store.path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        Store(store.path)


@pytest.mark.parametrize("held", [b"x", b"SQLite format 3\0" + bytes(100), bytes(4096)])
def test_what_is_no_file_of_accounts_is_refused(tmp_path, held):
    path = tmp_path / "b.sqlite"
    path.write_bytes(held)
    path.chmod(0o600)
    for create in (False, True):
        with pytest.raises(UsageError):
            Store(path, create=create)
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE t (x)")
    other.chmod(0o600)
    with pytest.raises(UsageError, match="of this version"):
        Store(other, create=True)


def test_an_empty_file_left_by_a_crash_is_begun_anew(tmp_path):
    path = tmp_path / "c.sqlite"
    path.touch(0o600)
    with pytest.raises(UsageError):
        Store(path)
    store = Store(path, create=True)
    assert store.accounts() == []
    store.close()


def test_no_file_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError, match="tenere account add"):
        Store(tmp_path / "none.sqlite")
    with pytest.raises(UsageError, match="cannot be made"):
        Store(tmp_path / "no" / "folder.sqlite", create=True)


def test_accounts_are_kept_changed_and_taken_away(store):
    assert [(a.name, a.role) for a in store.accounts()][:2] == [("adam", Role.ADMIN), ("eric", Role.ENGINEER)]
    before = store.find("omar")
    store.change("omar", "role changed", role=Role.SUPERVISOR)
    store.change("omar", "account disabled", disabled=True)
    again = Store(store.path)
    found = again.find("omar")
    assert (found.role, found.disabled, found.hash) == (Role.SUPERVISOR, True, before.hash)
    assert found.generation > before.generation
    again.remove("omar")
    assert store.find("omar") is None
    for call in (lambda: store.remove("omar"), lambda: store.change("omar", "x"), lambda: store.add("vera", "h", Role.VIEWER)):
        with pytest.raises(UsageError):
            call()
    store.add("omar", "h", Role.VIEWER)
    assert store.find("omar").generation > found.generation, "a session of the old account must never fit the new one"
    again.close()


def test_a_refused_change_leaves_nothing_behind(store):
    rows = list(store.entries())
    with pytest.raises(UsageError):
        store.add("vera", "h", Role.ADMIN)
    assert list(store.entries()) == rows
    assert store.find("vera").role == Role.VIEWER


@pytest.mark.parametrize("name", ["", "a", "a" * 17, "Ä", "a b", "-a", ".a", "a/b", "a\n", "a\0b", "été"])
def test_names_that_are_none(name):
    with pytest.raises(UsageError):
        name_of(name)


def test_names_are_kept_in_small_letters():
    assert name_of(" M.Issa-2_b ") == "m.issa-2_b"


def test_the_audit_is_whole_and_what_is_changed_shows(store):
    for k in range(20):
        store.note("command", "omar", "operator", "192.0.2.1", f"é {k}")
    whole = audit.verify(store.entries())
    assert (whole.rows, whole.broken) == (26, 0)
    entries = list(store.entries())
    assert [e.number for e in store.entries(5)] == [22, 23, 24, 25, 26]
    db = sqlite3.connect(store.path, isolation_level=None)
    for change in (
        "UPDATE audit SET detail = 'nothing' WHERE number = 9", "UPDATE audit SET time_s = 5 WHERE number = 9",
        "UPDATE audit SET name = 'vera' WHERE number = 9", "DELETE FROM audit WHERE number = 9",
    ):  # fmt: skip
        db.execute("BEGIN")
        db.execute(change)
        db.execute("COMMIT")
        assert audit.verify(store.entries()).broken == 9, change
        db.execute("DELETE FROM audit")
        db.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", entries)
        assert audit.verify(store.entries()) == whole
    db.close()


def test_a_tail_cut_off_shows_against_a_head_kept_elsewhere(store):
    head = audit.verify(store.entries()).head
    store.note("command", "omar")
    assert audit.verify(store.entries(), head).broken == 0
    db = sqlite3.connect(store.path, isolation_level=None)
    db.execute("DELETE FROM audit WHERE number > 4")
    db.close()
    assert audit.verify(store.entries()).broken == 0, "the chain alone cannot tell"
    assert "cut off" in audit.verify(store.entries(), head).why


def test_two_programs_write_one_chain(store):
    other = Store(store.path)

    def write(into):
        for k in range(40):
            into.note("command", "omar", detail=str(k))

    threads = [threading.Thread(target=write, args=(s,)) for s in (store, other, store)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    found = audit.verify(store.entries())
    assert (found.rows, found.broken) == (126, 0)
    other.close()


def test_a_long_detail_is_cut_and_its_hash_kept(store):
    store.note("command", "omar", detail="x" * 60_000)
    (last,) = store.entries(1)
    assert len(last.detail) < audit.DETAIL_MOST + 120
    assert "sha256" in last.detail
    assert audit.verify(store.entries()).broken == 0


def test_a_full_disk_is_told(store):
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill():
        for _ in range(2000):
            store.note("command", "omar", detail="x" * 1000)

    with pytest.raises(TenereError, match="cannot be written"):
        fill()
    store._db.execute("PRAGMA max_page_count = 100000")
    store.note("command", "omar")
    assert audit.verify(store.entries()).broken == 0


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=40), keep=st.floats(0, 1))
def test_a_damaged_file_is_told_and_never_crashes(tmp_path_factory, cuts, keep):
    folder = tmp_path_factory.mktemp("damaged")
    store = filled(folder / "a.sqlite")
    store.close()
    raw = bytearray((folder / "a.sqlite").read_bytes())
    for where, byte in cuts:
        raw[min(int(where * len(raw)), len(raw) - 1)] = byte
    path = folder / "b.sqlite"
    path.write_bytes(raw[: max(1, int((0.5 + keep) * len(raw)))])
    path.chmod(0o600)
    try:
        broken = Store(path)
    except TenereError:
        return
    asks = (broken.accounts, lambda: broken.find("omar"), lambda: audit.verify(broken.entries()), lambda: broken.note("command", "omar"))
    for ask in asks:
        with contextlib.suppress(TenereError):
            ask()
    broken.close()


def test_hashes_are_argon2id_and_no_password_is_in_the_file(tmp_path, store):
    store.close()
    raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert b"$argon2id$" in raw
    assert PASSWORD.encode() not in raw
    assert CHEAP.verify(Store(store.path).find("omar").hash, PASSWORD)


def test_the_clock_of_the_rows_is_the_stores(tmp_path):
    clock = Clock(5.0)
    store = filled(tmp_path / "d.sqlite", clock=clock)
    assert {e.time_s for e in store.entries()} == {5.0}
    assert store.find("omar").created_s == 5.0
