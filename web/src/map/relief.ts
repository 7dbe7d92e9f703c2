// Shaded ground on a plain canvas: the server's tiles, laid in any plane by small cells.

import { MERCATOR, planeX, planeY, screenOf, zoomOf, type View } from "../plane";

export const TILE_URL = "/api/terrain/{z}/{x}/{y}";
export const TILE_PX = 256;
export const RELIEF_ZOOM_MAX = 11;
const KEPT = 160;
const CELLS = 6;
const TILES_MAX = 64;

/** An image of the ground, or why there is none. */
type Held = ImageBitmap | "asked" | "none";

/** Whether the server has shaded ground. */
export async function reliefThere(fetcher: typeof fetch = fetch): Promise<boolean> {
  try {
    return ((await (await fetcher("/api/terrain")).json()) as { state?: string }).state === "on";
  } catch {
    return false;
  }
}

export class Relief {
  private readonly held = new Map<string, Held>();

  constructor(private readonly came: () => void) {}

  draw(g: CanvasRenderingContext2D, view: View): void {
    const zoom = Math.max(0, Math.min(RELIEF_ZOOM_MAX, Math.round(zoomOf(view) + 0.6)));
    for (const [x, y] of tilesOf(view, zoom)) {
      const image = this.get(zoom, x, y);
      if (typeof image === "object") laid(g, view, image, [x / 2 ** zoom, y / 2 ** zoom, (x + 1) / 2 ** zoom, (y + 1) / 2 ** zoom]);
    }
  }

  private get(z: number, x: number, y: number): Held | undefined {
    const key = `${z}/${x}/${y}`;
    const found = this.held.get(key);
    if (found === undefined) {
      this.held.set(key, "asked");
      void this.ask(key);
      for (const [old, image] of this.held) {
        if (this.held.size <= KEPT) break;
        if (typeof image === "object") image.close();
        this.held.delete(old);
      }
    }
    return found;
  }

  private async ask(key: string): Promise<void> {
    try {
      const answer = await fetch(`/api/terrain/${key}`);
      if (answer.status === 503) this.held.delete(key); // too many asked at once: again when the view is next drawn
      else this.held.set(key, answer.status === 200 ? await createImageBitmap(await answer.blob()) : "none");
      this.came();
    } catch {
      this.held.set(key, "none");
    }
  }
}

/** The tiles of a zoom that a view shows: those that a grid of its points lies in. */
function tilesOf(view: View, zoom: number): [number, number][] {
  const n = 2 ** zoom;
  const found = new Map<number, [number, number]>();
  const step = 48;
  for (let sy = 0; sy <= view.height + step; sy += step) {
    for (let sx = 0; sx <= view.width + step; sx += step) {
      const [px, py] = [planeX(view, Math.min(sx, view.width), Math.min(sy, view.height)), planeY(view, Math.min(sx, view.width), Math.min(sy, view.height))];
      const [lat, lon] = [view.plane.lat(px, py), view.plane.lon(px, py)];
      const [x, y] = [Math.floor(n * MERCATOR.x(lat, lon)), Math.floor(n * MERCATOR.y(lat, lon))];
      if (x >= 0 && y >= 0 && x < n && y < n && found.size < TILES_MAX) found.set(y * n + x, [x, y]);
    }
  }
  return [...found.values()];
}

/** Draw an image whose edges are even in Web Mercator (west, north, east, south) where it lies in the view. */
export function laid(g: CanvasRenderingContext2D, view: View, image: ImageBitmap, [west, north, east, south]: readonly [number, number, number, number]): void {
  const n = view.plane === MERCATOR ? 1 : CELLS;
  const at = (i: number, j: number): [number, number] => {
    const [x, y] = [west + ((east - west) * i) / n, north + ((south - north) * j) / n];
    return screenOf(view, MERCATOR.lat(x, y), MERCATOR.lon(x, y));
  };
  const [w, h] = [image.width / n, image.height / n];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const [[ax, ay], [bx, by], [cx, cy]] = [at(i, j), at(i + 1, j), at(i, j + 1)];
      g.save();
      g.transform((bx - ax) / w, (by - ay) / w, (cx - ax) / h, (cy - ay) / h, ax, ay);
      g.drawImage(image, i * w, j * h, w, h, 0, 0, w, h);
      g.restore();
    }
  }
}
