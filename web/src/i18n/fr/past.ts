// Le passé proche.

import type { past as en } from "../en/past";

export const past: Record<keyof typeof en, string> = {};
