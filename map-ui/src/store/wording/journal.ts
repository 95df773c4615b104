// Journal rows as a person reads them: the event by name, and the one detail that matters.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Id, JournalRow } from "../../wire/views";
import { room } from "../room/room.svelte";
import { deskName, seatName, targetName, typeName, unitName } from "./wording";
import { words } from "./words.svelte";

/** How many of those recommended are named. */
const NAMED = 3;

const listed = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(" · ");
const said = (id: Id | undefined) => (id ? words.text(id) : "");
/** Whom an order was given to, where it is still held here. */
function given(id: Id): string {
  const order = room.orders.get(id);
  return order ? targetName(order.target) : "";
}

/** The detail shown after an event's name; tracked where it needs a text that is fetched. */
export function detailOf({ event: { name, data } }: JournalRow): string {
  switch (name) {
    case "order_created":
      return targetName(data.target);
    case "order_advanced": {
      const { order, stamp, reason } = data;
      const how = stamp.source === "voice" ? tx("stamp", "voice") : "";
      return listed(given(order), tx("order", stamp.state), how, tx("end_reason", reason), said(stamp.words));
    }
    case "order_recalled":
      return listed(given(data.order), tx("end_reason", data.reason), said(data.words));
    case "order_unstacked":
      return given(data.order);
    case "notice_signed":
    case "life_confirmed":
      return listed(given(data.order), said(data.said.words));
    case "automatic_order_announced":
      return data.targets.map(targetName).join(t("list.comma"));
    case "automatic_order_ended":
      return tx("automatic_end", data.why);
    case "timer_expired": {
      const { timer, escalation } = data;
      return `${tx("timer", timer.kind)} → ${escalation.seat ? seatName(escalation.seat) : deskName(escalation.desk)}`;
    }
    case "recommendation_recorded": {
      const { unit, readiness_ms, travel_ms, because } = data.examination.candidates;
      const eta = (row: number) => (readiness_ms[row] ?? 0) + (travel_ms[row] ?? 0);
      // Those passed over stand behind the available ones.
      return [...unit.keys()]
        .slice(0, unit.length - because.length)
        .sort((one, other) => eta(one) - eta(other))
        .slice(0, NAMED)
        .map((row) => unitName(unit[row] ?? ""))
        .join(t("list.comma"));
    }
    case "incident_classified":
      return listed(data.incident_type && typeName(data.incident_type), tx("priority", data.priority));
    case "incident_noted":
      return said(data.words);
    case "feedback_given":
      return listed(tx("feedback", data.kind), tx("disposition", data.disposition), said(data.words));
    case "feedback_reviewed": {
      const review = tx("review", data.accepted ? "accepted" : "returned");
      return listed(review, tx("return_reason", data.reason), said(data.words));
    }
    case "support_refused":
      return tx("support_reason", data.reason);
    case "alarm_settled":
      return tx("outcome", data.outcome.kind);
    case "incident_handed_over":
      return deskName(data.desk);
    case "incident_cancelled":
      return tx("cancel_reason", data.reason);
    default:
      return "";
  }
}
