// Decodes a position frame (docs/stream.md): the whole content of one (tile, label) at one tick. Knows bytes only.

/** A frame whose records are read in place: no object per unit. */
export interface Frame {
  /** Key of the (tile, label) this frame is the whole content of. */
  key: string;
  label: number;
  /** Time of the tick, microseconds. */
  at: number;
  count: number;
  slot(i: number): number;
  /** 1e-7 degrees. */
  lon(i: number): number;
  lat(i: number): number;
  /** Centimetres per second; undefined when not known. */
  speed(i: number): number | undefined;
  /** Degrees clockwise from north; undefined when not known. */
  heading(i: number): number | undefined;
  /** Age of the fix at `at` in seconds; undefined when there is none and the home base is drawn. */
  age(i: number): number | undefined;
}

const VERSION = 1;
const KIND_TILE = 1;
const HEAD = 24;
const RECORD = 18;
const UNKNOWN = 0xffff;

/** Reads a binary message; undefined for a version or kind of a later server, or a length that does not fit. */
export function readFrame(buffer: ArrayBuffer): Frame | undefined {
  if (buffer.byteLength < HEAD) return undefined;
  const view = new DataView(buffer);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== KIND_TILE) return undefined;
  const count = view.getUint16(2, true);
  if (buffer.byteLength !== HEAD + RECORD * count) return undefined;
  const tile = view.getBigUint64(4, true);
  const label = view.getUint32(12, true);
  const known = (value: number) => (value === UNKNOWN ? undefined : value);
  const at = (i: number, offset: number) => HEAD + i * RECORD + offset;
  return {
    key: `${tile.toString(16)}/${label}`,
    label,
    at: Number(view.getBigInt64(16, true)),
    count,
    slot: (i) => view.getUint32(at(i, 0), true),
    lon: (i) => view.getInt32(at(i, 4), true),
    lat: (i) => view.getInt32(at(i, 8), true),
    speed: (i) => known(view.getUint16(at(i, 12), true)),
    heading: (i) => known(view.getUint16(at(i, 14), true)),
    age: (i) => known(view.getUint16(at(i, 16), true)),
  };
}
