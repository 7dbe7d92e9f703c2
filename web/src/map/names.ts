// Names on the ground: countries, airports, towns.

import countryLabels from "../../build/labels.json";
import placesUrl from "../../build/places.json?url";
import { lang } from "../i18n";
import { inPlane, screenX, screenY, zoomOf, type View } from "../plane";
import { palette } from "../theme";
import { onScreen, SIDES, write, type Taken } from "./write";

/** [code, name, latitude, longitude, rank]: src/tenere/serve/places.py. */
export type Airport = [string, string, number, number, number];

/** scripts/towns.mjs: the most important first. */
interface Towns {
  name: string[];
  lat: number[];
  lon: number[];
  zoom: number[];
  capital: number[];
}

type CountryLabel = [string, string, number, number, number];

const COUNTRIES = countryLabels as CountryLabel[];
const COUNTRY_PLACES = Float64Array.from(COUNTRIES.flatMap(([, , lon, lat]) => [lat, lon]));
/** A town is named this much later than it would be without airports beside it. */
const TOWNS_LATER = 0.4;

export class Names {
  private airports: Airport[] = [];
  private airportPlaces = new Float64Array(0);
  /** Names that airports show on the view drawn last: their towns need not be named again. */
  private readonly said = new Set<string>();
  private towns: Towns | undefined;
  /** Places of the towns of each zoom. */
  private townPlaces = new Map<number, { from: number; places: Float64Array }>();
  private regions: Intl.DisplayNames | undefined;
  private regionsLang = "";

  constructor(private readonly came: () => void) {}

  setAirports(airports: Airport[]): void {
    this.airports = airports;
    this.airportPlaces = Float64Array.from(airports.flatMap(([, , lat, lon]) => [lat, lon]));
  }

  /** Fetch the towns, once. */
  async load(): Promise<void> {
    try {
      this.towns = (await (await fetch(new URL(placesUrl, document.baseURI))).json()) as Towns;
    } catch {
      return; // the map is whole without towns
    }
    const { zoom, lat, lon } = this.towns;
    for (let from = 0; from < zoom.length; ) {
      let to = from;
      while (to < zoom.length && zoom[to] === zoom[from]) to++;
      this.townPlaces.set(zoom[from]!, { from, places: Float64Array.from({ length: 2 * (to - from) }, (_, k) => (k % 2 ? lon : lat)[from + (k >> 1)]!) });
      from = to;
    }
    this.came();
  }

  drawAirports(g: CanvasRenderingContext2D, view: View, taken: Taken): void {
    const zoom = zoomOf(view);
    const rankMax = zoom < 3.6 ? 0 : zoom < 6.2 ? 1 : zoom < 7 ? 2 : 3;
    const at = inPlane(this.airportPlaces, view.plane);
    this.said.clear();
    g.strokeStyle = palette().map.airport;
    g.lineWidth = 1;
    this.airports.forEach(([code, name, , , rank], i) => {
      if (rank > rankMax) return;
      const [x, y] = [screenX(view, at[2 * i]!, at[2 * i + 1]!), screenY(view, at[2 * i]!, at[2 * i + 1]!)];
      if (!onScreen(view, x, y)) return;
      g.beginPath();
      g.arc(x, y, 2.4, 0, 2 * Math.PI);
      g.stroke();
      const style = { size: rank === 1 ? 11.5 : 10.5, colour: rank === 1 ? palette().map.name : palette().map.name_small, places: SIDES };
      if (write(g, zoom > 8.5 ? `${name} ${code}` : name, x, y, taken, style)) this.said.add(name);
    });
  }

  /** After the airports. */
  drawTowns(g: CanvasRenderingContext2D, view: View, taken: Taken, airports: boolean): void {
    const { towns } = this;
    if (!airports) this.said.clear();
    if (!towns) return;
    const shown = zoomOf(view) - TOWNS_LATER;
    for (const [zoom, { from, places }] of this.townPlaces) {
      if (zoom > shown) break;
      const at = inPlane(places, view.plane);
      for (let k = 0; k < at.length; k += 2) {
        const [x, y] = [screenX(view, at[k]!, at[k + 1]!), screenY(view, at[k]!, at[k + 1]!)];
        const i = from + k / 2;
        if (!onScreen(view, x, y, 4) || this.said.has(towns.name[i]!)) continue;
        const capital = towns.capital[i] === 1;
        if (!write(g, towns.name[i]!, x, y, taken, { size: capital ? 11.5 : 10.5, colour: capital ? palette().map.name : palette().map.name_small, places: SIDES })) continue;
        g.fillStyle = capital ? palette().map.name : palette().map.airport;
        g.fillRect(x - 1.5, y - 1.5, 3, 3);
      }
    }
  }

  drawCountries(g: CanvasRenderingContext2D, view: View, taken: Taken): void {
    if (this.regionsLang !== lang()) {
      this.regionsLang = lang();
      this.regions = new Intl.DisplayNames([this.regionsLang, "en"], { type: "region" });
    }
    const at = inPlane(COUNTRY_PLACES, view.plane);
    COUNTRIES.forEach(([code, english, , , width], i) => {
      if ((width / 360) * view.scale < 70) return;
      const [x, y] = [screenX(view, at[2 * i]!, at[2 * i + 1]!), screenY(view, at[2 * i]!, at[2 * i + 1]!)];
      if (!onScreen(view, x, y)) return;
      const name = ((code && this.regions?.of(code)) || english).toLocaleUpperCase(lang());
      write(g, name, x, y, taken, { size: 12, colour: palette().map.country, places: [[0, 0], [0, 24], [0, -24]], spacing: "3px" });
    });
  }
}
