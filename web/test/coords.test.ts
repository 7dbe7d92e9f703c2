import { expect, test } from "vitest";
import { bearingText, FORMS, georef, mgrs, nm, written } from "../src/map/coords";

test("GEOREF of known places", () => {
  expect(georef(57.64911, 10.40744)).toBe("NKLN 244 389"); // Jutland: NKLN2444638946 in full
  expect(georef(0, 0)).toBe("NGAA 000 000");
  expect(georef(-90, -180)).toBe("AAAA 000 000");
  expect(georef(90, 180)).toBe("ZMQQ 599 599");
  expect(georef(-33.9, 18.4)).toBe("PDDM 240 060"); // 18.4 E: 24.0 minutes; 33.9 S: 6.0 minutes north of 34 S
});

test("MGRS of known places, and degrees where it has none", () => {
  expect(mgrs(33.33424, 44.40363)).toMatch(/^38S MB 44\d\d 88\d\d$/); // Baghdad, 38SMB4488
  expect(mgrs(0, 0)).toBe("31N AA 6602 0000"); // 31NAA6602100000
  expect(mgrs(38.889801, -77.036543)).toMatch(/^18S UJ 23\d\d 06\d\d$/); // Washington
  expect(mgrs(-13, -72)).toMatch(/^\d+L /);
  expect(mgrs(88, 0)).toBe("88°00.0′N 000°00.0′E");
  expect(mgrs(-81, 20)).toBe("81°00.0′S 020°00.0′E");
  expect(mgrs(60.39, 5.32)).toMatch(/^32V /); // Norway's wider zone
  expect(mgrs(78, 20)).toMatch(/^33X /); // Svalbard's
  expect(mgrs(10, 180)).toMatch(/^60P /);
});

test("every form says something of every place", () => {
  for (const form of FORMS) for (const [lat, lon] of [[0, 0], [84, 179.999], [-80, -180], [90, 180], [-90, -180], [72, 33], [60, 5]]) expect(written(form, lat!, lon!)).toMatch(/^\S.*\d/);
  expect(written("decimal", 13.48, -2.5)).toBe("13.4800 -2.5000");
});

test("bearings have three digits and miles a tenth where it counts", () => {
  expect([0, 4.4, 359.6, 90].map(bearingText)).toEqual(["000°", "004°", "000°", "090°"]);
  expect([1852, 185_200, 100].map(nm)).toEqual(["1.0 NM", "100 NM", "0.1 NM"]);
});
