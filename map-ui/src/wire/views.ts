// The shapes of the wire as the server writes them: snake_case, integers, times in microseconds UTC, durations in
// milliseconds, distances in decimetres, coordinates in 1e-7 degrees. Types only; nothing here runs.
import type { Names } from "../i18n/names";
import type { components } from "./generated";

type schemas = components["schemas"];

export type Id = string;
/** Microseconds since 1970-01-01 UTC; exact below 2^53. */
export type Time = number;

/** Which deadline. */
export type TimerKind = schemas["TimerKey"]["kind"];

/** A timer that ran out and still stands: who must act, and how far it has climbed (0 the seat, 1 its shift lead, 2 the parent desk). */
export interface Overdue {
  timer: { kind: TimerKind; id: Id };
  climb: { level: number; seat?: Id; desk: Id };
  since: Time;
  /** The number of the unit's terminal, where the seat has to phone. */
  phone?: string;
}

/** What every view with deadlines carries. */
export interface Timed {
  due?: Time;
  overdue?: Overdue[];
}

export interface Coord {
  lon: number;
  lat: number;
}

export type Mode = schemas["Mode"];
export type Priority = schemas["Priority"];
export type PlaceKind = schemas["PlaceKind"];
export type PlaceSource = schemas["PlaceSource"];

export interface Place {
  kind: PlaceKind;
  coord?: Coord;
  radius_m: number;
  source: PlaceSource;
  point?: Id;
  road?: string;
  area?: string;
  confirmed_by?: Id;
}

export type AlarmSource = schemas["AlarmSource"];
export type AlarmState = schemas["AlarmState"];
export type OutcomeKind = schemas["OutcomeKind"];

export interface DuplicateOffer {
  incident: Id;
  score_per_mille: number;
  distance_dm?: number;
  apart_ms: number;
  same_source: boolean;
  same_type: boolean;
}

export interface Alarm extends Timed {
  id: Id;
  version: number;
  number: string;
  mode: Mode;
  source: AlarmSource;
  state: AlarmState;
  desk: Id;
  area: string[];
  place: Place;
  incident_type?: Id;
  priority?: Priority;
  point?: Id;
  unit?: Id;
  device?: string;
  caller?: Id;
  words?: Id[];
  silent: boolean;
  occurred_at: Time;
  received_at: Time;
  late: boolean;
  fix_age_ms?: number;
  clock_wrong: boolean;
  flaws?: string[];
  repeats: number;
  answered?: [Time, Id];
  outcome?: { kind: OutcomeKind; incident?: Id; agency?: Id };
  settled_at?: Time;
  call_back?: { opened_at: Time; result?: "reached" | "unanswered" };
  offers?: DuplicateOffer[];
  /** 未入库: shown before the journal could take it (D3). */
  not_recorded?: boolean;
}

export type IncidentState = schemas["IncidentState"];
export type IncidentStatus = schemas["IncidentStatus"];

export type Disposition = schemas["Disposition"];

export type ReturnReason = schemas["ReturnReason"];
export type CancelReason = schemas["CancelReason"];

export interface Feedback {
  id: Id;
  kind: "arrival" | "progress" | "result";
  order?: Id;
  disposition?: Disposition;
  words?: Id;
  at: Time;
  by: string;
  review: "pending" | "accepted" | "returned";
  returned_because?: ReturnReason;
  returned_words?: Id;
}

export interface Act {
  version: number;
  what: string;
  actor: string;
  seat?: Id;
  at: Time;
}

export type AutomaticEnd = schemas["AutomaticEnd"];

/** 自动派警: its countdown while `ended` is absent, or how it ended. */
export interface AutomaticOrder {
  due_at?: Time;
  targets?: Target[];
  recommendation?: Id;
  ended?: AutomaticEnd;
  refusal?: { code: string };
}

export interface Incident extends Timed {
  id: Id;
  version: number;
  number: string;
  mode: Mode;
  state: IncidentState;
  desk: Id;
  area: string[];
  place: Place;
  incident_type?: Id;
  priority: Priority;
  alarms: Id[];
  claimed_by?: Id;
  orders: Id[];
  links?: { kind: string; incident: Id }[];
  notes?: Id[];
  feedback?: Feedback[];
  recommendation?: Id;
  received_at: Time;
  created_at: Time;
  moved: boolean;
  reopened: boolean;
  caller_withdrew: boolean;
  ended_at?: Time;
  cancelled_because?: string;
  automatic?: AutomaticOrder;
  acts: Act[];
  silent: boolean;
  sos: boolean;
  /** Derived on the server, several at once. */
  status: IncidentStatus[];
  missing_type: boolean;
  missing_place: boolean;
}

export type OrderState = schemas["OrderState"];

/** Why an order is recalled, or ended without having been carried out. */
export type EndReason = schemas["EndReason"];

/** Why a recommendation is overruled. */
export type OverrideReason = schemas["OverrideReason"];
/** By what way something was heard that was said by voice. */
export type VoiceWay = schemas["VoiceWay"];

export interface Stamp {
  state: OrderState;
  at: Time;
  received_at: Time;
  source: "device" | "voice" | "operator" | "system";
  by: string;
  voice?: VoiceWay;
  words?: Id;
  beside: boolean;
}

/** What was said of an order that brings it to no new state. */
export interface Said {
  at: Time;
  received_at: Time;
  source: Stamp["source"];
  by: string;
  voice?: VoiceWay;
  words?: Id;
}

export type Target = { unit: Id } | { desk: Id } | { agency: Id };

