"""What may be said of accounts on the command line. Imports nothing slow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

ROLES = ("viewer", "operator", "supervisor", "engineer", "instructor", "admin")
"""Those of tenere.serve.accounts.roles, which is not imported for the sake of --help; a test holds them together."""

EXAMPLES = """\
what it does:
  Keeps the accounts of a site: who may sign in, and in which role. They are in a file of their own, which its owner alone may
  read; the site file names it under [serve] accounts. What a role may do, and how to begin: docs/howto/accounts.md
  A running server takes changes up at once; the sessions of an account end when its password, role or state changes.

exit status:
  0 done; 1 the file could not be written, or its audit is not whole; 2 wrong usage, or no such account; 130 interrupted.

examples:
  tenere account add moussa --role operator --site site.toml      asks for a password, twice
  tenere account list --file accounts.sqlite                      who there is
  tenere account audit --site site.toml                           who did what, and whether nothing was changed since
"""
MORE: dict[str, tuple[str, str, str]] = {
    "add": (
        "make an account",
        "Make an account; the first one makes the file. The password is asked for, never an argument.",
        """\
examples:
  tenere account add moussa --role operator --site site.toml      asks for a password, twice
  tenere account add awa --role supervisor --file accounts.sqlite --stdin      takes it from standard input
""",
    ),
    "list": (
        "tell the accounts",
        "Tell the accounts and their roles.",
        "examples:\n  tenere account list --site site.toml\n  tenere account list --file accounts.sqlite --json\n",
    ),
    "role": (
        "give an account another role",
        "Give an account another role; its sessions end.",
        "examples:\n  tenere account role moussa supervisor --site site.toml\n",
    ),
    "password": (
        "set an account's password",
        "Set an account's password; its sessions end.",
        "examples:\n  tenere account password moussa --site site.toml\n",
    ),
    "disable": (
        "keep an account from signing in",
        "Keep an account from signing in; its sessions end.",
        "examples:\n  tenere account disable moussa --site site.toml\n",
    ),
    "enable": (
        "let an account sign in again",
        "Let an account sign in again.",
        "examples:\n  tenere account enable moussa --site site.toml\n",
    ),
    "remove": (
        "take an account away",
        "Take an account away; what it did stays in the audit.",
        "examples:\n  tenere account remove moussa --site site.toml\n",
    ),
    "audit": (
        "tell who did what, and whether the record is whole",
        "Tell the newest rows of the audit, and walk its chain: exit status 1 where a row was changed or taken out.",
        """\
examples:
  tenere account audit --site site.toml --last 200
  tenere account audit --site site.toml --after 4f0c8e21      a head kept elsewhere (all of it) must be in the chain
""",
    ),
}


def most(text: str) -> int:
    """Read --last: a whole number, 0 or more."""
    value = int(text)
    if not 0 <= value <= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{text}: give a whole number, 0 or more")
    return value


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type private
    """Add tenere account and its own commands."""
    about = "Keep the accounts of a site: who may sign in, in which role, and who did what."
    p = commands.add_parser(
        "account",
        help="who may sign in, and who did what",
        description=about,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = p.add_subparsers(metavar="ACTION", required=True, help=f"one of {', '.join(MORE)}; each has --help")
    for action, (brief, told, examples) in MORE.items():
        a = actions.add_parser(action, help=brief, description=told, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter)
        a.set_defaults(command=f"tenere.cli.account:{action}_")
        if action not in ("list", "audit"):
            a.add_argument("name", metavar="NAME", help="name of the account: 2 to 16 of a-z, 0-9, dot, dash and underscore")
        if action == "role":
            a.add_argument("role", metavar="ROLE", choices=ROLES, help=f"one of {', '.join(ROLES)}")
        if action == "add":
            a.add_argument("--role", metavar="ROLE", choices=ROLES, required=True, help=f"one of {', '.join(ROLES)}")
        if action in ("add", "password"):
            a.add_argument("--stdin", action="store_true", help="read the password from the first line of standard input")
        if action == "audit":
            a.add_argument("--last", type=most, default=50, metavar="N", help="rows to tell, the newest (default 50)")
            a.add_argument("--after", default="", metavar="HEAD", help="a head that was kept elsewhere, which must be in the chain")
        where = a.add_mutually_exclusive_group(required=True)
        where.add_argument("--site", type=Path, metavar="SITE.toml", help="site file whose [serve] accounts names the file of accounts")
        where.add_argument("--file", type=Path, metavar="FILE", help="the file of accounts itself")
        a.add_argument("--json", action="store_true", help="print one JSON document")
