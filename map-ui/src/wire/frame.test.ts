import { describe, expect, test } from "vitest";
import { readFrames } from "./frame";

/** A frame of one unit, written byte by byte from the table in docs/stream.md. */
const FRAME = [
  1,
  1,
  0, // kind, count
  0xff,
  0xff,
  0xff,
  0x7f,
  0xa3,
  0x40,
  0x84,
  0x00, // tile 8440a37fffffff
  3,
  0,
  0,
  0, // label
  0x40,
  0x42,
  0x0f,
  0,
  0,
  0,
  0,
  0, // at: 1,000,000 µs
  7,
  1,
  0,
  0, // slot 263
  0x00,
  0x7c,
  0x24,
  0x45, // lon 1,160,018,944
  0x80,
  0x97,
  0x31,
  0x1a, // lat 439,457,664
  0xe2,
  0x04, // 1250 cm/s
  0x0e,
  0x01, // 270 degrees
  0xff,
  0xff, // no fix
];
/** A frame of the same tile without a unit. */
const EMPTY = [1, 0, 0, ...FRAME.slice(3, 23)];
const read = (bytes: number[]) => readFrames(Uint8Array.from(bytes).buffer);
const counts = (bytes: number[]) => read(bytes).map((frame) => frame.count);

describe("a message of tile frames", () => {
  test("is read little endian without padding", () => {
    const frame = read([1, ...FRAME])[0]!;
    expect(frame.key).toBe("8440a37fffffff/3");
    expect([frame.label, frame.at, frame.count]).toEqual([3, 1_000_000, 1]);
    expect([frame.slot(0), frame.lon(0), frame.lat(0)]).toEqual([263, 1_160_018_944, 439_457_664]);
    expect([frame.speed(0), frame.heading(0), frame.age(0)]).toEqual([1250, 270, undefined]);
  });
  test("holds frames one after another, each where the one before ends", () => {
    expect(counts([1, ...EMPTY, ...FRAME, ...EMPTY, ...FRAME])).toEqual([0, 1, 0, 1]);
    expect(read([1, ...EMPTY, ...FRAME])[1]!.slot(0)).toBe(263);
  });
  test.each([
    ["a later version", [2, ...FRAME], []],
    ["nothing", [], []],
    ["another kind", [1, ...FRAME, 9, ...FRAME.slice(1)], [1]],
    ["a length that does not fit", [1, ...EMPTY, ...FRAME.slice(0, -1)], [0]],
    ["a cut head", [1, ...FRAME, ...FRAME.slice(0, 10)], [1]],
  ])("%s is ignored, and what follows it", (_, bytes, kept) => expect(counts(bytes)).toEqual(kept));
});
