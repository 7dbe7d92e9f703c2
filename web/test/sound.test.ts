import { expect, test } from "vitest";
import { Alarm, PATTERNS, Player, type Heard } from "../src/sound";
import type { Alert, SeverityName } from "../src/store";

const alert = (id: number, severity: SeverityName, more: Partial<Alert> = {}): Alert => ({ id, rule: "r", severity, track: 1, other: null, sensor: null, text: {}, since: 0, until: 0, predicted: null, acknowledged: null, by: null, state: "raised", ...more });

/** What sounds from one second to another, as [s, pattern]. */
function heard(alarm: Alarm, from_s: number, to_s: number, lets?: (severity: Heard) => boolean): [number, Heard][] {
  const out: [number, Heard][] = [];
  for (let ms = 1000 * from_s; ms < 1000 * to_s; ms += 250) {
    const due = alarm.due(ms, lets);
    if (due) out.push([ms / 1000, due]);
  }
  return out;
}

function begun(...alerts: Alert[]): Alarm {
  const alarm = new Alarm();
  alarm.take(alerts, 0);
  return alarm;
}

test("what was there when the page was opened makes no sound", () => {
  const alarm = begun(alert(1, "emergency"), alert(2, "warning"));
  alarm.take([alert(1, "emergency"), alert(2, "warning")], 1000);
  expect(heard(alarm, 0, 60)).toEqual([]);
});

test("caution once, warning twice, information never", () => {
  const alarm = begun();
  alarm.take([alert(1, "caution")], 0);
  expect(heard(alarm, 0, 60)).toEqual([[0, "caution"]]);
  alarm.take([alert(1, "caution"), alert(2, "warning")], 60_000);
  expect(heard(alarm, 60, 120)).toEqual([[60, "warning"], [60 + PATTERNS.warning.every_s, "warning"]]);
  alarm.take([alert(3, "information")], 120_000);
  expect(heard(alarm, 120, 180)).toEqual([]);
});

test("an emergency goes on until it is acknowledged, and stops then", () => {
  const alarm = begun();
  alarm.take([alert(1, "emergency")], 0);
  const first = heard(alarm, 0, 600);
  expect(first.length).toBe(600 / PATTERNS.emergency.every_s);
  expect(alarm.urgent).toBe(true);
  alarm.take([alert(1, "emergency", { acknowledged: 600, by: "omar" })], 600_000);
  expect(alarm.urgent).toBe(false);
  expect(heard(alarm, 600, 700)).toEqual([]);
});

test("suppressed, cleared or gone is silent; a suppression that ends calls again", () => {
  for (const quiet of [[alert(1, "emergency", { state: "suppressed" })], [alert(1, "emergency", { state: "cleared" })], []]) {
    const alarm = begun();
    alarm.take([alert(1, "emergency")], 0);
    alarm.take(quiet, 10);
    expect(heard(alarm, 0, 20)).toEqual([]);
    alarm.take([alert(1, "emergency")], 30_000);
    expect(heard(alarm, 30, 31)).toEqual([[30, "emergency"]]);
  }
});

test("what grows worse is new, what grows milder is not", () => {
  const alarm = begun(alert(1, "caution"));
  alarm.take([alert(1, "warning")], 0);
  expect(heard(alarm, 0, 1)).toEqual([[0, "warning"]]);
  alarm.take([alert(1, "caution")], 1000);
  expect(heard(alarm, 1, 60)).toEqual([]);
});

test("a hundred at once sound as the worst of them, once, not as a hundred", () => {
  const alarm = begun();
  const many = Array.from({ length: 100 }, (_, i) => alert(i, i % 2 ? "caution" : "warning"));
  alarm.take(many, 0);
  expect(heard(alarm, 0, 60)).toEqual([[0, "warning"], [PATTERNS.warning.every_s, "warning"]]);
});

test("while muted only an emergency is heard, and what was not heard is not made up for later", () => {
  const alarm = begun();
  const muted = (severity: Heard): boolean => severity === "emergency";
  alarm.take([alert(1, "warning"), alert(2, "caution")], 0);
  expect(heard(alarm, 0, 20, muted)).toEqual([]);
  expect(heard(alarm, 20, 60)).toEqual([]);
  alarm.take([alert(1, "warning"), alert(3, "emergency")], 60_000);
  expect(heard(alarm, 60, 61, muted)).toEqual([[60, "emergency"]]);
});

test("an emergency that nobody could hear is heard as soon as sound is there", () => {
  const alarm = begun();
  alarm.take([alert(1, "emergency")], 0);
  expect(heard(alarm, 0, 30, () => false)).toEqual([]);
  expect(heard(alarm, 30, 34).length).toBeGreaterThan(0);
});

test("patterns never overlap themselves, and none is longer than its pause", () => {
  for (const { tones, times, every_s } of Object.values(PATTERNS)) {
    const ends = Math.max(...tones.map(([, at, length]) => at + length));
    if (times > 1) expect(ends).toBeLessThan(every_s);
  }
});

test("the player says when it is not heard, and survives a browser without sound", async () => {
  expect(await new Player(() => undefined).wake()).toBe(false);
  const refusing = new Player(() => ({ state: "suspended", resume: () => Promise.reject(new Error("not yet")) }) as unknown as AudioContext);
  expect(await refusing.wake()).toBe(false);
  expect(refusing.ready).toBe(false);

});
