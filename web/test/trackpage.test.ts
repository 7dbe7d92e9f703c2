import { expect, test } from "vitest";
import { Answers } from "../src/answers";
import { Commands } from "../src/commands";
import { reported } from "../src/panels/report";
import { said } from "../src/panels/track/plots";
import { weightText } from "../src/panels/track/now";
import { ORDERS, possible, type About } from "../src/panels/track/orders";
import { path, placed, scaleOf, timesOf } from "../src/panels/track/scale";
import type { Explanation } from "../src/panels/track/told";
import type { Session } from "../src/session";
import { Store, type Answer, type Status } from "../src/store";

test("an axis holds its values between round marks", () => {
  expect(scaleOf([120, 350], 4, 20)).toEqual({ low: 100, high: 400, marks: [100, 200, 300, 400] });
  expect(scaleOf([350, 350, null], 4, 20).marks).toEqual([340, 345, 350, 355, 360]);
  expect(scaleOf([], 4, 20).marks).toEqual([0, 5, 10, 15, 20]);
  expect(scaleOf([0, 3], 4, 40, 0).low).toBe(0);
  for (const values of [[0.1, 0.2], [-10, 612], [1e5, 1e5 + 1]]) {
    const { low, high } = scaleOf(values, 4, 1);
    expect([low <= values[0]!, high >= values[1]!]).toEqual([true, true]);
  }
});

test("times are round and few", () => {
  expect(timesOf(1000, 2800, 5)).toEqual([1200, 1800, 2400]);
  expect(timesOf(0, 240, 5)).toEqual([0, 60, 120, 180, 240]);
  expect(placed(5, 0, 10, 300)).toBe(150);
  expect(placed(5, 5, 5, 300)).toBe(0);
});

test("a line breaks where nothing is known and where time is missing; a value alone is a dot", () => {
  const drawn = path([0, 10, 20, 30, 40, 90], [1, 2, null, 4, 5, 6], 25, (x) => x, (y) => y);
  expect(drawn).toBe("M0.0 1.0L10.0 2.0M30.0 4.0L40.0 5.0M90.0 6.0h0.01");
  expect(path([], [], 25, (x) => x, (y) => y)).toBe("");
});

test("a plot and a weight are said in a line", () => {
  const plot = { time: 0, sensor: "A", kind: "ssr", range_m: 18520, azimuth_deg: 89.6, lat: null, lon: null, level_ft: 35000, mode_a: "7421", address: null, callsign: "UNO1", remote_id: null, flags: ["spi"] };
  expect(said(plot)).toBe("10.0 NM 090° · FL350 · A7421 · UNO1 · ident (SPI)");
  expect([weightText(2), weightText(-0.66), weightText(null)]).toEqual(["+2.0", "−0.7", ""]);
});

const about = (more: Partial<About> = {}): About => ({ track: 7, name: "UNO1", manual: false, guarded: false, why: undefined, now: 100, may: () => true, ...more });
const why = (more: Partial<Explanation>): Explanation => ({ evidence: [], protected: false, civil: false, set_by_hand: null, callsign: "UNO1", address: "06205A", ...more }) as Explanation;
const order = (id: string) => ORDERS.find((o) => o.id === id)!;

test("only what a role may do of a track is offered", () => {
  expect(possible(about({ may: () => false }))).toEqual([]);
  expect(possible(about({ may: (c) => c === "unprotect" }))).toEqual([]); // nothing protects it
  expect(possible(about({ may: (c) => c === "unprotect", guarded: true })).map((o) => o.id)).toEqual(["unprotect"]);
  const ids = (manual: boolean): string[] => possible(about({ manual })).map((o) => o.id);
  expect(ids(true)).toContain("track_correlate");
  expect(ids(false)).not.toContain("track_correlate");
});

