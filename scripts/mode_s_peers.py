"""What rs1090 and pyModeS call the columns of the Mode S tables, and where they are known to err (for scripts.compare_mode_s)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]
    Rule = tuple[str, Callable[[Any, Any, Row], bool]]
    Fields = dict[str, tuple[Callable[[Row], Any], tuple[Rule, ...]]]

# --- what the peers call our columns ---


def column(name: str) -> Callable[[Row], Any]:
    """Return what reads a column of ours."""
    return lambda row: row.get(name)


def flag(name: str) -> Callable[[Row], Any]:
    """Return what reads a flag of ours as true or false."""
    return lambda row: bool(row[name]) if name in row else None


def choice(name: str, *words: str | None) -> Callable[[Row], Any]:
    """Return what reads a code of ours as the peer's word for it."""
    return lambda row: words[row[name]] if name in row and row[name] < len(words) else None


def squawk(row: Row) -> str | None:
    """Return the Mode A code in octal."""
    return f"{row['mode_a']:04o}" if "mode_a" in row else None


def text(row: Row) -> str | None:
    """Return the callsign."""
    return row["callsign"].decode() if "callsign" in row else None


def nuc(row: Row) -> int:
    """Return NUCp of a type code (DO-260)."""
    code = row["type_code"]
    return {20: 9, 21: 8, 22: 0}.get(code, 14 - code if code <= 8 else 18 - code)


def height(row: Row) -> float | None:
    """Return the altitude of either kind."""
    return row.get("altitude_ft", row.get("height_ft"))


def bit(name: str, place: int) -> Callable[[Row], Any]:
    """Return what reads one bit of a number of ours as true or false."""
    return lambda row: bool(row[name] >> place & 1) if name in row else None


GICB = (
    "05", "06", "07", "08", "09", "0a", "20", "21", "40", "41", "42", "43", "44", "45", "48", "50", "51", "52", "53", "54", "55", "56",
    "5f", "60",
)  # fmt: skip
GRADES = ("Nil", "Light", "Moderate", "Severe")
RELIEF = ("none", "general", "medical", "minimum_fuel", "no_communication", "unlawful_interference", "downed_aircraft", "reserved")
WAKES = {
    0xA1: "<7000kg", 0xA2: "<34,000kg", 0xA3: "<136,000kg", 0xA4: "High vortex", 0xA5: "Heavy", 0xA6: "High performance",
    0xA7: "Rotorcraft", 0xB1: "Glider", 0xB2: "Lighter than air", 0xB3: "Parachutist", 0xB4: "Ultralight", 0xB6: "UAM", 0xB7: "Space",
    0xC1: "Surface emergency vehicle", 0xC2: "Surface service vehicle", 0xC3: "Obstruction", 0xC4: "Obstruction", 0xC5: "Obstruction",
}  # fmt: skip

EXACT = "rs1090 gives selected altitudes in whole hundreds of feet; the field has steps of 16 (4,0) or 32 ft (6,2)"
ROUNDED: Rule = (EXACT, lambda ours, theirs, _: None not in (ours, theirs) and -16 <= ours - theirs < 100 and theirs % 100 == 0)
INVERTED: Rule = (
    "rs1090 inverts the vertical-rate source bit (DO-260B 2.2.3.2.6.1.10: 1 is barometric)",
    lambda ours, theirs, _: {ours, theirs} == {"barometric", "GNSS"},
)
SINGLE: Rule = (
    "rs1090 computes the setting in single precision",
    lambda ours, theirs, _: None not in (ours, theirs) and abs(ours - theirs) < 1e-3,
)

ADVISORY_BITS = ("corrective", "downward_sense", "increased_rate", "sense_reversal", "altitude_crossing", "positive")
COMPLEMENT_BITS = ("no_below", "no_above", "no_left", "no_right")


