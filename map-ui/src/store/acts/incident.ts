// What is done with an incident, except giving it to somebody (`dispatch.svelte.ts`).
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Body } from "../../wire/rest";
import type { CancelReason, Id, Incident, Place } from "../../wire/views";
import { room } from "../room/room.svelte";
import { serial, typeName } from "../wording/wording";
import { act } from "./run.svelte";

export function claim({ id, version, number }: Incident, take_over = false): Promise<boolean> {
  const body = { expected_version: version, take_over };
  return act("/incidents/{id}/claim", id, body, t("done.claimed", { number: serial(number) }));
}

/** Whether it was done. A type that was not known before cannot be taken back to nothing: it is corrected. */
export function classify(
  { id, version, incident_type, priority }: Incident,
  known: Pick<Body<"/incidents/{id}/classify">, "incident_type" | "priority">,
): Promise<boolean> {
  const path = "/incidents/{id}/classify";
  const said = known.incident_type ? typeName(known.incident_type) : tx("priority", known.priority);
  const back = () => {
    const now = room.incidents.get(id)?.version ?? version;
    return act(path, id, { expected_version: now, incident_type, priority }, t("done.undone"));
  };
  return act(path, id, { expected_version: version, ...known }, said, incident_type ? back : undefined);
}

/** Puts an incident somewhere, or confirms where it is; every order on its way is told by the centre. */
export function move({ id, version }: Incident, place: Place): Promise<boolean> {
  return act("/incidents/{id}/move", id, { expected_version: version, place }, t("done.moved"));
}

export function note(incident: Id, text: string): Promise<boolean> {
  return act("/incidents/{id}/note", incident, { text }, t("done.noted"));
}

/** An incident ends and goes on in `into`. */
export function merge({ id, version }: Incident, into: Incident): Promise<boolean> {
  const body = { expected_version: version, into: into.id, into_version: into.version };
  return act("/incidents/{id}/merge", id, body, t("done.merged"));
}

export function feedback(incident: Id, said: Body<"/incidents/{id}/feedback">): Promise<boolean> {
  return act("/incidents/{id}/feedback", incident, said, t("done.feedback"));
}

export function close({ id, version, number }: Incident): Promise<boolean> {
  const done = t("done.closed", { number: serial(number) });
  return act("/incidents/{id}/close", id, { expected_version: version }, done);
}

export function cancel({ id, version }: Incident, reason: CancelReason): Promise<boolean> {
  return act("/incidents/{id}/cancel", id, { expected_version: version, reason }, t("done.cancelled"));
}
