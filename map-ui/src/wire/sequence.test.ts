import { expect, test } from "vitest";
import { Sequence } from "./sequence";

const commit = (prev: number, seq: number, journal_id = "j") => ({ journal_id, prev, seq });

test("steps on only from the commit before; what was not of interest may be left out by the server", () => {
  const sequence = new Sequence();
  sequence.begin("j", 10);
  expect(sequence.take(commit(10, 11))).toBe("apply");
  expect(sequence.take(commit(11, 20))).toBe("apply");
  expect(sequence.seq).toBe(20);
});

test("a lost commit is a gap and moves nothing", () => {
  const sequence = new Sequence();
  sequence.begin("j", 10);
  expect(sequence.take(commit(12, 13))).toBe("gap");
  expect(sequence.seq).toBe(10);
  expect(sequence.gaps).toBe(1);
});

test("a repeat is neither applied nor a gap", () => {
  const sequence = new Sequence();
  sequence.begin("j", 10);
  expect(sequence.take(commit(9, 10))).toBe("repeat");
  expect(sequence.gaps).toBe(0);
});

test("another journal is never mixed in, before or after a snapshot", () => {
  const sequence = new Sequence();
  expect(sequence.take(commit(0, 1))).toBe("other_journal");
  sequence.begin("j", 10);
  expect(sequence.take(commit(10, 11, "k"))).toBe("other_journal");
});
