// Comment les pistes sont dessinées : symboles, étiquettes, ce qu'en dit le bas de la carte.

import type { symbols as en } from "../en/symbols";

export const symbols: Record<keyof typeof en, string> = {
  "label.light": "léger",
  "label.airliner": "avion de ligne",
  "label.helicopter": "hélicoptère",
  "label.glider": "planeur",
  "label.drone": "drone",
  "label.vehicle": "véhicule",
  "label.balloon": "ballon",
  "label.high_performance": "haute perf.",
  "foot.points": "{0} des {1} pistes en vue sont des points : pas de place pour leurs symboles",
  "foot.detail": "Étiquettes : détail {0} sur 3",
  "foot.civil": "Symboles civils",
  "foot.app6": "Symboles APP-6",
  "foot.app6.failed": "Les symboles APP-6 n'ont pas pu être chargés.",
  "help.detail": "plus ou moins de détail sur les étiquettes",
  "help.symbols": "symboles civils ou APP-6",
  "help.nudge": "déplacer l'étiquette de la piste choisie",
  "help.release": "libérer les étiquettes déplacées : celle de la piste choisie, sinon toutes",
  "help.points": "Points : pistes dont le symbole n'a pas de place. Les inconnues, les suspectes, les vols protégés et les pistes en alerte passent en premier.",
  "help.drag": "Glisser une étiquette pour la déplacer ; double-clic pour la libérer.",
  "layer.ellipse": "Incertitude de la piste choisie",
};
