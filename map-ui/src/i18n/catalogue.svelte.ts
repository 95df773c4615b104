// The words on the screen. One key, two catalogues; a missing key fails the tests and the type check.
// Leaves out the names of the region's own things: those come from the region package by language tag.
import type { Names } from "../wire/views";
import { nameIn } from "./names";
import type zh from "./zh.json";
import type later from "./zh.later.json";

export type Language = "zh" | "en";
export type Key = keyof typeof zh | keyof typeof later;
export type Params = Record<string, string | number>;
type Catalogue = Readonly<Record<string, string>>;

/**
 * Only the language shown is fetched; the other one when somebody asks for it. What stands on the first screen comes
 * first; sentences about what happened and what was refused come after it.
 */
const FETCH: Record<
  Language,
  () => [Promise<{ default: Catalogue }>, () => Promise<{ default: Catalogue }>]
> = {
  zh: () => [import("./zh.json"), () => import("./zh.later.json")],
  en: () => [import("./en.json"), () => import("./en.later.json")],
};

class LanguageState {
  current = $state<Language>("zh");
  catalogue = $state.raw<Catalogue>({});

  /** Fetches a language and shows it. */
  async speak(next: Language): Promise<void> {
    const [first, rest] = FETCH[next]();
    this.catalogue = (await first).default;
    this.current = next;
    void rest().then(({ default: later }) => {
      if (this.current === next) this.catalogue = { ...this.catalogue, ...later };
    });
  }
}
export const language = new LanguageState();

/** The sentence of `key` in the language shown, with `{name}` replaced by `params.name`. */
export function t(key: Key, params?: Params): string {
  return fill(language.catalogue[key] ?? key, params);
}

/** The sentence of a key made at run time, such as `state.signed`; the key itself where there is none. */
export function tx(prefix: string, code: string | null | undefined, params?: Params): string {
  if (!code) return "";
  const sentence = language.catalogue[`${prefix}.${code}`];
  return sentence === undefined ? code.replaceAll("_", " ") : fill(sentence, params);
}

/** Whether a key made at run time has a sentence. */
export function has(prefix: string, code: string): boolean {
  return `${prefix}.${code}` in language.catalogue;
}

/** A name in the language shown, else in any language it has. */
export function named(names: Names | null | undefined, fallback = ""): string {
  return nameIn(names, language.current, fallback);
}

function fill(sentence: string, params: Params | undefined): string {
  if (!params) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
