// The board on the wall: a big clock, the alerts, the map. It shows, and nothing on it can be pressed.

import type { Connection, Listener } from "./connection";
import { h, put, setText } from "./dom";
import { Besides } from "./events";
import { clockTime, dateText, duration } from "./format";
import { lang, t } from "./i18n";
import type { Session } from "./session";
import { calls, SEVERITIES, type Alert, type Store } from "./store";

const SHOWN_MAX = 9;
const SIGNS = ["·", "▵", "◆", "▲"] as const; // by severity: shape, not colour alone

/** Whether the address asks for the board. */
export const wanted = (search: string): boolean => new URLSearchParams(search).has("wall");

export class Wall {
  private readonly site = h("span.site");
  private readonly mode = h("span.mode");
  private readonly link = h("span.link");
  private readonly date = h("p.date");
  private readonly time = h("p.time");
  private readonly title = h("h2");
  private readonly list = h("ul", { "aria-live": "polite" });
  private key = "";

  constructor(
    element: HTMLElement,
    private readonly store: Store,
    private readonly connection: Connection,
    session: Session,
    listener: Listener,
  ) {
    document.body.classList.add("wall");
    document.getElementById("view")!.inert = true;
    document.getElementById("header")!.hidden = document.getElementById("side")!.hidden = true;
    element.hidden = false;
    session.against = () => t("wall.onlyshows");
    put(element, h("header", {}, h("b.name", {}, "TENERE"), this.site, this.mode), this.time, this.date, this.link, this.title, this.list);
    for (const topic of ["hello", "status", "link", "language"] as const) store.on(topic, () => this.draw());
    setInterval(() => this.tick(), 250);
    new Besides(connection, listener);
    this.draw();
  }

  private tick(): void {
    const frozen = this.connection.state !== "open";
    const now = frozen ? this.connection.lastTime : this.store.clock.now(performance.now());
    setText(this.time, `${clockTime(now)} ${t("clock.utc")}`);
    setText(this.date, dateText(now));
    this.time.classList.toggle("frozen", frozen);
    const { state, besides, lastAt } = this.connection;
    this.link.className = `link ${state === "open" ? "good" : "bad"}`;
    const told = state === "quiet" ? t("link.quiet", duration((performance.now() - lastAt) / 1000)) : t(`link.${state}`);
    setText(this.link, besides && state === "open" ? `${told}, ${t("wall.slow")}` : told);
  }

  private draw(): void {
    const { store } = this;
    const mode = store.status?.mode ?? store.hello?.mode;
    setText(this.site, store.hello?.site.name ?? "");
    this.mode.className = `mode ${mode ?? ""}`;
    setText(this.mode, mode ? t(`mode.${mode}`) : "");
    this.tick();
    const alerts = (store.status?.alerts ?? []).filter((a) => a.state !== "cleared" && a.state !== "suppressed");
    const key = lang() + alerts.map((a) => [a.id, a.severity, a.acknowledged, a.text[lang()]].join(":")).join();
    if (key === this.key && this.list.childElementCount) return;
    this.key = key;
    setText(this.title, t("wall.alerts"));
    const hidden = alerts.length - SHOWN_MAX;
    put(this.list, ...alerts.slice(0, SHOWN_MAX).map(card), alerts.length === 0 && h("li.none", {}, t("wall.noalerts")), hidden > 0 && h("li.none", {}, t("alerts.more", hidden)));
  }
}

function card(alert: Alert): HTMLElement {
  return h(
    `li.${alert.severity}${calls(alert) ? "" : ".done"}`,
    { "data-alert": alert.id },
    h("span.sign", { "aria-hidden": "true" }, SIGNS[SEVERITIES.indexOf(alert.severity)] ?? ""),
    h("b", {}, t(`severity.${alert.severity}`)),
    h("span.since", {}, clockTime(alert.since)),
    h("p", {}, alert.text[lang()] ?? alert.rule),
    alert.acknowledged !== null && h("p.by", {}, t("alerts.acknowledged", clockTime(alert.acknowledged), alert.by ?? "?")),
  );
}
