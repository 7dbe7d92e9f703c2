// The view kept in the address: #zoom/lat/lon/track;name=value;name=value

import type { Home } from "./base";

export interface Place extends Home {
  track?: number;
  /** What else the address says, by name. */
  more: Record<string, string>;
}

const NAME = /^[a-z]{1,16}$/;

export function readHash(hash: string): Place | undefined {
  const [place = "", ...rest] = hash.replace(/^#/, "").split(";");
  const [zoom, lat, lon, track] = place.split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
  if (![zoom, lat, lon].every(Number.isFinite) || zoom < 0 || zoom > 24 || Math.abs(lat) > 85 || Math.abs(lon) > 180) return undefined;
  const more: Record<string, string> = {};
  for (const pair of rest.slice(0, 32)) {
    const [name = "", ...value] = pair.split("=");
    try {
      if (NAME.test(name)) more[name] = decodeURIComponent(value.join("="));
    } catch {
      // not our writing
    }
  }
  const bearing = Number(more["bearing"]);
  return { zoom, lat, lon, ...(bearing ? { bearing } : {}), ...(track && Number.isInteger(track) && track > 0 ? { track } : {}), more };
}

export function writeHash(p: Place): string {
  const more = { ...p.more, ...(p.bearing && Math.abs(p.bearing) > 0.05 ? { bearing: p.bearing.toFixed(1) } : {}) };
  const said = Object.entries(more).filter(([name, value]) => value !== "" && !(name === "bearing" && !p.bearing));
  return `#${p.zoom.toFixed(2)}/${p.lat.toFixed(4)}/${p.lon.toFixed(4)}${p.track ? `/${p.track}` : ""}${said.map(([name, value]) => `;${name}=${encodeURIComponent(value)}`).join("")}`;
}
