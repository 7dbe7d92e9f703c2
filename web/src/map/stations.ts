// Places that ranges are told from: the site, and the sensors that have a place.

import { t } from "../i18n";
import type { Store } from "../store";

export interface Station {
  lat: number;
  lon: number;
  name: string;
}

/** The site first, where it names a place. */
export function stations(store: Store): Station[] {
  const site = store.hello?.site;
  const sensors = store.status?.sensors ?? store.hello?.sensors ?? [];
  const placed = sensors.flatMap((s) => (s.lat !== null && s.lon !== null ? [{ lat: s.lat, lon: s.lon, name: s.id }] : []));
  return site && site.lat !== null && site.lon !== null ? [{ lat: site.lat, lon: site.lon, name: site.name || t("map.site") }, ...placed] : placed;
}
