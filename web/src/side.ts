// The side of the page: the alerts, always; under them one panel of several, chosen by its tab.

import { h, put, setText } from "./dom";
import { t, type Key } from "./i18n";
import type { Settings } from "./settings";

export interface Panel {
  readonly id: string;
  readonly name: Key;
  readonly element: HTMLElement;
  /** It is shown from now on, or no more. */
  shown?(on: boolean): void;
  /** A word beside its name, such as how many. */
  count?(): string;
  /** Whether something in it is not as it should be: its count is marked. */
  trouble?(): boolean;
  /** Whether the person may see it at all. */
  may?(): boolean;
}

/** A panel's count, with a sign where something is wrong: colour alone says nothing. */
const counted = (panel: Panel): string => {
  const count = panel.count?.() ?? "";
  return count && panel.trouble?.() ? `▲ ${count}` : count;
};

export class Side {
  private readonly panels: Panel[] = [];
  private readonly tabs = h("div.tabs", { role: "tablist" });
  private readonly body = h("div.body");
  private open: Panel | undefined;

  constructor(
    element: HTMLElement,
    private readonly settings: Settings,
  ) {
    put(element, this.tabs, this.body);
    this.tabs.addEventListener("keydown", (event) => this.step(event));
  }

  add(...panels: Panel[]): void {
    for (const panel of panels) {
      this.panels.push(panel);
      panel.element.hidden = true;
      panel.element.id ||= `panel-${panel.id}`;
      panel.element.setAttribute("role", "tabpanel");
      panel.element.setAttribute("aria-labelledby", `tab-${panel.id}`);
      this.body.append(panel.element);
    }
    this.draw();
  }

  /** The panel of an id comes to the front. */
  show(id: string): void {
    const found = this.panels.find((p) => p.id === id && (p.may?.() ?? true));
    if (!found || found === this.open) return;
    if (this.open) {
      this.open.element.hidden = true;
      this.open.shown?.(false);
    }
    this.open = found;
    found.element.hidden = false;
    this.settings.set("panel", id);
    found.shown?.(true);
    this.draw();
  }

  /** The panels that the person may see, in the order of their tabs. */
  get ids(): string[] {
    return this.panels.filter((p) => p.may?.() ?? true).map((p) => p.id);
  }

  /** Which panel is in front. */
  get showing(): string | undefined {
    return this.open?.id;
  }

  /** Write the tabs anew: a language, a role or a count has changed. */
  draw(): void {
    const seen = this.panels.filter((p) => p.may?.() ?? true);
    if (this.open && !seen.includes(this.open)) {
      this.open.element.hidden = true;
      this.open.shown?.(false);
      this.open = undefined;
    }
    if (!this.open && seen.length) {
      const kept = this.settings.get("panel", "");
      this.open = seen.find((p) => p.id === kept) ?? seen[0];
      if (this.open) this.open.element.hidden = false;
      this.open?.shown?.(true);
    }
    const held = document.activeElement instanceof HTMLElement && this.tabs.contains(document.activeElement) ? document.activeElement.id : "";
    put(this.tabs, ...seen.map((p) => this.tab(p)));
    if (held) document.getElementById(held)?.focus();
  }

  /** Write the counts anew, and nothing else. */
  recount(): void {
    for (const panel of this.panels) {
      const shown = document.getElementById(`tab-${panel.id}`)?.querySelector(".shown");
      if (!shown) continue;
      setText(shown, counted(panel));
      shown.classList.toggle("trouble", panel.trouble?.() ?? false);
    }
  }

  private tab(panel: Panel): HTMLElement {
    const chosen = panel === this.open;
    return h(
      `button.tab${chosen ? ".chosen" : ""}#tab-${panel.id}`,
      { role: "tab", "aria-selected": String(chosen), "aria-controls": panel.element.id, tabindex: chosen ? 0 : -1, click: () => this.show(panel.id) },
      t(panel.name),
      h(`span.shown${panel.trouble?.() ? ".trouble" : ""}`, {}, counted(panel)),
    );
  }

  private step(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const seen = this.panels.filter((p) => p.may?.() ?? true);
    if (!by || !this.open) return;
    event.preventDefault();
    const next = seen[(seen.indexOf(this.open) + by + seen.length) % seen.length]!;
    this.show(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  }
}
