// A name shown to people: one map by language tag (zh, en, mn-Mong, mn-Cyrl, …), never two columns.

export type Names = Readonly<Record<string, string>>;

/** The name in `language`, else in any language it has, else `fallback`. */
export function nameIn(names: Names | null | undefined, language: string, fallback = ""): string {
  if (!names) return fallback;
  return names[language] ?? names["zh"] ?? names["en"] ?? Object.values(names)[0] ?? fallback;
}
