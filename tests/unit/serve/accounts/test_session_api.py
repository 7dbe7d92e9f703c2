"""Signing in and out over HTTP, and commands by who is signed in."""

from __future__ import annotations

import json
import threading

import pytest
from accounts_kit import BASE, PASSWORD, Clock, Person, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.serve.accounts import audit
from tenere.serve.accounts import desk as desks
from tenere.serve.accounts.passwords import Passwords
from tenere.serve.accounts.roles import COMMANDS, Role
from tenere.serve.app import make_app
from tenere.serve.hub import Hub


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(tmp_path, clock):
    made = desk(tmp_path / "a.sqlite", clock, idle_s=600.0, whole_s=6000.0)
    yield made
    made.close()


@pytest.fixture
def hub():
    made = Hub()
    made.publish(make_snapshot())
    return made


@pytest.fixture
def app(hub, accounts):
    return make_app(hub, None, accounts=accounts)


@pytest.fixture
def person(app):
    return Person(app)


def events(accounts):
    return [(e.event, e.name, e.address) for e in accounts.store.entries()][6:]


def test_signing_in_opens_the_picture_and_signing_out_closes_it(person, accounts):
    assert person.ask("GET", "/api/picture.json").status_code == 401
    assert person.ask("GET", "/api/health").json() == {"status": "ok", "tick": 1}
    assert person.ask("GET", "/api/session").json() == {
        "accounts": True, "open": True, "name": None, "role": None, "signed": False, "commands": [], "expires_in_s": None,
    }  # fmt: skip
    answer = person.sign_in("Omar")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["role"], told["signed"], told["expires_in_s"]) == ("omar", "operator", True, 600)
    assert told["commands"] == [k for k, right in COMMANDS.items() if Role.OPERATOR in right.roles]
    assert person.ask("GET", "/api/session").json() == told
    assert person.ask("GET", "/api/picture.json").json()["tracks"]
    assert "tracks" in person.ask("GET", "/api/health").json()
    token = dict(person.cookies)["tenere_8080"]
    assert person.ask("DELETE", "/api/session").status_code == 200
    assert dict(person.cookies) == {}
    person.cookies.set("tenere_8080", token)
    assert person.ask("GET", "/api/picture.json").status_code == 401, "the token is dead, not just the cookie gone"
    assert events(accounts) == [("signed in", "omar", "192.0.2.7"), ("signed out", "omar", "192.0.2.7")]


def test_the_cookie_is_hidden_from_scripts_and_other_sites(person, app):
    cookie = person.sign_in("omar").headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    over_tls = Person(app, "https://localhost").sign_in("omar").headers["Set-Cookie"].lower()
    assert "secure" in over_tls
    assert "domain" not in cookie + over_tls


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(person, accounts):
    wrong = [person.sign_in(name, password) for name, password in (("omar", "x" * 20), ("nobody", PASSWORD), ("Ünobody", PASSWORD))]
    accounts.store.change("vera", "account disabled", disabled=True)
    wrong.append(person.sign_in("vera"))
    assert {(a.status_code, a.text, tuple(sorted(a.headers))) for a in wrong} == {(401, wrong[0].text, tuple(sorted(wrong[0].headers)))}
    failed = [(e.name, e.detail) for e in accounts.store.entries() if e.event == "sign-in failed"]
    assert failed == [("omar", "wrong password"), ("", "no such account"), ("", "no such account"), ("vera", "disabled")]
    assert all(PASSWORD not in str(e) and "nobody" not in str(e) for e in accounts.store.entries())


def test_many_wrong_tries_have_to_wait(app, person, clock):
    statuses = [person.sign_in("omar", "wrong wrong wrong").status_code for _ in range(6)]
    assert statuses[:4] == [401] * 4
    assert statuses[4:] == [429] * 2
    answer = person.sign_in("omar")
    assert answer.status_code == 429, "the right password too"
    assert int(answer.headers["Retry-After"]) >= 1
    assert Person(app, address="192.0.2.8").sign_in("omar").status_code == 429
    clock.now += 120.0
    assert person.sign_in("omar").status_code == 200


