// Speaks HTTP with the centre: questions, and commands with a client-made id that is kept through retries (D6).
// Knows addresses and headers; what a command means is in `store/acts`.
import { backoffMs } from "./backoff";
import { Problem, problemOf } from "./problem";
import { uuid7 } from "./uuid";

const BASE = typeof document === "undefined" ? "/api/v1/" : new URL("./api/v1/", document.baseURI).pathname;
const TRIES = 4;
const TIMEOUT_MS = 10_000;

/** What a command is answered with when it is done and durable. */
export interface Accepted {
  seq: number;
  [key: string]: unknown;
}

/** Who acts, and by what way; what is absent the server takes as its own default. */
export interface Who {
  seat?: string | undefined;
  actor?: string;
  channel?: "console" | "command_line" | "device";
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(BASE + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new Problem(0, "unreachable", {}, String(cause));
  }
}

function headers(who: Who): Record<string, string> {
  return {
    ...(who.seat ? { "Ortoo-Seat": who.seat } : {}),
    ...(who.actor ? { "Ortoo-Actor": who.actor } : {}),
    ...(who.channel ? { "Ortoo-Channel": who.channel } : {}),
  };
}

/** Asks for one thing. @throws Problem */
export async function ask<T>(path: string, who: Who = {}): Promise<T> {
  const response = await request(path, { headers: headers(who) });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

/**
 * Sends one command. A lost answer, `not_recorded` and `busy` are tried again with the same id: it is done once.
 * @throws Problem the refusal, or `unreachable` after the last try
 */
export async function send(path: string, body: unknown, who: Who, id = uuid7()): Promise<Accepted> {
  for (let tried = 0; ; tried++) {
    try {
      return await sendOnce(path, body, who, id);
    } catch (problem) {
      if (!(problem instanceof Problem) || !problem.retriable || tried + 1 >= TRIES) throw problem;
      await new Promise((done) => setTimeout(done, backoffMs(tried, Math.random())));
    }
  }
}

/** Sends one command once. @throws Problem */
export async function sendOnce(path: string, body: unknown, who: Who, id: string): Promise<Accepted> {
  const response = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": id, ...headers(who) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Accepted;
}
