// Touches, sons, thèmes, annulation, reprise.

import type { habits as en } from "../en/habits";

export const habits: Record<keyof typeof en, string> = {};
