// What the patrol has said and the centre has not yet confirmed. Kept in IndexedDB with ids made once, so that it
// survives loss of signal, a reload and a flat battery, and a repeat is done once. Sent in the order it was said.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { Problem } from "../wire/problem";
import { uuid7 } from "../wire/uuid";

/** One thing said. */
export interface Letter {
  /** Order of saying; given by the store. */
  serial?: number;
  /** Names the same thing said twice: `order/<id>/signed`. The second is not kept. */
  key: string;
  /** The command's own id through all retries (D6). */
  id: string;
  path: string;
  body: unknown;
  made_ms: number;
}

interface Schema extends DBSchema {
  letters: { key: number; value: Letter; indexes: { key: string } };
  /** Keys confirmed by the centre, with when; old ones are swept. */
  confirmed: { key: string; value: { key: string; at_ms: number } };
}

const CONFIRMED_KEPT_MS = 7 * 86_400_000;

/** Sends one letter. @throws Problem */
export type Post = (letter: Letter) => Promise<unknown>;

export class Outbox {
  private flushing: Promise<void> | undefined;
  private again = false;
  private closed = false;

  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly post: Post,
    private readonly onChange: (waiting: Letter[]) => void,
    private readonly onRefused: (letter: Letter, problem: Problem) => void,
  ) {}

  static async open(
    name: string,
    post: Post,
    onChange: (waiting: Letter[]) => void,
    onRefused: (letter: Letter, problem: Problem) => void,
  ): Promise<Outbox> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(made) {
        const letters = made.createObjectStore("letters", { keyPath: "serial", autoIncrement: true });
        letters.createIndex("key", "key", { unique: true });
        made.createObjectStore("confirmed", { keyPath: "key" });
      },
    });
    const outbox = new Outbox(db, post, onChange, onRefused);
    await outbox.sweep(Date.now());
    onChange(await outbox.waiting());
    return outbox;
  }

  /** Everything not yet confirmed, first first. */
  waiting(): Promise<Letter[]> {
    return this.db.getAll("letters");
  }

  /** Keeps a letter and tries to send it. The same key is kept once, ever. Returns whether it was new. */
  async say(key: string, path: string, body: unknown, now_ms = Date.now()): Promise<boolean> {
    const known =
      (await this.db.get("confirmed", key)) ?? (await this.db.getFromIndex("letters", "key", key));
    if (known) return false;
    try {
      await this.db.add("letters", { key, id: uuid7(now_ms), path, body, made_ms: now_ms });
    } catch (cause) {
      // Said twice at the same moment: the unique key kept the first.
      if (cause instanceof DOMException && cause.name === "ConstraintError") return false;
      throw cause;
    }
    this.onChange(await this.waiting());
    void this.flush();
    return true;
  }

  /** Sends what waits, in order, until one cannot be sent. Safe to call at any time. */
  flush(): Promise<void> {
    if (this.flushing) {
      this.again = true;
      return this.flushing;
    }
    this.flushing = this.run().finally(() => {
      this.flushing = undefined;
    });
    return this.flushing;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      for (const letter of await this.waiting()) {
        if (this.closed || !(await this.deliver(letter))) return;
      }
    } while (this.again);
  }

  /** Whether the letter is off our hands: confirmed, or refused for good. */
  private async deliver(letter: Letter): Promise<boolean> {
    try {
      await this.post(letter);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.retriable) return false;
      this.onRefused(letter, problem);
    }
    const tx = this.db.transaction(["letters", "confirmed"], "readwrite");
    await tx.objectStore("confirmed").put({ key: letter.key, at_ms: Date.now() });
    if (letter.serial !== undefined) await tx.objectStore("letters").delete(letter.serial);
    await tx.done;
    this.onChange(await this.waiting());
    return true;
  }

  private async sweep(now_ms: number): Promise<void> {
    for (const { key, at_ms } of await this.db.getAll("confirmed")) {
      if (now_ms - at_ms > CONFIRMED_KEPT_MS) await this.db.delete("confirmed", key);
    }
  }

  /** Stops sending and lets go of the store; what waits is sent when it is opened again. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flushing;
    this.db.close();
  }
}
