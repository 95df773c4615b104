// What this workplace remembers: seat, theme, sound and single keys. Kept in the browser, never sent.
import { language, type Language } from "../../i18n/catalogue.svelte";
import { LAYERS_FIRST, type Layer } from "../../map/layer";
import type { KeyMap } from "./keys";
import { LABEL_FIELDS_MOST, type Filter, type LabelField, type Theme } from "./address";

const KEY = "ortoo.preferences";

interface Kept {
  seat?: string;
  theme?: Theme;
  lang?: Language;
  singleKeys?: boolean;
  layers?: Layer[];
  label?: LabelField[];
  keys?: KeyMap;
}

function read(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Kept;
  } catch {
    return {};
  }
}

class Preferences {
  seat = $state<string | undefined>(undefined);
  theme = $state<Theme>("night");
  layers = $state.raw<readonly Layer[]>(LAYERS_FIRST);
  filter = $state<Filter>("all");
  /** Only units of these classes are shown; empty: all. */
  classes = $state.raw<readonly string[]>([]);
  /** What is written beside a unit. */
  label = $state.raw<readonly LabelField[]>(["call_sign"]);
  /** Keys of one character that a person has put elsewhere (WCAG 2.1.4). */
  keys = $state.raw<KeyMap>({});
  /** Whether keys of one character act (WCAG 2.1.4: they can be turned off). */
  singleKeys = $state(true);
  /** The language was chosen by a person: it is kept. */
  languageChosen = false;
  /** The browser speaks neither of ours: the region's own will be spoken. */
  foreign = false;
  /** What to speak before the region is known: what was chosen here, else what the browser speaks. */
  first: Language = "zh";

  constructor() {
    if (typeof localStorage === "undefined") return;
    const kept = read();
    this.seat = kept.seat;
    this.theme = kept.theme ?? "night";
    this.singleKeys = kept.singleKeys ?? true;
    if (kept.layers) this.layers = kept.layers;
    if (kept.label) this.label = kept.label;
    if (kept.keys) this.keys = kept.keys;
    this.languageChosen = kept.lang !== undefined;
    const spoken = navigator.language.slice(0, 2);
    this.foreign = !kept.lang && spoken !== "zh" && spoken !== "en";
    this.first = kept.lang ?? (spoken === "zh" ? "zh" : "en");
  }

  /** Shows a language because a person asked for it. */
  speak(lang: Language): Promise<void> {
    this.languageChosen = true;
    this.foreign = false;
    return language.speak(lang);
  }

  async otherLanguage(): Promise<void> {
    await this.speak(language.current === "zh" ? "en" : "zh");
    this.keep();
  }

  otherTheme(): void {
    this.theme = this.theme === "night" ? "day" : "night";
    this.keep();
  }

  toggleLayer(layer: Layer): void {
    this.layers = toggled(this.layers, layer);
    this.keep();
  }

  toggleClass(code: string): void {
    this.classes = toggled(this.classes, code);
  }

  toggleLabel(field: LabelField): void {
    const next = toggled(this.label, field);
    if (next.length <= LABEL_FIELDS_MOST) this.label = next;
    this.keep();
  }

  keep(): void {
    const kept: Kept = {
      seat: this.seat,
      theme: this.theme,
      singleKeys: this.singleKeys,
      layers: [...this.layers],
      label: [...this.label],
      keys: this.keys,
      ...(this.languageChosen ? { lang: language.current } : {}),
    };
    localStorage.setItem(KEY, JSON.stringify(kept));
  }
}

function toggled<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}

export const preferences = new Preferences();