test("each action makes the command that the server knows, and what takes it back", () => {
  const given = (id: string, values: Record<string, string>, at = about()) => order(id).make(values, at);
  const identity = given("identity", { identity: "suspect", reason: "no answer" }, about({ why: why({ set_by_hand: "friend" }) }));
  expect(identity.command).toEqual({ kind: "identity", track: 7, identity: "suspect", reason: "no answer" });
  expect(identity.undo).toMatchObject({ kind: "identity", track: 7, identity: "friend" });
  expect(given("identity", { identity: "friend", reason: "" }).undo).toMatchObject({ identity: "automatic" });
  expect(given("radio", { state: "lost" })).toEqual({ command: { kind: "radio", track: 7, state: "lost" }, undo: { kind: "radio", track: 7, state: "regained" } });
  expect(given("cleared", { level: "310" }).command).toEqual({ kind: "cleared", track: 7, level_ft: 31000 });
  expect(given("cleared", { level: "" })).toEqual({ command: { kind: "cleared", track: 7, level_ft: null } });
  expect(given("claim", { what: "level_ft", value: "FL310" }).command).toMatchObject({ value: 31000 });
  expect(given("claim", { what: "mode_a", value: "7700" }).command).toMatchObject({ value: "7700" });
  expect(given("claim", { what: "climbing", value: "" }).command).toEqual({ kind: "claim", track: 7, what: "climbing" });
  expect(given("registry", { callsign: "uno1", address: "", label: "relief" })).toEqual({
    command: { kind: "registry", op: "add", callsign: "UNO1", label: "relief" },
    undo: { kind: "registry", op: "remove", callsign: "UNO1" },
  });
  expect(given("registry", { callsign: "UNO1", address: "", label: "x" }, about({ may: () => false })).undo).toBeUndefined();
  expect(given("track_merge", { other: "9", reason: "one" }).command).toEqual({ kind: "track_merge", track: 7, other: 9, reason: "one" });
});

test("who asked for protection to be taken off is told, with how long that stands", () => {
  const piece = { rule: "unprotect_asked", text: "Sara asks", weight: 0, for: true, since: 50, expires: 220, source: "person" };
  const note = (now: number): string => order("unprotect").note!(about({ now, why: why({ protected: true, evidence: [piece] }) }));
  expect(note(100)).toBe("Sara asks. It stands for 2 min more.");
  expect(note(221)).toContain("you would be the first");
});

test("a report is sent in the server's units, without what was left out", () => {
  const values = { words: "seen", lat: "13.5", lon: "2.1", std: "3", class: "helicopter", callsign: "", course: "", speed: "100" };
  expect(reported(values)).toEqual({ kind: "track_report", words: "seen", lat_deg: 13.5, lon_deg: 2.1, position_std_m: 3000, aircraft_class: "helicopter", speed_ms: 51.44 });
});

test("answers to this person's commands are said once, and an order can be taken back", () => {
  const store = new Store();
  const session = { info: { name: "omar.the.operator.of.niamey" }, may: () => true } as unknown as Session;
  const commands = new Commands(session);
  const heard: [string, string | undefined][] = [];
  new Answers(store, session, commands, (text, kind) => heard.push([text, kind]));
  const answer = (id: number, by: string, more: Partial<Answer> = {}): Answer => ({ id, time: 1, kind: "track_end", accepted: true, track: 9, order: null, by, text: { en: "Done" }, ...more });
  const hear = (...answers: Answer[]): void => store.takeStatus({ alerts: [], answers } as unknown as Status);
  hear(answer(1, "omar.the.operato"));
  expect(heard).toEqual([]); // it was there before the page was
  hear(answer(1, "omar.the.operato"), answer(2, "sara"), answer(3, "omar.the.operato", { order: 5 }), answer(4, "", {}));
  hear(answer(3, "omar.the.operato", { order: 5 }), answer(5, "omar.the.operato", { accepted: false, text: { en: "Refused" } }));
  expect(heard).toEqual([
    ["End · #9: Done", "note"],
    ["End · #9: Refused", "bad"],
  ]);
  expect(commands.done.map((d) => d.undo)).toEqual([{ kind: "track_undo", order: 5, reason: "taken back" }]);
});
