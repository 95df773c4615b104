// Reads a command line: verb, then fields, each resolved against what is on the screen. Pure: text and a lexicon in,
// a parsed command with completions out. What it does and says is left to `effect.ts` and the catalogues.
import { VERBS, type Choice, type Field, type Verb } from "./verb";

/** Something that can be named on the command line. */
export interface Entry {
  id: string;
  /** What completion writes and the preview shows. */
  label: string;
  /** All it answers to, upper or lower case. */
  keys: readonly string[];
  hint?: string;
  /**
   * How much rather this is meant than another that answers as well: a unit of the recommendation on the screen, the
   * incident chosen, one of the own desk. Nothing is 0.
   */
  preference?: number;
}

/** Everything a field may name, in the order completion should offer it. */
export interface Lexicon {
  units: readonly Entry[];
  incidents: readonly Entry[];
  alarms: readonly Entry[];
  technicals: readonly Entry[];
  layers: readonly Entry[];
  choices: Readonly<Record<Choice, readonly Entry[]>>;
}

/**
 * The preference among entries that answer to the same serial on several days and at several desks: the one chosen
 * first, then the own desk's, then one still open, then today's.
 */
export function preferenceOf(is: { chosen: boolean; own: boolean; active: boolean; today: boolean }): number {
  return Number(is.chosen) * 8 + Number(is.own) * 4 + Number(is.active) * 2 + Number(is.today);
}

export interface Argument {
  field: Field;
  entries: Entry[];
  text: string;
}

export type Problem =
  | { code: "unknown_verb"; params: { text: string } }
  | { code: "unknown_entry" | "ambiguous_entry" | "not_a_number"; params: { text: string; field: Field } }
  /** A field of a short closed list, with what there is to choose from. */
  | { code: "unknown_choice"; params: { text: string; field: Field; known: string } }
  | { code: "missing_field"; params: { field: Field } }
  | { code: "too_much"; params: { text: string } };

export interface Completion {
  label: string;
  hint: string;
  /** The whole line if this is taken. */
  line: string;
}

export interface Parsed {
  verb?: Verb;
  args: Argument[];
  problem?: Problem;
  completions: Completion[];
}

const COMPLETIONS_MAX = 8;

/** What the number of an alarm or incident, or the end of it, is made of. */
const NUMBER = /^[\d-]+$/;
/** How units and minutes are counted; a serial has three digits or more and is never taken for a count of units. */
const COUNTS = { count: /^\d{1,2}$/, minutes: /^\d{1,4}$/ };

/** Words of a line with where they start; commas of both scripts join a list within a word. */
function words(line: string): { text: string; at: number }[] {
  return [...line.matchAll(/[^\s\u3000]+/g)].map((m) => ({ text: m[0], at: m.index }));
}

/** A name as one word of a line, since a space would end it. */
const asWord = (name: string): string => name.trim().replaceAll(/\s+/g, "-");

/** How well an entry answers to a text: 0 not at all, 4 exactly. */
export function fit(entry: Entry, text: string): number {
  const want = text.toLowerCase();
  let best = 0;
  for (const key of entry.keys) {
    const have = asWord(key.toLowerCase());
    if (have === want) return 4;
    if (have.endsWith(want)) best = Math.max(best, 3);
    else if (have.startsWith(want)) best = Math.max(best, 2);
    else if (have.includes(want)) best = Math.max(best, 1);
  }
  return best;
}

function matches(entries: readonly Entry[], text: string): Entry[] {
  if (text === "") return [...entries];
  return entries
    .map((entry, order) => ({ entry, order, fit: fit(entry, text) }))
    .filter((m) => m.fit > 0)
    .sort((a, b) => b.fit - a.fit || a.order - b.order)
    .map((m) => m.entry);
}

/** The one entry a finished word means: the only exact answer, else the only ending (of several the one most likely meant), else the only answer at all. */
function resolve(entries: readonly Entry[], text: string): Entry | "none" | "many" {
  const fits = entries.map((entry) => ({ entry, fit: fit(entry, text) })).filter((m) => m.fit > 0);
  if (fits.length === 0) return "none";
  const best = Math.max(...fits.map((m) => m.fit));
  const top = fits.filter((m) => m.fit === best);
  const likeliest = Math.max(...top.map((m) => m.entry.preference ?? 0));
  const preferred = top.filter((m) => (m.entry.preference ?? 0) === likeliest);
  if (preferred.length === 1 && likeliest > 0 && best >= 3) return preferred[0]!.entry;
  return top.length === 1 && (best >= 3 || fits.length === 1) ? top[0]!.entry : "many";
}

