// What people said is kept as it came, for a call for help is never refused. A character that would let it show as something
// else (dispatch/core/src/kernel/text.rs) is shown as a mark with its number; line ends, tabs and the joiners that scripts need
// in prose are left. Words that are read from right to left turn nothing around them.

const HIDDEN =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const mark = (hidden: string) => `⟦U+${hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟧`;

/** A text as it may stand among ours. */
export function shown(text: string): string {
  const marked = text.replace(HIDDEN, mark);
  return RIGHT_TO_LEFT.test(marked) ? `\u2068${marked}\u2069` : marked;
}
