// The text messages of the stream (docs/stream.md). Types only.
import type {
  Alarm,
  Id,
  Incident,
  Mode,
  Order,
  Recommendation,
  ShiftHandover,
  Support,
  Suppression,
  Technical,
  Time,
  Unit,
} from "./views";

export type Delta =
  | { kind: "alarm"; view: Alarm }
  | { kind: "incident"; view: Incident }
  | { kind: "order"; view: Order }
  | { kind: "unit"; view: Unit }
  | { kind: "technical"; view: Technical }
  | { kind: "suppression"; view: Suppression }
  | { kind: "handover"; view: ShiftHandover }
  | { kind: "recommendation"; view: Recommendation }
  | { kind: "support"; view: Support }
  | { kind: "gone"; view: { of: EntityKind; id: Id; area: string[] } };

export type EntityKind =
  | "alarm"
  | "incident"
  | "order"
  | "unit"
  | "technical"
  | "suppression"
  | "handover"
  | "recommendation"
  | "support";

/** Named degraded modes: dispatch goes on, the operator sees it (D17). */
export type Degraded =
  | "not_recording"
  | "store_unreachable"
  | "no_standby"
  | "clock_behind"
  | "tracks_behind"
  | "positions_thinned"
  | "sink_behind"
  | "sink_refused";

export interface Hello {
  type: "hello";
  /** The subprotocol, `ortoo.v1`. */
  protocol: string;
  version: string;
  journal_id: Id;
  head: number;
  now: Time;
  zone: string;
  heartbeat_ms: number;
  positions_ms: number;
  /** H3 resolution of the tiles of position frames. */
  tile_resolution: number;
  labels: string[][];
}
export interface Snapshot {
  type: "snapshot";
  journal_id: Id;
  seq: number;
  whole: boolean;
  views: Delta[];
}
export interface Commit {
  type: "commit";
  journal_id: Id;
  prev: number;
  seq: number;
  at: Time;
  deltas: Delta[];
  register?: boolean;
}
export type FromServer =
  | Hello
  | Snapshot
  | Commit
  | { type: "heartbeat"; head: number; now: Time; degraded?: Degraded[]; seats?: Id[] }
  | { type: "reset"; reason: "journal_changed" | "too_far_behind" | "slow" }
  | { type: "unrecorded"; alarm: Alarm }
  | { type: "pong"; t: number }
  | { type: "problem"; code: string; detail: string };

export interface Subscribe {
  type: "subscribe";
  areas?: string[];
  modes?: Mode[];
  unit?: Id;
  seat?: Id | undefined;
  resume?: { journal_id: Id; seq: number };
  positions?: boolean;
  /** Only these tiles, hexadecimal; absent: all. */
  tiles?: string[];
}
