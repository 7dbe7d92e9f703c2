"""What a site file may say under [identify]."""

from __future__ import annotations

import math
from typing import Literal

import msgspec


class RuleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One identity rule. The first whose facts all hold gives the identity; a person's word goes before every rule."""

    name: str
    """Short name, for people."""
    identity: Literal["pending", "unknown", "assumed_friend", "neutral"]
    """What it gives. *Friend* and *suspect* are no rule's to give: only a person's."""
    when: tuple[str, ...] = ()
    """Facts that must hold; one with `not ` before it must not. Empty: always. The facts are in docs/explanation/identity.md."""


class RegistryConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flight that is protected whatever its plan says. It is named by address, by callsign, or by both."""

    label: str
    """What it is, such as "Flying doctors"."""
    address: str = ""
    """24-bit address in hex, or empty."""
    callsign: str = ""
    """Callsign as it gives it, or empty."""


class CodeBlockConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One block of Mode A codes and what it is given out for."""

    first: str
    """First code, four octal digits."""
    last: str
    """Last code, four octal digits."""
    meaning: Literal["domestic", "transit", "special"] = "domestic"
    """What codes of the block are for."""
    label: str = ""
    """Who gives them, or for what, in few words."""


class IntegrityConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How what aircraft say of themselves is held against what is measured of them: spoofing and jamming."""

    unseen_looks: float = 6.0
    """Looks of radars, each weighed by its chance to see, that a broadcast must go without any before it counts as unseen by radar."""
    apart_m: float = 2000.0
    """A broadcast position further than this from where a radar or multilateration has the aircraft contradicts it, beyond all errors."""
    apart_times: int = 3
    """How often running."""
    speed_ms: float = 700.0
    """No aircraft that broadcasts flies faster."""
    acceleration_ms2: float = 60.0
    """None changes its speed faster, as its broadcast velocities say."""
    climb_ms: float = 150.0
    """None climbs or sinks faster."""
    jump_m: float = 3000.0
    """A step from one broadcast position to the next this much longer than its speeds allow is a jump."""
    jumps: int = 3
    """Jumps within memory_s that contradict."""
    swarm: int = 6
    """Broadcasts that appear within swarm_s and swarm_m of each other, none seen by radar, addresses in sequence or qualities alike."""
    swarm_s: float = 20.0
    """How close together in time a swarm begins."""
    swarm_m: float = 60_000.0
    """How close together in space a swarm begins."""
    duplicate_m: float = 10_000.0
    """One address in two places further apart than this is two aircraft, or one and a ghost."""
    replay_s: float = 30.0
    """Length of a course, position by position, that is heard again: so long a repetition is a replay."""
    memory_s: float = 60.0
    """A verdict stays this long after its last reason."""
    cell_deg: float = 1.0
    """Side of the cells in which accuracy is watched."""
    region_aircraft: int = 3
    """Fewest aircraft whose accuracy has collapsed in a cell, for a verdict on it."""
    region_share: float = 0.3
    """Share of a cell's aircraft whose accuracy has collapsed: from here on it is a region of interference."""
    region_clear: float = 0.15
    """Share below which it no longer is."""
    region_hold_s: float = 60.0
    """How long either must last."""


class IdentifyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose picture it is, how long the stage waits and remembers, and what each piece of evidence weighs.

    A weight is a log-odds: +0.7 doubles the odds that the flight is what it says, -0.7 halves them.
    """

    home_state: str = "NE"
    """ISO 3166 two-letter code of the country whose picture this is."""
    home_operators: tuple[str, ...] = ()
    """Operators of the home country, as flight plans name them: their flights are assumed friends when plan and track agree."""
    rules_file: str = ""
    """TOML file of [[rule]] tables in place of the packaged identity rules; a relative path is relative to the site file."""
    rules: tuple[RuleConfig, ...] = ()
    """What rules_file holds, so that a recording holds it too. Empty: the packaged rules."""
    registry: tuple[RegistryConfig, ...] = ()
    """Flights protected from the start; people add and remove others."""
    code_block: tuple[CodeBlockConfig, ...] = ()
    """The country's table of Mode A codes."""
    integrity: IntegrityConfig = IntegrityConfig()
    pending_s: float = 12.0
    """A track this young, of which nothing is known, is pending rather than unknown."""
    forget_s: float = 120.0
    """A track number not seen for this long is forgotten."""
    memory_s: float = 43_200.0
    """How long an address keeps its protection or civil status after its track is lost."""
    memory_limit: int = 65_536
    """Most addresses remembered; the one longest untouched goes first."""
    notice_s: float = 600.0
    """How long a refused or withdrawn decision stays among the evidence."""
    review_s: float = 60.0
    """Longest time until a track's evidence is looked at again, though nothing it says has changed."""
    inherit_s: float = 600.0
    """A track that begins where a civil or protected one was lost this long ago or less keeps its status, by position."""
    unprotect_s: float = 300.0
    """Within this time a second person must agree for a flight's protection to be taken off."""
    expires_said_s: float = 300.0
    """How long what an aircraft said of itself counts after it last answered or broadcast."""
    expires_plan_s: float = 3600.0
    """How long a plan's agreement counts after the aircraft last answered or broadcast."""
    expires_answer_s: float = 600.0
    """How long a friendly answer counts."""
    expires_moves_s: float = 180.0
    """How long what was seen of its movement counts: its kind, its route, its corridor, its times."""
    expires_silence_s: float = 900.0
    """How long silence counts, after which it says nothing any more."""
    expires_first_s: float = 7200.0
    """How long it counts where a track was first seen."""
    expires_integrity_s: float = 120.0
    """How long a verdict on what it broadcasts counts, after its last reason."""
    expires_partner_s: float = 120.0
    """How long a partner's claim is shown after it was last heard."""
    route_near_m: float = 40_000.0
    """So near to the line from departure to destination a flight is on its plan's route."""
    route_off_m: float = 250_000.0
    """So far from it, it is not; a flight may divert or go round weather."""
    time_near_s: float = 2700.0
    """So near to the time at which its plan has it here a flight is on time."""
    time_off_s: float = 14_400.0
    """So far from it, it is not the flight of that plan, or much delayed."""
    aerodrome_m: float = 9000.0
    """Seen so near to an aerodrome, and low, it comes from there or goes there."""
    low_m: float = 900.0
    """So low over an aerodrome's elevation is low."""
    confidence_scale: float = 0.4
    """The sum of the weights is multiplied by this before it becomes a probability: below 1, as evidence repeats itself."""
    confidence_offset: float = 0.2
    """Then this is added: the log-odds that a flight is civil before anything is known of it."""
    weight_address: float = 1.5
    """The aircraft answers with an address out of a State's block."""
    weight_callsign_airline: float = 1.2
    """It gives a callsign of the form of an airline's: three letters, then a number."""
    weight_callsign: float = 0.6
    """It gives a callsign of another form."""
    weight_plan: float = 3.0
    """A flight plan agrees with both its callsign and its address."""
    weight_plan_part: float = 2.0
    """A flight plan agrees with one of them, and says nothing of the other."""
    weight_plan_differs: float = -1.0
    """A flight plan agrees with one of them and differs in the other."""
    weight_plan_missing: float = -0.2
    """Plans are known, and none is its own. Many flights file none: silence is never a reason to suspect."""
    weight_route: float = 0.7
    """It flies along its plan's route."""
    weight_route_off: float = -0.5
    """It flies far from its plan's route."""
    weight_time: float = 0.4
    """It is where its plan has it now."""
    weight_time_off: float = -0.4
    """Its plan has it elsewhere now."""
    weight_type: float = 0.5
    """It says that it is the kind of aircraft its plan names."""
    weight_type_differs: float = -0.5
    """It says that it is another kind of aircraft than its plan names."""
    weight_code: float = 0.7
    """It answers the code that its plan was given."""
    weight_code_differs: float = -0.2
    """It answers another code than its plan was given."""
    weight_aerodrome: float = 0.7
    """It was first seen low at the aerodrome that its plan departs from, or is low at its destination."""
    weight_aerodrome_differs: float = -0.4
    """It was first seen low at another aerodrome than its plan's."""
    weight_corridor: float = 0.4
    """It keeps to a published corridor or procedure."""
    weight_friendly: float = 1.5
    """It answered as a friend. No answer is never held against anybody."""
    weight_moves: float = 0.3
    """It moves like a civil kind of aircraft; times how sure that is."""
    weight_moves_differs: float = -0.3
    """It does not move like what its plan says it is; times how sure that is."""
    weight_adsb: float = 0.5
    """It broadcasts its own position."""
    weight_transponder: float = 0.7
    """It answers interrogation."""
    weight_class: float = 0.7
    """It reports itself as a civil kind of aircraft."""
    weight_remote_id: float = 0.3
    """It claims a Remote ID; nothing can prove the claim."""
    weight_registry: float = 2.0
    """It is in the registry of protected flights."""
    weight_memory: float = 1.0
    """It was civil before: its address, or the track whose place it took."""
    weight_radar_alone: float = -0.3
    """Only radar sees it. Many aircraft carry no transponder: silence is never a reason to suspect."""
    weight_transponder_lost: float = -0.3
    """It answered, and does not any more."""
    weight_consistent: float = 1.0
    """Radar or multilateration has it where it says it is."""
    weight_doubtful: float = -1.0
    """What it broadcasts is doubtful."""
    weight_contradicted: float = -2.5
    """What it broadcasts is contradicted by what is measured."""

    def __post_init__(self) -> None:
        """Raise ValueError for what is well typed and makes no sense; a site file's reader names the place."""
        from tenere.identify.rules import problem  # noqa: PLC0415 - the rules know the facts, and need these structs

        if said := problem(self.rules) or _wrong_numbers(self) or _wrong_tables(self):
            raise ValueError(said)


