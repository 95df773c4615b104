// The search that is open on the screen: its text and what answers to it, a list to go through by keyboard.
import type { Answers } from "./find";

const NOTHING: Answers = { found: [], more: 0 };

class Finder {
  text = $state("");
  open = $state(false);
  private find = $state.raw<(text: string) => Answers>(() => NOTHING);
  readonly answers = $derived(this.open ? this.find(this.text) : NOTHING);

  async search(text: string): Promise<void> {
    const { find, prepare } = await import("./find");
    prepare();
    this.find = find;
    this.text = text;
    this.open = true;
  }

  close(): void {
    this.open = false;
  }
}

export const finder = new Finder();
