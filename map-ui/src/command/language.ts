// The whole of the command language: what a line may name, what it says, what it does. Fetched in one go, once the
// queue and the empty line stand.
import { acts, type Pending } from "../store/acts.svelte";

export { effectOf } from "./effect";
export { parse } from "./grammar";
export { lexicon } from "./lexicon";

/** An act is on its way: a line that would act waits. */
export const isBusy = (): boolean => acts.busy;

/** The dispatch that waits for its second key; tracked. */
export const pending = (): Pending | null => acts.pending;
