// The workplace's loudspeaker: plays what the news asks for, counts down the mute.
import { loudest, sounder, type Tone } from "../../sound/tone";

class Sound {
  /** Seconds of silence left. */
  muted_s = $state(0);
  /** The browser lets this page make no sound until somebody clicks. */
  blocked = $state(false);
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Plays the most urgent of the tones asked for at one moment. */
  play(...tones: Tone[]): void {
    const tone = loudest(tones);
    if (tone) sounder.play(tone, Date.now());
  }

  /** Looks whether the page may sound, and says so if not; to be called from a click to be let. */
  unlock(): void {
    sounder.onBlocked = (blocked) => (this.blocked = blocked);
    sounder.unlock();
  }

  toggle(): void {
    sounder.toggleMute(Date.now());
    this.count();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.count(), 500);
  }

  private count(): void {
    this.muted_s = Math.ceil(sounder.mutedFor(Date.now()) / 1000);
    if (this.muted_s === 0) clearInterval(this.timer);
  }
}

export const sound = new Sound();
