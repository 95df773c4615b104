// What a crew can say next of its order, and what it has said that the centre has not confirmed. Pure.
import type { Order, OrderState } from "../wire/views";

export interface Step {
  /** The state the button reports. */
  state: OrderState;
  key: "sign" | "depart" | "arrive" | "finish";
}

const STEPS: Partial<Record<OrderState, Step>> = {
  sent: { state: "signed", key: "sign" },
  delivered: { state: "signed", key: "sign" },
  signed: { state: "enroute", key: "depart" },
  enroute: { state: "on_scene", key: "arrive" },
  staged: { state: "on_scene", key: "arrive" },
  on_scene: { state: "cleared", key: "finish" },
};

const AHEAD: readonly OrderState[] = [
  "queued",
  "sent",
  "delivered",
  "signed",
  "enroute",
  "staged",
  "on_scene",
  "cleared",
];

/**
 * The state of an order as its crew knows it: the centre's, or what was said. Said is what waits to be sent and what the
 * centre has confirmed: the view may come later than the answer, and a crew never falls back a step meanwhile.
 */
export function saidState(order: Pick<Order, "id" | "state">, saidKeys: readonly string[]): OrderState {
  let state = order.state;
  // What the centre has ended, nothing said before revives.
  if (!AHEAD.includes(state)) return state;
  for (const key of saidKeys) {
    const [what, id, said] = key.split("/");
    if (what !== "order" || id !== order.id) continue;
    if (said === "declined") return "declined";
    if (AHEAD.indexOf(said as OrderState) > AHEAD.indexOf(state)) state = said as OrderState;
  }
  return state;
}

/** The one big button of a state; none when the order is over or not sent. */
export function nextStep(state: OrderState): Step | undefined {
  return STEPS[state];
}

/** Whether a crew may still say that it cannot. */
export function mayDecline(state: OrderState): boolean {
  return (
    state === "sent" ||
    state === "delivered" ||
    state === "signed" ||
    state === "enroute" ||
    state === "staged"
  );
}
