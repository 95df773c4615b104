// The verbs of the command line, as docs/terms.md names them: Chinese, pinyin initials, English letter, English word.
// Data only; what a verb does is in `effect.ts`.

/** What one field of a command holds. */
export type Field =
  | "unit"
  | "units"
  | "incident"
  | "alarm"
  | "subject"
  | "technical"
  | "layer"
  | "minutes"
  | "count"
  | "text"
  | Choice;
/** Fields whose values are a fixed list. */
export type Choice = "cancel_reason" | "status" | "feedback" | "disposition";

export type VerbId =
  | "answer"
  | "dispatch"
  | "sign"
  | "reassign"
  | "recall"
  | "cancel"
  | "note"
  | "feedback"
  | "close"
  | "merge"
  | "backup"
  | "status"
  | "find"
  | "replay"
  | "layers"
  | "shelve"
  | "help";

export interface Verb {
  id: VerbId;
  /** As typed: Chinese first, then pinyin initials, English letters, English word. */
  names: readonly string[];
  fields: readonly { field: Field; optional?: true }[];
}

const optional = true as const;

export const VERBS: readonly Verb[] = [
  { id: "answer", names: ["接警", "JJ", "A", "answer"], fields: [{ field: "alarm", optional }] },
  {
    id: "dispatch",
    names: ["派警", "PJ", "D", "dispatch"],
    fields: [{ field: "units" }, { field: "incident", optional }],
  },
  {
    id: "sign",
    names: ["代签收", "QS", "K", "sign"],
    fields: [{ field: "unit" }, { field: "text", optional }],
  },
  {
    id: "reassign",
    names: ["改派", "GP", "RA", "reassign"],
    fields: [{ field: "units" }, { field: "incident", optional }],
  },
  {
    id: "recall",
    names: ["撤回", "CH", "RC", "recall"],
    fields: [{ field: "unit" }, { field: "text", optional }],
  },
  {
    id: "cancel",
    names: ["撤销", "CX", "X", "cancel"],
    fields: [{ field: "incident", optional }, { field: "cancel_reason" }],
  },
  {
    id: "note",
    names: ["备注", "BZ", "N", "note"],
    fields: [{ field: "incident", optional }, { field: "text" }],
  },
  {
    id: "feedback",
    names: ["反馈", "FK", "FB", "feedback"],
    fields: [
      { field: "incident", optional },
      { field: "feedback" },
      { field: "disposition", optional },
      { field: "text", optional },
    ],
  },
  { id: "close", names: ["办结", "BJ", "C", "close"], fields: [{ field: "incident", optional }] },
  {
    id: "merge",
    names: ["并入", "BR", "M", "merge"],
    fields: [{ field: "subject", optional }, { field: "incident" }],
  },
  {
    id: "backup",
    names: ["增援", "ZY", "BK", "backup"],
    fields: [
      { field: "incident", optional },
      { field: "count", optional },
    ],
  },
  { id: "status", names: ["状态", "ZT", "S", "status"], fields: [{ field: "unit" }, { field: "status" }] },
  { id: "find", names: ["查找", "CZ", "F", "find"], fields: [{ field: "text" }] },
  {
    id: "replay",
    names: ["回放", "HF", "R", "replay"],
    fields: [{ field: "unit" }, { field: "minutes", optional }],
  },
  { id: "layers", names: ["图层", "TC", "L", "layers"], fields: [{ field: "layer" }] },
  {
    id: "shelve",
    names: ["搁置", "GZ", "SH", "shelve"],
    fields: [{ field: "technical" }, { field: "minutes" }, { field: "text" }],
  },
  { id: "help", names: ["帮助", "？", "?", "help"], fields: [] },
];
