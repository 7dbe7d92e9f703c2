"""tenere account: who may sign in, in which role, and who did what."""

from __future__ import annotations

import getpass
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenere import config as configs
from tenere.cli.output import print_json, say
from tenere.errors import UsageError
from tenere.serve.accounts import audit
from tenere.serve.accounts.passwords import MOST, Passwords, ask_twice, checked
from tenere.serve.accounts.roles import Role
from tenere.serve.accounts.store import Store, name_of
from tenere.serve.guard import LOOPBACK_NAMES

if TYPE_CHECKING:
    import argparse

    from tenere.config import ServeConfig
    from tenere.serve.accounts.desk import Accounts


def desk(serve: ServeConfig) -> Accounts | None:
    """Open the accounts that a server is to use; None where its site names none. Raises UsageError."""
    lone = serve.host in LOOPBACK_NAMES or serve.host.startswith("127.")
    if not serve.accounts:
        if not lone:
            say("tenere: open to the network without accounts: it only shows, nobody may command (docs/howto/accounts.md)")
        return None
    from tenere.serve.accounts.desk import Accounts  # noqa: PLC0415 - only serving needs it

    opened = Accounts.of(Path(serve.accounts), serve.idle_s, serve.session_s)
    if not lone:
        say("tenere: passwords cross the network as they are: put something that speaks TLS before it (docs/howto/accounts.md)")
    return opened


def _file(args: argparse.Namespace) -> Path:
    """Return the file of accounts that the user means. Raises UsageError."""
    if args.file is not None:
        return Path(args.file)
    named = configs.load(args.site).serve.accounts
    if not named:
        raise UsageError(f'{args.site}: names no file of accounts: add accounts = "accounts.sqlite" under [serve]')
    return Path(args.site).parent / named


def _password(args: argparse.Namespace, name: str) -> str:
    """Return the new password: asked for twice on the terminal, without echo; or the first line of standard input."""
    if args.stdin:
        line = sys.stdin.buffer.readline(8 * MOST)
        try:
            return checked(line.decode("utf-8").rstrip("\r\n"), name)
        except UnicodeDecodeError as e:
            raise UsageError("--stdin: the password is not UTF-8 text") from e
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password: give --stdin")
    try:
        return ask_twice(lambda prompt: getpass.getpass(prompt, stream=sys.stderr), name)
    except EOFError as e:
        raise UsageError("no password was given: nothing was changed") from e


def _done(args: argparse.Namespace, document: dict[str, Any], line: str) -> int:
    if args.json:
        print_json(document)
    else:
        print(line)
    return 0


def add_(args: argparse.Namespace) -> int:
    """Make an account."""
    name, file = name_of(args.name), _file(args)
    if file.exists():
        with closing(Store(file)) as store:
            if store.find(name) is not None:
                raise UsageError(f"there is an account {name} already")  # before a password is asked for
    password = _password(args, name)
    with closing(Store(file, create=True)) as store:
        store.add(name, Passwords().hashed(password), Role(args.role))
    return _done(args, {"name": name, "role": args.role, "file": str(file)}, f"{name}: {args.role}, in {file}")


def list_(args: argparse.Namespace) -> int:
    """Tell the accounts."""
    with closing(Store(_file(args))) as store:
        accounts = store.accounts()
    rows = [{"name": a.name, "role": a.role.value, "disabled": a.disabled, "created": a.created_s} for a in accounts]
    if args.json:
        print_json({"accounts": rows})
        return 0
    for a in accounts:
        print(f"{a.name:<16}  {a.role.value:<10}  {'disabled' if a.disabled else '':<8}  made {_utc(a.created_s)}".rstrip())
    return 0


def role_(args: argparse.Namespace) -> int:
    """Give an account another role."""
    name = name_of(args.name)
    with closing(Store(_file(args))) as store:
        store.change(name, "role changed", role=Role(args.role))
    return _done(args, {"name": name, "role": args.role}, f"{name}: {args.role} from now on")


def password_(args: argparse.Namespace) -> int:
    """Set an account's password."""
    name = name_of(args.name)
    with closing(Store(_file(args))) as store:
        if store.find(name) is None:
            raise UsageError(f"there is no account {name}")
        store.change(name, "password changed", hashed=Passwords().hashed(_password(args, name)))
    return _done(args, {"name": name, "changed": "password"}, f"{name}: the password is changed")


def disable_(args: argparse.Namespace) -> int:
    """Keep an account from signing in."""
    return _enabled(args, disabled=True)


def enable_(args: argparse.Namespace) -> int:
    """Let an account sign in again."""
    return _enabled(args, disabled=False)


def _enabled(args: argparse.Namespace, *, disabled: bool) -> int:
    name, word = name_of(args.name), "disabled" if disabled else "enabled"
    with closing(Store(_file(args))) as store:
        store.change(name, f"account {word}", disabled=disabled)
    return _done(args, {"name": name, "disabled": disabled}, f"{name}: {word}")


def remove_(args: argparse.Namespace) -> int:
    """Take an account away."""
    name = name_of(args.name)
    with closing(Store(_file(args))) as store:
        store.remove(name)
    return _done(args, {"name": name, "removed": True}, f"{name}: removed; what it did stays in the audit")


def audit_(args: argparse.Namespace) -> int:
    """Tell who did what, and whether the chain is whole."""
    with closing(Store(_file(args))) as store:
        found = audit.verify(store.entries(), args.after.strip().lower())
        rows = list(store.entries(args.last)) if args.last else []
    if args.json:
        whole = {"rows": found.rows, "head": found.head, "whole": not found.broken, "why": found.why or None}
        print_json({**whole, "audit": [e._asdict() for e in rows]})
    else:
        for e in rows:
            where = f" from {e.address}" if e.address else ""
            print(f"{e.number:>7}  {_utc(e.time_s)}  {e.event:<18} {e.name} {e.role}{where} {_shown(e.detail)}".rstrip())
        print(f"{found.rows:,} rows; " + (f"NOT WHOLE: {found.why}" if found.broken else f"whole; head {found.head}"))
    return 1 if found.broken else 0


def _shown(detail: str) -> str:
    """Return a detail that no terminal takes for orders."""
    return "".join(c if c.isprintable() else "?" for c in detail)


def _utc(time_s: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(time_s))
    except (ValueError, OverflowError, OSError):
        return "at no time"
