// What is read aloud to those who listen instead of look: one log, appended to and never rewritten, so that a second
// call does not swallow the first. What comes at one moment is read with the most urgent first.

export interface Announcement {
  id: number;
  text: string;
}

/** Sentences of one moment are gathered for this long before they are read. */
const GATHER_MS = 80;
const MOST = 12;

class Announcer {
  lines = $state.raw<readonly Announcement[]>([]);
  private gathered: { text: string; urgency: number }[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;

  /** @param urgency 0 is read first */
  say(text: string, urgency: number): void {
    this.gathered.push({ text, urgency });
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const next = this.gathered.sort((a, b) => a.urgency - b.urgency);
      this.gathered = [];
      this.lines = [...this.lines, ...next.map(({ text }) => ({ id: ++this.last, text }))].slice(-MOST);
    }, GATHER_MS);
  }
}

export const announcer = new Announcer();
