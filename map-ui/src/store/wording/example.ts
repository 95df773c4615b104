// What examples of the command line name: a unit and an incident of the desk that sits here, so that a line typed after
// them works. Tracked where it is read in an effect.
import { room } from "../room/room.svelte";
import { ownDesk } from "../queue/wanted";

/** The first unit of the own desk in the register; without a seat, or where the desk has none, the first of all. */
export function exampleUnit(): string {
  const { desk } = ownDesk();
  const units = [...(room.register?.units.values() ?? [])].filter((unit) => !unit.retired);
  return (units.find((unit) => unit.desk === desk) ?? units[0])?.call_sign ?? "…";
}

/** The number of an open incident of the own desk, the one held longest, so that the example stays the same. */
export function exampleNumber(): string {
  const { desk } = ownDesk();
  const ours = [...room.incidents.all()].find(
    (one) => one.state === "active" && (!desk || one.desk === desk),
  );
  return ours?.number ?? "20260107-014";
}
