// How far apart two places are, well enough to sort and filter by.

const RAD = Math.PI / 180;
const EARTH_NM = 3440.065;

/** Great-circle distance in nautical miles (haversine); NaN where a place is not known. */
export function distanceNm(lat: number, lon: number, toLat: number, toLon: number): number {
  const dLat = Math.sin(((toLat - lat) * RAD) / 2);
  const dLon = Math.sin(((toLon - lon) * RAD) / 2);
  return 2 * EARTH_NM * Math.asin(Math.min(1, Math.sqrt(dLat * dLat + Math.cos(lat * RAD) * Math.cos(toLat * RAD) * dLon * dLon)));
}
