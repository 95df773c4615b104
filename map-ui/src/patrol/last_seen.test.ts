import { expect, test } from "vitest";
import type { Incident, Order } from "../wire/views";
import { keepLastSeen, readLastSeen } from "./last_seen";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
}

test("a reload without signal finds the order of its own unit", () => {
  const store = memory();
  const seen = { orders: [{ id: "o1" } as Order], incidents: [{ id: "i1" } as Incident] };
  keepLastSeen("U1", seen, store);
  expect(readLastSeen("U1", store)).toEqual({ unit: undefined, ...seen });
  expect(readLastSeen("U2", store).orders).toEqual([]);
});

test("what cannot be read or kept is as nothing", () => {
  expect(readLastSeen("U1", { getItem: () => "{" }).orders).toEqual([]);
  const full = {
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  };
  expect(() => keepLastSeen("U1", { orders: [], incidents: [] }, full)).not.toThrow();
});
