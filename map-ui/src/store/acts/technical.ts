// What is done with technical alarms. None of it is ever done with a person's alarm.
import { t } from "../../i18n/catalogue.svelte";
import type { Id, ShelfReason } from "../../wire/views";
import { act, inMinutes } from "./run.svelte";

/** 搁置 a technical alarm for some minutes, with why. Whether it was done. */
export function shelve(technical: Id, reason: ShelfReason, text: string, minutes: number): Promise<boolean> {
  const body = { reason, until: inMinutes(minutes), text };
  const back = () => unshelve(technical, t("done.undone"));
  return act("/technicals/{id}/shelve", technical, body, t("technical.shelved_for", { minutes }), back);
}

export function unshelve(technical: Id, said = t("done.unshelved")): Promise<boolean> {
  return act("/technicals/{id}/unshelve", technical, {}, said);
}
