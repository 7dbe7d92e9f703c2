"""The fields of one ATS message, by the numbers of Doc 4444, appendix 3, part 1.

Fields are parted by hyphens; line breaks and spaces run together. Which fields a kind of message has, and their order, is in
appendix 3, part 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ORDER = {
    "FPL": (7, 8, 9, 10, 13, 15, 16, 18),
    "CHG": (7, 13, 16, 18, 22),
    "CNL": (7, 13, 16, 18),
    "DLA": (7, 13, 16, 18),
    "DEP": (7, 13, 16, 18),
    "ARR": (7, 13, 16, 17),
}
"""Fields after field 3. In an ARR field 16 is there only where the flight was diverted; field 22 of a CHG may come again."""

ESSENTIAL = (7, 13, 16, 17)
"""A message in which one of these does not read is refused; another field is counted and left out."""

INDICATORS = (
    "STS", "PBN", "NAV", "COM", "DAT", "SUR", "DEP", "DEST", "DOF", "REG", "EET", "SEL", "TYP", "CODE", "DLE", "OPR", "ORGN", "PER",
    "ALTN", "RALT", "TALT", "RIF", "RMK", "RVR", "RFP", "IFP", "STAYINFO1", "EUR", "SRC",
)  # fmt: skip
"""Of item 18 (appendix 2, 2.2), and a few in regional use."""
MOST_INDICATORS = 64

UNKNOWN_KIND = "ATS message of a kind not decoded"
SHORT = "ATS message with too few fields"

_TYPE = re.compile(r"([A-Z]{3})([A-Z0-9/]{0,32})")
_PLACE = r"([A-Z][A-Z0-9]{3})"
_PATTERNS = {
    7: re.compile(r"([A-Z0-9]{1,7})(?:/([A-Z])([0-7]{4}))?"),
    8: re.compile(r"([IVYZ])([SNGMX])?"),
    9: re.compile(r"(\d{1,2})? ?([A-Z][A-Z0-9]{1,3}) ?/ ?([LMHJ])"),
    10: re.compile(r"([A-Z0-9]{1,64}) ?/ ?([A-Z0-9]{1,32})"),
    13: re.compile(rf"{_PLACE} ?(\d{{4}})?"),
    15: re.compile(r"([KN]\d{4}|M\d{3}) ?(VFR|[FA]\d{3}|[SM]\d{4})?(?: (.*))?"),
    16: re.compile(rf"{_PLACE} ?(\d{{4}})?((?: {_PLACE}){{0,2}})"),
    17: re.compile(rf"{_PLACE} ?(\d{{4}})(?: (.*))?"),
    22: re.compile(r"(\d{1,2}) ?/ ?(.*)"),
}
_INDICATOR = re.compile(rf"(?:^| )({'|'.join(INDICATORS)})/")


@dataclass
class Fields:
    """What a message says, as text; empty what it does not say. other: item 18, in order; amended: field 22, in order."""

    kind: str
    numbers: str = ""
    callsign: str = ""
    ssr_mode: str = ""
    ssr_code: str = ""
    rules: str = ""
    flight: str = ""
    count: str = ""
    aircraft_type: str = ""
    wake: str = ""
    equipment: str = ""
    surveillance: str = ""
    departure: str = ""
    departure_time: str = ""
    speed: str = ""
    level: str = ""
    route: str = ""
    destination: str = ""
    elapsed: str = ""
    alternates: tuple[str, ...] = ()
    arrival: str = ""
    arrival_time: str = ""
    arrival_name: str = ""
    other: list[tuple[str, str]] = field(default_factory=list)
    supplementary: str = ""
    amended: list[tuple[int, str]] = field(default_factory=list)

    def said(self, indicator: str) -> str:
        """Return what item 18 says under an indicator, empty where it does not."""
        return next((value for name, value in self.other if name == indicator), "")

    def take(self, number: int, text: str) -> bool:
        """Take one field; return False where it does not read (then nothing of it is kept)."""
        if number == 18:
            return self._take_18(text)
        if number == 22:
            return self._take_22(text)
        got = _PATTERNS[number].fullmatch(text)
        if got is None or not _times_stand(number, got):
            return False
        for name, value in zip(_GROUPS[number], got.groups(default=""), strict=False):
            setattr(self, name, value.strip())
        if number == 16:
            self.alternates = tuple(got[3].split())
        return True

    def _take_18(self, text: str) -> bool:
        if text in {"0", ""}:
            return text == "0"
        marks = list(_INDICATOR.finditer(text))
        if not marks or marks[0].start() != 0 or len(marks) > MOST_INDICATORS:
            return False
        ends = [m.start() for m in marks[1:]] + [len(text)]
        self.other = [(m[1], text[m.end() : end].strip()) for m, end in zip(marks, ends, strict=True)]
        return True

    def _take_22(self, text: str) -> bool:
        got = _PATTERNS[22].fullmatch(text)
        if got is None:
            return False
        number = int(got[1])
        if number not in _GROUPS and number != 18:
            return False
        if not Fields(self.kind).take(number, got[2].strip()):
            return False
        self.amended.append((number, got[2].strip()))
        return True


_GROUPS: dict[int, tuple[str, ...]] = {
    7: ("callsign", "ssr_mode", "ssr_code"),
    8: ("rules", "flight"),
    9: ("count", "aircraft_type", "wake"),
    10: ("equipment", "surveillance"),
    13: ("departure", "departure_time"),
    15: ("speed", "level", "route"),
    16: ("destination", "elapsed"),
    17: ("arrival", "arrival_time", "arrival_name"),
}


def _times_stand(number: int, got: re.Match[str]) -> bool:
    """Say whether the hours and minutes of fields 13, 16 and 17 are any (an elapsed time may be of up to 99 hours)."""
    if number not in {13, 16, 17} or not got[2]:
        return True
    hours, minutes = int(got[2][:2]), int(got[2][2:])
    return minutes < 60 and (hours < 24 or number == 16)


def plain(text: bytes) -> str:
    """Return the text of a message in one line: spaces and line breaks run together, what is no printable ASCII a question mark."""
    letters = "".join(chr(c) if 32 <= c < 127 else (" " if c in b"\r\n\t" else "?") for c in text)
    return " ".join(letters.split())


def read(text: bytes) -> tuple[Fields | None, list[str]]:
    """Return the fields of a message (without its parentheses), and why it, or a field of it, was refused. None: the whole."""
    kind_text, *parts = (part.strip() for part in plain(text).split("-"))
    got = _TYPE.fullmatch(kind_text)
    if got is None or got[1] not in ORDER:
        return None, [UNKNOWN_KIND]
    fields = Fields(got[1], got[2])
    reasons: list[str] = []
    for number, part in _numbered(fields.kind, parts):
        if number == 19:
            fields.supplementary = part
        elif not fields.take(number, part):
            reasons.append(f"{fields.kind} field {number} does not read")
            if number in ESSENTIAL:
                return None, reasons
    if not (fields.callsign and fields.departure and (fields.destination or fields.arrival)):
        return None, [*reasons, SHORT]
    if fields.kind == "FPL" and not fields.departure_time:
        return None, [*reasons, "FPL field 13 does not read"]
    return fields, reasons


_SUPPLEMENT = re.compile(r"[EPRSJDACN] ?/.*")


def _numbered(kind: str, parts: list[str]) -> list[tuple[int, str]]:
    """Return the parts of a message with the numbers of their fields; a hyphen within item 18 joins it again."""
    order = list(ORDER[kind])
    if kind == "ARR" and len(parts) == 3:
        order.remove(16)
    if kind == "CHG" and len(parts) > 3 and re.match(r"\d{1,2} ?/", parts[3]):
        order.remove(18)
    out: list[tuple[int, str]] = []
    for i, part in enumerate(parts):
        if i < len(order):
            out.append((order[i], part))
        elif kind == "CHG":
            out.append((22, part))
        elif out and out[-1][0] == 18 and kind == "FPL" and _SUPPLEMENT.fullmatch(part):
            out.append((19, part))
        elif out:
            out[-1] = (out[-1][0], f"{out[-1][1]}-{part}")
    return out
