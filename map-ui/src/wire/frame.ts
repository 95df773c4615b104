// Decodes a message of position frames (docs/stream.md): each is the whole content of one (tile, label) at one tick.
// Knows bytes only.

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
const HEAD = 23;
const RECORD = 18;
const UNKNOWN = 0xffff;

/** Reads a binary message: its frames up to the first that is of a later server's kind or cut short. */
export function readFrames(buffer: ArrayBuffer): Frame[] {
  const view = new DataView(buffer);
  const frames: Frame[] = [];
  if (buffer.byteLength === 0 || view.getUint8(0) !== VERSION) return frames;
  let start = 1;
  while (start + HEAD <= buffer.byteLength && view.getUint8(start) === KIND_TILE) {
    const count = view.getUint16(start + 1, true);
    const end = start + HEAD + RECORD * count;
    if (end > buffer.byteLength) break;
    frames.push(frameAt(view, start, count));
    start = end;
  }
  return frames;
}

function frameAt(view: DataView, start: number, count: number): Frame {
  const tile = view.getBigUint64(start + 3, true);
  const label = view.getUint32(start + 11, true);
  const known = (value: number) => (value === UNKNOWN ? undefined : value);
  const at = (i: number, offset: number) => start + HEAD + i * RECORD + offset;
  return {
    key: `${tile.toString(16)}/${label}`,
    label,
    at: Number(view.getBigInt64(start + 15, true)),
    count,
    slot: (i) => view.getUint32(at(i, 0), true),
    lon: (i) => view.getInt32(at(i, 4), true),
    lat: (i) => view.getInt32(at(i, 8), true),
    speed: (i) => known(view.getUint16(at(i, 12), true)),
    heading: (i) => known(view.getUint16(at(i, 14), true)),
    age: (i) => known(view.getUint16(at(i, 16), true)),
  };
}
