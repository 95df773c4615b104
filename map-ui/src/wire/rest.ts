// Speaks HTTP with the centre: questions, and commands with a client-made id that is kept through retries (D6).
// Knows addresses and headers, and by the API's document what each path is asked with and answers; what a command means
// is in `store/acts`.
import { backoffMs } from "./backoff";
import type { paths } from "./generated";
import { Problem, problemOf } from "./problem";
import { uuid7 } from "./uuid";
import type { Id, Receipt } from "./views";

const BASE = typeof document === "undefined" ? "/api/v1/" : new URL("./api/v1/", document.baseURI).pathname;
const TRIES = 4;
const TIMEOUT_MS = 10_000;

type Matching<Shape> = { [P in keyof paths]: paths[P] extends Shape ? P : never }[keyof paths];
interface Json<T> {
  content: { "application/json": T };
}

/** Paths of commands: they alone carry an id of the client's. */
export type CommandPath = Matching<{ post: { parameters: { header: object } } }>;
/** Paths of questions. */
export type QuestionPath = Matching<{ get: object }>;
/** What stands for `{id}` in a path, where it has one. */
export type IdIn<P> = P extends `${string}{id}${string}` ? Id : undefined;
/** What a command holds. */
export type Body<P extends CommandPath> = paths[P] extends { post: { requestBody?: Json<infer T> } }
  ? T
  : never;
type Query<P extends QuestionPath> = paths[P] extends { get: { parameters: { query?: infer T } } }
  ? T
  : never;
type Answer<P extends QuestionPath> = paths[P] extends { get: { responses: { 200: Json<infer T> } } }
  ? T
  : never;

/** Who acts, and by what way; what is absent the server takes as its own default. */
export interface Who {
  seat?: string | undefined;
  actor?: string;
  channel?: "console" | "command_line" | "device";
}

/** A path below the API's own, with its id. */
export function filled<P extends keyof paths>(path: P, id: IdIn<P>): string {
  return path.slice(1).replace("{id}", () => encodeURIComponent(id ?? ""));
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
export async function ask<P extends QuestionPath>(
  path: P,
  id: IdIn<P>,
  query?: Query<P>,
  who: Who = {},
): Promise<Answer<P>> {
  const search = query ? `?${new URLSearchParams(query as Record<string, string>)}` : "";
  const response = await request(filled(path, id) + search, { headers: headers(who) });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Answer<P>;
}

/**
 * Sends one command. A lost answer, `not_recorded` and `busy` are tried again with the same id: it is done once.
 * @throws Problem the refusal, or `unreachable` after the last try
 */
export async function send<P extends CommandPath>(
  path: P,
  id: IdIn<P>,
  body: Body<P>,
  who: Who,
): Promise<Receipt> {
  const key = uuid7();
  for (let tried = 0; ; tried++) {
    try {
      return await sendOnce(filled(path, id), body, who, key);
    } catch (problem) {
      if (!(problem instanceof Problem) || !problem.retriable || tried + 1 >= TRIES) throw problem;
      await new Promise((done) => setTimeout(done, backoffMs(tried, Math.random())));
    }
  }
}

/** Posts once, to a path that is filled: a command, or fixes. @throws Problem */
export async function sendOnce(path: string, body: unknown, who: Who, key: string): Promise<Receipt> {
  const response = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, ...headers(who) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Receipt;
}
