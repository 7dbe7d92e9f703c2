"""tenere account, as a person uses it; and a server that runs meanwhile."""

from __future__ import annotations

import io
import json
import os
import pty
import sqlite3
import subprocess
import sys

import pytest

from tenere import cli
from tenere.cli import account, setting
from tenere.cli.account_grammar import MORE
from tenere.config import ServeConfig
from tenere.errors import UsageError

PASSWORD = "four words kept easily"


@pytest.fixture
def say(monkeypatch, capsys, tmp_path):
    """Run the command line with a text on standard input; return (status, document or text, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*words, given="", as_json=True):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode() if isinstance(given, str) else given)))
        status = cli.main(["account", *words, *(["--json"] if as_json else [])])
        out = capsys.readouterr()
        return status, json.loads(out.out) if as_json else out.out, out.err

    return run


def add(say, name="omar", role="operator", given=PASSWORD + "\n", where=("--file", "a.sqlite")):
    return say("add", name, "--role", role, "--stdin", *where, given=given)


def test_an_account_from_its_making_to_its_end(say, tmp_path):
    assert add(say)[:2] == (0, {"name": "omar", "role": "operator", "file": "a.sqlite"})
    assert oct((tmp_path / "a.sqlite").stat().st_mode & 0o777) == "0o600"
    assert add(say, "Sara", "supervisor")[0] == 0
    where = ("--file", "a.sqlite")
    assert say("role", "omar", "engineer", *where)[1] == {"name": "omar", "role": "engineer"}
    assert say("disable", "omar", *where)[1]["disabled"] is True
    assert say("password", "omar", "--stdin", *where, given="another four words\n")[0] == 0
    rows = say("list", *where)[1]["accounts"]
    assert [(r["name"], r["role"], r["disabled"]) for r in rows] == [("omar", "engineer", True), ("sara", "supervisor", False)]
    assert say("enable", "omar", *where)[1]["disabled"] is False
    assert say("remove", "omar", *where)[1]["removed"] is True
    told = say("audit", *where)[1]
    assert told["whole"] is True
    assert [(e["event"], e["name"]) for e in told["audit"]] == [
        ("account added", "omar"), ("account added", "sara"), ("role changed", "omar"), ("account disabled", "omar"),
        ("password changed", "omar"), ("account enabled", "omar"), ("account removed", "omar"),
    ]  # fmt: skip
    assert say("audit", "--after", told["head"], "--last", "1", *where)[1]["audit"] == told["audit"][-1:]


def test_what_is_wrong_is_told_with_status_2(say):
    assert add(say, given="short\n")[0] == 2
    assert add(say, given="\n")[0] == 2
    assert add(say, given=b"\xff\xfe" * 10)[0] == 2
    assert add(say, "no name!")[0] == 2
    assert say("list", "--file", "a.sqlite")[0] == 2, "a refused password makes no file"
    assert add(say)[0] == 0
    status, document, told = add(say)
    assert (status, document) == (2, {"error": "there is an account omar already"})
    assert "there is an account omar already" in told
    for words in (("role", "nobody", "viewer"), ("remove", "nobody"), ("disable", "nobody"), ("password", "nobody", "--stdin")):
        assert say(*words, "--file", "a.sqlite", given=PASSWORD)[0] == 2
    assert say("add", "sara", "--role", "viewer", "--file", "a.sqlite")[0] == 2, "no terminal, no --stdin"


@pytest.mark.parametrize("words", [
    ("add", "omar", "--file", "a"), ("add", "omar", "--role", "king", "--file", "a"), ("list",), ("list", "--file", "a", "--site", "b"),
    ("add", "omar", "--role", "viewer", "--password", "x", "--file", "a"), (), ("audit", "--last", "-1", "--file", "a"),
])  # fmt: skip
def test_words_that_are_none(words):
    with pytest.raises(SystemExit) as end:
        cli.parser().parse_args(["account", *words])
    assert end.value.code == 2


def test_a_site_file_says_where_the_accounts_are(say, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.toml").write_text('[serve]\naccounts = "who.sqlite"\n')
    (tmp_path / "none.toml").write_text("")
    assert add(say, where=("--site", "site/site.toml"))[0] == 0
    assert (tmp_path / "site" / "who.sqlite").is_file()
    assert say("list", "--site", "none.toml")[0] == 2
    assert setting.site(tmp_path / "site" / "site.toml").serve.accounts == str(tmp_path / "site" / "who.sqlite")
    assert setting.complete(setting.site(tmp_path / "site" / "site.toml")).serve.accounts == "", "a tick log names no file of accounts"


def test_a_changed_row_is_status_1(say):
    add(say)
    say("role", "omar", "viewer", "--file", "a.sqlite")
    db = sqlite3.connect("a.sqlite", isolation_level=None)
    db.execute("UPDATE audit SET role = 'admin' WHERE number = 2")
    db.close()
    status, told, _ = say("audit", "--file", "a.sqlite")
    assert (status, told["whole"], told["why"]) == (1, False, "row 2 was changed")
    assert "NOT WHOLE" in say("audit", "--file", "a.sqlite", as_json=False)[1]


def test_the_audit_sends_no_orders_to_the_terminal(say):
    from tenere.serve.accounts.store import Store

    add(say)
    store = Store(account.Path("a.sqlite"))
    store.note("command", "omar", "operator", "192.0.2.1", '{"reason":"\x1b[2Jx"}')
    store.close()
    text = say("audit", "--file", "a.sqlite", as_json=False)[1]
    assert "\x1b" not in text
    assert "192.0.2.1" in text
    assert "omar" in say("list", "--file", "a.sqlite", as_json=False)[1]


def test_on_a_terminal_the_password_is_asked_for_twice_without_echo(tmp_path):
    for second, status in ((PASSWORD, 0), ("another four words", 2)):
        main, terminal = pty.openpty()
        command = [sys.executable, "-m", "tenere", "account", "add", f"n{status}", "--role", "viewer", "--file", str(tmp_path / "a.sqlite")]
        process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
        os.close(terminal)
        seen = b""
        for asked, line in ((b"New password", PASSWORD), (b"again", second)):
            while asked not in seen:
                seen += os.read(main, 1000)
            os.write(main, line.encode() + b"\n")
        assert process.wait(timeout=60) == status
        try:
            while more := os.read(main, 1000):
                seen += more
        except OSError:
            pass
        os.close(main)
        assert PASSWORD.encode() not in seen
    assert b"differ" in seen


def test_a_server_opens_what_its_site_names(tmp_path, say, capsys):
    assert account.desk(ServeConfig()) is None
    assert capsys.readouterr().err == ""
    assert account.desk(ServeConfig(host="0.0.0.0")) is None
    assert "nobody may command" in capsys.readouterr().err
    with pytest.raises(UsageError, match="tenere account add"):
        account.desk(ServeConfig(accounts=str(tmp_path / "a.sqlite")))
    add(say)
    say("disable", "omar", "--file", "a.sqlite")
    with pytest.raises(UsageError, match="nobody may sign in"):
        account.desk(ServeConfig(accounts="a.sqlite"))
    add(say, "sara")
    opened = account.desk(ServeConfig(accounts="a.sqlite", idle_s=120.0, host="0.0.0.0"))
    assert opened.sessions.idle_s == 120.0
    assert "TLS" in capsys.readouterr().err
    opened.close()


def test_each_action_has_help_with_an_example(capsys):
    for action in MORE:
        with pytest.raises(SystemExit) as end:
            cli.parser().parse_args(["account", action, "--help"])
        assert end.value.code == 0
        assert f"tenere account {action}" in capsys.readouterr().out
