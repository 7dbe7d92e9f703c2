"""Passwords, sessions and the pace, each by itself."""

from __future__ import annotations

import unicodedata

import pytest
from accounts_kit import PASSWORD, Clock, passwords
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.errors import UsageError
from tenere.serve.accounts import pace as paces
from tenere.serve.accounts import sessions as kept
from tenere.serve.accounts.pace import Pace, network_of
from tenere.serve.accounts.passwords import HASHER, Passwords, ask_twice, checked
from tenere.serve.accounts.sessions import Sessions


def test_a_password_is_right_or_not():
    p = passwords()
    hashed = p.hashed(PASSWORD)
    assert p.right(hashed, PASSWORD)
    assert not p.right(hashed, PASSWORD + " ")
    assert not p.right(None, PASSWORD)
    assert not p.right("no hash", PASSWORD)
    assert not p.right(hashed, "\ud800 not text at all")


def test_what_is_kept_is_argon2id_of_the_stated_cost():
    assert (HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism) == (3, 65536, 1)
    assert Passwords().hashed(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_an_unknown_name_is_verified_with_the_same_cost(monkeypatch):
    seen = []
    real = PasswordHasher.verify

    def verify(self, hashed, password):
        seen.append(hashed.rsplit("$", 2)[0])
        return real(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    p = passwords()
    hashed = p.hashed(PASSWORD)
    p.right(hashed, "wrong"), p.right(None, "wrong")
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_a_weaker_hash_is_renewed():
    weak = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    p = passwords()
    renewed = p.renewed(weak, PASSWORD)
    assert renewed != weak
    assert p.right(renewed, PASSWORD)
    assert p.renewed(renewed, PASSWORD) is None


def test_letters_typed_otherwise_are_the_same_password():
    p = passwords()
    composed = unicodedata.normalize("NFC", "été à la météo")
    assert p.right(p.hashed(composed), unicodedata.normalize("NFD", composed))


@pytest.mark.parametrize(
    "password", ["", "elevenchars", "x" * 257, "aaaaaaaaaaaaaaaa", "moussa-moussa", "four words\nin two", "four \x00 words here"]
)
def test_passwords_that_may_not_be_set(password):
    with pytest.raises(UsageError):
        checked(password, "moussa-moussa")


def test_a_new_password_is_asked_for_twice():
    said = iter([PASSWORD, PASSWORD, PASSWORD, "another one altogether"])
    assert ask_twice(lambda _: next(said), "omar") == PASSWORD
    with pytest.raises(UsageError, match="differ"):
        ask_twice(lambda _: next(said), "omar")


# --- sessions ---


def test_a_session_ends_when_idle_when_old_and_when_ended():
    clock = Clock()
    s = Sessions(clock, 100.0, 1000.0)
    token = s.begin("omar", 1)
    assert len(token) >= 43
    assert all(token not in k for k in s._held), "only its hash is kept"
    for _ in range(11):
        clock.now += 90.0
        session = s.find(token)
        assert session is not None
        s.use(session)
    clock.now += 20.0
    assert s.find(token) is None, "a watch is over"
    token = s.begin("omar", 1)
    clock.now += 101.0
    assert s.find(token) is None, "idle"
    token = s.begin("omar", 1)
    assert s.end(token).name == "omar"
    assert s.find(token) is None
    assert s.end(token) is None
    assert len(s) == 0


def test_sessions_are_bounded(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 40)
    clock = Clock()
    s = Sessions(clock, 1e6, 1e6)
    first = s.begin("omar", 1)
    for k in range(100):
        clock.now += 1
        s.begin("omar" if k < 50 else f"n{k}", 1)
        assert len(s) <= 40
    assert s.find(first) is None
    assert sum(h.name == "omar" for h in s._held.values()) <= kept.MOST_EACH


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_a_token_that_is_none_finds_nothing(token):
    s = Sessions(Clock(), 10.0, 10.0)
    s.begin("omar", 1)
    assert s.find(token) is None


# --- the pace ---


def fail_until_paused(pace, name, address):
    for k in range(100):
        if (wait := pace.begin(name, address)) > 0:
            return k, wait
    return pytest.fail("never paused")


def test_an_account_pauses_from_wherever_it_is_tried_and_the_pauses_grow():
    clock = Clock()
    pace = Pace(clock)
    assert [pace.begin("omar", f"192.0.2.{k}") for k in range(paces.FREE_ACCOUNT)] == [0.0] * paces.FREE_ACCOUNT
    pauses = []
    for k in range(12):
        wait = pace.begin("omar", f"198.51.100.{k}")
        pauses.append(wait)
        assert pace.begin("sara", f"203.0.113.{k}") == 0.0 or k >= paces.FREE_ACCOUNT
        clock.now += wait
        assert pace.begin("omar", f"198.51.100.{k}") == 0.0
    assert pauses == sorted(pauses)
    assert pauses[0] == 1.0
    assert pauses[-1] == paces.LONGEST_ACCOUNT_S


def test_an_address_pauses_whatever_name_it_tries():
    clock = Clock()
    pace = Pace(clock)
    for k in range(paces.FREE_ADDRESS):
        assert pace.begin(f"n{k}", "192.0.2.1") == 0.0
    assert pace.begin("another", "192.0.2.1") > 0
    assert pace.begin("another", "192.0.2.2") == 0.0
    clock.now += paces.FORGIVE_S
    assert pace.begin("another", "192.0.2.1") == 0.0
    assert pace.begin("another", "192.0.2.1") > 0, "one is forgiven, not all"


def test_a_room_that_mistypes_every_few_minutes_never_pauses():
    clock = Clock()
    pace = Pace(clock)
    for k in range(1000):
        clock.now += paces.FORGIVE_S
        assert pace.begin(f"n{k % 20}", "192.0.2.1") == 0.0
    assert pace._addresses.held["192.0.2.1"].failures == 1


def test_who_tries_without_end_gets_few_tries_a_day():
    clock = Clock()
    pace = Pace(clock)
    tries = [0, 0]
    for k in range(86_400):
        clock.now += 1.0
        tries[0] += pace.begin("omar", f"10.{k >> 16}.{k >> 8 & 255}.{k & 255}") == 0.0
        tries[1] += pace.begin(f"n{k}", "192.0.2.1") == 0.0
    assert tries[0] < 1500, "one account, from everywhere"
    assert tries[1] < 400, "one address, every account"


def test_a_person_at_their_own_desk_is_not_locked_out_by_a_stranger():
    pace = Pace(Clock())
    assert pace.begin("omar", "192.0.2.1") == 0.0
    pace.succeed("omar", "192.0.2.1")
    fail_until_paused(pace, "omar", "198.51.100.9")
    assert pace.begin("omar", "198.51.100.10") > 0
    assert pace.begin("omar", "192.0.2.1") == 0.0
    assert fail_until_paused(pace, "omar", "192.0.2.1")[0] <= paces.FREE_ADDRESS, "nor may their desk be tried without end"


def test_a_right_password_takes_only_its_own_try_off_the_address():
    pace = Pace(Clock())
    for k in range(paces.FREE_ADDRESS - 1):
        pace.begin(f"n{k}", "192.0.2.1")
        assert pace.begin("adam", "192.0.2.1") == 0.0
        pace.succeed("adam", "192.0.2.1")
    pace.begin("last", "192.0.2.1")
    assert pace.begin("adam", "192.0.2.1") > 0


def test_what_is_remembered_is_bounded_and_the_worst_stays(monkeypatch):
    monkeypatch.setattr(paces, "MOST_KEYS", 50)
    clock = Clock()
    pace = Pace(clock)
    fail_until_paused(pace, "omar", "192.0.2.1")
    for k in range(300):
        clock.now += 0.001
        pace.begin(f"n{k}", f"10.0.{k // 250}.{k % 250}")
        pace.succeed(f"m{k}", f"10.1.{k // 250}.{k % 250}")
    assert len(pace._accounts.held) <= 50
    assert len(pace._addresses.held) <= 50
    assert len(pace._known) <= 50
    assert pace.begin("omar", "192.0.2.99") > 0


@pytest.mark.parametrize(("address", "network"), [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::/64"), ("2001:db8::ffff:1", "2001:db8::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ("fe80::1%eth0", "fe80::/64"), ("", ""), ("x" * 99, "x" * 64),
])  # fmt: skip
def test_addresses_are_counted_by_network(address, network):
    assert network_of(address) == network
