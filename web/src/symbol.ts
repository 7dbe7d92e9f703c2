// Identity symbols for lists and help, as SVG: the same frames as the track layer draws.

import { palette } from "./theme";
import { Identity } from "./wire";

const NS = "http://www.w3.org/2000/svg";

const FRAMES: Record<number, string> = {
  [Identity.PENDING]: "M8 2.2a3 3 0 0 1 2.9 2.9 3 3 0 0 1 2.9 2.9 3 3 0 0 1-2.9 2.9A3 3 0 0 1 8 13.8a3 3 0 0 1-2.9-2.9A3 3 0 0 1 2.2 8a3 3 0 0 1 2.9-2.9A3 3 0 0 1 8 2.2Z",
  [Identity.UNKNOWN]: "M8 2.2a3 3 0 0 1 2.9 2.9 3 3 0 0 1 2.9 2.9 3 3 0 0 1-2.9 2.9A3 3 0 0 1 8 13.8a3 3 0 0 1-2.9-2.9A3 3 0 0 1 2.2 8a3 3 0 0 1 2.9-2.9A3 3 0 0 1 8 2.2Z",
  [Identity.ASSUMED_FRIEND]: "M2.8 12.2V8.4a5.2 5.4 0 0 1 10.4 0v3.8Z",
  [Identity.FRIEND]: "M8 2.4a5.6 5.6 0 1 1 0 11.2 5.6 5.6 0 1 1 0-11.2Z",
  [Identity.NEUTRAL]: "M3.2 3.2h9.6v9.6H3.2Z",
  [Identity.SUSPECT]: "M8 1.4 14.6 8 8 14.6 1.4 8Z",
};

function shape(d: string, stroke: string, width: number, dash = ""): SVGPathElement {
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", d);
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", stroke);
  path.setAttribute("stroke-width", String(width));
  if (dash) path.setAttribute("stroke-dasharray", dash);
  return path;
}

/** The frame of an identity, 16 px; doubled for a protected flight. */
export function symbol(identity: number, isProtected = false, size = 16): SVGSVGElement {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", isProtected ? "-3 -3 22 22" : "0 0 16 16");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const colours = palette();
  const colour = colours.identity[identity] ?? colours.bright;
  const d = FRAMES[identity] ?? FRAMES[Identity.UNKNOWN] ?? "";
  const path = shape(d, colour, 1.7, identity === Identity.PENDING ? "2 1.6" : "");
  path.setAttribute("fill", colour);
  path.setAttribute("fill-opacity", "0.22");
  svg.append(path);
  if (isProtected) {
    const outer = shape(d, colours.bright, 0.9);
    outer.setAttribute("transform", "translate(8 8) scale(1.5) translate(-8 -8)");
    svg.append(outer);
  }
  return svg;
}
