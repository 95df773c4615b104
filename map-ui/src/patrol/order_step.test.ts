import { expect, test } from "vitest";
import { mayDecline, nextStep, saidState } from "./order_step";

test("sign, depart, arrive, finish: one button at a time", () => {
  expect(["delivered", "signed", "enroute", "on_scene"].map((s) => nextStep(s as never)?.key)).toEqual([
    "sign",
    "depart",
    "arrive",
    "finish",
  ]);
  expect(nextStep("cleared")).toBeUndefined();
});

test("what was said without signal counts on this screen", () => {
  const order = { id: "o1", state: "delivered" } as const;
  expect(saidState(order, ["order/o1/signed", "order/o1/enroute", "order/o2/cleared"])).toBe("enroute");
});

test("the centre's later state wins over what still waits", () => {
  expect(saidState({ id: "o1", state: "on_scene" }, ["order/o1/signed"])).toBe("on_scene");
});

test("who is on the scene cannot decline any more", () => {
  expect(mayDecline("enroute")).toBe(true);
  expect(mayDecline("on_scene")).toBe(false);
});

test("nothing said before revives what the centre has ended", () => {
  expect(saidState({ id: "o1", state: "recalled" }, ["order/o1/enroute"])).toBe("recalled");
});