def advisory(ended: str, threats: str, threat: str, letters: str) -> Fields:
    """Return the fields of an advisory, whose names the peers share but for some."""
    return {
        "issued_ra": (bit("ra_advisory", 13), ()),
        **{name: (bit("ra_advisory", 12 - i), ()) for i, name in enumerate(ADVISORY_BITS)},
        **{name: (bit("ra_complement", 3 - i), ()) for i, name in enumerate(COMPLEMENT_BITS)},
        ended: (flag("ra_ended"), ()),
        threats: (flag("ra_threats"), ()),
        threat: (lambda r: f"{r['threat_address']:06{letters}}" if "threat_address" in r else None, ()),
        "threat_altitude": (column("threat_altitude_ft"), ()),
        "threat_range": (column("threat_range_nm"), ()),
        "threat_bearing": (column("threat_bearing_deg"), ()),
    }


ALL_ONES_RATE: Rule = (
    "rs1090 takes all ones for no track rate; in two's complement they are -1/32 deg/s (Doc 9871, table A-2-80)",
    lambda ours, theirs, _: ours == -0.03125 and theirs is None,
)
ALL_ONES_CLIMB: Rule = (
    "rs1090 takes all ones for 0 ft/min; in two's complement they are -32 (Doc 9871, table A-2-96)",
    lambda ours, theirs, _: ours == -32.0 and theirs == 0,
)
METRES: Rule = (
    "M bit 1: rs1090 makes an altitude of a code that Annex 10 vol. IV, 3.1.2.6.5.4 only reserves",
    lambda ours, theirs, _: ours is None and theirs is not None,
)
NO_CHARACTER: Rule = (
    "the peer writes # for a character that does not exist (Annex 10 vol. IV, table 3-8); ours gives no name then",
    lambda ours, theirs, _: ours is None and "#" in (theirs or ""),
)

FASTER: Rule = (
    "rs1090 passes over the steps of 4 kt of supersonic velocities (DO-260B 2.2.3.2.6.2)",
    lambda ours, theirs, row: row["subtype"] == 2 and theirs is not None and abs(ours - 4 * theirs) < 1e-3,
)
NO_VELOCITY: Rule = (
    "rs1090 takes no information (0) for a velocity of -1 kt (DO-260B 2.2.3.2.6.1.6)",
    lambda ours, theirs, _: ours is None and theirs is not None,
)
ZERO_FEET: Rule = ("rs1090 gives no difference where it is 0 ft", lambda ours, theirs, _: ours == 0 and theirs is None)
ADVISES: Rule = (
    "rs1090 reads emergency and Mode A code in the advisory of subtype 2 (DO-260B 2.2.3.2.7.8.2)",
    lambda ours, _theirs, row: ours is None and row["subtype"] == 2,
)
NO_BLANK: Rule = (
    "rs1090 leaves out the spaces within a name",
    lambda ours, theirs, _: None not in (ours, theirs) and ours.replace(" ", "") == theirs,
)
SERVICE: Rule = (
    "rs1090 has service vehicles at C3; they are C2, and C3 a point obstacle (DO-260B 2.2.3.2.5.2)",
    lambda _ours, _theirs, row: row.get("category") in {0xC2, 0xC3},
)

