// Colours of the map beneath the tracks: dark and quiet, so that what flies stands out.

export const INK = {
  sea: "#04070b",
  land: "#0b0f14",
  home: "#10161d",
  border: "#333d48",
  homeBorder: "#66768a",
  lake: "#0a1929",
  river: "#1c3550",
  rim: "#2a3540",
  /** What a person lays over the map: rings, lines, their own data. */
  tool: "#e8c07a",
  toolFaint: "rgba(232, 192, 122, 0.42)",
  own: "#c89bff",
  halo: "rgba(4, 7, 11, 0.85)",
} as const;
