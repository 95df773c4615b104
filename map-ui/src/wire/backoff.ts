// How long to wait before trying again: doubling from half a second to fifteen, each spread over its upper half so
// that two hundred consoles do not come back in the same moment.

const FIRST_MS = 500;
const MOST_MS = 15_000;

/** Wait before try number `failed` (0 after the first failure); `random` in [0, 1). */
export function backoffMs(failed: number, random: number): number {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failed, 10));
  return Math.round(full / 2 + (full / 2) * random);
}
