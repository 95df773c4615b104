// The workplace's loudspeaker: plays what the news asks for, counts down the mute.
import { loudest, sounder, type Tone } from "../sound/tone";

class Sound {
  /** Seconds of silence left. */
  muted_s = $state(0);
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Plays the most urgent of the tones asked for at one moment. */
  play(...tones: Tone[]): void {
    const tone = loudest(tones);
    if (tone) sounder.play(tone, Date.now());
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
