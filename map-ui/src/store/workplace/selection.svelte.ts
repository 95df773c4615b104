// What the operator has chosen. Only the operator changes it: nothing that arrives over the wire writes here.
import type { Id } from "../../wire/views";
import type { Selected } from "./address";

class Selection {
  current = $state.raw<Selected | null>(null);
  /** Units picked from the recommendation on screen, in the order of picking. */
  picks = $state.raw<readonly Id[]>([]);

  choose(next: Selected | null): void {
    if (next?.kind === this.current?.kind && next?.id === this.current?.id) return;
    this.current = next;
    this.picks = [];
  }

  is(kind: Selected["kind"], id: Id): boolean {
    return this.current?.kind === kind && this.current.id === id;
  }

  toggle(unit: Id): void {
    this.picks = this.picks.includes(unit) ? this.picks.filter((id) => id !== unit) : [...this.picks, unit];
  }
}

export const selection = new Selection();
