// A person's own GeoJSON on the map, in any plane.

import type { Layer } from "../layers";
import type { OwnData } from "../own";
import { inPlane, screenX, screenY, type View } from "../plane";
import { INK } from "./ink";
import { trace } from "./lines";
import { onScreen, SIDES, Taken, write } from "./write";

export class OwnLayer implements Layer {
  readonly name = "layer.own" as const;
  readonly on = true;
  readonly passing = true;
  readonly place = "under";
  private readonly points: Float64Array;

  constructor(
    readonly id: string,
    readonly title: string,
    readonly data: OwnData,
  ) {
    this.points = Float64Array.from(data.points.flatMap((p) => [p.lat, p.lon]));
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    g.strokeStyle = INK.own;
    g.lineWidth = 1.4;
    g.fillStyle = "rgba(200, 155, 255, 0.1)";
    for (const rings of this.data.areas) {
      g.beginPath();
      for (const places of rings) {
        const at = inPlane(places, view.plane);
        for (let i = 0; i < at.length; i += 2) g[i ? "lineTo" : "moveTo"](screenX(view, at[i]!, at[i + 1]!), screenY(view, at[i]!, at[i + 1]!));
        g.closePath();
      }
      g.fill("evenodd");
      g.stroke();
    }
    for (const line of this.data.lines) trace(g, view, line);
    const taken = new Taken();
    const at = inPlane(this.points, view.plane);
    this.data.points.forEach(({ name }, i) => {
      const [x, y] = [screenX(view, at[2 * i]!, at[2 * i + 1]!), screenY(view, at[2 * i]!, at[2 * i + 1]!)];
      if (!onScreen(view, x, y)) return;
      g.fillStyle = INK.own;
      g.beginPath();
      g.arc(x, y, 3, 0, 2 * Math.PI);
      g.fill();
      if (name) write(g, name, x, y, taken, { size: 11, colour: INK.own, places: SIDES });
    });
  }
}
