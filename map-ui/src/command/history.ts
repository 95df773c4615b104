// The lines that were sent, newest last; gone through by the arrow keys like any shell's.

const MOST = 100;

export class History {
  private readonly lines: string[] = [];
  private at: number | undefined;

  /** Whether the arrow keys are going through the lines now. */
  get browsing(): boolean {
    return this.at !== undefined;
  }

  push(line: string): void {
    const said = line.trim();
    this.at = undefined;
    if (said === "" || said === this.lines.at(-1)) return;
    this.lines.push(said);
    if (this.lines.length > MOST) this.lines.shift();
  }

  /** The line before the one shown; the oldest stays. */
  older(): string | undefined {
    if (this.lines.length === 0) return undefined;
    this.at = Math.max(0, (this.at ?? this.lines.length) - 1);
    return this.lines[this.at];
  }

  /** The line after the one shown; after the newest, an empty one. */
  newer(): string | undefined {
    if (this.at === undefined) return undefined;
    this.at++;
    if (this.at < this.lines.length) return this.lines[this.at];
    this.at = undefined;
    return "";
  }

  /** Somebody typed: the arrow keys begin at the newest again. */
  leave(): void {
    this.at = undefined;
  }
}
