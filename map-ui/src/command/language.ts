// The whole of the command language: what a line may name, what it says, what it does. Fetched in one go, once the
// queue and the empty line stand.
import { dispatching, type Pending } from "../store/acts/dispatch.svelte";
import { sending } from "../store/acts/run.svelte";

export { effectOf } from "./effect";
export { parse } from "./grammar";
export { lexicon } from "./lexicon";

/** An act is on its way: a line that would act waits. */
export const isBusy = (): boolean => sending.busy;

/** The dispatch that waits for its second key; tracked. */
export const pending = (): Pending | null => dispatching.pending;