RS1090_SQUITTER: dict[str, Fields] = {
    "05": {
        "tc": (column("type_code"), ()),
        "NUCp": (nuc, ()),
        "NICb": (column("nic_b"), ()),
        "altitude": (height, ()),
        "source": (lambda r: "barometric" if r["type_code"] <= 18 else "GNSS", ()),
        "time_sync": (flag("time_synchronised"), ()),
        "parity": (choice("cpr_odd", "even", "odd"), ()),
        "lat_cpr": (column("cpr_lat"), ()),
        "lon_cpr": (column("cpr_lon"), ()),
    },
    "06": {
        "tc": (column("type_code"), ()),
        "NUCp": (nuc, ()),
        "groundspeed": (column("ground_speed_kt"), ()),
        "track": (column("track_deg"), ()),
        "parity": (choice("cpr_odd", "even", "odd"), ()),
        "lat_cpr": (column("cpr_lat"), ()),
        "lon_cpr": (column("cpr_lon"), ()),
    },
    "08": {"callsign": (text, (NO_CHARACTER, NO_BLANK)), "wake_vortex": (lambda r: WAKES.get(r.get("category", 0), "n/a"), (SERVICE,))},
    "09": {
        "NACv": (column("nac_v"), ()),
        "groundspeed": (column("ground_speed_kt"), (FASTER, NO_VELOCITY)),
        "track": (column("track_deg"), (NO_VELOCITY,)),
        "heading": (column("heading_deg"), ()),
        "IAS": (lambda r: None if r.get("airspeed_true") else r.get("airspeed_kt"), ()),
        "TAS": (lambda r: r.get("airspeed_kt") if r.get("airspeed_true") else None, ()),
        "vrate_src": (choice("vertical_barometric", "GNSS", "barometric"), (INVERTED,)),
        "vertical_rate": (column("vertical_rate_fpm"), ()),
        "geo_minus_baro": (column("geometric_minus_baro_ft"), (ZERO_FEET,)),
    },
    "61": {
        "subtype": (choice("subtype", None, "emergency_priority", "acas_ra"), ()),
        "emergency_state": (choice("emergency", *RELIEF), (ADVISES,)),
        "squawk": (squawk, (ADVISES,)),
    },
    "62": {
        "source": (choice("selected_altitude_fms", "MCP/FCU", "FMS"), ()),
        "selected_altitude": (column("selected_altitude_ft"), (ROUNDED,)),
        "barometric_setting": (column("pressure_setting_hpa"), (SINGLE,)),
        "selected_heading": (column("selected_heading_deg"), ()),
        "NACp": (column("nac_p"), ()),
        "nic_baro": (flag("nic_baro"), ()),
        "tcas_operational": (flag("tcas_operational"), ()),
        "autopilot": (flag("autopilot"), ()),
        "vnav_mode": (flag("vnav"), ()),
        "alt_hold": (flag("altitude_hold"), ()),
        "approach_mode": (flag("approach"), ()),
        "lnav_mode": (flag("lnav"), ()),
    },
    "65": {
        "version": (column("version"), ()),
        "NICa": (column("nic_a"), ()),
        "NICs": (column("nic_a"), ()),
        "NACp": (column("nac_p"), ()),
        "GVA": (column("gva"), ()),
        "BAQ": (column("gva"), ()),
        "SIL": (column("sil"), ()),
        "BAI": (column("nic_baro"), ()),
        "TAH": (column("heading_surface"), ()),
        "HRD": (column("magnetic_heading"), ()),
        "SILs": (column("sil_supplement"), ()),
    },
}
RS1090_REPLY: Fields = {
    "altitude": (height, (METRES,)),
    "squawk": (squawk, ()),
    "capability": (choice("capability", "level1", None, None, None, "ground", "airborne"), ()),
    "vs": (column("on_ground"), ()),
    "sl": (column("sensitivity"), ()),
    "ri": (column("reply_information"), ()),
}
RS1090_REGISTER: dict[int, Fields] = {
    0x10: {
        "config": (flag("continued"), ()),
        "ovc": (flag("overlay_command"), ()),
        "acas": (flag("acas"), ()),
        "subnet": (column("subnetwork_version"), ()),
        "level5": (flag("enhanced_protocol"), ()),
        "mode_s": (flag("specific_services"), ()),
        "identification": (flag("identification_capability"), ()),
        "squitter": (flag("squitter_capability"), ()),
        "sic": (flag("surveillance_identifier"), ()),
        "gicb": (flag("gicb_capability"), ()),
        "acas_hybrid": (flag("acas_hybrid"), ()),
        "acas_ra": (flag("acas_advises"), ()),
        "dte": (column("dte_status"), ()),
    },
    0x17: {f"bds{name}": (bit("served", 23 - i), ()) for i, name in enumerate(GICB)},
    0x20: {"callsign": (text, ())},
    0x30: advisory("terminated", "multiple", "threat_identity", "x"),
    0x40: {
        "selected_mcp": (column("selected_altitude_ft"), (ROUNDED,)),
        "selected_fms": (column("selected_altitude_fms_ft"), (ROUNDED,)),
        "barometric_setting": (column("pressure_setting_hpa"), (SINGLE,)),
        "target_source": (choice("target_source", None, "AircraftAltitude", "FcpMcuSelectedAltitude", "FmsSelectedAltitude"), ()),
    },
    0x44: {
        "wind_speed": (column("wind_speed_kt"), ()),
        "wind_direction": (column("wind_direction_deg"), ()),
        "temperature": (column("temperature_c"), ()),
        "pressure": (column("pressure_hpa"), ()),
        "turbulence": (choice("turbulence", *GRADES), ()),
        "humidity": (column("humidity_percent"), ()),
    },
    0x45: {
        "turbulence": (choice("turbulence", *GRADES), ()),
        "wind_shear": (choice("wind_shear", *GRADES), ()),
        "microburst": (choice("microburst", *GRADES), ()),
        "icing": (choice("icing", *GRADES), ()),
        "wake_vortex": (choice("wake_vortex", *GRADES), ()),
        "static_temperature": (column("temperature_c"), ()),
        "static_pressure": (column("pressure_hpa"), ()),
        "radio_height": (column("radio_height_ft"), ()),
    },
    0x50: {
        "roll": (column("roll_deg"), ()),
        "track": (column("true_track_deg"), ()),
        "groundspeed": (column("ground_speed_kt"), ()),
        "track_rate": (column("track_rate_deg_s"), (ALL_ONES_RATE,)),
        "TAS": (column("true_airspeed_kt"), ()),
    },
    0x60: {
        "heading": (column("magnetic_heading_deg"), ()),
        "IAS": (column("indicated_airspeed_kt"), ()),
        "Mach": (column("mach"), ()),
        "vrate_barometric": (column("vertical_rate_barometric_fpm"), (ALL_ONES_CLIMB,)),
        "vrate_inertial": (column("vertical_rate_inertial_fpm"), (ALL_ONES_CLIMB,)),
    },
}

