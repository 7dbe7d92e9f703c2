// Places as people paste them: "16.97 7.99", "16,97 ; 7,99", "165812N 0075924E", "16°58.2′N 7°59.4′E", one a line.

import { t } from "../i18n";
import type { Place } from "./volume";

const NUMBER = String.raw`[+-]?\d{1,3}(?:[.]\d+)?`;
const PLAIN = new RegExp(`^(${NUMBER})°?[\\s,;]+(${NUMBER})°?$`);
const COMMA = /^([+-]?\d{1,3},\d+)[\s;]+([+-]?\d{1,3},\d+)$/;
const PART = String.raw`(\d{1,3})[°:\s](?:\s*(\d{1,2}(?:[.,]\d+)?)['′:\s]?(?:\s*(\d{1,2}(?:[.,]\d+)?)["″]?)?)?\s*`;
const DEGREES = new RegExp(`^${PART}([NS])[\\s,;]*${PART}([EW])$`, "i");
const DECIMAL = /^(\d{1,2}(?:[.]\d+)?)°?\s*([NS])[\s,;]*(\d{1,3}(?:[.]\d+)?)°?\s*([EW])$/i;
const PACKED = /^(\d{2})(\d{2})(\d{2}(?:[.]\d+)?)?([NS])[\s,;/]*(\d{3})(\d{2})(\d{2}(?:[.]\d+)?)?([EW])$/i;

const number = (text: string | undefined): number => Number((text ?? "0").replace(",", "."));
const degrees = (d: string, m: string | undefined, s: string | undefined, letter: string): number =>
  (number(d) + number(m) / 60 + number(s) / 3600) * (/[SW]/i.test(letter) ? -1 : 1);
const sane = (m: string | undefined, s: string | undefined): boolean => number(m) < 60 && number(s) < 60;

/** One place, or undefined where the text is none. */
export function placeOf(text: string): Place | undefined {
  const line = text.trim().replaceAll("º", "°").replaceAll("’", "′").replaceAll("”", "″");
  const good = (lat: number, lon: number): Place | undefined => (Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lat, lon] : undefined);
  const plain = PLAIN.exec(line) ?? COMMA.exec(line);
  if (plain) return good(number(plain[1]), number(plain[2]));
  const packed = PACKED.exec(line);
  if (packed && sane(packed[2], packed[3]) && sane(packed[6], packed[7])) return good(degrees(packed[1]!, packed[2], packed[3], packed[4]!), degrees(packed[5]!, packed[6], packed[7], packed[8]!));
  const decimal = DECIMAL.exec(line);
  if (decimal) return good(degrees(decimal[1]!, "0", "0", decimal[2]!), degrees(decimal[3]!, "0", "0", decimal[4]!));
  const whole = DEGREES.exec(line);
  if (whole && sane(whole[2], whole[3]) && sane(whole[6], whole[7])) return good(degrees(whole[1]!, whole[2], whole[3], whole[4]!), degrees(whole[5]!, whole[6], whole[7], whole[8]!));
  return undefined;
}

/** The places of a text, one a line; or what is wrong with it. */
export function placesOf(text: string): { places: Place[]; problem: string } {
  const places: Place[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (!line.trim()) continue;
    const place = placeOf(line);
    if (!place) return { places, problem: t("airspace.coords.bad", i + 1, line.trim().slice(0, 30)) };
    places.push(place);
  }
  return { places, problem: "" };
}

export const placesText = (places: readonly Place[]): string => places.map(([lat, lon]) => `${lat.toFixed(6)} ${lon.toFixed(6)}`).join("\n");
