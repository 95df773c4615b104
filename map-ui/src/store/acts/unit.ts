// What is done with a unit besides ordering it: its duty, its return.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Duty, Id } from "../../wire/views";
import { room } from "../room/room.svelte";
import { act } from "./run.svelte";

export function duty(unit: Id, duty: Duty): Promise<boolean> {
  const before = room.units.rows.get(unit)?.duty;
  const set = (to: Duty, said: string, undo?: () => unknown) =>
    act("/units/{id}/duty", unit, { duty: to }, said, undo);
  return set(duty, tx("duty", duty), before ? () => set(before, t("done.undone")) : undefined);
}

export function reportBack(unit: Id): Promise<boolean> {
  return act("/units/{id}/report-back", unit, {}, tx("status_word", "back"));
}
