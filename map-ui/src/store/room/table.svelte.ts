// One kind of entity as the stream tells it: a map by id and nothing more. Views are replaced whole, never patched.
// Readers in components are woken at most once per `pace_ms`, however fast commits come.

export class Table<V> {
  readonly rows = new Map<string, V>();
  private version = $state(0);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private woken_at = -Infinity;

  /** @param pace_ms least time between two wake-ups of readers; 0 wakes them with the next turn of the event loop */
  constructor(private readonly pace_ms = 0) {}

  /** The view of one id, tracked. */
  get(id: string | null | undefined): V | undefined {
    void this.version;
    return id ? this.rows.get(id) : undefined;
  }

  /** All views, tracked. */
  all(): IterableIterator<V> {
    void this.version;
    return this.rows.values();
  }

  get size(): number {
    void this.version;
    return this.rows.size;
  }

  put(id: string, view: V): void {
    this.rows.set(id, view);
    this.wake();
  }

  drop(id: string): void {
    if (this.rows.delete(id)) this.wake();
  }

  clear(): void {
    this.rows.clear();
    this.wake();
  }

  private wake(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.woken_at + this.pace_ms - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.woken_at = performance.now();
      this.version++;
    }, wait);
  }
}
