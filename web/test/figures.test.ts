import { beforeEach, expect, test } from "vitest";
import { digits, interval, named, verdict, written, type Figure, type Judgement } from "../src/figures";
import { setLang } from "../src/i18n";

const figure = (more: Partial<Figure>): Figure => ({ figure: "update", seconds: null, ground: false, unit: "share", value: 0.5, low: null, high: null, samples: 10, judged: [], ...more });
const judged = (more: Partial<Judgement>): Judgement => ({ limit: "x", verdict: "pass", at_least: null, at_most: null, why: {}, source: {}, ...more });

beforeEach(() => setLang("en"));

test("values have their unit and the digits that mean something", () => {
  expect([digits(0), digits(0.0123), digits(1234.5), digits(-0.000878), digits(86.957)]).toEqual(["0", "0.0123", "1235", "−0.0009", "87.0"]);
  expect([written(0.97649, "share"), written(0.99996, "share"), written(1, "share"), written(0.0011, "share")]).toEqual(["97.6\u00a0%", "99.996\u00a0%", "100\u00a0%", "0.11\u00a0%"]);
  expect([written(48.3, "m"), written(0.0857, "deg"), written(0.1789, "s"), written(null, "m")]).toEqual(["48.3\u00a0m", "0.0857°", "0.179\u00a0s", "–"]);
  expect(interval(figure({ low: 0.9684, high: 0.98256 }))).toBe("(96.8–98.3)");
  expect(interval(figure({ unit: "m", low: null }))).toBe("");
});

test("figures and verdicts are named in the language", () => {
  expect(named(figure({}))).toBe("Probability of update");
  expect(named(figure({ figure: "update_in", seconds: 8, ground: true }))).toBe("Update in 8 s on the ground");
  expect(named(figure({ figure: "ours_alone" }))).toBe("ours_alone");
  expect(verdict(judged({ at_least: 0.97 }), "share")).toBe("meets at least 97\u00a0%");
  expect(verdict(judged({ verdict: "fail", at_most: 0.0001 }), "share")).toBe("does not meet at most 0.01\u00a0%");
  expect(verdict(judged({ verdict: "no limit" }), "m")).toBe("no limit known");
  setLang("fr");
  expect(verdict(judged({ verdict: "few", at_most: 120 }), "m")).toBe("trop peu de plots pour au plus 120\u00a0m");
  expect(named(figure({ figure: "gaps_over", seconds: 16.4 }))).toBe("Lacunes de plus de 16.4 s");
});
