// Le flux, les filtres et le retard.

import type { wire as en } from "../en/wire";

export const wire: Record<keyof typeof en, string> = {
  "link.late": "image en retard de {0} s",
  "link.delay": "De l'image du serveur à cette page : {0} ms",
};
