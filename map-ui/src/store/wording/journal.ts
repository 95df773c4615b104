// Journal rows as a person reads them: the event by name, and the one detail that matters.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { components } from "../../wire/generated";
import type { Id, Overdue, Stamp, Target, Time } from "../../wire/views";
import { room } from "../room/room.svelte";
import { deskName, seatName, targetName, typeName, unitName } from "./wording";
import { words } from "./words.svelte";

type schemas = components["schemas"];

/** How many of those recommended are named. */
const NAMED = 3;

export interface JournalRow {
  seq: number;
  recorded_at: Time;
  actor: string;
  seat?: Id;
  event: { name: string; data: Record<string, unknown> };
}

/** The detail shown after an event's name; tracked where it needs a text that is fetched. */
export function detailOf({ event: { name, data } }: JournalRow): string {
  switch (name) {
    case "order_created":
      return targetName(data["target"] as Target);
    case "order_advanced": {
      const order = room.orders.get(data["order"] as Id);
      const stamp = data["stamp"] as Stamp;
      const how = stamp.source === "voice" ? tx("stamp", "voice") : "";
      const why = tx("end_reason", data["reason"] as string | undefined);
      const said = stamp.words ? words.text(stamp.words) : "";
      return [order && targetName(order.target), tx("order", stamp.state), how, why, said]
        .filter(Boolean)
        .join(" · ");
    }
    case "order_recalled":
    case "order_unstacked":
    case "notice_signed":
    case "life_confirmed": {
      const order = room.orders.get(data["order"] as Id);
      const why = tx("end_reason", data["reason"] as string | undefined);
      const said = data["words"] ? words.text(data["words"] as Id) : "";
      return [order && targetName(order.target), why, said].filter(Boolean).join(" · ");
    }
    case "automatic_order_announced":
      return (data["targets"] as Target[]).map(targetName).join(t("list.comma"));
    case "automatic_order_ended":
      return tx("automatic_end", data["why"] as string);
    case "timer_expired": {
      const timer = data["timer"] as Overdue["timer"];
      const climb = data["climb"] as Overdue["climb"];
      return `${tx("timer", timer.kind)} → ${climb.seat ? seatName(climb.seat) : deskName(climb.desk)}`;
    }
    case "recommendation_recorded": {
      const { available } = data["examination"] as schemas["Examination"];
      const eta = (one: schemas["Candidate"]) => one.readiness_ms + one.travel_ms;
      return [...available]
        .sort((one, other) => eta(one) - eta(other))
        .slice(0, NAMED)
        .map((one) => unitName(one.unit))
        .join(t("list.comma"));
    }
    case "incident_classified":
      return [
        data["incident_type"] ? typeName(data["incident_type"] as Id) : "",
        tx("priority", data["priority"] as string),
      ]
        .filter(Boolean)
        .join(" · ");
    case "incident_noted":
      return words.text(data["words"] as Id);
    case "feedback_given": {
      const said = data["words"] ? words.text(data["words"] as Id) : "";
      return [
        tx("feedback", data["kind"] as string),
        tx("disposition", data["disposition"] as string | undefined),
        said,
      ]
        .filter(Boolean)
        .join(" · ");
    }
    case "feedback_reviewed":
      return [
        tx("review", data["accepted"] ? "accepted" : "returned"),
        tx("return_reason", data["reason"] as string | undefined),
        data["words"] ? words.text(data["words"] as Id) : "",
      ]
        .filter(Boolean)
        .join(" · ");
    case "support_refused":
      return tx("support_reason", data["reason"] as string);
    case "alarm_settled":
      return tx("outcome", (data["outcome"] as { kind: string }).kind);
    case "incident_handed_over":
      return deskName(data["desk"] as Id);
    case "incident_cancelled":
      return tx("cancel_reason", data["reason"] as string);
    default:
      return "";
  }
}
