// The closed lists of the wire as values: what a screen offers to choose from, in the order it shows it. The types are
// those of `views.ts`; a code that is in the type and not in its list fails the type check.
import type {
  CancelReason,
  Disposition,
  EndReason,
  OutcomeKind,
  OverrideReason,
  ReturnReason,
  ServiceReason,
  ShelfReason,
  SupportReason,
} from "./views";

/** What a list lacks of its type: nothing, or the check fails and names it. */
type Whole<T, L extends readonly T[]> = [Exclude<T, L[number]>] extends [never]
  ? unknown
  : { missing: Exclude<T, L[number]> };

/** A list that holds every value of a type. */
const every =
  <T extends string>() =>
  <const L extends readonly T[]>(list: L & Whole<T, L>): L =>
    list;

export const OUTCOMES = every<OutcomeKind>()([
  "incident",
  "duplicate",
  "advice",
  "transferred",
  "false",
  "malicious",
  "nuisance",
  "silent",
  "hung_up",
  "test",
  "fault",
]);
export const DISPOSITIONS = every<Disposition>()([
  "resolved",
  "assisted",
  "mediated",
  "case_opened",
  "handed_over",
  "nothing_found",
  "false_alarm",
]);
export const RETURN_REASONS = every<ReturnReason>()(["incomplete", "contradictory", "disposition", "other"]);
export const CANCEL_REASONS = every<CancelReason>()([
  "nothing_found",
  "false_alarm",
  "mistake",
  "transferred",
  "exercise_over",
]);
const END_REASONS = every<EndReason>()([
  "vehicle",
  "road",
  "fuel",
  "far",
  "crew",
  "engaged",
  "not_needed",
  "mistaken",
  "unreachable",
  "not_signed",
  "diverted",
  "other",
]);
/** Those a person may give; the others are the centre's alone. */
export const RECALL_REASONS = END_REASONS.filter((code) => code !== "not_signed" && code !== "diverted");
export const OVERRIDE_REASONS = every<OverrideReason>()([
  "unit_unavailable",
  "nearer",
  "local_knowledge",
  "coverage",
  "other",
]);
export const SERVICE_REASONS = every<ServiceReason>()([
  "vehicle",
  "maintenance",
  "fuel",
  "crew",
  "equipment",
  "other",
]);
/** Those a person may refuse with; the others are the centre's alone. */
export const REFUSE_REASONS = ["needed_here", "unable", "other"] as const satisfies readonly SupportReason[];
export const SHELF_REASONS = every<ShelfReason>()(["known", "maintenance", "weather", "nuisance", "other"]);
