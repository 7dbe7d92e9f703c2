// Numbers as operators read them: FL, altitude by QNH, kt, NM, UTC.

import { lang } from "./i18n";
import { Trend } from "./wire";

/** Flight level of a pressure altitude in feet, "FL350"; "" where there is none. */
export function level(feet: number): string {
  return Number.isFinite(feet) ? `FL${String(Math.max(0, Math.round(feet / 100))).padStart(3, "0")}` : "";
}

/** What a controller reads of a height: "A045", an altitude by QNH in hundreds of feet, where one is to be shown, else the flight level. */
export function height(levelFeet: number, altitudeFeet: number): string {
  if (!Number.isFinite(altitudeFeet)) return level(levelFeet);
  const hundreds = Math.round(altitudeFeet / 100);
  return `A${hundreds < 0 ? "-" : ""}${String(Math.abs(hundreds)).padStart(3, "0")}`;
}

/** An arrow: climbing, descending or level; "" where that is not known. */
export function trend(value: number): string {
  return value === Trend.CLIMBING ? "↑" : value === Trend.DESCENDING ? "↓" : value === Trend.LEVEL ? "→" : "";
}

/** Mode A code in its four octal digits; "" where there is none. */
export const modeA = (code: number): string => (code >= 0 ? code.toString(8).padStart(4, "0") : "");

/** 24-bit address in hex; "" where there is none. */
export const address = (value: number): string => (value >= 0 ? value.toString(16).toUpperCase().padStart(6, "0") : "");

const two = (n: number): string => String(n).padStart(2, "0");

/** "10:42:07" UTC of seconds since 1970. */
export function clockTime(time: number | null | undefined): string {
  if (time === null || time === undefined || !Number.isFinite(time)) return "--:--:--";
  const d = new Date(time * 1000);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

const DATED = 10 * 86400;

/** "2030-01-01" UTC of seconds since 1970; empty for a recording that holds a time of day and no date. */
export function dateText(time: number | undefined): string {
  return time === undefined || !Number.isFinite(time) || time < DATED ? "" : new Date(time * 1000).toISOString().slice(0, 10);
}

/** Latitude and longitude in degrees and decimal minutes, as in a flight plan. */
export function position(lat: number, lon: number): string {
  const part = (value: number, width: number, letters: string): string => {
    const minutes = Math.round(Math.abs(value) * 600) / 10;
    const degrees = Math.floor(minutes / 60);
    return `${String(degrees).padStart(width, "0")}°${(minutes - 60 * degrees).toFixed(1).padStart(4, "0")}′${letters[value < 0 ? 1 : 0] ?? ""}`;
  };
  return `${part(lat, 2, "NS")} ${part(lon, 3, "EW")}`;
}

/** A whole number, or "–". */
export const whole = (value: number): string => (Number.isFinite(value) ? String(Math.round(value)) : "–");

/** Seconds as "12 s", "3 min" or "2 h". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const grouped = (value: number): string => new Intl.NumberFormat(lang()).format(value);

/** Feet as read of a chart: to ten below a thousand, else to a hundred; with the language's thousands. */
export const feet = (value: number): string => grouped(Math.abs(value) < 1000 ? 10 * Math.round(value / 10) : 100 * Math.round(value / 100));

/** An area in km² with three figures that mean something. */
export function km2(value: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) - 2);
  return `${grouped(unit * Math.round(value / unit))}\u00a0km²`;
}
