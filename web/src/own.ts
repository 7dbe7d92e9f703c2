// A person's own data for the map, read from a file: GeoJSON, taken apart with care. Nothing of it leaves the page.

export const FILE_BYTES_MAX = 20_000_000;
export const POINTS_MAX = 200_000;
export const FEATURES_MAX = 50_000;
const NAME_LENGTH = 60;
const DEPTH_MAX = 16;

/** Why a file was not taken: a member of own.error.* in i18n, and a detail. */
export class OwnError extends Error {
  constructor(
    readonly why: "size" | "json" | "geojson" | "position" | "many" | "empty" | "tiles" | "webgl" | "full",
    readonly detail = "",
  ) {
    super(`${why} ${detail}`);
  }
}

/** Places as latitude, longitude, latitude … */
export interface OwnData {
  lines: Float64Array[];
  areas: Float64Array[][];
  points: { lat: number; lon: number; name: string }[];
  /** West, south, east, north. */
  box: [number, number, number, number];
  features: number;
}

/** Read GeoJSON. Raises OwnError. */
export function parseOwn(text: string): OwnData {
  if (text.length > FILE_BYTES_MAX) throw new OwnError("size", String(Math.round(FILE_BYTES_MAX / 1e6)));
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new OwnError("json", error instanceof Error ? error.message.slice(0, 120) : "");
  }
  const reader = new Reader();
  reader.take(root, "", 0);
  if (!reader.count) throw new OwnError("empty");
  return reader.out;
}

class Reader {
  readonly out: OwnData = { lines: [], areas: [], points: [], box: [180, 90, -180, -90], features: 0 };
  /** Positions taken. */
  count = 0;

  take(value: unknown, name: string, depth: number): void {
    if (depth > DEPTH_MAX) throw new OwnError("geojson", "…");
    const o = objectOf(value);
    const type = o["type"];
    if (type === "FeatureCollection") for (const f of listOf(o["features"], "features")) this.take(f, name, depth + 1);
    else if (type === "Feature") {
      this.out.features += 1;
      if (this.out.features > FEATURES_MAX) throw new OwnError("many", String(FEATURES_MAX));
      if (o["geometry"] !== null && o["geometry"] !== undefined) this.take(o["geometry"], nameOf(o["properties"]), depth + 1);
    } else if (type === "GeometryCollection") for (const geometry of listOf(o["geometries"], "geometries")) this.take(geometry, name, depth + 1);
    else this.geometry(String(type), o["coordinates"], name);
  }

  private geometry(type: string, coordinates: unknown, name: string): void {
    switch (type) {
      case "Point":
        return this.point(coordinates, name);
      case "MultiPoint":
        return listOf(coordinates, type).forEach((p) => this.point(p, name));
      case "LineString":
        return void this.out.lines.push(this.line(coordinates));
      case "MultiLineString":
        return listOf(coordinates, type).forEach((l) => this.out.lines.push(this.line(l)));
      case "Polygon":
        return void this.out.areas.push(listOf(coordinates, type).map((r) => this.line(r)));
      case "MultiPolygon":
        return listOf(coordinates, type).forEach((p) => this.out.areas.push(listOf(p, type).map((r) => this.line(r))));
      default:
        throw new OwnError("geojson", type.slice(0, 40));
    }
  }

  private point(position: unknown, name: string): void {
    const [lat, lon] = this.position(position);
    this.out.points.push({ lat, lon, name });
  }

  private line(positions: unknown): Float64Array {
    return Float64Array.from(listOf(positions, "coordinates").flatMap((p) => this.position(p)));
  }

  private position(value: unknown): [number, number] {
    const [lon, lat] = listOf(value, "coordinates") as unknown[];
    if (typeof lon !== "number" || typeof lat !== "number" || !(Math.abs(lon) <= 180) || !(Math.abs(lat) <= 90)) throw new OwnError("position", JSON.stringify(value)?.slice(0, 60) ?? "");
    if (++this.count > POINTS_MAX) throw new OwnError("many", String(POINTS_MAX));
    const { box } = this.out;
    [box[0], box[1], box[2], box[3]] = [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)];
    return [lat, lon];
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new OwnError("geojson", String(JSON.stringify(value)).slice(0, 40));
  return value as Record<string, unknown>;
}

function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new OwnError("geojson", what);
  return value;
}

function nameOf(properties: unknown): string {
  if (typeof properties !== "object" || properties === null) return "";
  const { name, title, label } = properties as Record<string, unknown>;
  const found = [name, title, label].find((v) => typeof v === "string" && v !== "");
  return typeof found === "string" ? found.slice(0, NAME_LENGTH) : "";
}
