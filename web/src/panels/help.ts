// Keys and signs.

import { h, put } from "../dom";
import { t, type Key } from "../i18n";
import { GROUPS, type Keys } from "../keys";
import type { Settings } from "../settings";
import { symbol } from "../symbol";
import { Identity } from "../wire";

const SIGNS: Key[] = ["help.protected", "help.coasting", "help.system", "help.notlive", "help.alert", "help.altitude", "help.trend", "help.points", "help.drag"];

export class Help {
  private back: HTMLElement | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly keys: Keys,
    private readonly settings: Settings,
  ) {
    element.hidden = true;
    element.tabIndex = -1;
    element.setAttribute("role", "dialog");
    element.setAttribute("aria-labelledby", "help-title");
    element.addEventListener("keydown", (event) => {
      if (event.code !== "Escape") return;
      event.preventDefault();
      this.toggle(false);
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** Open or close it; the keyboard goes there, and back to where it was. */
  toggle(open = !this.open): void {
    if (open === this.open) return;
    if (open) this.back = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    const inside = this.element.contains(document.activeElement);
    this.element.hidden = !open;
    if (open) {
      this.draw();
      this.element.focus();
    } else if (inside || document.activeElement === document.body) this.back?.focus();
  }

  draw(): void {
    const identities = Object.entries(Identity).map(([name, value]) =>
      h("li", {}, symbol(value, false, 20), t(`identity.${name.toLowerCase() as Lowercase<keyof typeof Identity>}`)),
    );
    put(
      this.element,
      h("header", {}, h("b#help-title", {}, t("help.title")), h("button.close", { click: () => this.toggle(false), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      h("div.groups", {}, ...this.groups()),
      this.single(),
      h("h3", {}, t("help.signs")),
      h("ul.signs", {}, ...identities),
      h("ul", {}, ...SIGNS.map((key) => h("li", {}, t(key)))),
      h("p", {}, t("help.vector")),
      h("p", {}, t("help.emptysky")),
      h("p.data", {}, t("help.data")),
    );
  }

  /** The keys of each group, those of one action beside each other. */
  private groups(): HTMLElement[] {
    return GROUPS.flatMap((group) => {
      const held = this.keys.bindings.filter((b) => (b.group ?? "page") === group);
      const actions = [...new Set(held.map((b) => b.does))];
      const caps = (does: Key): (HTMLElement | string)[] => {
        const all = [...new Set(held.filter((b) => b.does === does).map((b) => this.keys.capOf(b)))].map((cap) => h("kbd", {}, cap));
        return all.length > 4 ? [all[0]!, " – ", all[all.length - 1]!] : all;
      };
      const lines = actions.flatMap((does) => [h("dt", {}, ...caps(does)), h("dd", {}, t(does))]);
      return lines.length ? [h("section", {}, h("h3", {}, t(`keys.${group}`)), h("dl.keys", {}, ...lines))] : [];
    });
  }

  /** Who dictates, or leans on keys, switches single keys off. */
  private single(): HTMLElement {
    const box = h("input", { type: "checkbox" }) as HTMLInputElement;
    box.checked = this.keys.on;
    box.addEventListener("change", () => this.settings.set("keys", box.checked));
    return h("label.check", {}, box, h("span", {}, t("help.single")));
  }
}
