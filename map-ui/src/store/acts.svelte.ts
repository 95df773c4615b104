// What the operator does. Each act is one command with its own id; the answer means it is durable (D3).
// A refusal is shown and nothing on the screen pretends it was done.
import { t, tx } from "../i18n/catalogue.svelte";
import { Problem } from "../wire/problem";
import { send, type Accepted } from "../wire/rest";
import type {
  Alarm,
  Disposition,
  Id,
  Incident,
  Order,
  OrderState,
  OutcomeKind,
  Place,
  Priority,
  Recommendation,
  ReturnReason,
  Target,
} from "../wire/views";
import { notices } from "./notices.svelte";
import { preferences } from "./preferences.svelte";
import { refusalWords } from "./refusal";
import { room } from "./room.svelte";
import { selection } from "./selection.svelte";
import { serial, unitName } from "./wording";

/** A dispatch that waits for its second key: the same ids, and why it is asked for. */
export interface Pending {
  incident: Id;
  targets: Target[];
  because: string[];
}

class Acts {
  /** Units that another desk commands, as a refusal has told: they are asked for, not ordered. */
  foreign = $state.raw<ReadonlySet<Id>>(new Set());
  pending = $state.raw<Pending | null>(null);
  /** An act is on its way; keys that would send it twice do nothing. */
  busy = $state(false);

  /** Sends one act; tells a refusal, and for ten seconds how to take it back. Returns the answer, or the problem. */
  async run(path: string, body: object, done?: string, undo?: () => unknown): Promise<Accepted | Problem> {
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
    return this.run(`alarms/${alarm.id}/answer`, {}, t("done.answered", { number: serial(alarm.number) }));
  }

  /** Saves what the call-taker knows; makes the incident, which is then chosen if the alarm still is. */
  async save(
    alarm: Alarm,
    known: {
      incident_type?: Id | undefined;
      priority?: Priority | undefined;
      place?: Place | undefined;
      text?: string | undefined;
    },
  ): Promise<Id | undefined> {
    const answer = await this.run(`alarms/${alarm.id}/save`, { expected_version: alarm.version, ...known });
    if (answer instanceof Problem || typeof answer["incident"] !== "string") return undefined;
    if (selection.is("alarm", alarm.id)) selection.choose({ kind: "incident", id: answer["incident"] });
    return answer["incident"];
  }

  settle(alarm: Alarm, outcome: OutcomeKind, incident?: Id): Promise<Accepted | Problem> {
    const body = { expected_version: alarm.version, outcome, ...(incident ? { incident } : {}) };
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

  /**
   * Gives an incident to targets. What needs a second key comes back as `pending`; the second call with the same
   * targets carries it.
   */
  async dispatch(
    incident: Incident,
    targets: Target[],
    recommendation: Recommendation | undefined,
    how: { divert?: boolean; stack?: boolean } = {},
  ): Promise<boolean> {
    const confirmed = this.pending?.incident === incident.id && same(this.pending.targets, targets);
    const answer = await this.run(`incidents/${incident.id}/dispatch`, {
      expected_version: incident.version,
      targets,
      ...(recommendation ? { recommendation: recommendation.id } : {}),
      ...how,
      ...(confirmed ? { confirmed } : {}),
    });
    if (answer instanceof Problem) {
      const { because, unit } = answer.params;
      if (answer.code === "unit_of_other_desk") this.foreign = new Set([...this.foreign, String(unit)]);
      const again = answer.code === "confirmation_needed" && Array.isArray(because);
      this.pending = again ? { incident: incident.id, targets, because: because.map(String) } : null;
      return false;
    }
    this.pending = null;
    selection.picks = [];
    const units = targets.flatMap((target) => ("unit" in target ? unitName(target.unit) : [])).join("、");
    notices.say("done", t("done.dispatched", { units, number: serial(incident.number) }));
    return true;
  }

  /** Types what was heard by radio; `text` says who spoke where it was not the target itself. */
  advance(order: Order, state: OrderState, text = ""): Promise<Accepted | Problem> {
    const body = { state, source: "voice", voice: "radio", ...(text ? { text } : {}) };
    return this.run(`orders/${order.id}/advance`, body, tx("order", state));
  }

  /** A text that is typed is kept apart from the journal; the reason beside it is a code. */
  recall(order: Order, text = ""): Promise<Accepted | Problem> {
    const why = text ? { reason: "other", text } : { reason: "not_needed" };
    const body = { ...why, expected_version: order.version };
    return this.run(`orders/${order.id}/recall`, body, t("done.recalled"));
  }

  stopAutomatic(incident: Incident): Promise<Accepted | Problem> {
    return this.run(
      `incidents/${incident.id}/stop-automatic`,
      {},
      t("done.automatic_stopped", { number: serial(incident.number) }),
    );
  }

  /** The crew may be told who called: for this order only. */
  releaseCaller(order: Order): Promise<Accepted | Problem> {
    const body = { expected_version: order.version };
    return this.run(`orders/${order.id}/release-caller`, body, t("done.caller_released"));
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
    const body = { kind, ...(disposition ? { disposition } : {}), ...(text ? { text } : {}) };
    return this.run(`incidents/${incident}/feedback`, body, t("done.feedback"));
  }

  review(
    incident: Incident,
    feedback: Id,
    accept: boolean,
    reason?: ReturnReason,
  ): Promise<Accepted | Problem> {
    const body = { expected_version: incident.version, feedback, accept, ...(reason ? { reason } : {}) };
    return this.run(`incidents/${incident.id}/review`, body);
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

/** Whether two lists of targets are the same ones. */
function same(a: readonly Target[], b: readonly Target[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const acts = new Acts();
