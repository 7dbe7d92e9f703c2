// The crosshair amid the view, for tools that are used from the keyboard.

import type { Layer } from "../layers";
import type { View } from "../plane";
import { INK } from "./ink";

const [INNER, OUTER] = [5, 15];

export class Crosshair implements Layer {
  readonly id = "crosshair";
  readonly name = "map.crosshair" as const;
  readonly on = true;
  readonly place = "over";

  constructor(private readonly wanted: () => boolean) {}

  get busy(): boolean {
    return this.wanted();
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    if (!this.wanted()) return;
    const [x, y] = [view.width / 2, view.height / 2];
    g.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      g.moveTo(x + dx * INNER, y + dy * INNER);
      g.lineTo(x + dx * OUTER, y + dy * OUTER);
    }
    for (const [colour, width] of [[INK.halo, 4], [INK.tool, 1.5]] as const) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.stroke();
    }
  }
}
