// L'éditeur d'espace aérien et les fermetures.

import type { airspace as en } from "../en/airspace";

export const airspace: Record<keyof typeof en, string> = {};
