// Keeps rows where they are while someone is using them. New data never moves the row under the cursor or the
// selected row: while a list is held, known rows keep their places, rows that left stay as ghosts, new ones go to the
// end; and when the order does change, the scroll position gives way instead of the anchored row.

/** One row of a held list; a ghost is a row whose entity left the list while it was held. */
export interface Slot {
  id: string;
  ghost: boolean;
}

/**
 * Places the wanted ids in rows.
 * @param previous rows as they are on the screen
 * @param wanted ids in their right order
 * @param held whether rows must keep their places
 */
export function arrange(previous: readonly Slot[], wanted: readonly string[], held: boolean): Slot[] {
  if (!held) return wanted.map((id) => ({ id, ghost: false }));
  const present = new Set(wanted);
  const kept = previous.map(({ id }) => ({ id, ghost: !present.has(id) }));
  const known = new Set(previous.map((slot) => slot.id));
  return [...kept, ...wanted.filter((id) => !known.has(id)).map((id) => ({ id, ghost: false }))];
}

/** Where a list stands: what is scrolled away above, and blank space lent above and below to keep a row still. */
export interface Scroll {
  top: number;
  padTop: number;
  padBottom: number;
}

/** What is needed to keep one row still while rows around it change. */
export interface Anchor {
  /** Row index of the anchor before and after. */
  before: number;
  after: number;
  /** How far the list's own top edge moved down on the screen. */
  shift: number;
  row_px: number;
  rows: number;
  view_px: number;
}

/** The scroll that leaves the anchored row at the same place of the screen. Blank space is lent only where needed. */
export function keepStill(scroll: Scroll, anchor: Anchor): Scroll {
  const { row_px, rows, view_px } = anchor;
  const onScreen = scroll.padTop + anchor.before * row_px - scroll.top;
  const want = anchor.after * row_px - (onScreen - anchor.shift);
  const padTop = Math.max(0, -want);
  const top = Math.max(0, want);
  const content = padTop + rows * row_px;
  return { top, padTop, padBottom: Math.max(0, top + view_px - content) };
}

/** Which rows a view of `view_px` at `top` needs to draw, with `spare` rows on both sides. */
export function visibleRange(
  scroll: Scroll,
  view_px: number,
  row_px: number,
  rows: number,
  spare = 4,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor((scroll.top - scroll.padTop) / row_px) - spare);
  const end = Math.min(rows, Math.ceil((scroll.top - scroll.padTop + view_px) / row_px) + spare);
  return { first: Math.min(first, rows), end: Math.max(end, 0) };
}
