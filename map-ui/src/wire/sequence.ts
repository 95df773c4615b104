// Whether the next commit follows the last one this subscription saw (D15). Pure.

export type Verdict = "apply" | "repeat" | "gap" | "other_journal";

/** Where a subscription stands in a journal. */
export class Sequence {
  journal: string | undefined;
  seq = 0;
  /** Commits that never came, seen by their gap; shown to the operator. */
  gaps = 0;

  /** A snapshot stands at `seq` of `journal`. */
  begin(journal: string, seq: number): void {
    this.journal = journal;
    this.seq = seq;
  }

  /** Judges a commit and, when it follows, steps on to it. */
  take(commit: { journal_id: string; prev: number; seq: number }): Verdict {
    if (commit.journal_id !== this.journal) return "other_journal";
    if (commit.seq <= this.seq) return "repeat";
    if (commit.prev !== this.seq) {
      this.gaps++;
      return "gap";
    }
    this.seq = commit.seq;
    return "apply";
  }
}
