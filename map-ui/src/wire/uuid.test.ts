import { expect, test } from "vitest";
import { uuid7 } from "./uuid";

test("carries the time in its first 48 bits, version 7 and the RFC variant", () => {
  const id = uuid7(0x0123456789ab, (bytes) => bytes.fill(0xff));
  expect(id).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
});

test("sorts by the time it was made", () => {
  expect(uuid7(1000) < uuid7(2000)).toBe(true);
});
