import { describe, expect, test } from "vitest";
import { readFrame } from "./frame";

/** One unit, written byte by byte from the table in docs/stream.md. */
const BYTES = [
  1,
  1,
  1,
  0, // version, kind, count
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
const buffer = (bytes: number[]) => Uint8Array.from(bytes).buffer;

describe("a tile frame", () => {
  test("is read little endian without padding", () => {
    const frame = readFrame(buffer(BYTES))!;
    expect(frame.key).toBe("8440a37fffffff/3");
    expect([frame.label, frame.at, frame.count]).toEqual([3, 1_000_000, 1]);
    expect([frame.slot(0), frame.lon(0), frame.lat(0)]).toEqual([263, 1_160_018_944, 439_457_664]);
    expect([frame.speed(0), frame.heading(0), frame.age(0)]).toEqual([1250, 270, undefined]);
  });
  test("that became empty is a frame of nothing", () => {
    expect(readFrame(buffer([1, 1, 0, 0, ...BYTES.slice(4, 24)]))?.count).toBe(0);
  });
  test.each([
    ["a later version", [2, ...BYTES.slice(1)]],
    ["another kind", [1, 9, ...BYTES.slice(2)]],
    ["a length that does not fit", BYTES.slice(0, -1)],
    ["a cut head", BYTES.slice(0, 10)],
  ])("%s is ignored", (_, bytes) => expect(readFrame(buffer(bytes))).toBeUndefined());
});
