import { expect, test } from "vitest";
import { MUTE_MS, Sounder } from "./tone";

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