ONLY_WHERE_SAID = {"NICa", "NICs", "GVA", "BAQ", "TAH", "SILs", "NICb", "capability", *ADVISORY_BITS, *COMPLEMENT_BITS}
"""Keys that rs1090 gives in some versions of a message only (and of an advisory, only where its first bit is 1)."""

# --- pyModeS ---

WHOLE: Rule = ("pyModeS cuts ground speed to whole knots", lambda ours, theirs, _: ours is not None and theirs == int(ours))
TENTH: Rule = (
    "pyModeS rounds the setting to 0.1 hPa; its step is 0.8",
    lambda ours, theirs, _: None not in (ours, theirs) and abs(ours - theirs) <= 0.0501,
)
NO_CROSS_LINK: Rule = (
    "pyModeS gives a cross-link capability for DF16, which has none (Annex 10 vol. IV, 3.1.2.8.3)",
    lambda ours, _theirs, row: ours is None and row["table"] == "DF16",
)
VERSION_0: Rule = (
    "pyModeS reads fields of version 1 in version 0, where those bits are reserved (DO-260B N.1.2)",
    lambda ours, _theirs, row: ours is None and row.get("version") == 0,
)
WITH_SIZE: Rule = (
    "pyModeS takes length and width for part of the capability class on the surface (DO-260B 2.2.3.2.7.2.3)",
    lambda ours, theirs, row: row["subtype"] == 1 and theirs >> 4 == ours,
)
NO_SOURCE: Rule = (
    "pyModeS names no source where there is no altitude; the bit is there",
    lambda _ours, theirs, row: theirs == "N/A" and "selected_altitude_ft" not in row,
)
PYMODES: dict[str | None, Fields] = {
    None: {
        "typecode": (column("type_code"), ()),
        "altitude": (height, ()),
        "squawk": (squawk, ()),
        "flight_status": (column("flight_status"), ()),
        "downlink_request": (column("downlink_request"), ()),
        "utility_message": (lambda r: r["utility_identifier"] << 2 | r["utility_kind"] if "utility_kind" in r else None, ()),
        "vertical_status": (choice("on_ground", "airborne", "on_ground"), ()),
        "cross_link_capability": (column("cross_link"), (NO_CROSS_LINK,)),
        "sensitivity_level": (column("sensitivity"), ()),
        "reply_information": (column("reply_information"), ()),
        "mv": (lambda r: f"{r['message']:014X}" if "message" in r else None, ()),
        "capability": (column("capability"), ()),
    },
    "0,5": {
        "surveillance_status": (column("surveillance_status"), ()),
        "nic_b": (column("nic_b"), ()),
        "cpr_format": (column("cpr_odd"), ()),
        "cpr_lat": (column("cpr_lat"), ()),
        "cpr_lon": (column("cpr_lon"), ()),
        "nuc_p": (nuc, ()),
    },
    "0,6": {
        "movement": (column("movement"), ()),
        "groundspeed": (column("ground_speed_kt"), ()),
        "track": (column("track_deg"), ()),
        "cpr_format": (column("cpr_odd"), ()),
        "cpr_lat": (column("cpr_lat"), ()),
        "cpr_lon": (column("cpr_lon"), ()),
    },
    "0,8": {"callsign": (text, (NO_CHARACTER,)), "category": (lambda r: r["category"] & 7 if "category" in r else None, ())},
    "0,9": {
        "subtype": (column("subtype"), ()),
        "nac_v": (column("nac_v"), ()),
        "groundspeed": (column("ground_speed_kt"), (WHOLE,)),
        "track": (column("track_deg"), ()),
        "heading": (column("heading_deg"), ()),
        "airspeed": (column("airspeed_kt"), ()),
        "vr_source": (choice("vertical_barometric", "GNSS", "BARO"), ()),
        "vertical_rate": (column("vertical_rate_fpm"), ()),
        "geo_minus_baro": (column("geometric_minus_baro_ft"), ()),
    },
    "6,1": {
        "subtype": (column("subtype"), ()),
        "emergency_state": (column("emergency"), ()),
        "squawk": (squawk, ()),
        **advisory("ra_terminated", "multiple_threat", "threat_icao", "X"),
    },
    "6,2": {
        "subtype": (column("subtype"), ()),
        "selected_altitude": (column("selected_altitude_ft"), ()),
        "selected_altitude_source": (choice("selected_altitude_fms", "MCP/FCU", "FMS"), (NO_SOURCE,)),
        "baro_pressure_setting": (column("pressure_setting_hpa"), (TENTH,)),
        "selected_heading": (column("selected_heading_deg"), ()),
        "nac_p": (column("nac_p"), ()),
        "nic_baro": (column("nic_baro"), ()),
        "sil": (column("sil"), ()),
        "autopilot": (flag("autopilot"), ()),
        "vnav_mode": (flag("vnav"), ()),
        "altitude_hold_mode": (flag("altitude_hold"), ()),
        "approach_mode": (flag("approach"), ()),
        "lnav_mode": (flag("lnav"), ()),
        "tcas_operational": (flag("tcas_operational"), ()),
    },
    "6,5": {
        "subtype": (column("subtype"), ()),
        "version": (column("version"), ()),
        "nic_supplement_a": (column("nic_a"), (VERSION_0,)),
        "nac_p": (column("nac_p"), (VERSION_0,)),
        "sil": (column("sil"), (VERSION_0,)),
        "hrd": (column("magnetic_heading"), (VERSION_0,)),
        "capability_class": (column("capability_class"), (WITH_SIZE,)),
        "operational_mode": (column("operational_mode"), ()),
        "nic_baro": (column("nic_baro"), ()),
        "sil_supplement": (column("sil_supplement"), ()),
    },
}
PYMODES_REGISTER: dict[int, Fields] = {
    0x10: {
        "config": (flag("continued"), ()),
        "overlay_command_capability": (flag("overlay_command"), ()),
        "acas_operational": (flag("acas"), ()),
        "mode_s_subnetwork_version": (column("subnetwork_version"), ()),
        "transponder_level5": (flag("enhanced_protocol"), ()),
        "mode_s_specific_services": (flag("specific_services"), ()),
        "uplink_elm_throughput": (column("uplink_elm"), ()),
        "downlink_elm_throughput": (column("downlink_elm"), ()),
        "aircraft_identification_capability": (flag("identification_capability"), ()),
        "squitter_capability": (flag("squitter_capability"), ()),
        "surveillance_identifier_code": (flag("surveillance_identifier"), ()),
        "common_usage_gicb_capability": (flag("gicb_capability"), ()),
        "acas_hybrid_surveillance": (flag("acas_hybrid"), ()),
        "acas_resolution_advisory": (flag("acas_advises"), ()),
        "acas_rtca_version": (column("acas_version"), ()),
        "dte_status": (column("dte_status"), ()),
    },
    0x17: {
        "supported_bds": (
            lambda r: [f"{n[0]},{n[1].upper()}" for i, n in enumerate(GICB) if r["served"] >> (23 - i) & 1] if "served" in r else None,
            (),
        )
    },
    0x20: {"callsign": (text, ())},
    0x30: advisory("ra_terminated", "multiple_threat", "threat_icao", "X"),
    0x44: {
        "figure_of_merit": (column("wind_source"), ()),
        "wind_speed": (column("wind_speed_kt"), ()),
        "wind_direction": (column("wind_direction_deg"), ()),
        "static_air_temperature": (column("temperature_c"), ()),
        "static_pressure": (column("pressure_hpa"), ()),
        "turbulence": (column("turbulence"), ()),
        "humidity": (column("humidity_percent"), ()),
    },
    0x45: {
        "turbulence": (column("turbulence"), ()),
        "wind_shear": (column("wind_shear"), ()),
        "microburst": (column("microburst"), ()),
        "icing": (column("icing"), ()),
        "wake_vortex": (column("wake_vortex"), ()),
        "static_air_temperature": (column("temperature_c"), ()),
        "static_pressure": (column("pressure_hpa"), ()),
        "radio_height": (column("radio_height_ft"), ()),
    },
    0x40: {
        "selected_altitude_mcp": (column("selected_altitude_ft"), ()),
        "selected_altitude_fms": (column("selected_altitude_fms_ft"), ()),
        "baro_pressure_setting": (column("pressure_setting_hpa"), ()),
        "vnav_mode": (flag("vnav"), ()),
        "altitude_hold_mode": (flag("altitude_hold"), ()),
        "approach_mode": (flag("approach"), ()),
        "target_altitude_source": (choice("target_source", "unknown", "aircraft_altitude", "mcp_fcu", "fms_rnav"), ()),
    },
    0x50: {
        "roll": (column("roll_deg"), ()),
        "true_track": (column("true_track_deg"), ()),
        "groundspeed": (column("ground_speed_kt"), ()),
        "track_rate": (column("track_rate_deg_s"), ()),
        "true_airspeed": (column("true_airspeed_kt"), ()),
    },
    0x60: {
        "magnetic_heading": (column("magnetic_heading_deg"), ()),
        "indicated_airspeed": (column("indicated_airspeed_kt"), ()),
        "mach": (column("mach"), ()),
        "baro_vertical_rate": (column("vertical_rate_barometric_fpm"), ()),
        "inertial_vertical_rate": (column("vertical_rate_inertial_fpm"), ()),
    },
}
PYMODES_PROGRAM = """
import json, sys
from pyModeS import PipeDecoder
pipe = PipeDecoder(include_meteo=True)
for line in sys.stdin:
    frame, time_s = line.split()
    try:
        said = dict(pipe.decode(frame, timestamp=float(time_s)))
    except Exception as e:
        said = {"refused": type(e).__name__}
    print(json.dumps(said))
"""
"""What runs in pyModeS's own environment: a frame and a time in, one JSON object out."""
