"""What partners' code lists call an aircraft: read here, in one place, as their claims, and never written.

Foreign vocabularies have words that ours has not. Whatever a partner's message says becomes a `Claim`, shown as
"partner claims ..." beside our own identity; a claim drives no rule. The only thing that goes out is our own
identity, in the letters of the same list (`affiliation_of`), and its image is exactly p, u, a, f, n, s.

    >>> of_cot("a-h-A-M-F").name, of_cot("a-f-A").name, of_cot("b-m-p-s-p-i").name
    ('STRONGER', 'FRIEND', 'NONE')
    >>> [affiliation_of(i) for i in Identity]
    ['p', 'u', 'a', 'f', 'n', 's']

Sources: Cursor-on-Target type list (MITRE, CoT base schema 2.0, 2005), atoms' second field; MIL-STD-2525B/C and APP-6B
table "standard identity" (second letter of a 15-character symbol code); MIL-STD-2525D and APP-6D table A-I (digits 3
and 4 of a 20-digit code); ASTERIX Part 4 (048) and Part 9 (062), items I048/020 FOE/FRI and I062/080 MD4. SAPIENT
(BSI Flex 335 v2) has classes and behaviours but no table of identities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Claim, Identity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LETTERS: dict[str, Claim] = {
    "p": Claim.PENDING,
    "u": Claim.UNKNOWN,
    "a": Claim.ASSUMED_FRIEND,
    "f": Claim.FRIEND,
    "n": Claim.NEUTRAL,
    "s": Claim.SUSPECT,
    "h": Claim.STRONGER,  # "hostile"
    "j": Claim.EXERCISE,  # joker: a friend who plays the suspect in an exercise
    "k": Claim.EXERCISE,  # faker: a friend who plays the hostile in an exercise
    "g": Claim.EXERCISE,  # exercise pending
    "w": Claim.EXERCISE,  # exercise unknown
    "m": Claim.EXERCISE,  # exercise assumed friend
    "d": Claim.EXERCISE,  # exercise friend
    "l": Claim.EXERCISE,  # exercise neutral
}
"""Affiliation letters of CoT atoms and of letter symbol codes; o (none specified) and x (other) claim nothing."""

DIGITS = (Claim.PENDING, Claim.UNKNOWN, Claim.ASSUMED_FRIEND, Claim.FRIEND, Claim.NEUTRAL, Claim.SUSPECT, Claim.STRONGER)
"""Standard identity digit of a 20-digit symbol code: 0 pending ... 5 suspect (exercise: joker), 6 hostile (exercise: faker)."""

REALITY = "0"
"""Context digit (the third): 0 reality, 1 exercise, 2 simulation."""

MODE_4 = np.array([Claim.NONE, Claim.FRIEND, Claim.NONE, Claim.NONE], np.uint8)
"""(4,) I048/020 FOE/FRI and I062/080 MD4: not asked, friendly, unknown, no reply. Only an answer claims anything."""

WORDS: dict[str, dict[Claim, str]] = {
    "en": {
        Claim.NONE: "",
        Claim.PENDING: "pending",
        Claim.UNKNOWN: "unknown",
        Claim.ASSUMED_FRIEND: "assumed friend",
        Claim.FRIEND: "friend",
        Claim.NEUTRAL: "neutral",
        Claim.SUSPECT: "suspect",
        Claim.STRONGER: "hostile",
        Claim.EXERCISE: "exercise identity",
    },
    "fr": {
        Claim.NONE: "",
        Claim.PENDING: "en attente",
        Claim.UNKNOWN: "inconnu",
        Claim.ASSUMED_FRIEND: "ami présumé",
        Claim.FRIEND: "ami",
        Claim.NEUTRAL: "neutre",
        Claim.SUSPECT: "suspect",
        Claim.STRONGER: "hostile",
        Claim.EXERCISE: "identité d'exercice",
    },
}
"""The partner's own word for each claim by language, to be shown after "partner claims"; nothing sends it out."""

AFFILIATIONS: dict[Identity, str] = {
    Identity.PENDING: "p",
    Identity.UNKNOWN: "u",
    Identity.ASSUMED_FRIEND: "a",
    Identity.FRIEND: "f",
    Identity.NEUTRAL: "n",
    Identity.SUSPECT: "s",
}


def of_letter(letter: str) -> Claim:
    """Return the claim of an affiliation letter in either case; NONE for any other text."""
    return LETTERS.get(letter.lower(), Claim.NONE)


def of_cot(kind: str) -> Claim:
    """Return the claim of a Cursor-on-Target type: an atom's second field ("a-f-A-C-F"); NONE for other events."""
    return of_letter(kind[2:3]) if kind[:2] == "a-" and kind[3:4] in {"", "-"} else Claim.NONE


def of_sidc(code: str) -> Claim:
    """Return the claim of an APP-6 or MIL-STD-2525 symbol code: 15 letters or 20 digits (or 30); NONE for other text."""
    if len(code) in {20, 30} and code.isascii() and code.isdigit():
        if code[2] != REALITY:
            return Claim.EXERCISE
        return DIGITS[int(code[3])] if int(code[3]) < len(DIGITS) else Claim.NONE
    if len(code) == 15 and code[0].upper() in "SGWIOE":
        return of_letter(code[1])
    return Claim.NONE


def of_mode_4(codes: ArrayLike) -> NDArray[np.uint8]:
    """Return the claims of Mode 4 answers as ASTERIX codes them (0..3; anything else claims nothing), same shape."""
    given = np.asarray(codes, np.int64)
    return np.where((given >= 0) & (given < len(MODE_4)), MODE_4[np.clip(given, 0, 3)], np.uint8(Claim.NONE))


def affiliation_of(identity: int) -> str:
    """Return the letter of one of our six identities; raise ValueError for a number that is none of them."""
    return AFFILIATIONS[Identity(identity)]
