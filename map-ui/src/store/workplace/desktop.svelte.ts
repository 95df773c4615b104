// The recommendation that lies on the desk: the one on the screen, which the keys act on. A newer one waits beside it
// until the operator takes it; only the operator's own dispatch, or another selection, clears the desk.
import { t } from "../../i18n/catalogue.svelte";
import type { Id, Incident, OverrideReason, Recommendation } from "../../wire/views";
import * as alarmActs from "../acts/alarm";
import { dispatching, type Pending } from "../acts/dispatch.svelte";
import * as incidentActs from "../acts/incident";
import { act, sending } from "../acts/run.svelte";
import { drafts } from "./draft.svelte";
import { notices } from "../notice/notices.svelte";
import { room } from "../room/room.svelte";
import { selection } from "./selection.svelte";

/** States of an order in which nobody is on the way any more. */
export const ENDED: ReadonlySet<string> = new Set(["cleared", "declined", "failed", "recalled", "expired"]);

export class Desktop {
  /** Recommendation taken up for the incident on the screen. */
  private taken = $state.raw<Recommendation | undefined>(undefined);

  /** After a dispatch of our own the recommendation it rested on is not held again: the next one is taken up. */
  private spent: Id | undefined;

  /** Why what is picked is not what is proposed, as far as it was said; said for this incident only. */
  private said = $state.raw<{ incident?: Id; reason: OverrideReason | ""; text: string }>({
    reason: "",
    text: "",
  });

  /** The incident on the screen. */
  get incident(): Incident | undefined {
    const chosen = selection.current;
    return chosen?.kind === "incident" ? room.incidents.get(chosen.id) : undefined;
  }

  private get latest(): Recommendation | undefined {
    return room.recommendations.get(this.incident?.recommendation);
  }

  /** What is shown and acted on. */
  get recommendation(): Recommendation | undefined {
    return this.taken?.incident === this.incident?.id ? this.taken : this.latest;
  }

  /** A newer recommendation than the one shown has come. */
  get newer(): boolean {
    return (
      this.recommendation !== undefined &&
      this.latest !== undefined &&
      this.latest.id !== this.recommendation.id
    );
  }

  /** Holds what is shown from now on. Called when an incident's panel has shown its recommendation. */
  hold(): void {
    const { latest } = this;
    if (this.taken?.incident !== this.incident?.id && latest?.id !== this.spent) this.taken = latest;
  }

  /** Takes the newest; where there is none newer, units are looked for anew. */
  async refresh(): Promise<void> {
    const { incident } = this;
    if (!incident || sending.busy) return;
    const renew = () => act("/incidents/{id}/renew", incident.id, {}, t("done.renewed"));
    if (!this.newer && !(await renew())) return;
    // Somebody may have chosen something else meanwhile.
    if (this.incident?.id !== incident.id) return;
    this.taken = this.latest;
    selection.picks = [];
    dispatching.pending = null;
  }

  /** The dispatch that waits for its second key, as long as the same units of the same incident are on the screen. */
  get pending(): Pending | null {
    const { incident } = this;
    const targets = this.proposal().map((unit) => ({ unit }));
    return (incident && dispatching.waiting(incident.id, targets)) ?? null;
  }

  /** Somebody is on the way already: more is backup, and backup is picked, never sent by one key too many. */
  get served(): boolean {
    const { incident } = this;
    return incident !== undefined && room.ordersOf(incident).some((order) => !ENDED.has(order.state));
  }

  /** Units that F6 would send: those picked, else those proposed. */
  proposal(): readonly Id[] {
    if (selection.picks.length > 0) return selection.picks;
    return this.served ? [] : this.proposed();
  }

  /** Others are picked than those proposed: what is sent may say why. Backup overrules nothing. */
  get overruled(): boolean {
    const proposed = this.proposed();
    const { picks } = selection;
    return (
      !this.served &&
      proposed.length > 0 &&
      picks.length > 0 &&
      picks.some((unit) => !proposed.includes(unit))
    );
  }

  get why(): { reason: OverrideReason | ""; text: string } {
    return this.said.incident === this.incident?.id ? this.said : { reason: "", text: "" };
  }
  set why(said: { reason: OverrideReason | ""; text: string }) {
    this.said = { ...said, incident: this.incident?.id };
  }

  /** Units the recommendation proposes, else its first. */
  private proposed(): readonly Id[] {
    const ranked = this.recommendation?.ranked ?? [];
    const proposed = ranked.filter((one) => one.proposed_for !== undefined).map((one) => one.candidate.unit);
    return proposed.length > 0 ? proposed : ranked.slice(0, 1).map((one) => one.candidate.unit);
  }

  pick(unit: Id): void {
    selection.toggle(unit);
    dispatching.pending = null;
  }

  /** Picks the n-th unit on the screen, from 1. */
  pickRank(n: number): void {
    const one = this.recommendation?.ranked[n - 1];
    if (one) this.pick(one.candidate.unit);
  }

  /** Sends what is shown. A second call is the second key where one is asked for. */
  async dispatch(): Promise<void> {
    const { incident } = this;
    if (!incident || sending.busy) return;
    const targets = this.proposal().map((unit) => ({ unit }));
    if (targets.length === 0) return;
    const used = this.recommendation;
    const { reason, text } = this.why;
    const why = this.overruled && reason !== "" ? { override_reason: reason, text: text.trim() } : {};
    if (!(await dispatching.send(incident, targets, used, why))) return;
    this.said = { reason: "", text: "" };
    this.spent = used?.id;
    this.taken = undefined;
  }

  /** F4: takes up what is chosen: answers its ringing alarms, and claims the incident. Says so where there is nothing. */
  async answer(): Promise<void> {
    if (sending.busy) return;
    const chosen = selection.current;
    const alarm = chosen?.kind === "alarm" ? room.alarms.get(chosen.id) : undefined;
    if (!this.waits()) return notices.say("refused", t(alarm ? "alarm.in_call" : "alarm.nothing_rings"));
    if (alarm?.state === "ringing") await alarmActs.answer(alarm);
    const { incident } = this;
    if (!incident) return;
    for (const id of incident.alarms) {
      const ringing = room.alarms.get(id);
      if (ringing?.state === "ringing") await alarmActs.answer(ringing);
    }
    if (!incident.claimed_by) await incidentActs.claim(room.incidents.get(incident.id) ?? incident);
  }

  /** Nothing is chosen, or an incident that nobody has to take up: F4 goes to what rings. A call that goes on keeps it. */
  get isServed(): boolean {
    return !sending.busy && selection.current?.kind !== "alarm" && !this.waits();
  }

  /** Whether what is chosen rings, or nobody has claimed it. */
  private waits(): boolean {
    const chosen = selection.current;
    const rings = (id: Id) => room.alarms.get(id)?.state === "ringing";
    if (chosen?.kind === "alarm") return rings(chosen.id);
    const { incident } = this;
    return incident !== undefined && (!incident.claimed_by || incident.alarms.some(rings));
  }

  /** F6: dispatches the recommendation shown; an alarm becomes an incident first, of what was put down of it. */
  async forward(): Promise<void> {
    if (sending.busy) return;
    const chosen = selection.current;
    const alarm = chosen?.kind === "alarm" ? room.alarms.get(chosen.id) : undefined;
    if (!alarm) return this.dispatch();
    const known = drafts.of(alarm.id).known(alarm);
    // Saving answers what still rings: one act, one key.
    if (known) await alarmActs.save(alarm, known);
    else notices.say("refused", t("alarm.choose_type_or_place"));
  }
}

export const desktop = new Desktop();
