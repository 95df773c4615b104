// What the operator does. Each act is one command with its own id; the answer means it is durable (D3).
// A refusal is shown and nothing on the screen pretends it was done.
import { t, tx } from "../i18n/catalogue.svelte";
import { Problem } from "../wire/problem";
import { send, type Accepted } from "../wire/rest";
import type {
  Alarm,
  CancelReason,
  Disposition,
  Duty,
  EndReason,
  Id,
  Incident,
  Order,
  OrderState,
  OutcomeKind,
  OverrideReason,
  Place,
  Priority,
  Recommendation,
  ReturnReason,
  ServiceReason,
  ShelfReason,
  SupportReason,
  Target,
  Technical,
} from "../wire/views";
import { centreClock } from "./room/clock.svelte";
import { drafts, type Known } from "./workplace/draft.svelte";
import { notices } from "./notice/notices.svelte";
import { preferences } from "./workplace/preferences.svelte";
import { refusalWords } from "./wording/refusal";
import { room } from "./room/room.svelte";
import { selection } from "./workplace/selection.svelte";
import { ownDesk } from "./queue/wanted";
import { alarmSerial, deskName, seatName, serial, targetName, typeName, unitName } from "./wording/wording";

/** How a dispatch is meant, beside whom it goes to. */
interface How {
  divert?: boolean;
  stack?: boolean;
  override_reason?: OverrideReason;
}

/** A dispatch that waits for its second key: the same ids, meant the same way, and why it is asked for. */
export interface Pending {
  incident: Id;
  targets: Target[];
  how: How;
  because: string[];
}

class Acts {
  /** Units that another desk commands, as a refusal has told: they are asked for, not ordered. */
  foreign = $state.raw<ReadonlySet<Id>>(new Set());
  pending = $state.raw<Pending | null>(null);
  /** An act is on its way; keys that would send it twice do nothing. */
  busy = $state(false);