def _wrong_numbers(c: IdentifyConfig) -> str:
    """Say which number cannot be; empty when all can."""
    for struct, table in ((c, ""), (c.integrity, "integrity.")):
        for name in struct.__struct_fields__:
            value = getattr(struct, name)
            if name == "confidence_offset" and not -10.0 <= value <= 10.0:
                return f"{name}: {value} is outside -10 to 10"
            if (
                isinstance(value, float)
                and not name.startswith(("weight", "confidence_offset"))
                and not (math.isfinite(value) and value >= 0.0)
            ):
                return f"{table}{name}: {value} is no length of time, distance or rate"
            if name.startswith("weight") and not -10.0 <= value <= 10.0:
                return f"{name}: {value} is outside -10 to 10"
    for name in ("jumps", "swarm", "region_aircraft", "apart_times"):
        if not 1 <= getattr(c.integrity, name) <= 10_000:
            return f"integrity.{name}: {getattr(c.integrity, name)} is outside 1 to 10000"
    return _wrong_cells(c.integrity)


def _wrong_cells(c: IntegrityConfig) -> str:
    """Say what is wrong with the cells; empty when nothing is."""
    if not 0.05 <= c.cell_deg <= 30.0:
        return f"integrity.cell_deg: {c.cell_deg} is outside 0.05 to 30"
    return "" if c.region_clear <= c.region_share <= 1.0 else "integrity: region_clear must not be above region_share, nor that above 1"


def _wrong_tables(c: IdentifyConfig) -> str:
    """Say what is wrong with the registry or the table of codes; empty when nothing is."""
    for i, entry in enumerate(c.registry):
        if not entry.address.strip() and not entry.callsign.strip():
            return f"registry[{i}] ({entry.label}): give an address or a callsign"
        if entry.address.strip() and hex_address(entry.address) < 0:
            return f"registry[{i}] ({entry.label}): address {entry.address!r} is not 24 bits in hex"
    for i, block in enumerate(c.code_block):
        first, last = octal_code(block.first), octal_code(block.last)
        if first < 0 or last < first:
            return f"code_block[{i}]: {block.first!r} to {block.last!r} is no block of Mode A codes (four octal digits each)"
    return ""


def hex_address(words: str) -> int:
    """Return a 24-bit address written in hex; -1 for what is none."""
    text = words.strip()
    if not 1 <= len(text) <= 6 or any(c not in "0123456789abcdefABCDEF" for c in text):
        return -1
    return int(text, 16) or -1


def octal_code(words: str) -> int:
    """Return a Mode A code written as four octal digits; -1 for what is none."""
    text = words.strip()
    return int(text, 8) if len(text) == 4 and all(c in "01234567" for c in text) else -1
