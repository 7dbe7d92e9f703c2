// Every word of the interface, in English. Other languages have exactly these keys (a test compares them).

import { airspace } from "./airspace";
import { core } from "./core";
import { habits } from "./habits";
import { map } from "./map";
import { past } from "./past";
import { symbols } from "./symbols";
import { tracks } from "./tracks";
import { wire } from "./wire";

export const en = { ...core, ...map, ...tracks, ...symbols, ...airspace, ...past, ...habits, ...wire } as const;

export type Key = keyof typeof en;
