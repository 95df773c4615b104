// What every act of the operator has in common. Each is one command with its own id; the answer means it is durable
// (D3). A refusal is shown and nothing on the screen pretends it was done. A panel calls `act` with the path and the body
// of the command; what more than one place does, or is more than a command, is said by subject in the files beside this.
import { Problem } from "../../wire/problem";
import { send, type Body, type CommandPath, type IdIn } from "../../wire/rest";
import type { Receipt } from "../../wire/views";
import { notices } from "../notice/notices.svelte";
import { centreClock } from "../room/clock.svelte";
import { room } from "../room/room.svelte";
import { refusalWords } from "../wording/refusal";
import { preferences } from "../workplace/preferences.svelte";

/** Whether an act is on its way; keys that would send it twice do nothing. */
export const sending = $state({ busy: false });

/** Sends one act; tells a refusal, and for ten seconds how to take it back. Returns the answer, or the problem. */
export async function run<P extends CommandPath>(
  path: P,
  id: IdIn<P>,
  body: Body<P>,
  done?: string,
  undo?: () => unknown,
): Promise<Receipt | Problem> {
  sending.busy = true;
  try {
    const answer = await send(path, id, body, { seat: preferences.seat, channel: "console" });
    if (done) notices.say("done", done, undo);
    await room.reached(answer.seq);
    return answer;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code !== "confirmation_needed") notices.say("refused", refusalWords(problem));
    return problem;
  } finally {
    sending.busy = false;
  }
}

/**
 * Runs one act and answers whether it was done: what its panel waits for before it folds its form. A text that is empty
 * is none; one that is typed is kept apart from the journal (D12).
 * @param path the command's, as docs/api.md lists them; id and body are checked by it
 */
export async function act<P extends CommandPath>(
  path: P,
  id: IdIn<P>,
  body: Body<P>,
  done: string,
  undo?: () => unknown,
): Promise<boolean> {
  return !((await run(path, id, body, done, undo)) instanceof Problem);
}

/** So many minutes from now on the centre's clock, microseconds. */
export function inMinutes(minutes: number): number {
  return Math.round(centreClock.exact()) + minutes * 60_000_000;
}
