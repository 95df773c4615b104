// Texts that people said or typed are kept apart (D12) and fetched by id when they are shown; each reading is audited
// by the server, so each is asked for once.
import { shown } from "../../format/hidden";
import { t } from "../../i18n/catalogue.svelte";
import { Problem } from "../../wire/problem";
import { ask, type Who } from "../../wire/rest";
import type { Id } from "../../wire/views";
import { preferences } from "../workplace/preferences.svelte";

class Words {
  /** Who reads where it is not the operator at the seat: a crew reads what was released for its order. */
  reader: Who | undefined;
  private readonly known = $state<Record<Id, string>>({});
  private readonly asked = new Set<Id>();

  /** The text of a record, empty until it has come. Tracked. */
  text(id: Id): string {
    if (!this.asked.has(id)) {
      this.asked.add(id);
      void this.fetch(id);
    }
    return this.known[id] ?? "";
  }

  private async fetch(id: Id): Promise<void> {
    try {
      const reader = this.reader ?? { seat: preferences.seat };
      this.known[id] = shown((await ask("/words/{id}", id, { reason: "console" }, reader)).text);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "words_erased") this.known[id] = t("words.erased");
      else if (problem.code === "words_damaged") this.known[id] = t("words.damaged");
      else this.asked.delete(id);
    }
  }
}

export const words = new Words();
