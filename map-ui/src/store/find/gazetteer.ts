// Everything of the region that has a name or a number and stands still: points, areas, places, beats. One text asked,
// the best answers first, and how many there are besides. Pure: nothing is cut without being counted.
import type { Id, Names } from "../../wire/views";

/** One thing that can be found. */
export interface Named {
  id: Id;
  /** All it answers to, in any language. */
  texts: readonly string[];
}

/** The texts of names in all languages. */
export function textsOf(names: Names | null | undefined): string[] {
  return Object.values(names ?? {}).filter((text): text is string => typeof text === "string");
}

function fit(texts: readonly string[], want: string): number {
  let best = 0;
  for (const text of texts) {
    const have = text.toLowerCase();
    if (have === want) return 3;
    if (have.startsWith(want)) best = Math.max(best, 2);
    else if (have.includes(want)) best = Math.max(best, 1);
  }
  return best;
}

/** What answers to a text, exact answers first, `most` of them; and how many more there are. */
export function lookUp<T extends Named>(
  all: Iterable<T>,
  text: string,
  most: number,
): { found: T[]; more: number } {
  const want = text.trim().toLowerCase();
  if (want === "") return { found: [], more: 0 };
  const fits: { one: T; fit: number }[] = [];
  for (const one of all) {
    const score = fit(one.texts, want);
    if (score > 0) fits.push({ one, fit: score });
  }
  fits.sort((a, b) => b.fit - a.fit);
  return { found: fits.slice(0, most).map(({ one }) => one), more: Math.max(0, fits.length - most) };
}
