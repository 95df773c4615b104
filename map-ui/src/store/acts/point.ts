// What is done with an alarm point.
import { t } from "../../i18n/catalogue.svelte";
import type { Id } from "../../wire/views";
import { inMinutes, attempt } from "./run.svelte";

/** Alarms of a point count as tests for some minutes; none ends the window. */
export function testWindow(point: Id, minutes: number): Promise<boolean> {
  const until = inMinutes(minutes);
  const done = minutes > 0 ? t("done.test_window", { minutes }) : t("done.test_ended");
  return attempt(`points/${point}/test-window`, { until }, done);
}
