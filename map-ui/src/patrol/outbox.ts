// What the patrol has said and the centre has not yet confirmed. Kept with ids made once, so that it survives loss of
// signal, a reload and a flat battery, and a repeat is done once. Sent in the order it was said, in two lanes: a call
// for help never waits behind anything else, and is tried until the centre has it.
import { Problem } from "../wire/problem";
import { uuid7 } from "../wire/uuid";
import { MemoryStore, openStore, type Letter, type LetterStore } from "./letter_store";

export type { Letter } from "./letter_store";

/** Sends one letter. @throws Problem */
export type Post = (letter: Letter) => Promise<unknown>;

/** What the page shows of it. */
export interface Standing {
  waiting: readonly Letter[];
  /** Keys the centre has confirmed in the last days: said, whatever the view shows yet. */
  confirmed: readonly string[];
}

/** Keys of calls for help begin like this. */
const URGENT = "sos/";
type Lane = "urgent" | "rest";
const laneOf = (letter: Letter): Lane => (letter.key.startsWith(URGENT) ? "urgent" : "rest");

export class Outbox {
  /** Takes what the phone's store has no room for. */
  private readonly spare = new MemoryStore();
  private readonly flushing = new Map<Lane, Promise<void>>();
  private readonly again = new Set<Lane>();
  private closed = false;

  private constructor(
    private readonly store: LetterStore,
    private readonly post: Post,
    private readonly onChange: (standing: Standing) => void,
    private readonly onRefused: (letter: Letter, problem: Problem) => void,
  ) {}

  /** @param store injectable for tests; the phone's own otherwise */
  static async open(
    name: string,
    post: Post,
    onChange: (standing: Standing) => void,
    onRefused: (letter: Letter, problem: Problem) => void,
    store?: LetterStore,
  ): Promise<Outbox> {
    const outbox = new Outbox(store ?? (await openStore(name)), post, onChange, onRefused);
    await outbox.tell();
    return outbox;
  }

  /** Everything not yet confirmed, first first. */
  async waiting(): Promise<Letter[]> {
    const kept = await this.store.waiting().catch(() => []);
    return [...kept, ...(await this.spare.waiting())];
  }

  /** Keeps a letter and tries to send it. The same key is kept once, ever. Returns whether it was new. */
  async say(key: string, path: string, body: unknown, now_ms = Date.now()): Promise<boolean> {
    const letter: Letter = { key, id: uuid7(now_ms), path, body, made_ms: now_ms };
    const fresh = await this.store.add(letter).catch((cause: unknown) => {
      console.warn(`${key} is kept in memory: ${String(cause)}`);
      return this.spare.add(letter);
    });
    if (!fresh) return false;
    await this.tell();
    void this.flush();
    return true;
  }

  /** Sends what waits: what was said in order, until one cannot be sent. Safe to call at any time. */
  async flush(): Promise<void> {
    await Promise.all([this.flushLane("urgent"), this.flushLane("rest")]);
  }

  private flushLane(lane: Lane): Promise<void> {
    const running = this.flushing.get(lane);
    if (running) {
      this.again.add(lane);
      return running;
    }
    const run = this.run(lane).finally(() => this.flushing.delete(lane));
    this.flushing.set(lane, run);
    return run;
  }

  private async run(lane: Lane): Promise<void> {
    do {
      this.again.delete(lane);
      for (const letter of (await this.waiting()).filter((one) => laneOf(one) === lane)) {
        if (this.closed) return;
        // What was said stays in order; a call for help waits for nothing, not even for another one.
        if (!(await this.deliver(letter)) && lane === "rest") return;
      }
    } while (this.again.has(lane));
  }

  /** Whether the letter is off our hands: confirmed, or refused for good. */
  private async deliver(letter: Letter): Promise<boolean> {
    let confirmed = true;
    try {
      await this.post(letter);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.retriable) return false;
      // Known at the centre already is as good as confirmed.
      confirmed = problem.code === "no_change";
      this.onRefused(letter, problem);
      if (!confirmed && laneOf(letter) === "urgent") return false;
    }
    await this.store.drop(letter, confirmed).catch(() => this.spare.drop(letter, confirmed));
    await this.spare.drop(letter, false);
    await this.tell();
    return true;
  }

  private async tell(): Promise<void> {
    const kept = await this.store.confirmed().catch(() => []);
    this.onChange({
      waiting: await this.waiting(),
      confirmed: [...kept, ...(await this.spare.confirmed())],
    });
  }

  /** Stops sending and lets go of the store; what waits is sent when it is opened again. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.flushing.values());
    this.store.close();
  }
}
