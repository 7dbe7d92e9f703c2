// La liste des pistes, la page d'une piste, les plans de vol.

import type { tracks as en } from "../en/tracks";

export const tracks: Record<keyof typeof en, string> = {};
