// Fixes that no signal has taken yet, over a reload: one record in IndexedDB. They are worth less than a letter; where
// the phone cannot keep them, they live as long as the page.
import { openDB } from "idb";
import type { Fix } from "./tracker.svelte";

export interface FixStore {
  load(): Promise<Fix[]>;
  save(fixes: readonly Fix[]): Promise<void>;
}

const KEY = "unsent";

/** The store of one unit's fixes on this phone. */
export function fixStore(unit: string): FixStore {
  const opened = openDB(`ortoo-patrol-fixes-${unit}`, 1, {
    upgrade: (made) => void made.createObjectStore("fixes"),
  });
  opened.catch((cause: unknown) => console.warn(`fixes are not kept: ${String(cause)}`));
  return {
    async load() {
      const kept: unknown = await opened.then((db) => db.get("fixes", KEY)).catch(() => []);
      return Array.isArray(kept) ? (kept as Fix[]) : [];
    },
    async save(fixes) {
      await opened.then((db) => db.put("fixes", [...fixes], KEY)).catch(() => undefined);
    },
  };
}