  /** Sends one act; tells a refusal, and for ten seconds how to take it back. Returns the answer, or the problem. */
  private async run(
    path: string,
    body: object,
    done?: string,
    undo?: () => unknown,
  ): Promise<Accepted | Problem> {
    this.busy = true;
    try {
      const answer = await send(path, body, { seat: preferences.seat, channel: "console" });
      if (done) notices.say("done", done, undo);
      await room.reached(answer.seq);
      return answer;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code !== "confirmation_needed") notices.say("refused", refusalWords(problem));
      return problem;
    } finally {
      this.busy = false;
    }
  }

  answer(alarm: Alarm): Promise<Accepted | Problem> {
    return this.run(`alarms/${alarm.id}/answer`, {}, t("done.answered", { number: alarmSerial(alarm) }));
  }

  /** Saves what the call-taker knows; makes the incident, which is then chosen if the alarm still is. */
  async save(alarm: Alarm, known: Known): Promise<Id | undefined> {
    const answer = await this.run(`alarms/${alarm.id}/save`, { expected_version: alarm.version, ...known });
    if (answer instanceof Problem) return undefined;
    drafts.drop(alarm.id);
    if (typeof answer["incident"] !== "string") return undefined;
    if (selection.is("alarm", alarm.id)) selection.choose({ kind: "incident", id: answer["incident"] });
    return answer["incident"];
  }

  settle(
    alarm: Alarm,
    outcome: OutcomeKind,
    more: { incident?: Id; agency?: Id; text?: string } = {},
  ): Promise<Accepted | Problem> {
    const body = { expected_version: alarm.version, outcome, ...more };
    return this.run(`alarms/${alarm.id}/settle`, body, tx("outcome", outcome));
  }

  closeCallBack(alarm: Alarm, result: "reached" | "unanswered"): Promise<Accepted | Problem> {
    return this.run(`alarms/${alarm.id}/call-back`, { result }, tx("call_back", result));
  }

  claim(incident: Incident, take_over = false): Promise<Accepted | Problem> {
    const body = { expected_version: incident.version, take_over };
    return this.run(
      `incidents/${incident.id}/claim`,
      body,
      t("done.claimed", { number: serial(incident.number) }),
    );
  }

  /** Whether it was done. A type that was not known before cannot be taken back to nothing: it is corrected. */
  classify(incident: Incident, known: { incident_type?: Id; priority?: Priority }): Promise<boolean> {
    const { id, version, incident_type, priority } = incident;
    const path = `incidents/${id}/classify`;
    const said = known.incident_type ? typeName(known.incident_type) : tx("priority", known.priority);
    const back = () => {
      const now = room.incidents.get(id)?.version ?? version;
      return this.done(path, { expected_version: now, incident_type, priority }, t("done.undone"));
    };
    return this.done(path, { expected_version: version, ...known }, said, incident_type ? back : undefined);
  }

  /** Puts an incident somewhere, or confirms where it is; every order on its way is told by the centre. */
  async move(incident: Incident, place: Place): Promise<boolean> {
    const body = { expected_version: incident.version, place };
    const answer = await this.run(`incidents/${incident.id}/move`, body, t("done.moved"));
    return !(answer instanceof Problem);
  }

  /** What waits for its second key, if it is this. */
  waiting(incident: Id, targets: readonly Target[]): Pending | undefined {
    const { pending } = this;
    return pending?.incident === incident && same(pending.targets, targets) ? pending : undefined;
  }

  /**
   * Gives an incident to targets. What needs a second key comes back as `pending`; the second call with the same
   * targets carries it, whichever key it comes from.
   */
  async dispatch(
    incident: Incident,
    targets: Target[],
    recommendation: Recommendation | undefined,
    { text = "", ...said }: How & { text?: string } = {},
  ): Promise<boolean> {
    const asked = this.waiting(incident.id, targets);
    const how = { ...asked?.how, ...said };
    const answer = await this.run(`incidents/${incident.id}/dispatch`, {
      expected_version: incident.version,
      targets,
      ...(recommendation ? { recommendation: recommendation.id } : {}),
      ...how,
      ...worded(text),
      ...(asked ? { confirmed: true } : {}),
    });
    if (answer instanceof Problem) {
      const { because, unit } = answer.params;
      if (answer.code === "unit_of_other_desk") this.foreign = new Set([...this.foreign, String(unit)]);
      const again = answer.code === "confirmation_needed" && Array.isArray(because);
      this.pending = again ? { incident: incident.id, targets, how, because: because.map(String) } : null;
      return false;
    }
    this.pending = null;
    selection.picks = [];
    const units = targets.map(targetName).join(t("list.comma"));
    notices.say("done", t("done.dispatched", { units, number: serial(incident.number) }));
    // Whoever sends somebody has taken it up: without a word it would climb as if nobody had.
    const sent = room.incidents.get(incident.id);
    if (sent && !sent.claimed_by && sent.desk === ownDesk().desk) {
      await this.run(`incidents/${sent.id}/claim`, { expected_version: sent.version, take_over: false });
    }
    return true;
  }

  /** Looks for units anew; the incident then names the new recommendation. */
  renew(incident: Incident): Promise<boolean> {
    return this.done(`incidents/${incident.id}/renew`, {}, t("done.renewed"));
  }

  /** Whether an answer is one: what its panel waits for before it folds its form. */
  private async done(path: string, body: object, done: string, undo?: () => unknown): Promise<boolean> {
    return !((await this.run(path, body, done, undo)) instanceof Problem);
  }

  reopen(incident: Incident, text: string): Promise<boolean> {
    return this.done(
      `incidents/${incident.id}/reopen`,
      worded(text),
      t("done.reopened", { number: serial(incident.number) }),
    );
  }

  /** 移交 to another desk; to the own one it is 提级指挥. */
  handOver(incident: Incident, desk: Id): Promise<boolean> {
    const body = { expected_version: incident.version, desk };
    return this.done(
      `incidents/${incident.id}/hand-over`,
      body,
      t("done.handed_over", { desk: deskName(desk) }),
    );
  }

  link(incident: Incident, other: Id): Promise<boolean> {
    const body = { expected_version: incident.version, other };
    return this.done(`incidents/${incident.id}/link`, body, t("done.linked"));
  }

  /** `incident` ends and goes on in `into`. */
  merge(incident: Incident, into: Incident): Promise<boolean> {
    const body = { expected_version: incident.version, into: into.id, into_version: into.version };
    return this.done(`incidents/${incident.id}/merge`, body, t("done.merged"));
  }

  /** Some alarms of an incident become one of their own. */
  split(incident: Incident, alarms: readonly Id[]): Promise<boolean> {
    const body = { expected_version: incident.version, alarms };
    return this.done(`incidents/${incident.id}/split`, body, t("done.split"));
  }

  cancel(incident: Incident, reason: CancelReason): Promise<boolean> {
    const body = { expected_version: incident.version, reason };
    return this.done(`incidents/${incident.id}/cancel`, body, t("done.cancelled"));
  }

  /** 交接班: offers all that a seat has claimed or answered to another of its desk, which has to sign for it. */
  handOverShift(from: Id, to: Id): Promise<boolean> {
    return this.done(`seats/${from}/hand-over`, { to }, t("done.shift", { seat: seatName(to) }));
  }

  /** Signs for the shift offered to this seat, or declines it. */
  answerShift(seat: Id, accept: boolean): Promise<boolean> {
    const done = t(accept ? "done.shift_taken" : "done.shift_declined");
    return this.done(`seats/${seat}/answer-hand-over`, { accept }, done);
  }

  /** 停用 with why, or back in service without. */
  service(unit: Id, out_of_service?: ServiceReason, text = ""): Promise<boolean> {
    const done = t(out_of_service ? "done.out_of_service" : "done.in_service", { unit: unitName(unit) });
    const body = out_of_service ? { out_of_service, ...worded(text) } : {};
    return this.done(`units/${unit}/service`, body, done);
  }

  reportBack(unit: Id): Promise<boolean> {
    return this.done(`units/${unit}/report-back`, {}, tx("status_word", "back"));
  }

  /** The crew was asked and is well. */
  confirmLife(order: Order): Promise<boolean> {
    return this.done(`orders/${order.id}/confirm-life`, { source: "voice", voice: "radio" }, t("done.life"));
  }

  duty(unit: Id, duty: Duty): Promise<boolean> {
    const before = room.units.rows.get(unit)?.duty;
    const set = (to: Duty, said: string, undo?: () => unknown) =>
      this.done(`units/${unit}/duty`, { duty: to }, said, undo);
    return set(duty, tx("duty", duty), before ? () => set(before, t("done.undone")) : undefined);
  }

  /** Asks the desk that commands a unit for it. */
  requestSupport(unit: Id, incident: Id): Promise<boolean> {
    return this.done(`units/${unit}/request-support`, { incident }, t("done.support"));
  }

  /** Lends a unit, or says why not. */
  answerSupport(support: Id, grant: boolean, reason?: SupportReason, text = ""): Promise<boolean> {
    const body = { grant, ...(reason ? { reason, ...worded(text) } : {}) };
    return this.done(`supports/${support}/answer`, body, tx("support", grant ? "granted" : "refused"));
  }

  endSupport(support: Id): Promise<boolean> {
    return this.done(`supports/${support}/end`, {}, t("done.support_ended"));
  }

  /** Alarms of a point count as tests for some minutes; none ends the window. */
  testWindow(point: Id, minutes: number): Promise<boolean> {
    const until = inMinutes(minutes);
    const done = minutes > 0 ? t("done.test_window", { minutes }) : t("done.test_ended");
    return this.done(`points/${point}/test-window`, { until }, done);
  }

  /** Types what was heard by radio; `text` says who spoke where it was not the target itself. */
  advance(order: Order, state: OrderState, text = ""): Promise<Accepted | Problem> {
    const body = { state, source: "voice", voice: "radio", ...worded(text) };
    return this.run(`orders/${order.id}/advance`, body, tx("order", state));
  }

  /** A text that is typed is kept apart from the journal; the reason beside it is a code. */
  recall(order: Order, reason: EndReason, text = ""): Promise<boolean> {
    const body = { reason, ...worded(text), expected_version: order.version };
    return this.done(`orders/${order.id}/recall`, body, t("done.recalled"));
  }

  stopAutomatic(incident: Incident): Promise<Accepted | Problem> {
    return this.run(
      `incidents/${incident.id}/stop-automatic`,
      {},
      t("done.automatic_stopped", { number: serial(incident.number) }),
    );
  }

  /** The crew may be told who called: for this order only. */
  releaseCaller(order: Order): Promise<boolean> {
    const body = { expected_version: order.version };
    return this.done(`orders/${order.id}/release-caller`, body, t("done.caller_released"));
  }

  /** 搁置 a technical alarm for some minutes, with why. Whether it was done. */
  shelve(technical: Id, reason: ShelfReason, text: string, minutes: number): Promise<boolean> {
    const body = { reason, until: inMinutes(minutes), ...worded(text) };
    return this.done(`technicals/${technical}/shelve`, body, t("technical.shelved_for", { minutes }), () =>
      this.unshelve(technical, t("done.undone")),
    );
  }

  unshelve(technical: Id, said = t("done.unshelved")): Promise<boolean> {
    return this.done(`technicals/${technical}/unshelve`, {}, said);
  }

  /** 抑制 whatever one point or unit raises for some minutes, with why. */
  suppress(of: Technical, reason: ShelfReason, text: string, minutes: number): Promise<boolean> {
    const source = of.point ? { point: of.point } : { unit: of.unit };
    const body = { ...source, kind: of.kind, reason, until: inMinutes(minutes), ...worded(text) };
    return this.done("suppressions", body, t("technical.suppressed_for", { minutes }));
  }

  endSuppression(suppression: Id): Promise<boolean> {
    return this.done(`suppressions/${suppression}/end`, {}, t("technical.lifted"));
  }

  note(incident: Id, text: string): Promise<Accepted | Problem> {
    return this.run(`incidents/${incident}/note`, { text }, t("done.noted"));
  }

  feedback(
    incident: Id,
    kind: string,
    disposition: Disposition | undefined,
    text: string,
  ): Promise<Accepted | Problem> {
    const body = { kind, ...(disposition ? { disposition } : {}), ...worded(text) };
    return this.run(`incidents/${incident}/feedback`, body, t("done.feedback"));
  }

  /** Accepts what was reported, or returns it with why. */
  review(
    incident: Incident,
    feedback: Id,
    accept: boolean,
    reason?: ReturnReason,
    text = "",
  ): Promise<boolean> {
    const why = reason ? { reason, ...worded(text) } : {};
    const body = { expected_version: incident.version, feedback, accept, ...why };
    return this.done(
      `incidents/${incident.id}/review`,
      body,
      tx("feedback", accept ? "accepted" : "returned"),
    );
  }

  close(incident: Incident): Promise<Accepted | Problem> {
    const body = { expected_version: incident.version };
    return this.run(
      `incidents/${incident.id}/close`,
      body,
      t("done.closed", { number: serial(incident.number) }),
    );
  }
}

/** So many minutes from now on the centre's clock, microseconds. */
function inMinutes(minutes: number): number {
  return Math.round(centreClock.exact()) + minutes * 60_000_000;
}

/** What is typed beside a reason: left out where nothing was. */
function worded(text: string): { text?: string } {
  return text ? { text } : {};
}

/** Whether two lists of targets are the same ones. */
function same(a: readonly Target[], b: readonly Target[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const acts = new Acts();
