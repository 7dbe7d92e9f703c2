// Track list, a track's own page, flight plans.

export const tracks = {} as const;