function choicesOf(lexicon: Lexicon, field: Field): readonly Entry[] {
  switch (field) {
    case "unit":
    case "units":
      return lexicon.units;
    case "incident":
      return lexicon.incidents;
    case "alarm":
      return lexicon.alarms;
    case "subject":
      return [...lexicon.alarms, ...lexicon.incidents];
    case "technical":
      return lexicon.technicals;
    case "layer":
      return lexicon.layers;
    case "minutes":
    case "count":
    case "text":
      return [];
    default:
      return lexicon.choices[field];
  }
}

/** That a field has nothing of this name; of a closed list, what it has. */
function unknown(field: Field, text: string, lexicon: Lexicon): Problem {
  if (field !== "layer" && !(field in lexicon.choices))
    return { code: "unknown_entry", params: { text, field } };
  const known = choicesOf(lexicon, field).map((entry) => asWord(entry.label));
  return { code: "unknown_choice", params: { text, field, known: known.join(" / ") } };
}

/** The verb a word means, by any of its names. */
export function verbOf(word: string): Verb | undefined {
  const want = word.toLowerCase();
  return VERBS.find((verb) => verb.names.some((name) => name.toLowerCase() === want));
}

/** The keys that lead to the command line, typed once more in it; a Chinese keyboard makes them `、` and `·`. */
const LEADING = /^[\s\u3000/／、`·]+/;

/** Parses a whole line; completions are for its end. */
export function parse(typed: string, lexicon: Lexicon): Parsed {
  const line = typed.replace(LEADING, "");
  const all = words(line);
  const open = line !== "" && !/[\s\u3000]$/.test(line);
  const first = all[0];
  if (!first) return { args: [], completions: verbCompletions("") };
  const verb = verbOf(first.text);
  if (!verb || (all.length === 1 && open)) {
    const completions = verbCompletions(first.text);
    if (!verb)
      return { args: [], completions, problem: { code: "unknown_verb", params: { text: first.text } } };
    return { verb, completions, ...fields(verb, [], line, lexicon) };
  }
  const read = fields(verb, all.slice(1), line, lexicon);
  return { verb, ...read, completions: fieldCompletions(verb, all.slice(1), line, open, lexicon) };
}

function verbCompletions(text: string): Completion[] {
  const want = text.toLowerCase();
  return VERBS.filter((verb) => verb.names.some((name) => name.toLowerCase().startsWith(want)))
    .slice(0, text === "" ? VERBS.length : COMPLETIONS_MAX)
    .map((verb) => ({
      label: verb.names[0]!,
      hint: verb.names.slice(1).join(" · "),
      line: `${verb.names[0]} `,
    }));
}

function fields(
  verb: Verb,
  rest: { text: string; at: number }[],
  line: string,
  lexicon: Lexicon,
): Omit<Parsed, "completions"> {
  const args: Argument[] = [];
  let at = 0;
  /** A number that names nothing in an optional field: the fault, where the next field cannot use it either. */
  let unused: Problem | undefined;
  for (const [index, { field, optional }] of verb.fields.entries()) {
    const word = rest[at];
    if (!word) {
      if (!optional) return { args, problem: { code: "missing_field", params: { field } } };
      continue;
    }
    if (field === "text") {
      args.push({ field, entries: [], text: line.slice(word.at).trim() });
      return { args };
    }
    if (field === "minutes" || field === "count") {
      if (COUNTS[field].test(word.text)) {
        args.push({ field, entries: [], text: word.text });
        at++;
      } else if (!optional)
        return { args, problem: { code: "not_a_number", params: { text: word.text, field } } };
      continue;
    }
    const needed = verb.fields.slice(index + 1).filter((later) => !later.optional).length;
    if (optional && rest.length - at <= needed) continue;
    const taken = field === "units" ? takeUnits(rest, at, lexicon) : takeOne(rest, at, field, lexicon);
    if ("problem" in taken) {
      const { code } = taken.problem;
      if (optional && code !== "ambiguous_entry") {
        if (NUMBER.test(word.text)) unused ??= taken.problem;
        continue;
      }
      return { args, problem: (code !== "ambiguous_entry" && unused) || taken.problem };
    }
    unused = undefined;
    args.push({ field, entries: taken.entries, text: taken.text });
    at += taken.count;
  }
  const left = rest[at];
  if (!left) return { args };
  const { text } = left;
  const skipped = verb.fields.find((f) => f.optional && !args.some((arg) => arg.field === f.field))?.field;
  if (!skipped) return { args, problem: { code: "too_much", params: { text } } };
  if (skipped === "minutes" || skipped === "count")
    return { args, problem: { code: "not_a_number", params: { text, field: skipped } } };
  // After units a word that is no number can only have been meant for one more.
  const meant = skipped === "incident" && verb.fields[0]!.field === "units" && !NUMBER.test(text);
  return { args, problem: unknown(meant ? "unit" : skipped, text, lexicon) };
}

type Taken = { entries: Entry[]; text: string; count: number } | { problem: Problem };

function takeOne(rest: { text: string }[], at: number, field: Field, lexicon: Lexicon): Taken {
  const text = rest[at]!.text;
  const found = COUNTS.count.test(text) ? "none" : resolve(choicesOf(lexicon, field), text);
  if (found === "none") return { problem: unknown(field, text, lexicon) };
  if (found === "many") return { problem: { code: "ambiguous_entry", params: { text, field } } };
  return { entries: [found], text, count: 1 };
}

/**
 * Units joined by commas or as words of their own; the last word may be the incident, which wins an exact tie. Three
 * digits are a serial, and a longer number that means no unit alone is the incident's too: who mistypes one is told so,
 * and never sends a unit whose call sign happens to end like it.
 */
function takeUnits(rest: { text: string }[], at: number, lexicon: Lexicon): Taken {
  const entries: Entry[] = [];
  let count = 0;
  for (let i = at; i < rest.length; i++) {
    const word = rest[i]!.text;
    const last = i === rest.length - 1;
    if (i > at && last) {
      const named = resolve(lexicon.incidents, word);
      if (typeof named !== "string") break;
      // Several incidents answer to it whole: never taken for a unit whose call sign happens to end so.
      if (named === "many" && lexicon.incidents.some((entry) => fit(entry, word) >= 3))
        return { problem: { code: "ambiguous_entry", params: { text: word, field: "incident" } } };
    }
    if (
      i > at &&
      (/^\d{3}$/.test(word) || (NUMBER.test(word) && typeof resolve(lexicon.units, word) === "string"))
    )
      break;
    for (const part of word.split(/[,，、]/).filter((p) => p !== "")) {
      const found = resolve(lexicon.units, part);
      if (typeof found === "string") {
        const code = found === "none" ? "unknown_entry" : "ambiguous_entry";
        return { problem: { code, params: { text: part, field: "unit" } } };
      }
      if (!entries.some((entry) => entry.id === found.id)) entries.push(found);
    }
    count++;
  }
  return { entries, text: "", count };
}

/** What may stand where the line ends, in the order of the fields that can still come. */
function fieldCompletions(
  verb: Verb,
  rest: { text: string; at: number }[],
  line: string,
  open: boolean,
  lexicon: Lexicon,
): Completion[] {
  const done = open ? rest.slice(0, -1) : rest;
  const typing = open ? rest.at(-1)! : { text: "", at: line.length };
  const read = fields(verb, done, line.slice(0, typing.at), lexicon);
  const filled = new Set(read.args.map((arg) => arg.field));
  const lastFilled = verb.fields.findLastIndex(({ field }) => filled.has(field));
  const candidates: Field[] = [];
  for (const [index, { field, optional }] of verb.fields.entries()) {
    if (index < lastFilled || (index === lastFilled && field !== "units")) continue;
    candidates.push(field);
    if (!optional && index > lastFilled) break;
  }
  const comma = Math.max(...[",", "，", "、"].map((c) => typing.text.lastIndexOf(c)));
  const stem = typing.text.slice(0, comma + 1);
  const text = typing.text.slice(comma + 1);
  const head = line.slice(0, typing.at) + stem;
  const seen = new Set<string>();
  const out: Completion[] = [];
  for (const field of candidates) {
    if (stem !== "" && field !== "units") continue;
    for (const entry of matches(choicesOf(lexicon, field), text)) {
      if (seen.has(entry.id) || read.args.some((arg) => arg.entries.some((e) => e.id === entry.id))) continue;
      seen.add(entry.id);
      out.push({
        label: entry.label,
        hint: entry.hint ?? "",
        line: `${head}${asWord(entry.label)} `,
      });
      if (out.length >= COMPLETIONS_MAX) return out;
    }
  }
  return out;
}
