// The stream, filters and lag.

export const wire = {} as const;
