// Lines of longitude and latitude: fewer points, rounder, and cut where the map ends.

/** Degrees to 3 decimals, some 100 m. */
export const rounded = (value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value.map(rounded));

/** A line with the points left out that lie nearer than off_deg to it (Douglas and Peucker, 1973); a ring keeps its form. */
export function simplified(line, off_deg) {
  const last = line.length - 1;
  const keep = new Uint8Array(line.length);
  keep[0] = keep[last] = 1;
  const spans = [[0, last]];
  while (spans.length) {
    const [a, b] = spans.pop();
    const [[ax, ay], [bx, by]] = [line[a], line[b]];
    const [dx, dy] = [bx - ax, by - ay];
    const length2 = dx * dx + dy * dy;
    let [far, at] = [off_deg * off_deg, -1];
    for (let i = a + 1; i < b; i++) {
      const [px, py] = [line[i][0] - ax, line[i][1] - ay];
      const along = length2 ? Math.max(0, Math.min(1, (px * dx + py * dy) / length2)) : 0;
      const d = (px - along * dx) ** 2 + (py - along * dy) ** 2;
      if (d > far) [far, at] = [d, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    spans.push([a, at], [at, b]);
  }
  const fewer = line.filter((_, i) => keep[i]);
  const ring = line[0][0] === line[last][0] && line[0][1] === line[last][1];
  return ring && fewer.length < 5 ? line : fewer;
}

/** A line with its corners cut at a quarter of each side (Chaikin, 1974): the source's own grid no longer shows as stairs. */
export function smoothed(line, closed = false) {
  if (line.length < 3) return line;
  const out = closed ? [] : [line[0]];
  for (let i = 1; i < line.length; i++) {
    const [[ax, ay], [bx, by]] = [line[i - 1], line[i]];
    out.push([0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by], [0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by]);
  }
  out.push(closed ? out[0] : line[line.length - 1]);
  return out;
}

/** So far beyond the map's edge polygons are cut: their cut edge is then not seen as a border. */
const BEYOND = 180.2;

/** A polygon whose rings jump over the antimeridian as polygons that do not: one on each side. */
export function unwrapped(polygon) {
  if (!polygon.some((ring) => ring.some((p, i) => i > 0 && Math.abs(p[0] - ring[i - 1][0]) > 180))) return [polygon];
  const rings = polygon.map((ring) => overPole(straight(ring)));
  const out = [];
  for (const shift of [-360, 0, 360]) {
    const cut = rings.map((ring) => clipped(clipped(ring.map(([x, y]) => [x + shift, y]), BEYOND, 1), BEYOND, -1)).filter((ring) => ring.length > 3);
    if (cut.length) out.push(cut);
  }
  return out;
}

/** A ring that goes on beyond 180 degrees instead of jumping. */
function straight(ring) {
  let turn = 0;
  return ring.map(([x, y], i) => {
    if (i > 0 && x - ring[i - 1][0] > 180) turn -= 360;
    else if (i > 0 && x - ring[i - 1][0] < -180) turn += 360;
    return [x + turn, y];
  });
}

/** A ring that goes round a pole, closed over it. */
function overPole(ring) {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  if (Math.abs(first[0] - last[0]) < 180) return ring;
  const pole = first[1] < 0 ? -90 : 90;
  return [...ring, [last[0], pole], [first[0], pole], first];
}

/** A ring without what lies beyond a meridian: side 1, east of it; -1, west of its opposite (Sutherland and Hodgman, 1974). */
function clipped(ring, limit, side) {
  const out = [];
  for (let i = 1; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]];
    const [a, b] = [side * ax <= limit, side * bx <= limit];
    if (a) out.push([ax, ay]);
    if (a !== b) out.push([side * limit, ay + ((by - ay) * (side * limit - ax)) / (bx - ax)]);
  }
  if (out.length) out.push(out[0]);
  return out;
}
