// Client-made ids (D6): UUIDv7, so that a repeat of the same command names the same thing and ids sort by time.

/** A UUIDv7 for `now_ms` (milliseconds since 1970); `random` fills 10 bytes, injectable for tests. */
export function uuid7(
  now_ms: number = Date.now(),
  random: (bytes: Uint8Array) => void = (bytes) =>
    void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
): string {
  const bytes = new Uint8Array(16);
  random(bytes.subarray(6));
  let rest = now_ms;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
