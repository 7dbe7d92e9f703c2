// Keys and signs.

import { h, put } from "../dom";
import { t, type Key } from "../i18n";
import type { Keys } from "../keys";
import { symbol } from "../symbol";
import { Identity } from "../wire";

const SIGNS: Key[] = ["help.protected", "help.coasting", "help.system", "help.notlive", "help.alert", "help.altitude", "help.trend", "help.points", "help.drag"];

export class Help {
  constructor(
    private readonly element: HTMLElement,
    private readonly keys: Keys,
  ) {
    element.hidden = true;
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  toggle(open = !this.open): void {
    this.element.hidden = !open;
    if (open) this.draw();
  }

  draw(): void {
    const identities = Object.entries(Identity).map(([name, value]) =>
      h("li", {}, symbol(value, false, 20), t(`identity.${name.toLowerCase() as Lowercase<keyof typeof Identity>}`)),
    );
    put(
      this.element,
      h("header", {}, h("b", {}, t("help.title")), h("button.close", { click: () => this.toggle(false), "aria-label": t("button.close") }, "×")),
      h("dl.keys", {}, ...this.keys.bindings.flatMap((b) => [h("dt", {}, h("kbd", {}, b.cap)), h("dd", {}, t(b.does))])),
      h("ul.signs", {}, ...identities),
      h("ul", {}, ...SIGNS.map((key) => h("li", {}, t(key)))),
      h("p", {}, t("help.vector")),
      h("p", {}, t("help.emptysky")),
      h("p.data", {}, t("help.data")),
    );
  }
}
