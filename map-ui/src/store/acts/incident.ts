// What is done with an incident, except giving it to somebody (`dispatch.svelte.ts`).
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Problem } from "../../wire/problem";
import type { Accepted } from "../../wire/rest";
import type {
  CancelReason,
  Disposition,
  Id,
  Incident,
  Place,
  Priority,
  ReturnReason,
} from "../../wire/views";
import { room } from "../room/room.svelte";
import { deskName, serial, typeName } from "../wording/wording";
import { attempt, run, worded } from "./run.svelte";

export function claim(incident: Incident, take_over = false): Promise<Accepted | Problem> {
  const body = { expected_version: incident.version, take_over };
  return run(`incidents/${incident.id}/claim`, body, t("done.claimed", { number: serial(incident.number) }));
}

/** Whether it was done. A type that was not known before cannot be taken back to nothing: it is corrected. */
export function classify(
  incident: Incident,
  known: { incident_type?: Id; priority?: Priority },
): Promise<boolean> {
  const { id, version, incident_type, priority } = incident;
  const path = `incidents/${id}/classify`;
  const said = known.incident_type ? typeName(known.incident_type) : tx("priority", known.priority);
  const back = () => {
    const now = room.incidents.get(id)?.version ?? version;
    return attempt(path, { expected_version: now, incident_type, priority }, t("done.undone"));
  };
  return attempt(path, { expected_version: version, ...known }, said, incident_type ? back : undefined);
}

/** Puts an incident somewhere, or confirms where it is; every order on its way is told by the centre. */
export function move(incident: Incident, place: Place): Promise<boolean> {
  const body = { expected_version: incident.version, place };
  return attempt(`incidents/${incident.id}/move`, body, t("done.moved"));
}

/** Looks for units anew; the incident then names the new recommendation. */
export function renew(incident: Incident): Promise<boolean> {
  return attempt(`incidents/${incident.id}/renew`, {}, t("done.renewed"));
}

export function stopAutomatic(incident: Incident): Promise<Accepted | Problem> {
  return run(
    `incidents/${incident.id}/stop-automatic`,
    {},
    t("done.automatic_stopped", { number: serial(incident.number) }),
  );
}

export function note(incident: Id, text: string): Promise<Accepted | Problem> {
  return run(`incidents/${incident}/note`, { text }, t("done.noted"));
}

/** 移交 to another desk; to the own one it is 提级指挥. */
export function handOver(incident: Incident, desk: Id): Promise<boolean> {
  const body = { expected_version: incident.version, desk };
  return attempt(`incidents/${incident.id}/hand-over`, body, t("done.handed_over", { desk: deskName(desk) }));
}

export function link(incident: Incident, other: Id): Promise<boolean> {
  const body = { expected_version: incident.version, other };
  return attempt(`incidents/${incident.id}/link`, body, t("done.linked"));
}

/** `incident` ends and goes on in `into`. */
export function merge(incident: Incident, into: Incident): Promise<boolean> {
  const body = { expected_version: incident.version, into: into.id, into_version: into.version };
  return attempt(`incidents/${incident.id}/merge`, body, t("done.merged"));
}

/** Some alarms of an incident become one of their own. */
export function split(incident: Incident, alarms: readonly Id[]): Promise<boolean> {
  const body = { expected_version: incident.version, alarms };
  return attempt(`incidents/${incident.id}/split`, body, t("done.split"));
}

export function feedback(
  incident: Id,
  kind: string,
  disposition: Disposition | undefined,
  text: string,
): Promise<Accepted | Problem> {
  const body = { kind, ...(disposition ? { disposition } : {}), ...worded(text) };
  return run(`incidents/${incident}/feedback`, body, t("done.feedback"));
}

/** Accepts what was reported, or returns it with why. */
export function review(
  incident: Incident,
  feedback: Id,
  accept: boolean,
  reason?: ReturnReason,
  text = "",
): Promise<boolean> {
  const why = reason ? { reason, ...worded(text) } : {};
  const body = { expected_version: incident.version, feedback, accept, ...why };
  return attempt(`incidents/${incident.id}/review`, body, tx("feedback", accept ? "accepted" : "returned"));
}

export function close(incident: Incident): Promise<Accepted | Problem> {
  const body = { expected_version: incident.version };
  return run(`incidents/${incident.id}/close`, body, t("done.closed", { number: serial(incident.number) }));
}

export function cancel(incident: Incident, reason: CancelReason): Promise<boolean> {
  const body = { expected_version: incident.version, reason };
  return attempt(`incidents/${incident.id}/cancel`, body, t("done.cancelled"));
}

export function reopen(incident: Incident, text: string): Promise<boolean> {
  return attempt(
    `incidents/${incident.id}/reopen`,
    worded(text),
    t("done.reopened", { number: serial(incident.number) }),
  );
}
