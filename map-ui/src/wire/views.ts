// The shapes of the wire as the server writes them: snake_case, integers, times in microseconds UTC, durations in
// milliseconds, distances in decimetres, coordinates in 1e-7 degrees. They are made from the API's document
// (`npm run schema`); what stands here is only what a screen calls by another name. Types only; nothing here runs.
import type * as made from "./generated";

export type * from "./generated";

export type Id = string;
export type Coord = made.CoordSchema;

/** Of an entity a screen holds its view. */
export type Alarm = made.AlarmView & {
  /** 未入库: shown before the journal could take it (D3). */
  not_recorded?: boolean;
};
export type Incident = made.IncidentView;
export type Order = made.OrderView;
export type Recommendation = made.RecommendationView;
export type Technical = made.TechnicalView;
export type Unit = made.UnitView;

/** Messages of the stream (docs/stream.md). */
export type Commit = Extract<made.ServerMessage, { type: "commit" }>;
export type Heartbeat = Extract<made.ServerMessage, { type: "heartbeat" }>;
export type Snapshot = Extract<made.ServerMessage, { type: "snapshot" }>;
