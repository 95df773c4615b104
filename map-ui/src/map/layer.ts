// The layers a person may switch, in the order the list shows them.

export const LAYERS = ["units", "alarms", "points", "beats", "places", "rivers", "relief"] as const;
export type Layer = (typeof LAYERS)[number];

/** What is on when nothing else is asked for. */
export const LAYERS_FIRST: readonly Layer[] = ["units", "alarms", "points", "places", "rivers", "relief"];
