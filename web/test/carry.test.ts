import { describe, expect, it } from "vitest";
import { Carried, Pace, transformOf } from "../src/carry";
import { MERCATOR, planeX, planeY, screenX, screenY, viewOf, type View } from "../src/plane";

const NIAMEY = viewOf(MERCATOR, 13.5, 2.1, 6, 1200, 800);
const VIEWS: [string, View][] = [
  ["moved", viewOf(MERCATOR, 14.2, 3.7, 6, 1200, 800)],
  ["zoomed in", viewOf(MERCATOR, 13.1, 2.4, 7.3, 1200, 800)],
  ["turned", viewOf(MERCATOR, 13.5, 2.1, 6, 1200, 800, 40)],
  ["all of it", viewOf(MERCATOR, 12.2, 1.1, 4.8, 1200, 800, -115)],
];

/** Where the transform lays a point of what was drawn. */
function laid(transform: string, x: number, y: number): [number, number] {
  if (transform === "") return [x, y];
  const [a, b, c, d, e, f] = transform.slice("matrix(".length, -1).split(",").map(Number) as [number, number, number, number, number, number];
  return [a * x + c * y + e, b * x + d * y + f];
}

describe("what was drawn for one view", () => {
  it.each(VIEWS)("lies where it belongs in another that is %s", (_, to) => {
    for (const from of [NIAMEY, VIEWS[3]![1]]) {
      const transform = transformOf(from, to);
      for (const [x, y] of [[0, 0], [1200, 0], [333, 777], [600, 400]] as const) {
        const [px, py] = [planeX(from, x, y), planeY(from, x, y)];
        const [right, down] = laid(transform, x, y);
        expect(right).toBeCloseTo(screenX(to, px, py), 1);
        expect(down).toBeCloseTo(screenY(to, px, py), 1);
      }
    }
  });

  it("is not moved for the same view", () => {
    expect(transformOf(NIAMEY, { ...NIAMEY })).toBe("");
  });

  it("is carried only into a view of its plane and size, and lies still once it is drawn anew", () => {
    const element = { style: { transform: "" } } as HTMLElement;
    const carried = new Carried([element]);
    carried.carry(VIEWS[0]![1]);
    expect(element.style.transform).toBe(""); // nothing was drawn yet
    carried.mark(NIAMEY);
    carried.carry(VIEWS[0]![1]);
    const before = element.style.transform;
    expect(before).toBe(transformOf(NIAMEY, VIEWS[0]![1]));
    expect(carried.fits({ ...NIAMEY, width: 1000 })).toBe(false);
    carried.carry({ ...VIEWS[1]![1], plane: { ...MERCATOR } });
    expect(element.style.transform).toBe(before);
    carried.mark(VIEWS[0]![1]);
    expect(element.style.transform).toBe("");
  });
});

/** Draw whenever it is due, each drawing taking shows_ms to come onto the screen; return the times at which it was drawn. */
function driven(pace: Pace, shows_ms: number, frames: number, from = 0): { drawn: number[]; now: number } {
  const drawn: number[] = [];
  let [now, last] = [from, -Infinity];
  for (let k = 0; k < frames; k++) {
    pace.begin(now);
    if (pace.due(now, last)) {
      drawn.push((last = now));
      pace.drew(now);
      now += shows_ms;
    } else now += 16;
  }
  return { drawn, now };
}

describe("the frames in which a moving map is drawn", () => {
  it("are all of them where the machine draws fast", () => {
    expect(driven(new Pace(), 16, 100).drawn).toHaveLength(100);
    expect(driven(new Pace(), 28, 100).drawn).toHaveLength(100);
  });

  it("are few where it draws slowly, with others between, and never further apart than 0.7 s", () => {
    for (const shows_ms of [50, 120, 500]) {
      const { drawn } = driven(new Pace(), shows_ms, 400);
      const gaps = drawn.slice(20).map((at, k) => at - drawn[k + 19]!);
      expect(Math.min(...gaps)).toBeGreaterThan(shows_ms + 60);
      expect(Math.max(...gaps)).toBeLessThan(Math.max(700, shows_ms + 250));
    }
  });

  it("are all of them again once it draws fast", () => {
    const pace = new Pace();
    const { now } = driven(pace, 120, 200);
    expect(pace.gap_ms).toBeGreaterThan(0);
    driven(pace, 16, 2000, now + 16);
    expect(pace.gap_ms).toBe(0);
  });

  it("show one thing each: where two are due, the second waits for a frame of its own", () => {
    const pace = new Pace();
    const { now } = driven(pace, 120, 100);
    pace.drew(now);
    expect(pace.due(now + 1, -Infinity)).toBe(false);
    expect(pace.due(now + 20, -Infinity)).toBe(true);
  });
});
