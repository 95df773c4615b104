// Where the patrol's letters lie until the centre has them: IndexedDB, or the page's own memory where the phone has no
// room or no database. Keeps and hands out; what is sent when is the outbox's business.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

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

export interface LetterStore {
  /** What waits, first said first. */
  waiting(): Promise<Letter[]>;
  /** Keys the centre has confirmed. */
  confirmed(): Promise<string[]>;
  /** Keeps a letter; false when its key is kept or confirmed already. */
  add(letter: Letter): Promise<boolean>;
  /** Takes a letter off; as confirmed its key is remembered, as refused it may be said again. */
  drop(letter: Letter, confirmed: boolean): Promise<void>;
  close(): void;
}

interface Schema extends DBSchema {
  letters: { key: number; value: Letter; indexes: { key: string } };
  /** Keys confirmed by the centre, with when; old ones are swept. */
  confirmed: { key: string; value: { key: string; at_ms: number } };
}

const CONFIRMED_KEPT_MS = 7 * 86_400_000;
/** A database that does not open by then is done without. */
const OPEN_MS = 3_000;

class DatabaseStore implements LetterStore {
  constructor(private readonly db: IDBPDatabase<Schema>) {}

  waiting(): Promise<Letter[]> {
    return this.db.getAll("letters");
  }

  confirmed(): Promise<string[]> {
    return this.db.getAllKeys("confirmed");
  }

  async add(letter: Letter): Promise<boolean> {
    const { key } = letter;
    const known =
      (await this.db.get("confirmed", key)) ?? (await this.db.getFromIndex("letters", "key", key));
    if (known) return false;
    try {
      await this.db.add("letters", letter);
    } catch (cause) {
      // Said twice at the same moment: the unique key kept the first.
      if (cause instanceof DOMException && cause.name === "ConstraintError") return false;
      throw cause;
    }
    return true;
  }

  async drop(letter: Letter, confirmed: boolean): Promise<void> {
    const tx = this.db.transaction(["letters", "confirmed"], "readwrite");
    if (confirmed) await tx.objectStore("confirmed").put({ key: letter.key, at_ms: Date.now() });
    if (letter.serial !== undefined) await tx.objectStore("letters").delete(letter.serial);
    await tx.done;
  }

  async sweep(now_ms: number): Promise<void> {
    for (const { key, at_ms } of await this.db.getAll("confirmed")) {
      if (now_ms - at_ms > CONFIRMED_KEPT_MS) await this.db.delete("confirmed", key);
    }
  }

  close(): void {
    this.db.close();
  }
}

/** Holds letters as long as the page is open. */
export class MemoryStore implements LetterStore {
  private letters: Letter[] = [];
  private readonly done = new Set<string>();

  waiting(): Promise<Letter[]> {
    return Promise.resolve([...this.letters]);
  }

  confirmed(): Promise<string[]> {
    return Promise.resolve([...this.done]);
  }

  add(letter: Letter): Promise<boolean> {
    const known = this.done.has(letter.key) || this.letters.some((one) => one.key === letter.key);
    if (!known) this.letters.push(letter);
    return Promise.resolve(!known);
  }

  drop(letter: Letter, confirmed: boolean): Promise<void> {
    this.letters = this.letters.filter((one) => one.id !== letter.id);
    if (confirmed) this.done.add(letter.key);
    return Promise.resolve();
  }

  close(): void {
    this.letters = [];
  }
}

/** Opens the store of this phone; memory where there is no database to be had. */
export async function openStore(name: string): Promise<LetterStore> {
  try {
    const opened = openDB<Schema>(name, 1, {
      upgrade(made) {
        const letters = made.createObjectStore("letters", { keyPath: "serial", autoIncrement: true });
        letters.createIndex("key", "key", { unique: true });
        made.createObjectStore("confirmed", { keyPath: "key" });
      },
    });
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error("the database does not open")), OPEN_MS),
    );
    const store = new DatabaseStore(await Promise.race([opened, late]));
    await store.sweep(Date.now());
    return store;
  } catch (cause) {
    console.warn(`letters are kept in memory: ${String(cause)}`);
    return new MemoryStore();
  }
}
