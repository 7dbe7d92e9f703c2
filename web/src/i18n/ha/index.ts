// Hausa, prepared: the few words whose translation is plain, to be read and completed by speakers before it is offered.
// Every key that is not here is said in English.

import type { Key } from "../en";

export const ha: Partial<Record<Key, string>> = {
  "button.close": "Rufe",
  "button.help": "Taimako",
  "button.signout": "Fita",
  "signin.name": "Suna",
  "signin.go": "Shiga",
  "severity.warning": "gargaɗi",
  "severity.emergency": "gaggawa",
  "panel.alerts": "Faɗakarwa",
  "tracks.name": "Suna",
  "track.speed": "Gudu",
  "track.height": "Tsayi",
  "track.sensors": "Na’urorin ji",
  "theme.night": "dare",
  "theme.day": "rana",
};
