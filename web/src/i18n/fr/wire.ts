// Le flux, les filtres et le retard.

import type { wire as en } from "../en/wire";

export const wire: Record<keyof typeof en, string> = {};
