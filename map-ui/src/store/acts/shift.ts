// 交接班: a shift offered from seat to seat, and signed for.
import { t } from "../../i18n/catalogue.svelte";
import type { Id } from "../../wire/views";
import { seatName } from "../wording/wording";
import { attempt } from "./run.svelte";

/** Offers all that a seat has claimed or answered to another of its desk, which has to sign for it. */
export function handOver(from: Id, to: Id): Promise<boolean> {
  return attempt(`seats/${from}/hand-over`, { to }, t("done.shift", { seat: seatName(to) }));
}

/** Signs for the shift offered to this seat, or declines it. */
export function answer(seat: Id, accept: boolean): Promise<boolean> {
  const done = t(accept ? "done.shift_taken" : "done.shift_declined");
  return attempt(`seats/${seat}/answer-hand-over`, { accept }, done);
}
