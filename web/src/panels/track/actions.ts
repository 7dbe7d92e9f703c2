// The dialog of what may be done about a track: the actions on top, under them the fields of the chosen one.

import { h, put, setText } from "../../dom";
import { t } from "../../i18n";
import type { Page } from "../../page";
import { TrackFlag } from "../../wire";
import { labels } from "../form";
import { ORDERS, possible, type About, type Order, type Values } from "./orders";
import { explain, type Explanation } from "./told";

export class Actions {
  private readonly dialog = document.createElement("dialog");
  private readonly said = h("p.refused", { role: "alert" });
  private track = 0;
  private chosen = "";
  private known: Explanation | undefined;

  constructor(
    private readonly page: Page,
    private readonly why: () => Explanation | undefined,
  ) {
    this.dialog.id = "track-actions";
    this.dialog.setAttribute("aria-labelledby", "track-actions-title");
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the map's keys are not for here
    document.body.append(this.dialog);
    page.store.on("language", () => this.dialog.open && this.draw());
  }

  /** Whether this person may do any of it. */
  any(): boolean {
    return ORDERS.some((o) => this.page.commands.may(o.right));
  }

  async open(track: number): Promise<void> {
    this.track = track;
    const told = this.why();
    this.known = told?.number === track ? told : await explain(track); // who set it before is how it is taken back
    if (this.dialog.open || this.page.store.selected !== track) return;
    setText(this.said, "");
    this.draw();
    this.dialog.showModal();
    this.dialog.querySelector<HTMLElement>(".kinds .chosen")?.focus();
  }

  private about(): About {
    const { store, commands } = this.page;
    const row = store.rows.get(this.track);
    const flags = row === undefined ? 0 : (store.tracks?.flags[row] ?? 0);
    return {
      track: this.track,
      name: row === undefined ? `#${this.track}` : store.nameOf(row),
      manual: (flags & TrackFlag.MANUAL) !== 0,
      guarded: row !== undefined && (store.tracks?.protected[row] === 1 || store.tracks?.civil[row] === 1),
      why: this.known,
      now: store.clock.now(performance.now()) ?? store.status?.time ?? 0,
      may: (command) => commands.may(command),
    };
  }

  private draw(): void {
    const about = this.about();
    const orders = possible(about);
    const order = orders.find((o) => o.id === this.chosen) ?? orders[0];
    const kinds = orders.map((o) =>
      h(`button${o === order ? ".chosen" : ""}`, { type: "button", "aria-pressed": String(o === order), "data-order": o.id, click: () => this.choose(o) }, t(o.name)),
    );
    put(
      this.dialog,
      h("header", {}, h("b#track-actions-title", {}, t("act.title", about.name)), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      h("div.kinds", {}, ...kinds),
      order ? this.form(order, about) : h("p.empty", {}, t("act.nothing")),
      this.said,
    );
  }

  private choose(order: Order): void {
    this.chosen = order.id;
    setText(this.said, "");
    this.draw();
    this.dialog.querySelector<HTMLElement>("form input, form select")?.focus();
  }

  private form(order: Order, about: About): HTMLElement {
    const { elements, inputs, read } = labels(order.fields(about));
    const identity = inputs.find((i) => i.name === "identity");
    const because = inputs.find((i) => i.name === "reason");
    const need = (): void => void (identity && because instanceof HTMLInputElement && (because.required = identity.value === "suspect"));
    identity?.addEventListener("change", need);
    need();
    const note = order.note?.(about) ?? "";
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send(order, read());
    };
    return h("form", { submit }, note && h("p.note", {}, note), ...elements, h("div.buttons", {}, h("button.send", { type: "submit" }, t("act.send"))));
  }

  private async send(order: Order, values: Values): Promise<void> {
    const about = this.about();
    const { command, undo } = order.make(values, about);
    const what = t("answer.track", t(order.name), about.name);
    try {
      await this.page.commands.send(command, undo && { command: undo, what });
      this.dialog.close();
      this.page.say(t("act.sent", what));
    } catch (error) {
      setText(this.said, t("command.refused", error instanceof Error ? error.message : String(error)));
    }
  }
}
