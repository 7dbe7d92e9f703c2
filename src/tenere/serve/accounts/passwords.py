"""Passwords: what is taken for one, and argon2id over it.

Parameters: RFC 9106, section 4, second choice (64 MiB, three passes), in one lane: the picture's own threads go on beside it.
A person may type the same letter in several ways, so a password is brought to NFKC first (NIST SP 800-63B, section 5.1.1.2).
"""

from __future__ import annotations

import secrets
import unicodedata
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenere.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST, MOST = 12, 256
"""Characters of a password."""

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def checked(password: str, name: str = "") -> str:
    """Return a password that may be set for an account. Raises UsageError saying why not."""
    plain = _plain(password)
    if len(plain) < LEAST:
        raise UsageError(f"the password has {len(plain)} characters: at least {LEAST}; several words together are easy to keep")
    if len(plain) > MOST:
        raise UsageError(f"the password has {len(plain)} characters: at most {MOST}")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in plain):
        raise UsageError("the password holds a control character")
    if len(set(plain)) < 5 or (name and name.lower() in plain.lower() and len(plain) < len(name) + LEAST // 2):
        raise UsageError("the password is too easy: it repeats a few characters, or is the account's name")
    return plain


class Passwords:
    """Hashes and verifies. hasher: a cheaper one, for tests."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        """Hash one password that nobody has, so that an unknown name takes as long as a known one."""
        self._hasher = hasher
        self._nobody: str | None = None

    def hashed(self, password: str) -> str:
        """Return the hash of a checked password (an encoded string with its parameters and salt)."""
        return self._hasher.hash(_plain(password))

    def prepare(self) -> None:
        """Make the hash that unknown names are verified against; otherwise the first of them takes twice as long."""
        if self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_hex(16))

    def right(self, hashed: str | None, password: str) -> bool:
        """Say whether a password is the one hashed; None (no such account) is never right, and takes as long."""
        self.prepare()
        assert self._nobody is not None
        try:
            found = self._hasher.verify(hashed or self._nobody, _plain(password))
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return found and hashed is not None

    def renewed(self, hashed: str, password: str) -> str | None:
        """Return a new hash where the old one was made with other parameters."""
        return self.hashed(password) if self._hasher.check_needs_rehash(hashed) else None


def ask_twice(ask: Callable[[str], str], name: str) -> str:
    """Ask a person for a new password, twice, and return it checked. Raises UsageError."""
    first = checked(ask(f"New password for {name} (at least {LEAST} characters): "), name)
    if _plain(ask("The same again: ")) != first:
        raise UsageError("the two passwords differ: nothing was changed")
    return first