def test_tries_at_the_same_time_are_counted_all_the_same(person):
    answers = person.ask("POST", "/api/session", {"name": "omar", "password": "wrong wrong wrong"}, times=12)
    assert sorted(a.status_code for a in answers) == [401] * 4 + [429] * 8


def test_two_at_most_are_verified_at_a_time_and_too_many_are_sent_away(app, accounts, monkeypatch):
    busy, most, lock, go = [0], [0], threading.Lock(), threading.Event()
    threading.Timer(0.3, go.set).start()

    def right(*_):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        go.wait(5)
        with lock:
            busy[0] -= 1
        return True

    monkeypatch.setattr(Passwords, "right", right)
    monkeypatch.setattr(desks, "WAITING", 6)
    accounts.pace._accounts.free = 100
    person = Person(app)
    answers = person.ask("POST", "/api/session", {"name": "omar", "password": PASSWORD}, times=9)
    codes = [a.status_code for a in answers]
    assert most[0] == 2
    assert codes.count(503) >= 3
    assert codes.count(200) >= 4


@pytest.mark.parametrize("change", [
    {"event": "password changed", "hashed": "other"}, {"event": "role changed", "role": Role.VIEWER},
    {"event": "account disabled", "disabled": True},
])  # fmt: skip
def test_every_session_of_an_account_ends_when_it_changes(app, accounts, change):
    first, second, other = Person(app), Person(app), Person(app)
    first.sign_in("omar"), second.sign_in("omar"), other.sign_in("sara")
    accounts.store.change("omar", **change)
    assert [p.ask("GET", "/api/status").status_code for p in (first, second, other)] == [401, 401, 200]


def test_an_account_removed_and_made_anew_brings_no_old_session_back(person, accounts):
    person.sign_in("omar")
    held = accounts.store.find("omar")
    accounts.store.remove("omar")
    accounts.store.add("omar", held.hash, Role.ADMIN)
    assert person.ask("GET", "/api/status").status_code == 401


def test_a_session_idles_out_and_only_doing_something_keeps_it(person, clock):
    person.sign_in("omar")
    for _ in range(5):
        clock.now += 500.0
        assert person.command("acknowledge", alert=3).status_code == 202
    for _ in range(2):
        clock.now += 250.0
        assert person.ask("GET", "/api/status").status_code == 200
    clock.now += 101.0
    assert person.ask("GET", "/api/status").status_code == 401, "a page that asks by itself keeps nothing open"


def test_signing_in_anew_ends_the_session_before(person, accounts):
    person.sign_in("omar")
    person.sign_in("sara")
    assert len(accounts.sessions) == 1
    assert person.ask("GET", "/api/session").json()["name"] == "sara"


def test_signing_in_and_out_from_elsewhere_is_refused(person):
    elsewhere = {"headers": {"Origin": "http://elsewhere.example"}}
    assert person.sign_in("omar", **elsewhere).status_code == 403
    person.sign_in("omar")
    assert person.ask("DELETE", "/api/session", **elsewhere).status_code == 403
    assert (
        person.ask("POST", "/api/session", {"name": "sara", "password": PASSWORD}, headers={"Content-Type": "text/plain"}).status_code
        == 415
    )
    assert person.ask("GET", "/api/session").json()["name"] == "omar"


def test_a_file_that_cannot_be_read_lets_nobody_in(person, accounts):
    person.sign_in("omar")
    accounts.store._db.execute("DROP TABLE account")
    assert person.ask("GET", "/api/status").status_code == 503
    assert Person(person.app).sign_in("sara").status_code == 503


# --- commands ---


def test_a_command_carries_its_person_whatever_the_body_says(person, hub, accounts):
    person.sign_in("omar")
    answer = person.command("acknowledge", alert=3, by="somebody else")
    assert answer.status_code == 202
    assert hub.commands() == [{"kind": "acknowledge", "alert": 3, "by": "omar", "signed": True}]
    assert person.command("acknowledge", alert=3, signed=True).status_code == 422
    last = list(accounts.store.entries())[-1]
    assert (last.event, last.name, last.role, json.loads(last.detail)["alert"]) == ("command", "omar", "operator", 3)
    assert audit.verify(accounts.store.entries()).broken == 0


