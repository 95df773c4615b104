// Find: one text, asked of everything that has a name or a number. The results are a list to go through by keyboard.
import type { Selected } from "./address";
import { room } from "./room.svelte";
import { alarmTitle, areaWords, incidentTitle, placeWords, pointName } from "./wording";

export interface Found {
  selected: Selected;
  label: string;
  hint: string;
}

const MOST = 40;

class Finder {
  text = $state("");
  found = $state.raw<readonly Found[] | null>(null);

  search(text: string): void {
    this.text = text;
    this.found = find(text);
  }

  close(): void {
    this.found = null;
  }
}

/** Everything that answers to a text: incidents and alarms first, then units, then points. */
export function find(text: string): Found[] {
  const want = text.trim().toLowerCase();
  if (want === "") return [];
  const has = (...texts: (string | undefined)[]) => texts.some((one) => one?.toLowerCase().includes(want));
  const found: Found[] = [];
  for (const one of room.incidents.rows.values()) {
    const [label, hint] = [`${one.number} ${incidentTitle(one)}`, placeWords(one.place, one.area)];
    if (has(label, hint)) found.push({ selected: { kind: "incident", id: one.id }, label, hint });
  }
  for (const one of room.alarms.rows.values()) {
    const [label, hint] = [`${one.number} ${alarmTitle(one)}`, placeWords(one.place, one.area)];
    if (has(label, hint)) found.push({ selected: { kind: "alarm", id: one.id }, label, hint });
  }
  for (const [id, one] of room.register?.units ?? []) {
    if (has(one.call_sign, one.plate, id)) {
      found.push({
        selected: { kind: "unit", id },
        label: one.call_sign,
        hint: `${one.plate} · ${areaWords(one.area)}`,
      });
    }
    if (found.length >= MOST) return found;
  }
  for (const [id, one] of room.register?.points ?? []) {
    if (found.length >= MOST) break;
    const label = pointName(id);
    if (has(label, one.number, id)) {
      found.push({ selected: { kind: "point", id }, label, hint: `${one.number} · ${areaWords(one.area)}` });
    }
  }
  return found.slice(0, MOST);
}

export const finder = new Finder();
