// What lately happened: take-offs and landings, and who changed the airspace.

import type { Airspace, Change, Movement } from "../airspace/model";
import { h, put, setText } from "../dom";
import { clockTime } from "../format";
import { t, word } from "../i18n";

const SHOWN = 40;

export class AirspaceLog {
  readonly element = h("section.log");
  private readonly movements = h("ul.movements");
  private readonly changes = h("ul.changes");
  private readonly titles = [h("summary"), h("summary")] as const;
  private key = "";

  constructor(
    private readonly airspace: Airspace,
    private readonly choose: (track: number) => void,
  ) {
    put(this.element, h("details", {}, this.titles[0], this.movements), h("details", {}, this.titles[1], this.changes));
  }

  draw(): void {
    const { movements, changes } = this.airspace;
    setText(this.titles[0], t("airspace.movements", movements.length));
    setText(this.titles[1], t("airspace.changes", changes.length));
    const key = `${t("airspace.movements", 0)} ${movements.length} ${movements.at(-1)?.time_s} ${changes.at(-1)?.version} ${changes.length}`;
    if (key === this.key) return;
    this.key = key;
    put(this.movements, ...movements.slice(-SHOWN).reverse().map((m) => this.movement(m)));
    put(this.changes, ...changes.slice(-SHOWN).reverse().map(change));
  }

  private movement(m: Movement): HTMLElement {
    const what = m.kind === "" ? "" : t(`airspace.movement.${m.kind}`);
    return h(`li${m.planned ? "" : ".unplanned"}`, {}, h("span.time", {}, clockTime(m.time_s)), h("button", { type: "button", click: () => this.choose(m.number) }, m.callsign || `#${m.number}`), h("span", {}, what), h("b", {}, m.aerodrome || t("airspace.movement.elsewhere")), h("span.plan", {}, m.planned ? "" : t("airspace.movement.unplanned")));
  }
}

function change(c: Change): HTMLElement {
  return h("li", {}, h("span.time", {}, clockTime(c.time_s)), h("b", {}, c.name), h("span", {}, word("airspace.change", c.operation)), h("span", {}, [c.by, c.reason].filter(Boolean).join(" · ")));
}