def test_commands_that_are_refused_are_written_down_but_fill_no_disk(person, hub, accounts):
    person.sign_in("vera")
    for _ in range(30):
        assert person.command("acknowledge", alert=3).status_code == 403
    assert 1 <= [e.event for e in accounts.store.entries()].count("command refused") <= 5
    assert hub.commands() == []


def test_two_persons_are_two_names(app, hub, accounts):
    accounts.store.add("paul", accounts.store.find("sara").hash, Role.SUPERVISOR)
    for name in ("sara", "paul"):
        person = Person(app)
        person.sign_in(name)
        assert person.command("unprotect", track=11, reason="not that flight").status_code == 202
    said = {"kind": "unprotect", "track": 11, "reason": "not that flight", "signed": True}
    assert hub.commands() == [{**said, "by": "sara"}, {**said, "by": "paul"}]


@pytest.mark.parametrize(("name", "role"), list(zip(("vera", "omar", "sara", "eric", "ines", "adam"), Role, strict=True)))
def test_each_role_sends_what_the_table_says(app, hub, name, role):
    person = Person(app)
    person.sign_in(name)
    for key, body in EXAMPLES.items():
        answer = person.ask("POST", "/api/commands", body)
        wanted = 202 if role in COMMANDS[key].roles else 403
        assert answer.status_code == wanted, (key, answer.text)
        if wanted == 403:
            assert "role" in answer.json()["error"]
    assert {c["by"] for c in hub.commands()} <= {name}


EXAMPLES = {
    "acknowledge": {"kind": "acknowledge", "alert": 3},
    "suppress": {"kind": "suppress", "alert": 3, "until_s": 1600.0, "reason": "known"},
    "unsuppress": {"kind": "unsuppress", "alert": 3},
    "hand_over": {"kind": "hand_over", "alert": 3, "to": "North"},
    "identity": {"kind": "identity", "track": 12, "identity": "suspect", "reason": "seen"},
    "claim": {"kind": "claim", "track": 12, "what": "climbing"},
    "radio": {"kind": "radio", "track": 12, "state": "lost"},
    "cleared": {"kind": "cleared", "track": 12, "level_ft": None},
    "track_report": {"kind": "track_report", "words": "seen", "lat_deg": 13.0, "lon_deg": 2.0, "position_std_m": 500.0},
    "track_correlate": {"kind": "track_correlate", "track": 12, "other": 13, "reason": "same"},
    "track_merge": {"kind": "track_merge", "track": 12, "other": 13, "reason": "same"},
    "track_split": {"kind": "track_split", "track": 12, "reason": "two"},
    "track_apart": {"kind": "track_apart", "track": 12, "other": 13, "reason": "two"},
    "track_end": {"kind": "track_end", "track": 12, "reason": "a hill"},
    "track_undo": {"kind": "track_undo", "order": 1, "reason": "wrong"},
    "registry.add": {"kind": "registry", "op": "add", "address": "06205A", "label": "relief"},
    "registry.remove": {"kind": "registry", "op": "remove", "callsign": "UNO123"},
    "unprotect": {"kind": "unprotect", "track": 11, "reason": "not the flight"},
    "agree": {"kind": "agree", "sensor": "NIM-R", "reason": "turned back"},
    "qnh": {"kind": "qnh", "station": "DRRN", "lat_deg": 13.5, "lon_deg": 2.1, "qnh_hpa": 1012.0},
    "volume": {"kind": "volume", "op": "put", "id": "TRA1", "volume": {
        "id": "TRA1", "name": "Tra 1", "kind": "temporary",
        "shape": {"type": "circle", "lat_deg": 13.0, "lon_deg": 2.0, "radius_m": 9000.0}}},
    "closure.note": {"kind": "closure", "op": "note", "id": "C1", "text": "risk", "volumes": ["TRA1"]},
    "closure.close": {"kind": "closure", "op": "close", "id": "C1", "volumes": ["TRA1"]},
    "closure.acknowledge": {"kind": "closure", "op": "acknowledge", "id": "C1", "station": "DRRN"},
    "closure.reopen": {"kind": "closure", "op": "reopen", "id": "C1"},
    "rules": {"kind": "rules", "set": {"border_entry": {"rise_s": 9.0, "severity": "warning"}}},
}  # fmt: skip


