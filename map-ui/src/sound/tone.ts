// One sound per priority, made by the browser's own synthesiser: no files. Mutable for sixty seconds, never for good.
// A browser lets a page sound only after the first key or click; until then alarms show and are announced as text.

export type Tone = "p1" | "p2" | "p3" | "sos" | "escalation";

/** Notes of a tone: frequency in Hz, start and length in seconds. */
const NOTES: Record<Tone, readonly (readonly [number, number, number])[]> = {
  sos: [
    [988, 0, 0.12],
    [740, 0.14, 0.12],
    [988, 0.28, 0.12],
    [740, 0.42, 0.12],
    [988, 0.56, 0.2],
  ],
  p1: [
    [880, 0, 0.14],
    [880, 0.2, 0.14],
    [880, 0.4, 0.22],
  ],
  p2: [
    [659, 0, 0.14],
    [784, 0.18, 0.2],
  ],
  p3: [[523, 0, 0.2]],
  escalation: [
    [587, 0, 0.12],
    [494, 0.16, 0.24],
  ],
};

/** The most urgent first: of several at one moment only that one is heard, or none could be told from the others. */
const URGENCY: readonly Tone[] = ["sos", "p1", "escalation", "p2", "p3"];

/** The most urgent of some tones. */
export function loudest(tones: readonly Tone[]): Tone | undefined {
  return URGENCY.find((tone) => tones.includes(tone));
}

export const MUTE_MS = 60_000;
const VOLUME = 0.16;

export class Sounder {
  private context: AudioContext | undefined;
  private muted_until = 0;
  /** The last tone asked for and when, for tests and for the sound check. */
  last: { tone: Tone; at_ms: number } | undefined;

  /** Called when the browser lets the page sound, or stops letting it. */
  onBlocked: (blocked: boolean) => void = () => undefined;

  /** Asks the browser for sound; only within a key or a click is it sure to be granted. */
  unlock(): void {
    if (typeof AudioContext === "undefined") return;
    const context = this.open();
    if (context.state !== "running") void context.resume().then(() => this.tell(context));
    this.tell(context);
  }

  private open(): AudioContext {
    if (!this.context) {
      const made = (this.context = new AudioContext());
      made.onstatechange = () => this.tell(made);
    }
    return this.context;
  }

  private tell(context: AudioContext): void {
    this.onBlocked(context.state !== "running");
  }

  mutedFor(now_ms: number): number {
    return Math.max(0, this.muted_until - now_ms);
  }

  /** Mutes for sixty seconds, or sounds again when already muted. */
  toggleMute(now_ms: number): void {
    this.muted_until = this.mutedFor(now_ms) > 0 ? 0 : now_ms + MUTE_MS;
  }

  play(tone: Tone, now_ms: number): void {
    this.last = { tone, at_ms: now_ms };
    if (this.mutedFor(now_ms) > 0 || typeof AudioContext === "undefined") return;
    const context = this.open();
    if (context.state !== "running") {
      void context.resume();
      this.tell(context);
    }
    for (const [hz, start, length] of NOTES[tone]) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const from = context.currentTime + start;
      oscillator.type = "triangle";
      oscillator.frequency.value = hz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(VOLUME, from + 0.012);
      gain.gain.linearRampToValueAtTime(0, from + length);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(from + length + 0.02);
    }
  }
}

export const sounder = new Sounder();
