import { expect, test } from "vitest";
import { History } from "./history";

test("goes back to the oldest and forward to an empty line", () => {
  const history = new History();
  history.push("JJ");
  history.push("D 1043 014 ");
  history.push("D 1043 014");
  expect([history.older(), history.older(), history.older()]).toEqual(["D 1043 014", "JJ", "JJ"]);
  expect([history.newer(), history.newer(), history.newer()]).toEqual(["D 1043 014", "", undefined]);
});

test("of nothing there is nothing to go through", () => {
  const history = new History();
  history.push("  ");
  expect(history.older()).toBeUndefined();
  expect(history.browsing).toBe(false);
});