def test_there_is_an_example_of_every_command():
    assert set(EXAMPLES) == set(COMMANDS)


def test_what_ticks_carry_is_what_a_replay_reads(person, hub):
    import msgspec

    person.sign_in("sara")
    assert person.ask("POST", "/api/commands", EXAMPLES["volume"]).status_code == 202
    (command,) = hub.commands()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(command)) == command
    assert command["volume"]["shape"]["radius_m"] == 9000.0


def test_without_accounts_the_loopback_is_the_local_operator(hub):
    person = Person(make_app(hub, None))
    told = person.ask("GET", "/api/session").json()
    assert (told["accounts"], told["open"], told["role"], told["signed"]) == (False, True, "operator", False)
    for key, body in EXAMPLES.items():
        answer = person.ask("POST", "/api/commands", {**body, "by": "A. Moussa"})
        right = COMMANDS[key]
        if Role.OPERATOR in right.roles and not right.signed:
            assert answer.status_code == 202, key
            assert key in told["commands"]
        else:
            assert answer.status_code == 403, key
            assert "accounts" in answer.json()["error"] if right.signed else "supervisor" in answer.json()["error"]
            assert key not in told["commands"]
    assert not any("signed" in c for c in hub.commands())
    assert person.sign_in("omar").status_code == 404
    assert person.ask("DELETE", "/api/session").status_code == 200


def test_without_accounts_the_network_only_looks(hub):
    person = Person(make_app(hub, None, names=None), base_url="http://picture.example")
    assert person.ask("GET", "/api/picture.json").status_code == 200
    told = person.ask("GET", "/api/session").json()
    assert (told["open"], told["role"], told["commands"]) == (False, "viewer", [])
    for body in EXAMPLES.values():
        answer = person.ask("POST", "/api/commands", {**body, "by": "A. Moussa"})
        assert answer.status_code == 403
        assert "tenere account add" in answer.json()["error"]
    assert hub.commands() == []


def test_a_full_disk_does_not_keep_a_command_from_the_picture(person, accounts, caplog):
    person.sign_in("omar")
    pages = accounts.store._db.execute("PRAGMA page_count").fetchone()[0]
    accounts.store._db.execute(f"PRAGMA max_page_count = {pages}")
    reason = "x " * 90
    for _ in range(40):
        assert person.command("suppress", alert=3, until_s=1600.0, reason=reason).status_code == 202
    assert "not written to the audit" in caplog.text


# --- whatever is sent ---

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=8), v, max_size=4), max_leaves=8)
FIELDS = sorted({f for body in EXAMPLES.values() for f in body})


@settings(max_examples=200, deadline=None)
@given(
    key=st.sampled_from(sorted(EXAMPLES)),
    change=st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
    gone=st.sampled_from([*FIELDS, ""]),
)
def test_whatever_a_command_holds_is_answered(key, change, gone):
    made = Hub()
    made.publish(make_snapshot())
    body = {k: v for k, v in {"by": "A", **EXAMPLES[key], **change}.items() if k != gone}
    answer = Person(make_app(made, None)).ask("POST", "/api/commands", body)
    assert answer.status_code in (202, 403, 422)
    if answer.status_code == 202:
        (command,) = made.commands()
        assert command["by"].strip()
        assert "signed" not in command
    else:
        assert answer.json()["error"]
        assert made.commands() == []


BYTES = [
    b"", b"[" * 60_000, b'{"kind":' * 7000, b"1" * 60_000, b'{"kind":"acknowledge","alert":' + b"9" * 5000 + b"}", b'"\\ud800"', b"\xff",
    b'{"kind":["acknowledge"]}', b'{"kind":{"a":1},"by":2}', b'{"kind":"rules","set":{}}',
    b'{"kind":"acknowledge","alert":1,"by":"\\u202e"}',
]  # fmt: skip


