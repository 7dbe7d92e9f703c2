// Tous les mots de l'interface, en français.

import type { Key } from "../en";
import { airspace } from "./airspace";
import { core } from "./core";
import { habits } from "./habits";
import { map } from "./map";
import { past } from "./past";
import { symbols } from "./symbols";
import { tracks } from "./tracks";
import { wire } from "./wire";

export const fr: Record<Key, string> = { ...core, ...map, ...tracks, ...symbols, ...airspace, ...past, ...habits, ...wire };
