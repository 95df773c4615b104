import { expect, test } from "vitest";
import type { Alarm } from "../../wire/views";
import { Draft, drafts } from "./draft.svelte";
import { inArea } from "../place/place";

const alarm = (change: Partial<Alarm> = {}) =>
  ({ id: "a", place: { kind: "unknown", radius_m: 0, source: "caller" }, ...change }) as Alarm;

test("nothing to save where neither a type nor a place is known", () => {
  const draft = new Draft();
  draft.text = "有人落水";
  draft.priority = "p1";
  expect(draft.known(alarm())).toBeUndefined();
});

test("everything the call-taker chose is saved, by whichever way", () => {
  const draft = new Draft();
  draft.incident_type = "fire";
  draft.priority = "p1";
  draft.text = " 草场起火 ";
  draft.place = inArea("152502");
  expect(draft.known(alarm())).toEqual({
    incident_type: "fire",
    priority: "p1",
    text: "草场起火",
    place: inArea("152502"),
  });
});

test("what the alarm knows already is enough", () => {
  const place = { kind: "area", area: "152502", radius_m: 0, source: "network" } as const;
  expect(new Draft().known(alarm({ place }))?.place).toEqual(place);
  expect(new Draft().known(alarm({ incident_type: "fire" }))).toBeDefined();
});

test("a draft outlives the panel until it is saved", () => {
  drafts.of("a").text = "草场起火";
  expect(drafts.of("a").text).toBe("草场起火");
  drafts.drop("a");
  expect(drafts.of("a").text).toBe("");
});
