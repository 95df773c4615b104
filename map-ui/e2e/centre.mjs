// Speaks with the server as callers and devices do, so that the screen can be checked against it.
import { randomBytes } from "node:crypto";
import { base, PATIENCE_MS } from "./browser.mjs";

/** A UUIDv7, the client-made id of a command. */
export function uuid7() {
  const bytes = Buffer.concat([Buffer.alloc(6), randomBytes(10)]);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export async function ask(path) {
  const response = await fetch(`${base}/api/v1/${path}`);
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export async function tell(path, body, headers = {}) {
  const response = await fetch(`${base}/api/v1/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": uuid7(), ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Says the same thing, under the same id, until the node has it: what a caller's device does while the node is away. */
export async function insist(path, body) {
  const key = uuid7();
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await tell(path, body, { "Idempotency-Key": key });
    } catch (error) {
      // A refusal is final; no answer, or one that says that it is not recorded, is not.
      if (Date.now() > end || /: 4\d\d /.test(error.message)) throw error;
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** Asks again and again until `look` is content with the answer. */
export async function until(what, path, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask(path);
    if (look(answer)) return answer;
    if (Date.now() > end)
      throw new Error(`waited in vain for ${what}: ${JSON.stringify(answer).slice(0, 400)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Gives an incident to a unit; a unit of another desk is asked for first, and its desk grants it. */
export async function give(region, incident, unit, seat) {
  const as = { "Ortoo-Seat": seat };
  const { view } = await ask(`units/${unit}`);
  if (view.desk !== region.seats[seat].desk) {
    const theirs = Object.entries(region.seats).find(([, one]) => one.desk === view.desk)?.[0];
    const { support } = await tell(`units/${unit}/request-support`, { incident }, as);
    await tell(`supports/${support}/answer`, { grant: true }, { "Ortoo-Seat": theirs });
  }
  const { version } = await ask(`incidents/${incident}`);
  const { orders } = await tell(
    `incidents/${incident}/dispatch`,
    { expected_version: version, targets: [{ unit }], confirmed: true },
    as,
  );
  return orders[0];
}

/** A point with a gacha and a keeper, in an area where units can be sent, and a dispatcher's seat that answers for it. */
export async function cast() {
  const region = await ask("region");
  const level = region.label_level;
  const seatAt = (banner) =>
    Object.entries(region.seats).find(
      ([, seat]) =>
        seat.role === "dispatcher" &&
        region.desks[seat.desk].area.length === level + 1 &&
        region.desks[seat.desk].area[level] === banner,
    )?.[0];
  const points = Object.entries(region.points).filter(
    ([, p]) => p.area.length > level + 1 && p.kind === "phone" && seatAt(p.area[level]),
  );
  if (points.length === 0) throw new Error("the region has no phone in an area with a dispatcher");
  const [id, point] = points[Math.floor(points.length / 3)];
  return { region, point: { id, ...point }, seat: seatAt(point.area[level]) };
}