export interface Order extends Timed {
  id: Id;
  version: number;
  incident: Id;
  mode: Mode;
  area: string[];
  target: Target;
  parent?: Id;
  state: OrderState;
  desk: Id;
  seat?: Id;
  recommendation?: Id;
  rank?: number;
  override_reason?: OverrideReason;
  override_words?: Id;
  diverted_from?: Id;
  stacked: boolean;
  eta_high_ms: number;
  eta_ms: number;
  created_at: Time;
  stamps: Stamp[];
  recall_pending: boolean;
  supplement_pending: boolean;
  end_reason?: EndReason;
  end_words?: Id;
  silent: boolean;
  sign_of_life?: Said;
  notice_signed?: Said;
  /** The caller's words, released for this order and shown to its unit only. */
  caller?: Id[];
  acts?: Act[];
}

export type Duty = schemas["Duty"];
export type UnitStatus = schemas["UnitStatus"];

export type ServiceReason = schemas["ServiceReason"];

export interface Unit {
  id: Id;
  version: number;
  duty: Duty;
  duty_since: Time;
  out_of_service?: ServiceReason;
  service_words?: Id;
  desk: Id;
  active?: Id;
  divert?: Id;
  stacked?: Id[];
  returning: boolean;
  sos: boolean;
  /** Derived on the server. */
  status: UnitStatus;
  /** Slot in position frames. */
  slot: number;
  area: string[];
}

export type SupportReason = schemas["SupportReason"];

export interface Support {
  id: Id;
  version: number;
  unit: Id;
  by: Id;
  of: Id;
  incident: Id;
  priority: Priority;
  state: "open" | "granted" | "refused" | "taken" | "ended";
  at: Time;
  refused_because?: SupportReason;
  refused_words?: Id;
}

export type ShelfReason = schemas["ShelfReason"];

export interface Technical {
  id: Id;
  version: number;
  kind: "device" | "link" | "geofence" | "rule";
  cause: string;
  point?: Id;
  unit?: Id;
  area: string[];
  first_at: Time;
  last_at: Time;
  count: number;
  shelf?: { by: string; seat: Id; reason: ShelfReason; words?: Id; until: Time };
  /** The suppression that keeps it off the list. */
  suppressed?: Id;
  cleared_at?: Time;
}

/** A source of technical alarms that is kept off the list. */
export interface Suppression {
  id: Id;
  kind?: Technical["kind"];
  point?: Id;
  unit?: Id;
  area: string[];
  by: string;
  seat: Id;
  reason: ShelfReason;
  words?: Id;
  at: Time;
  until: Time;
}

/** A shift that is offered and not signed for. */
export interface ShiftHandover {
  id: Id;
  from: Id;
  to: Id;
  area: string[];
  open: { incidents: Id[]; alarms: Id[]; orders: Id[] };
  by: string;
  at: Time;
}

export interface Candidate {
  unit: Id;
  from: "fix" | "home_base";
  fix_time?: Time;
  fix_age_ms?: number;
  distance_dm: number;
  readiness_ms: number;
  travel_ms: number;
  doubt_ms: number;
  status: UnitStatus;
  desk: Id;
}

export type PassedReason =
  | { code: "busy"; order: Id; incident: Id }
  | { code: "off_duty" }
  | { code: "out_of_service" }
  | { code: "calls_for_help" }
  | { code: "missing_capability"; capability: Id }
  | { code: "forbidden_class"; class: Id }
  | { code: "other_class"; class: Id }
  | { code: "slower" };

export interface Ranked {
  rank: number;
  candidate: Candidate;
  fills: number[];
  proposed_for?: number;
  behind_ms: number;
  overlaps_previous: boolean;
  needs_support: boolean;
}

export interface Need {
  count: number;
  capabilities: Id[];
  classes: Id[];
}

export interface Recommendation {
  id: Id;
  incident: Id;
  occasion: string;
  examination: {
    place: Place;
    /** From where units were sought when no more than the area is known. It is never drawn. */
    around?: { area: Id; reach_dm: number };
    incident_type?: Id;
    priority: Priority;
    needs: Need[];
    forbidden: Id[];
    at: Time;
    model: string;
    available: Candidate[];
    passed: { candidate: Candidate; because: PassedReason }[];
  };
  ranked: Ranked[];
  unfilled: [number, number][];
  place_uncertain: boolean;
  place_reason?: "place_is_area" | "place_unknown";
}

export interface AreaEntry {
  path: string[];
  names: Names;
}
export interface DeskEntry {
  parent?: Id;
  area: string[];
  code: string;
  names: Names;
}
export type Role = schemas["Role"];
export interface SeatEntry {
  desk: Id;
  role: Role;
  names: Names;
}
export interface KindEntry {
  code: Id;
  class: boolean;
  names: Names;
}
export interface TypeEntry {
  names: Names;
  priority: Priority;
  weapon: boolean;
  sensitive: boolean;
}
export interface UnitEntry {
  call_sign: string;
  plate: string;
  crew: number;
  class: Id;
  capabilities: Id[];
  organisation: Id;
  desk: Id;
  area: string[];
  beat?: Id;
  home: Coord;
  mover: number;
  readiness_ms: number;
  slot: number;
  retired: boolean;
}
export interface PointEntry {
  number: string;
  names: Names;
  at: Coord;
  area: string[];
  kind: string;
  keeper: Names;
  organisation?: Id;
  neighbours: Id[];
  retired: boolean;
}
/** By priority 1, 2, 3. */
type ByPriority = [number, number, number];

export interface Timers {
  answer_ms: ByPriority;
  claim_ms: ByPriority;
  first_order_ms: ByPriority;
  delivered_ms: ByPriority;
  signed_ms: ByPriority;
  departed_slack_ms: ByPriority;
  arrival_per_mille: ByPriority;
  sign_of_life_ms: ByPriority;
  feedback_ms: ByPriority;
  climb_ms: number;
  support_ms: number;
}
