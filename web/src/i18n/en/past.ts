// The short past.

export const past = {} as const;
