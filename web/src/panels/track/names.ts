// What a track was called, and since when.

import { h, put } from "../../dom";
import { clockTime } from "../../format";
import { lang, t } from "../../i18n";
import type { Part, Seen } from "./part";
import type { Past } from "./told";

const KINDS = { callsign: "names.callsign", mode_a: "track.code", address: "track.address", remote_id: "track.remote" } as const;

export class Names implements Part {
  readonly id = "names";
  readonly name = "track.tab.names";
  readonly element = h("div.names");
  readonly needsPast = true;
  private key = "";

  draw({ past }: Seen): void {
    const key = `${lang()} ${past?.number} ${past?.names.length}`;
    if (key === this.key) return;
    this.key = key;
    if (!past) return put(this.element, h("p.empty", {}, t("figures.asking")));
    const row = (n: Past["names"][number]): HTMLElement => h("tr", {}, h("td", {}, clockTime(n.since)), h("td", {}, t(KINDS[n.kind])), h("th", { scope: "row" }, n.name));
    const head = h("tr", {}, ...(["names.since", "names.kind", "tracks.name"] as const).map((k) => h("th", { scope: "col" }, t(k))));
    put(this.element, past.names.length ? h("table", {}, h("thead", {}, head), h("tbody", {}, ...[...past.names].reverse().map(row))) : h("p.empty", {}, t("names.none")));
  }
}
