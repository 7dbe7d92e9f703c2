// Colours of the map beneath the tracks and of what a person lays over it, as the palette in force has them.

import { faded, palette } from "../theme";

export const INK = {
  get sea() {
    return palette().map.sea;
  },
  get land() {
    return palette().map.land;
  },
  get home() {
    return palette().map.home;
  },
  get border() {
    return palette().map.border;
  },
  get homeBorder() {
    return palette().map.home_border;
  },
  get lake() {
    return palette().map.lake;
  },
  get river() {
    return palette().map.river;
  },
  get rim() {
    return palette().map.rim;
  },
  /** What a person lays over the map: rings, lines, their own data. */
  get tool() {
    return palette().map.tool;
  },
  get toolFaint() {
    return faded(palette().map.tool, 0.42);
  },
  get own() {
    return palette().map.own;
  },
  get halo() {
    return faded(palette().halo, 0.85);
  },
};
