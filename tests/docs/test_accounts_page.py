"""The how-to of accounts says of roles what the table of roles says."""

from __future__ import annotations

import re
from pathlib import Path

from tenere.serve.accounts import desk, pace, passwords, store
from tenere.serve.accounts.roles import COMMANDS, MEANING, Role

TEXT = (Path(__file__).parents[2] / "docs" / "howto" / "accounts.md").read_text(encoding="utf-8")


def test_the_roles_are_those_of_the_code():
    assert [f"| {r.value} | {MEANING[r]} |" for r in Role] == re.findall(r"^\| (?!role|command|---|`).*\|$", TEXT, re.MULTILINE)


def test_the_commands_are_those_of_the_code():
    rows = [
        f"| `{k}` | {', '.join(r for r in Role if r in right.roles)} | {'yes' if right.signed else ''} |" for k, right in COMMANDS.items()
    ]
    assert rows == re.findall(r"^\| `.*\|$", TEXT, re.MULTILINE)


def test_the_figures_are_those_of_the_code():
    assert (passwords.LEAST, pace.FREE_ACCOUNT, pace.FREE_ADDRESS) == (12, 4, 10)
    assert (pace.LONGEST_ACCOUNT_S, pace.LONGEST_ADDRESS_S, desk.IDLE_S, desk.WHOLE_S) == (60, 900, 3600, 43_200)
    assert store.NAME.pattern.startswith("[a-z0-9][a-z0-9._-]{1,15}")
