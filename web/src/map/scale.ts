// The scale at the foot of the map.

import { duration } from "../format";
import { t } from "../i18n";
import { pixelsPerMetre, type View } from "../plane";
import { faded, FONT, palette } from "../theme";

const SCALES_NM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** How far a length on the screen is, and how far vectors reach. */
export function drawScale(g: CanvasRenderingContext2D, view: View, ahead_s: number): void {
  const pixelsPerNm = 1852 * pixelsPerMetre(view);
  const nm = SCALES_NM.findLast((s) => s * pixelsPerNm < 160) ?? 1;
  const [x, y, w] = [16, view.height - 18, nm * pixelsPerNm];
  g.strokeStyle = palette().map.scale;
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x + 0.5, y - 4);
  g.lineTo(x + 0.5, y + 0.5);
  g.lineTo(x + w + 0.5, y + 0.5);
  g.lineTo(x + w + 0.5, y - 4);
  g.stroke();
  g.font = `11px ${FONT}`;
  g.textAlign = "left";
  g.fillStyle = palette().map.scale_text;
  g.fillText(`${nm} NM`, x + w + 8, y + 3);
  const vector = `${t("map.vector")} ${duration(ahead_s)}`;
  const from = x + w + 8 + g.measureText(`${nm} NM`).width + 20;
  g.fillText(vector, from + 30, y + 3);
  g.strokeStyle = faded(palette().bright, 0.8);
  g.beginPath();
  g.moveTo(from, y - 0.5);
  g.lineTo(from + 24, y - 0.5);
  g.stroke();
}
