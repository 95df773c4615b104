// What a call-taker has put down of an alarm and not yet saved. Held here and not in the panel, so that the key and the
// button send the same, and leaving the panel for a moment loses nothing.
import type { Body } from "../../wire/rest";
import type { Alarm, Id, OutcomeKind, Place, Priority } from "../../wire/views";
import { isKnown } from "../place/place";

/** What saving an alarm says of it. */
export type Known = Pick<Body<"/alarms/{id}/save">, "incident_type" | "priority" | "place" | "text">;

export class Draft {
  incident_type = $state<Id | "">("");
  priority = $state<Priority | "">("");
  text = $state("");
  place = $state.raw<Place | undefined>(undefined);
  /** How it ends without an incident; nothing is sent until it is confirmed. */
  outcome = $state<OutcomeKind | "">("");
  agency = $state<Id | "">("");

  /** What to save; nothing where neither a type nor a place is known, which makes no incident. */
  known(alarm: Alarm): Known | undefined {
    const place = this.place ?? (isKnown(alarm.place) ? alarm.place : undefined);
    if (!this.incident_type && !alarm.incident_type && !place) return undefined;
    return {
      incident_type: this.incident_type || undefined,
      priority: this.priority || undefined,
      place,
      text: this.text.trim() || undefined,
    };
  }
}

const MOST = 50;

class Drafts {
  private readonly byAlarm = new Map<Id, Draft>();

  of(alarm: Id): Draft {
    const known = this.byAlarm.get(alarm);
    if (known) return known;
    const made = new Draft();
    this.byAlarm.set(alarm, made);
    const [oldest] = this.byAlarm.keys();
    if (this.byAlarm.size > MOST && oldest) this.byAlarm.delete(oldest);
    return made;
  }

  drop(alarm: Id): void {
    this.byAlarm.delete(alarm);
  }
}

export const drafts = new Drafts();
