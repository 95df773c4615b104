// A name shown to people: one map by language tag (zh, en, mn-Mong, mn-Cyrl, …), never two columns.
import type { Names } from "../wire/views";

/** The name in `language`, else in any language it has, else `fallback`. */
export function nameIn(names: Names | null | undefined, language: string, fallback = ""): string {
  if (!names) return fallback;
  return names[language] ?? names["zh"] ?? names["en"] ?? Object.values(names)[0] ?? fallback;
}

/**
 * A name for where there is little room: without what stands in brackets, and without the word for its kind where that
 * is a word of its own. "Zhenglan (Plain Blue) Banner" of kind "Banner" is "Zhenglan"; 正蓝旗 stays.
 */
export function shortName(name: string, kind: string): string {
  const bare = name.replaceAll(/\s*\([^)]*\)/g, "").trim();
  return kind !== "" && bare.endsWith(` ${kind}`) ? bare.slice(0, -kind.length - 1) : bare;
}
