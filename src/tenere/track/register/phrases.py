"""What registration has to say, in words: English and French."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tenere.track.register.trust import UNTRUSTED, Finding

if TYPE_CHECKING:
    from tenere.track.register.stage import Row
    from tenere.track.sensors import SensorTable

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "warned": "{sensor}: doubtful. {fault}{off}{evidence}.",
        "untrusted": "{sensor}: not to be trusted, plots kept out until someone agrees. {fault}{off}{evidence}.",
        "off": "; its plots lie {off} km from the aircraft",
        "evidence": " (aircraft {targets}; seen elsewhere by {witnesses})",
        "evidence_clock": " (compared with {witnesses})",
        "more": " and {n} more",
        "turned": "Its azimuths are turned by {figure} degrees",
        "place_swapped": "Its latitude and longitude seem to be swapped in the site file",
        "place_south": "Its latitude seems to have the wrong sign in the site file",
        "place_west": "Its longitude seems to have the wrong sign in the site file",
        "other_site": "Its plots fit the place of {figure}: wrong SAC/SIC, or two sensors exchanged",
        "from_east": "Its azimuths seem to be counted from east, not from north",
        "from_south": "Its azimuths seem to be counted from south, not from north",
        "anticlockwise": "Its azimuths seem to be counted anticlockwise",
        "anticlockwise_from_east": "Its azimuths seem to be counted anticlockwise from east",
        "gon_as_degrees": "Its azimuths seem to be gon read as degrees",
        "degrees_as_gon": "Its azimuths seem to be degrees read as gon",
        "degrees_as_radians": "Its azimuths seem to be degrees read as radians",
        "radians_as_degrees": "Its azimuths seem to be radians read as degrees",
        "mils_as_degrees": "Its azimuths seem to be mils read as degrees",
        "range_nm_as_km": "Its ranges seem to be nautical miles read as kilometres",
        "range_km_as_nm": "Its ranges seem to be kilometres read as nautical miles",
        "range_km_as_m": "Its ranges seem to be kilometres read as metres",
        "range_m_as_km": "Its ranges seem to be metres read as kilometres",
        "range_nm_as_m": "Its ranges seem to be nautical miles read as metres",
        "range_ft_as_m": "Its ranges seem to be feet read as metres",
        "range_m_as_ft": "Its ranges seem to be metres read as feet",
        "range_miles_as_km": "Its ranges seem to be statute miles read as kilometres",
        "range_half": "Its ranges are half of what they should be",
        "range_double": "Its ranges are double what they should be",
        "range_factor": "Its ranges must be multiplied by {figure}",
        "moved": "It seems to stand {figure} km from where the site file says",
        "swapped": "Its latitudes and longitudes seem to be swapped",
        "south_for_north": "Its latitudes seem to have the wrong sign",
        "west_for_east": "Its longitudes seem to have the wrong sign",
        "clock": "Its clock is off by {figure} s",
        "unexplained": "Its plots are far from the aircraft and no fault known explains how",
        "bias": "{sensor}: {bias} {value} give or take {std}: {state} ({targets} aircraft)",
        "offset_m": "range offset",
        "scale": "range scale",
        "azimuth_rad": "azimuth",
        "time_s": "clock",
        "east_m": "place, east",
        "north_m": "place, north",
        "applied": "known, taken off",
        "small": "known, too small to matter",
        "known": "known, not taken off",
        "held": "no longer observed, the last known is taken off",
        "unobservable": "cannot be observed from this traffic, not taken off",
        "few": "too few aircraft yet, not taken off",
        "cold": "no aircraft in common with another sensor, not taken off",
        "jumped": "{sensor}: its biases have jumped (moved or aligned anew?); they are estimated anew.",
    },
    "fr": {
        "warned": "{sensor} : douteux. {fault}{off}{evidence}.",
        "untrusted": "{sensor} : pas fiable, plots écartés jusqu'à accord d'une personne. {fault}{off}{evidence}.",
        "off": " ; ses plots sont à {off} km des aéronefs",
        "evidence": " (aéronefs {targets} ; vus ailleurs par {witnesses})",
        "evidence_clock": " (comparé à {witnesses})",
        "more": " et {n} autres",
        "turned": "Ses azimuts sont décalés de {figure} degrés",
        "place_swapped": "Sa latitude et sa longitude semblent inversées dans le fichier du site",
        "place_south": "Sa latitude semble avoir le mauvais signe dans le fichier du site",
        "place_west": "Sa longitude semble avoir le mauvais signe dans le fichier du site",
        "other_site": "Ses plots correspondent à la position de {figure} : SAC/SIC erroné, ou deux capteurs échangés",
        "from_east": "Ses azimuts semblent comptés depuis l'est et non depuis le nord",
        "from_south": "Ses azimuts semblent comptés depuis le sud et non depuis le nord",
        "anticlockwise": "Ses azimuts semblent comptés dans le sens antihoraire",
        "anticlockwise_from_east": "Ses azimuts semblent comptés dans le sens antihoraire depuis l'est",
        "gon_as_degrees": "Ses azimuts semblent être des gons lus comme des degrés",
        "degrees_as_gon": "Ses azimuts semblent être des degrés lus comme des gons",
        "degrees_as_radians": "Ses azimuts semblent être des degrés lus comme des radians",
        "radians_as_degrees": "Ses azimuts semblent être des radians lus comme des degrés",
        "mils_as_degrees": "Ses azimuts semblent être des millièmes lus comme des degrés",
        "range_nm_as_km": "Ses distances semblent être des milles marins lus comme des kilomètres",
        "range_km_as_nm": "Ses distances semblent être des kilomètres lus comme des milles marins",
        "range_km_as_m": "Ses distances semblent être des kilomètres lus comme des mètres",
        "range_m_as_km": "Ses distances semblent être des mètres lus comme des kilomètres",
        "range_nm_as_m": "Ses distances semblent être des milles marins lus comme des mètres",
        "range_ft_as_m": "Ses distances semblent être des pieds lus comme des mètres",
        "range_m_as_ft": "Ses distances semblent être des mètres lus comme des pieds",
        "range_miles_as_km": "Ses distances semblent être des milles terrestres lus comme des kilomètres",
        "range_half": "Ses distances sont la moitié de ce qu'elles devraient être",
        "range_double": "Ses distances sont le double de ce qu'elles devraient être",
        "range_factor": "Ses distances doivent être multipliées par {figure}",
        "moved": "Il semble se trouver à {figure} km de la position du fichier du site",
        "swapped": "Ses latitudes et longitudes semblent inversées",
        "south_for_north": "Ses latitudes semblent avoir le mauvais signe",
        "west_for_east": "Ses longitudes semblent avoir le mauvais signe",
        "clock": "Son horloge est décalée de {figure} s",
        "unexplained": "Ses plots sont loin des aéronefs sans qu'aucun défaut connu ne l'explique",
        "bias": "{sensor} : {bias} {value} à {std} près : {state} ({targets} aéronefs)",
        "offset_m": "écart en distance",
        "scale": "échelle en distance",
        "azimuth_rad": "azimut",
        "time_s": "horloge",
        "east_m": "position, est",
        "north_m": "position, nord",
        "applied": "connu, corrigé",
        "small": "connu, négligeable",
        "known": "connu, non corrigé",
        "held": "plus observé, la dernière valeur connue est corrigée",
        "unobservable": "non observable avec ce trafic, non corrigé",
        "few": "trop peu d'aéronefs, non corrigé",
        "cold": "aucun aéronef commun avec un autre capteur, non corrigé",
        "jumped": "{sensor} : ses biais ont sauté (déplacé ou réaligné ?) ; ils sont estimés à nouveau.",
    },
}
SHOWN = 3
"""Names given in a sentence; of more, how many more."""
UNITS = {"offset_m": (1.0, "m", 0), "scale": (1e6, "ppm", 0), "azimuth_rad": (180.0 / math.pi, "°", 3), "time_s": (1.0, "s", 3)}


def said(finding: Finding, table: SensorTable, lang: str) -> str:
    """Return a finding in words."""
    book = PHRASES.get(lang, PHRASES["en"])
    label = [s.label for s in table.rows]
    evidence = book["evidence" if finding.targets else "evidence_clock"]
    return book["untrusted" if finding.verdict == UNTRUSTED else "warned"].format(
        sensor=label[finding.sensor],
        fault=book[finding.fault].format(figure=finding.figure),
        off=book["off"].format(off=f"{finding.off_m / 1000:.0f}") if math.isfinite(finding.off_m) else "",
        evidence=evidence.format(targets=_some(finding.targets, book), witnesses=_some([label[i] for i in finding.witnesses], book)),
    )


def told(row: Row, table: SensorTable, lang: str) -> str:
    """Return a row of the report in words."""
    book = PHRASES.get(lang, PHRASES["en"])
    factor, unit, digits = UNITS.get(row.bias, (1.0, "m", 0))
    return book["bias"].format(
        sensor=table.rows[row.sensor].label,
        bias=book[row.bias],
        value=f"{row.value * factor:+.{digits}f} {unit}",
        std=f"{row.std * factor:.{digits}f} {unit}",
        state=book[row.state],
        targets=row.targets,
    )


def jumped(sensor: int, table: SensorTable, lang: str) -> str:
    """Say that a sensor's biases have jumped."""
    return PHRASES.get(lang, PHRASES["en"])["jumped"].format(sensor=table.rows[sensor].label)


def _some(names: tuple[str, ...] | list[str], book: dict[str, str]) -> str:
    """Return the first few names, and how many more there are."""
    more = book["more"].format(n=len(names) - SHOWN) if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
