// What the console tells the operator about his own acts: done, or refused and why. Read aloud politely; gone by
// itself when good, kept until looked at when not.

export interface Notice {
  id: number;
  tone: "done" | "refused";
  text: string;
}

const DONE_MS = 5_000;
const REFUSED_MS = 20_000;
const MOST = 4;

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  private last = 0;

  say(tone: Notice["tone"], text: string): void {
    const id = ++this.last;
    this.list = [...this.list, { id, tone, text }].slice(-MOST);
    setTimeout(() => this.drop(id), tone === "done" ? DONE_MS : REFUSED_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
