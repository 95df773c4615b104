// Giving an incident to units, desks and agencies, and the second key that some of it needs.
import { t } from "../../i18n/catalogue.svelte";
import { Problem } from "../../wire/problem";
import type { Body } from "../../wire/rest";
import type { Id, Incident, Recommendation, Target } from "../../wire/views";
import { notices } from "../notice/notices.svelte";
import { ownDesk } from "../queue/wanted";
import { room } from "../room/room.svelte";
import { serial, targetName } from "../wording/wording";
import { selection } from "../workplace/selection.svelte";
import { run } from "./run.svelte";

/** How a dispatch is meant, beside whom it goes to. */
type How = Pick<Body<"/incidents/{id}/dispatch">, "divert" | "stack" | "override_reason">;

/** A dispatch that waits for its second key: the same ids, meant the same way, and why it is asked for. */
export interface Pending {
  incident: Id;
  targets: Target[];
  how: How;
  because: string[];
}

class Dispatching {
  /** Units that another desk commands, as a refusal has told: they are asked for, not ordered. */
  foreign = $state.raw<ReadonlySet<Id>>(new Set());
  pending = $state.raw<Pending | null>(null);

  /** What waits for its second key, if it is this. */
  waiting(incident: Id, targets: readonly Target[]): Pending | undefined {
    const { pending } = this;
    return pending?.incident === incident && same(pending.targets, targets) ? pending : undefined;
  }

  /**
   * Gives an incident to targets. What needs a second key comes back as `pending`; the second call with the same
   * targets carries it, whichever key it comes from.
   */
  async send(
    incident: Incident,
    targets: Target[],
    recommendation: Recommendation | undefined,
    { text, ...said }: How & { text?: string } = {},
  ): Promise<boolean> {
    const asked = this.waiting(incident.id, targets);
    const how = { ...asked?.how, ...said };
    const answer = await run("/incidents/{id}/dispatch", incident.id, {
      expected_version: incident.version,
      targets,
      recommendation: recommendation?.id,
      ...how,
      text,
      confirmed: asked ? true : undefined,
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
    // Whoever sends somebody has taken it up: without a word it would escalate as if nobody had.
    const sent = room.incidents.get(incident.id);
    if (sent && !sent.claimed_by && sent.desk === ownDesk().desk) {
      await run("/incidents/{id}/claim", sent.id, { expected_version: sent.version });
    }
    return true;
  }
}

/** Whether two lists of targets are the same ones. */
function same(a: readonly Target[], b: readonly Target[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const dispatching = new Dispatching();
