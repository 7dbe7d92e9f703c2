// Sound at the watch: a button that always says whether alerts are heard, and a dialog with volume, mute and a test of each pattern.

import { h, put, setText } from "../dom";
import { t } from "../i18n";
import type { Settings } from "../settings";
import { Alarm, PATTERNS, Player, type Heard } from "../sound";
import type { Alert, Store } from "../store";
import type { Banner } from "./banner";

const MUTE_MS = 600_000;
const TICK_MS = 250;
const VOLUME_MIN = 0.05;

export type SoundState = "on" | "muted" | "off" | "waiting";

export class Sound {
  readonly button = h("button.sound", { type: "button" });
  readonly alarm = new Alarm();
  private readonly dialog = h("dialog#sound", { "aria-labelledby": "sound-title" }) as HTMLDialogElement;
  private readonly state_ = h("p.state", { role: "status" });
  private readonly mute = h("button.mute", { type: "button", autofocus: true });
  private readonly volume = h("input", { type: "range", min: VOLUME_MIN, max: 1, step: 0.05 }) as HTMLInputElement;
  private readonly on = h("input", { type: "checkbox" }) as HTMLInputElement;
  private mutedUntil = -Infinity;

  constructor(
    private readonly settings: Settings,
    private readonly banner: Pick<Banner, "stand" | "draw" | "say">,
    store: Store,
    private readonly player = new Player(),
  ) {
    document.body.append(this.dialog);
    this.button.addEventListener("click", () => this.open());
    this.mute.addEventListener("click", () => this.toggleMute());
    this.volume.addEventListener("input", () => settings.set("volume", Number(this.volume.value)));
    this.on.addEventListener("change", () => settings.set("sound", this.on.checked));
    settings.on("sound", () => this.draw());
    const wake = (): void => void player.wake().then((ready) => ready && this.draw());
    for (const event of ["pointerdown", "keydown"]) window.addEventListener(event, () => player.ready || wake(), { capture: true, passive: true });
    wake(); // some browsers let a page that was used before sound at once
    banner.stand("sound", () => (this.state === "waiting" ? { kind: "note", text: t("sound.blocked"), offer: { name: t("sound.start"), run: wake } } : undefined));
    store.on("language", () => this.draw());
    setInterval(() => this.tick(), TICK_MS);
    this.draw();
  }

  get state(): SoundState {
    if (!this.settings.get("sound", true)) return "off";
    if (!this.player.ready) return "waiting";
    return performance.now() < this.mutedUntil ? "muted" : "on";
  }

  /** Take the alerts as they are now on the live picture, whatever the page shows. */
  take(alerts: readonly Alert[]): void {
    this.alarm.take(alerts, performance.now());
    this.tick();
  }

  open(): void {
    this.draw();
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** Silence for ten minutes, or sound again. An emergency is silenced by acknowledging or suppressing it, never by this. */
  toggleMute(): void {
    const muted = performance.now() < this.mutedUntil;
    this.mutedUntil = muted ? -Infinity : performance.now() + MUTE_MS;
    this.banner.say(t(muted ? "sound.said.on" : "sound.said.muted"), "note");
    this.draw();
  }

  private tick(): void {
    const { state } = this;
    const heard = (severity: Heard): boolean => state === "on" || (state === "muted" && severity === "emergency");
    const due = this.alarm.due(performance.now(), heard);
    if (due) this.play(due);
    if (this.button.dataset["state"] !== state) this.draw();
  }

  private play(severity: Heard): void {
    this.player.play(severity, Math.max(VOLUME_MIN, this.settings.get("volume", 0.5)) ** 2);
  }

  private async test(severity: Heard): Promise<void> {
    if (await this.player.wake()) this.play(severity);
    this.draw();
  }

  private draw(): void {
    const { state } = this;
    this.button.dataset["state"] = state;
    put(this.button, icon(state !== "on"), h("span.words", {}, t(`sound.${state}`)));
    this.button.title = t("sound.title");
    setText(this.state_, t(`sound.long.${state}`));
    setText(this.mute, t(state === "muted" ? "sound.unmute" : "sound.mute"));
    this.on.checked = state !== "off";
    this.volume.value = String(this.settings.get("volume", 0.5));
    this.banner.draw();
    if (this.dialog.dataset["words"] === t("sound.title") && this.dialog.hasChildNodes()) return;
    this.dialog.dataset["words"] = t("sound.title");
    put(
      this.dialog,
      h("header", {}, h("b#sound-title", {}, t("sound.title")), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      this.state_,
      h("div.buttons", {}, this.mute),
      h("label.check", {}, this.on, h("span", {}, t("sound.setting"))),
      h("label", {}, h("span", {}, t("sound.volume")), this.volume),
      h("h3", {}, t("sound.test")),
      h("ul.patterns", {}, ...(Object.keys(PATTERNS) as Heard[]).map((s) => h("li", {}, h("button", { type: "button", "data-test": s, click: () => void this.test(s) }, t(`severity.${s}`)), h("span", {}, t(`sound.pattern.${s}`))))),
      h("p.empty", {}, t("sound.note")),
    );
  }
}

function icon(silent: boolean): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("width", "14");
  svg.setAttribute("height", "14");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", `M2 6h3l4-3.5v11L5 10H2Z${silent ? "M11 6l4 4M15 6l-4 4" : "M11 5.5a4 4 0 0 1 0 5M13 3.5a7 7 0 0 1 0 9"}`);
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "1.3");
  svg.append(path);
  return svg;
}
