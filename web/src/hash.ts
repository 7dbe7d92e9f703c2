// The view kept in the address: #zoom/lat/lon/track

export interface Place {
  zoom: number;
  lat: number;
  lon: number;
  track?: number;
}

export function readHash(hash: string): Place | undefined {
  const [zoom, lat, lon, track] = hash.replace(/^#/, "").split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
  if (![zoom, lat, lon].every(Number.isFinite) || zoom < 0 || zoom > 24 || Math.abs(lat) > 85 || Math.abs(lon) > 180) return undefined;
  return { zoom, lat, lon, ...(track && Number.isInteger(track) && track > 0 ? { track } : {}) };
}

export const writeHash = (p: Place): string => `#${p.zoom.toFixed(2)}/${p.lat.toFixed(4)}/${p.lon.toFixed(4)}${p.track ? `/${p.track}` : ""}`;
