// What of the view the address holds besides the place: the panel in front, and which layers are not as they come.

import type { Page } from "./page";

const LAYER = /^[+-][a-z0-9-]{1,32}$/;

/** Take from the address what it asks for, and keep it written there. */
export function holdView(page: Page): void {
  const { layers, settings, side } = page;
  for (const said of page.asked("layers").split(",").filter((s) => LAYER.test(s)).slice(0, 64)) settings.set(`layer.${said.slice(1)}`, said.startsWith("+"));
  if (page.asked("panel")) side.show(page.asked("panel"));
  page.address("panel", () => side.showing ?? "");
  page.address("layers", () => layers.all.filter((l) => layers.shown(l) !== l.on).map((l) => `${layers.shown(l) ? "+" : "-"}${l.id}`).join(","));
  settings.on("panel", () => page.wrote());
  let before = "";
  layers.on(() => {
    const now = layers.all.map((l) => `${l.id}${layers.shown(l)}`).join();
    if (now === before) return; // it only draws something new
    before = now;
    page.wrote();
  });
}
