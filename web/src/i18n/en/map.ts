// The map, its tools and layers.

export const map = {} as const;