@pytest.mark.parametrize("body", BYTES, ids=range(len(BYTES)))
def test_bytes_that_are_no_command_or_sign_in_are_refused(person, hub, body):
    local = Person(make_app(hub, None))
    assert local.ask("POST", "/api/commands", body).status_code == 422
    assert person.ask("POST", "/api/session", body).status_code in (413, 422)
    assert hub.commands() == []


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=80), cookie=st.binary(max_size=40))
def test_any_bytes_at_every_door(tmp_path_factory, body, cookie):
    accounts = desk(tmp_path_factory.mktemp("doors") / "a.sqlite")
    person = Person(make_app(Hub(), None, accounts=accounts))
    headers = {"Cookie": b"tenere_8080=" + bytes(c for c in cookie if c not in b"\r\n\0")}
    assert person.ask("POST", "/api/session", body, headers=dict(headers)).status_code in (401, 422)
    assert person.ask("POST", "/api/commands", body, headers=dict(headers)).status_code == 401
    assert person.ask("GET", "/api/session", headers=dict(headers)).json()["role"] is None
    assert person.ask("DELETE", "/api/session", headers=dict(headers)).status_code == 200
    accounts.close()


def test_suppression_is_bounded_by_the_pictures_time(hub):
    person = Person(make_app(hub, None))
    for until in (999.0, 1000.0, 1000.0 + 43_201.0, -1.0, 1e12):
        assert person.command("suppress", alert=3, until_s=until, reason="known").status_code == 422
    for until in (1600.0, 1000.0 + 43_200.0):
        assert person.command("suppress", alert=3, until_s=until, reason="known").status_code == 202


@pytest.mark.parametrize(("what", "good", "bad"), [
    ("mode_a", "7700", ["7800", "770", 7700, None]), ("callsign", "AFR703", ["afr703", "A", 5, "TOOLONG77"]),
    ("speed_kt", 250, ["250", -1, 4001, None, True]), ("level_ft", 35000.5, ["FL350", 2e5, None]), ("climbing", None, ["yes", 0]),
])  # fmt: skip
def test_a_claim_holds_a_value_of_its_kind(hub, what, good, bad):
    person = Person(make_app(hub, None))
    assert person.command("claim", track=12, what=what, value=good, by="A").status_code == 202
    for value in bad:
        assert person.command("claim", track=12, what=what, value=value, by="A").status_code == 422, value
    assert hub.commands()[0]["value"] == (0o7700 if what == "mode_a" else good)


NONSENSE = [
    {**EXAMPLES["volume"], "volume": {**EXAMPLES["volume"]["volume"], "buffer_m": 10**30}},
    {"kind": "cleared", "track": 1, "level_ft": 10**30}, {"kind": "rules", "set": {"border_entry": {"rise_s": 10**30}}},
    {"kind": "identity", "track": 1, "identity": "suspect"}, {"kind": "identity", "track": 1, "identity": "pending", "reason": "x"},
    {"kind": "registry", "op": "add", "label": "x"}, {"kind": "registry", "op": "add", "address": "06205A"},
    {"kind": "registry", "op": "add", "address": "06205", "label": "x"}, {"kind": "volume", "op": "put", "id": "a"},
    {"kind": "volume", "op": "remove", "id": "a", "volume": EXAMPLES["volume"]["volume"]}, {**EXAMPLES["volume"], "id": "other"},
    {"kind": "closure", "op": "note", "id": "a"}, {"kind": "closure", "op": "acknowledge", "id": "a"},
    {"kind": "hand_over", "alert": 1, "to": " "},
    {"kind": "rules", "set": {"Bad Name": {}}}, {"kind": "rules", "set": {"a": {"b": {"c": 1}}}},
    {"kind": "rules", "set": {"no_such_rule": {"rise_s": 9.0}}}, {"kind": "rules", "set": {"border_entry": {"rise_s": -9.0}}},
    {"kind": "rules", "set": {"border_entry": {"rise": 9.0}}},
    {**EXAMPLES["volume"], "volume": {**EXAMPLES["volume"]["volume"], "floor": "FL"}},
    {**EXAMPLES["volume"], "volume": {**EXAMPLES["volume"]["volume"], "shape": {"type": "polygon", "ring": [[0, 0], [1, 1]]}}},
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
def test_commands_that_make_no_sense(person, hub, body):
    person.sign_in("sara")
    answer = person.ask("POST", "/api/commands", body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert hub.commands() == []


def test_the_base_of_these_tests_is_the_loopback():
    assert BASE.startswith("http://localhost")
