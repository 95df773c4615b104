// What is done with a unit besides ordering it: its duty, its service.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Duty, Id, ServiceReason } from "../../wire/views";
import { room } from "../room/room.svelte";
import { unitName } from "../wording/wording";
import { attempt, worded } from "./run.svelte";

export function duty(unit: Id, duty: Duty): Promise<boolean> {
  const before = room.units.rows.get(unit)?.duty;
  const set = (to: Duty, said: string, undo?: () => unknown) =>
    attempt(`units/${unit}/duty`, { duty: to }, said, undo);
  return set(duty, tx("duty", duty), before ? () => set(before, t("done.undone")) : undefined);
}

/** 停用 with why, or back in service without. */
export function service(unit: Id, out_of_service?: ServiceReason, text = ""): Promise<boolean> {
  const done = t(out_of_service ? "done.out_of_service" : "done.in_service", { unit: unitName(unit) });
  const body = out_of_service ? { out_of_service, ...worded(text) } : {};
  return attempt(`units/${unit}/service`, body, done);
}

export function reportBack(unit: Id): Promise<boolean> {
  return attempt(`units/${unit}/report-back`, {}, tx("status_word", "back"));
}
