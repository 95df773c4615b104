// Times and durations as people read them. Inside the console a time is a number of microseconds since 1970 UTC
// (exact below 2^53), a duration is milliseconds.

/** Microseconds since 1970-01-01 UTC. */
export type Micros = number;

const pad = (n: number) => String(n).padStart(2, "0");

/** A running timer: `0:48`, `12:05`, `1:02:09`, from one hour with hours, from two days as `3d 4h`. Negative shows as zero. */
export function timer(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s >= 172_800) return `${Math.floor(s / 86_400)}d ${Math.floor((s % 86_400) / 3600)}h`;
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`;
}

/** An age in one short number: `8s`, `3m`, `2h`, `5d`. */
export function age(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return `${Math.floor(s / 86_400)}d`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function clockFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, format);
  }
  return format;
}

/** `14:07:52` on the wall of the region. */
export function clock(at: Micros, zone: string): string {
  return clockFormat(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at / 1000);
}

/** `2026-01-07 14:07` on the wall of the region, for what may be of another year. */
export function dateClock(at: Micros, zone: string): string {
  const parts = clockFormat(zone, { year: "numeric" }).formatToParts(at / 1000);
  return `${parts.find((p) => p.type === "year")?.value ?? ""}-${dayClock(at, zone)}`;
}

/** `01-07 14:07` on the wall of the region, for what may be of another day. */
export function dayClock(at: Micros, zone: string): string {
  const parts = clockFormat(zone, {
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at / 1000);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("month")}-${part("day")} ${part("hour")}:${part("minute")}`;
}
