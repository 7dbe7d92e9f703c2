// The coverage image on a plain canvas, where there is no WebGL: unhatched, told apart by how dense it is.

import { sized } from "./canvas";
import type { Shown } from "./coverage";
import { laid } from "./map/relief";
import { MERCATOR, type View } from "./plane";

export class PlainSeen {
  constructor(readonly canvas: HTMLCanvasElement) {}

  draw(view: View, shown: Shown | undefined): void {
    const g = sized(this.canvas, view.width, view.height);
    if (!shown || shown.image.width === 0) return;
    const [west, south, east, north] = shown.box;
    g.globalAlpha = 0.45;
    g.imageSmoothingEnabled = false;
    laid(g, view, shown.image, [MERCATOR.x(0, west), MERCATOR.y(north, 0), MERCATOR.x(0, east), MERCATOR.y(south, 0)]);
    g.globalAlpha = 1;
  }
}
