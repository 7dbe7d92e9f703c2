// An aircraft that somebody saw and no sensor shows: the dialog that makes a track of the report.

import { h, put, setText } from "../dom";
import { t, word } from "../i18n";
import type { Page } from "../page";
import { AircraftClass } from "../wire";
import { labels } from "./form";
import type { Field, Values } from "./track/orders";

const CLASSES = Object.keys(AircraftClass).map((name) => name.toLowerCase());
const KNOT_MS = 1852 / 3600;

/** The command that a filled form makes. */
export function reported(v: Values): { kind: string } & Record<string, unknown> {
  return {
    kind: "track_report",
    words: v["words"],
    lat_deg: Number(v["lat"]),
    lon_deg: Number(v["lon"]),
    position_std_m: 1000 * Number(v["std"]),
    aircraft_class: v["class"],
    ...(v["callsign"] ? { callsign: v["callsign"].toUpperCase() } : {}),
    ...(v["course"] ? { course_deg: Number(v["course"]) } : {}),
    ...(v["speed"] ? { speed_ms: Math.round(100 * Number(v["speed"]) * KNOT_MS) / 100 } : {}),
  };
}

export class Report {
  private readonly dialog = document.createElement("dialog");
  private readonly said = h("p.refused", { role: "alert" });

  constructor(private readonly page: Page) {
    this.dialog.id = "track-report";
    this.dialog.setAttribute("aria-labelledby", "track-report-title");
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the map's keys are not for here
    document.body.append(this.dialog);
  }

  /** Ask for a report: of the place that was pointed at, else of the middle of the map. */
  open(): void {
    const { scene, store } = this.page;
    const home = scene?.base.home();
    const [lat, lon] = scene?.pointed ?? (home ? [home.lat, home.lon] : [store.hello?.site.lat ?? 0, store.hello?.site.lon ?? 0]);
    const { elements, read } = labels(this.fields(lat, lon));
    setText(this.said, "");
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send(read());
    };
    put(
      this.dialog,
      h("header", {}, h("b#track-report-title", {}, t("report.title")), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      h("form", { submit }, ...elements, h("div.buttons", {}, h("button.send", { type: "submit" }, t("act.send")))),
      this.said,
    );
    this.dialog.showModal();
    this.dialog.querySelector<HTMLElement>("[name=words]")?.focus();
  }

  private fields(lat: number, lon: number): Field[] {
    return [
      { name: "words", label: "report.words", longest: 200 },
      { name: "lat", label: "report.lat", number: { min: -90, max: 90, step: 0.0001 }, value: lat.toFixed(4) },
      { name: "lon", label: "report.lon", number: { min: -180, max: 180, step: 0.0001 }, value: lon.toFixed(4) },
      { name: "std", label: "report.std", number: { min: 0.1, max: 200, step: 0.1 }, value: "3" },
      { name: "class", label: "report.class", choices: CLASSES.map((c) => [c, word("class", c)]) },
      { name: "callsign", label: "report.callsign", longest: 8, optional: true },
      { name: "course", label: "report.course", number: { min: 0, max: 360 }, optional: true },
      { name: "speed", label: "report.speed", number: { min: 0, max: 1900 }, optional: true },
    ];
  }

  private async send(values: Values): Promise<void> {
    try {
      await this.page.commands.send(reported(values));
      this.dialog.close();
      this.page.say(t("act.sent", t("report.title")));
    } catch (error) {
      setText(this.said, t("command.refused", error instanceof Error ? error.message : String(error)));
    }
  }
}
