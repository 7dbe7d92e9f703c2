// The airspace editor and closures.

export const airspace = {} as const;
