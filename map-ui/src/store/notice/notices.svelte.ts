// What the console tells the operator about his own acts: done, or refused and why. Read aloud politely; gone by
// itself when good, kept until looked at when not.

export interface Notice {
  id: number;
  tone: "done" | "refused";
  text: string;
  /** What takes the act back, for as long as the notice stands; a dispatch has none: it is recalled. */
  undo?: (() => unknown) | undefined;
}

const DONE_MS = 5_000;
const UNDO_MS = 10_000;
const REFUSED_MS = 20_000;
const MOST = 4;

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  private last = 0;

  say(tone: Notice["tone"], text: string, undo?: () => unknown): void {
    const id = ++this.last;
    this.list = [...this.list, { id, tone, text, undo }].slice(-MOST);
    setTimeout(() => this.drop(id), tone === "refused" ? REFUSED_MS : undo ? UNDO_MS : DONE_MS);
  }

  /** Takes back the last act that can be taken back. */
  undo(): void {
    const last = this.list.findLast((notice) => notice.undo);
    if (!last) return;
    this.drop(last.id);
    last.undo?.();
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
