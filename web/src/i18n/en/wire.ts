// The stream, filters and lag.

export const wire = {
  "link.late": "picture {0} s late",
  "link.delay": "From the server's picture to this page: {0} ms",
} as const;
