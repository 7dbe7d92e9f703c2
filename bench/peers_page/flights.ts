// The same twenty thousand flights for each peer: straight lines over Niger, as tests/browser/fake_site.py lays them out.

export interface Flights {
  readonly count: number;
  /** Longitude, latitude of each, degrees. */
  readonly places: Float32Array;
  /** Degrees clockwise from north. */
  readonly courses: Float32Array;
  readonly identities: Uint8Array;
  /** Milliseconds that putting a picture into the peer's form took, for the window. */
  formMs: number;
}

export const COLOURS = ["#c9b458", "#ffdd57", "#8fd6ff", "#4fc3ff", "#6fe3a1", "#ff6b57"];
export const CENTRE: [number, number] = [8.2, 16.5];
export const ZOOM = 5.2;

/** A small generator, so that each run sees the same flights (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Fly them: each second their places are moved on, and whoever shows them is told. */
export function fly(shown: (flights: Flights) => void): void {
  const count = Number(new URLSearchParams(location.search).get("tracks") ?? 20_000);
  const random = generator(7);
  const flights: Flights = { count, places: new Float32Array(2 * count), courses: new Float32Array(count), identities: new Uint8Array(count), formMs: 0 };
  const [north, east] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    flights.places[2 * i] = 1 + 13 * random();
    flights.places[2 * i + 1] = 11.5 + 9.5 * random();
    flights.courses[i] = 360 * random();
    flights.identities[i] = [4, 4, 4, 4, 4, 1, 2, 3, 3, 2, 0, 1][i % 12]!;
    const course = (flights.courses[i]! * Math.PI) / 180;
    const degrees = (60 + 180 * random()) / 111_195;
    north[i] = degrees * Math.cos(course);
    east[i] = (degrees * Math.sin(course)) / Math.cos((flights.places[2 * i + 1]! * Math.PI) / 180);
  }
  const step = (): void => {
    const begun = performance.now();
    for (let i = 0; i < count; i++) {
      flights.places[2 * i]! += east[i]!;
      flights.places[2 * i + 1]! += north[i]!;
    }
    shown(flights);
    flights.formMs = performance.now() - begun;
  };
  Object.defineProperty(window, "peer", { value: flights });
  step();
  setInterval(step, 1000);
}

/** An icon of each identity, 24 px, on one canvas. */
export function icons(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = 24 * COLOURS.length;
  canvas.height = 24;
  const g = canvas.getContext("2d")!;
  COLOURS.forEach((colour, k) => {
    g.strokeStyle = colour;
    g.lineWidth = 2;
    g.strokeRect(24 * k + 4, 4, 16, 16);
    g.beginPath();
    g.moveTo(24 * k + 12, 20);
    g.lineTo(24 * k + 12, 4);
    g.stroke();
  });
  return canvas;
}
