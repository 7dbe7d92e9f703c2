// Which rows of a long list need to be on the page.

/** Rows kept above and below what is seen, so that a quick scroll meets no gap and short lists are whole. */
export const SPARE = 60;

export interface Slice {
  from: number;
  to: number;
}

/** The slice of n rows, each so many pixels high, that a window scrolled to top needs. */
export function slice(n: number, rowHeight: number, top: number, height: number, spare = SPARE): Slice {
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(n, Math.ceil((top + Math.max(0, height)) / rowHeight) + spare);
  return { from: Math.min(first, Math.max(0, last)), to: Math.max(last, 0) };
}

/** Where to scroll so that a row is seen: as it is where it already is. */
export function scrolledTo(row: number, rowHeight: number, top: number, height: number): number {
  if (row * rowHeight < top) return row * rowHeight;
  return (row + 1) * rowHeight > top + height ? Math.max(0, (row + 1) * rowHeight - height) : top;
}
