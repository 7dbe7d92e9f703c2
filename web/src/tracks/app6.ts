// Symbols after APP-6E, drawn by milsymbol when somebody wants them: which code a track has, and a texture of those in use.

import { Mark } from "../shaders";
import { AircraftClass, Identity } from "../wire";

/** Standard identity, the fourth digit: our six are the standard's first six. What is not one of ours is unknown. */
const STANDARD_IDENTITY: Readonly<Record<number, string>> = {
  [Identity.PENDING]: "0",
  [Identity.UNKNOWN]: "1",
  [Identity.ASSUMED_FRIEND]: "2",
  [Identity.FRIEND]: "3",
  [Identity.NEUTRAL]: "4",
  [Identity.SUSPECT]: "5",
};

const AIR = "01";
const LAND_EQUIPMENT = "15";
const NOTHING_KNOWN = "000000";
const CIVIL_FIXED_WING = "120100";

/** Symbol set and entity of each class: the civil one, and the one of a state's own aircraft where there is one. */
const ENTITIES: Readonly<Record<number, readonly [set: string, civil: string, own?: string]>> = {
  [AircraftClass.LIGHT]: [AIR, CIVIL_FIXED_WING, "110100"],
  [AircraftClass.AIRLINER]: [AIR, CIVIL_FIXED_WING, "110100"],
  [AircraftClass.HELICOPTER]: [AIR, "120200", "110200"],
  [AircraftClass.GLIDER]: [AIR, CIVIL_FIXED_WING],
  [AircraftClass.DRONE]: [AIR, "120300", "110300"],
  [AircraftClass.VEHICLE]: [LAND_EQUIPMENT, "160100"],
  [AircraftClass.BALLOON]: [AIR, "120400", "110500"],
  [AircraftClass.HIGH_PERFORMANCE]: [AIR, CIVIL_FIXED_WING, "110100"],
};

const VERSION = "13"; // APP-6E
const REALITY = "0"; // an exercise is told by the page's own mark: its context digit would give other frames
const PRESENT = "0";

/** Whether a track counts as a state's own: a friend that is not civil by presumption. Of no other is a military entity claimed. */
export const isOwn = (identity: number, marks: number): boolean => (identity === Identity.FRIEND || identity === Identity.ASSUMED_FRIEND) && !(marks & Mark.CIVIL);

/** The symbol identification code of a track, 20 digits. */
export function sidcOf(identity: number, aircraftClass: number, own: boolean): string {
  const [set, civil, military] = ENTITIES[aircraftClass] ?? [AIR, NOTHING_KNOWN];
  return `${VERSION}${REALITY}${STANDARD_IDENTITY[identity] ?? "1"}${set}${PRESENT}000${(own && military) || civil}0000`;
}

export const IDENTITIES = 6;
export const CLASSES = 10;
export const COLUMNS = 20;
export const SLOTS = IDENTITIES * CLASSES * 4;
/** How far a slot reaches from its middle, in radii of the civil symbol; and in milsymbol's own units, of which a frame is about 100 wide. */
export const REACH = 1.7;
const REACH_UNITS = 82;
const RADIUS_MAX_PX = 15;

/** Which slot of the texture a track's symbol is in. */
export function slotOf(identity: number, aircraftClass: number, marks: number): number {
  const known = identity < IDENTITIES ? identity : Identity.UNKNOWN;
  const kind = Math.min(aircraftClass, CLASSES - 1);
  return ((known * CLASSES + kind) * 2 + (isOwn(known, marks) ? 1 : 0)) * 2 + (marks & Mark.SYSTEM ? 1 : 0);
}

type Maker = (sidc: string, options: Record<string, unknown>) => { asCanvas(factor?: number): HTMLCanvasElement; getAnchor(): { x: number; y: number } };

/** The texture; each symbol is drawn once, when it is first wanted. */
export class App6 {
  readonly canvas = document.createElement("canvas");
  dirty = true;
  private readonly drawn = new Uint8Array(SLOTS);
  private readonly side: number;
  private readonly g: CanvasRenderingContext2D;

  constructor(
    private readonly maker: Maker,
    ratio: number,
  ) {
    this.side = Math.ceil(2 * REACH * RADIUS_MAX_PX * ratio);
    this.canvas.width = this.side * COLUMNS;
    this.canvas.height = this.side * (SLOTS / COLUMNS);
    this.g = this.canvas.getContext("2d")!;
  }

  /** milsymbol is fetched when it is first wanted, and holds no more than the two symbol sets in use. */
  static async load(ratio: number): Promise<App6> {
    const { ms, numberair, numberlandequipment } = await import("milsymbol-parts");
    ms.addIcons(numberair);
    ms.addIcons(numberlandequipment);
    ms.setStandard("APP6");
    return new App6((sidc, options) => new ms.Symbol(sidc, options), ratio);
  }

  want(identity: number, aircraftClass: number, marks: number): void {
    const slot = slotOf(identity, aircraftClass, marks);
    if (this.drawn[slot]) return;
    this.drawn[slot] = 1;
    this.dirty = true;
    const scale = this.side / (2 * REACH_UNITS);
    const hollow = Boolean(marks & Mark.SYSTEM);
    const symbol = this.maker(sidcOf(identity, aircraftClass, isOwn(identity, marks)), {
      size: 100 * scale,
      colorMode: "Light",
      civilianColor: false,
      fill: !hollow,
      monoColor: "",
      outlineWidth: 6,
      outlineColor: "rgba(4, 7, 11, 0.9)",
      strokeWidth: 6,
      square: false,
    });
    const anchor = symbol.getAnchor();
    const [x, y] = [((slot % COLUMNS) + 0.5) * this.side, (Math.floor(slot / COLUMNS) + 0.5) * this.side];
    this.g.drawImage(symbol.asCanvas(1), x - anchor.x, y - anchor.y);
  }
}
