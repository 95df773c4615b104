// Which key does what, on the whole page. Function keys work everywhere; keys of one character only outside of fields,
// only when they are switched on, and never while an input method is composing.

export type KeyAct =
  | "locate"
  | "answer"
  | "dispatch"
  | "feedback"
  | "pick"
  | "newer"
  | "command"
  | "down"
  | "up"
  | "escape"
  | "table"
  | "mute"
  | "zoom_in"
  | "zoom_out"
  | "whole"
  | "area"
  | "pan_up"
  | "pan_left"
  | "pan_down"
  | "pan_right"
  | "undo"
  | "help";

/** For the cheat sheet, in the order it shows them. */
export const KEYS: readonly { act: KeyAct; keys: readonly string[] }[] = [
  { act: "answer", keys: ["F4"] },
  { act: "dispatch", keys: ["F6"] },
  { act: "pick", keys: ["1", "…", "5"] },
  { act: "locate", keys: ["F2"] },
  { act: "feedback", keys: ["F8"] },
  { act: "newer", keys: ["R"] },
  { act: "command", keys: ["/", "`"] },
  { act: "down", keys: ["↓", "J"] },
  { act: "up", keys: ["↑", "K"] },
  { act: "escape", keys: ["Esc"] },
  { act: "table", keys: ["T"] },
  { act: "mute", keys: ["M"] },
  { act: "zoom_in", keys: ["+"] },
  { act: "zoom_out", keys: ["-"] },
  { act: "whole", keys: ["0"] },
  { act: "area", keys: ["9"] },
  { act: "pan_up", keys: ["W"] },
  { act: "pan_left", keys: ["A"] },
  { act: "pan_down", keys: ["S"] },
  { act: "pan_right", keys: ["D"] },
  { act: "undo", keys: ["Z"] },
  { act: "help", keys: ["?"] },
];

/** What matters of a key press. */
export interface Press {
  key: string;
  isComposing: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** The focus is in a field that takes text or arrow keys itself. */
  inField: boolean;
  /** A sheet lies over the room: what is under it is not seen, and so not acted on. */
  modal: boolean;
}

const ALWAYS: Record<string, KeyAct> = { F2: "locate", F4: "answer", F6: "dispatch", F8: "feedback" };
const OUTSIDE: Record<string, KeyAct> = { ArrowDown: "down", ArrowUp: "up", Escape: "escape" };
const SINGLE: Record<string, KeyAct> = {
  "/": "command",
  "`": "command",
  "·": "command",
  j: "down",
  k: "up",
  r: "newer",
  t: "table",
  m: "mute",
  "+": "zoom_in",
  "=": "zoom_in",
  "-": "zoom_out",
  "0": "whole",
  "9": "area",
  w: "pan_up",
  a: "pan_left",
  s: "pan_down",
  d: "pan_right",
  z: "undo",
  "?": "help",
  "？": "help",
};

/** Acts whose key a person may put elsewhere (WCAG 2.1.4), with the key each has now. */
export type KeyMap = Readonly<Partial<Record<KeyAct, string>>>;

/** Whether an act has a key of one character, which may be moved. */
export function movable(act: KeyAct): boolean {
  return Object.values(SINGLE).includes(act);
}

/** Whether a key may be given to an act: one visible character that picks nothing. */
export function mayServe(key: string): boolean {
  return [...key].length === 1 && !/[\s1-5]/.test(key);
}

function singleAct(key: string, moved: KeyMap): KeyAct | undefined {
  const to = Object.entries(moved).find(([, its]) => its === key);
  if (to) return to[0] as KeyAct;
  const act = SINGLE[key];
  return act && moved[act] === undefined ? act : undefined;
}

/** The act of a key press; for picks with the rank. */
export function keyAct(
  press: Press,
  singleKeys: boolean,
  moved: KeyMap = {},
): { act: KeyAct; rank?: number } | undefined {
  if (press.modal || press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const always = ALWAYS[press.key];
  if (always) return { act: always };
  if (press.inField) return undefined;
  const outside = OUTSIDE[press.key];
  if (outside) return { act: outside };
  if (!singleKeys) return undefined;
  if (/^[1-5]$/.test(press.key)) return { act: "pick", rank: Number(press.key) };
  const single = singleAct(press.key.toLowerCase(), moved);
  return single ? { act: single } : undefined;
}
