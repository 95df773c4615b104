import { expect, test } from "vitest";
import { loudest, MUTE_MS, Sounder } from "./tone";

test("mutes for sixty seconds and never for good", () => {
  const sounder = new Sounder();
  sounder.toggleMute(1000);
  expect(sounder.mutedFor(1000)).toBe(MUTE_MS);
  expect(sounder.mutedFor(1000 + MUTE_MS)).toBe(0);
});

test("a second press sounds again at once", () => {
  const sounder = new Sounder();
  sounder.toggleMute(0);
  sounder.toggleMute(10);
  expect(sounder.mutedFor(10)).toBe(0);
});

test("of several calls at one moment the most urgent is heard", () => {
  expect(loudest(["p3", "escalation", "sos", "p1"])).toBe("sos");
  expect(loudest(["p2", "p1"])).toBe("p1");
  expect(loudest([])).toBeUndefined();
});
