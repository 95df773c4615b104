// Holds one connection to the stream: subscribes, resumes, finds gaps, comes back after a loss with growing patience.
// Hands on whole messages; what they mean to the screen is the room's business.
import { backoffMs } from "./backoff";
import { readFrames, type Frame } from "./frame";
import { Sequence } from "./sequence";
import type {
  AlarmView,
  ClientMessage,
  Commit,
  Heartbeat,
  Hello,
  Id,
  ServerMessage,
  Snapshot,
  Subscribe,
} from "./views";

/** Silence longer than this is a dead connection (docs/stream.md: heartbeats come every 5 s). */
const SILENCE_MS = 15_000;
const PING_MS = 3_000;
const WATCH_MS = 1_000;

export type LinkState = "connecting" | "live" | "lost";

/** What a subscription asks for. */
export type Interest = Omit<Subscribe, "resume">;

export interface Listener {
  hello(hello: Hello): void;
  snapshot(snapshot: Snapshot): void;
  commit(commit: Commit): void;
  heartbeat(heartbeat: Heartbeat): void;
  unrecorded(alarm: AlarmView): void;
  frame(frame: Frame): void;
  link(state: LinkState, failed: number): void;
  latency(ms: number): void;
  /** Commits missed so far, seen by their gaps; each was made good by subscribing again. */
  gaps(count: number): void;
}

export class Stream {
  private socket: WebSocket | undefined;
  private readonly sequence = new Sequence();
  private greeted: WebSocket | undefined;
  /** A gap was seen and its commits are asked for; those still on their way are gaps too and ask nothing more. */
  private healing = false;
  private failed = 0;
  private heard_ms = 0;
  private pinged_ms = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private closed = false;

  constructor(
    private readonly address: string,
    private interest: Interest,
    private readonly listener: Listener,
  ) {}

  open(): void {
    this.closed = false;
    this.connect();
    this.watch ??= setInterval(() => this.look(), WATCH_MS);
    window.addEventListener("online", this.now);
    window.addEventListener("offline", this.cut);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.watch);
    this.watch = undefined;
    window.removeEventListener("online", this.now);
    window.removeEventListener("offline", this.cut);
    this.socket?.close();
  }

  /** Tries at once instead of waiting: the network said it is back, or somebody pressed the button. */
  readonly now = (): void => {
    if (this.closed || this.socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.retry);
    this.connect();
  };

  /** The device lost its network: waiting for silence would only hide it. */
  private readonly cut = (): void => {
    if (this.socket) this.lose();
  };

  private connect(): void {
    this.drop();
    this.healing = false;
    this.listener.link(this.failed === 0 ? "connecting" : "lost", this.failed);
    const socket = new WebSocket(this.address, "ortoo.v1");
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heard_ms = performance.now();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.heard_ms = performance.now();
      if (typeof event.data === "string") this.take(JSON.parse(event.data) as ServerMessage);
      else for (const frame of readFrames(event.data)) this.listener.frame(frame);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lose();
    };
  }

  private drop(): void {
    const old = this.socket;
    this.socket = undefined;
    old?.close();
  }

  private lose(): void {
    this.drop();
    if (this.closed) return;
    clearTimeout(this.retry);
    const wait = backoffMs(this.failed, Math.random());
    this.failed++;
    this.listener.link("lost", this.failed);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private look(): void {
    const now = performance.now();
    if (!this.socket) return;
    if (now - this.heard_ms > SILENCE_MS) this.lose();
    else if (this.socket.readyState === WebSocket.OPEN && now - this.pinged_ms >= PING_MS) {
      this.pinged_ms = now;
      this.say({ type: "ping", t: Math.round(now) });
    }
  }

  /** Says at which seat somebody works here. */
  sit(seat: Id | undefined): void {
    if (this.interest.seat === seat) return;
    this.interest = { ...this.interest, seat };
    if (this.socket && this.greeted === this.socket) this.subscribe();
  }

  private say(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private subscribe(): void {
    const { journal, seq } = this.sequence;
    const resume = journal === undefined ? {} : { resume: { journal_id: journal, seq } };
    this.say({ type: "subscribe", ...this.interest, ...resume });
  }

  private heal(): void {
    if (!this.healing) this.subscribe();
    this.healing = true;
  }

  private take(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        this.listener.hello(message);
        this.listener.heartbeat({ type: "heartbeat", head: message.head, now: message.now, degraded: [] });
        // A later hello on the same connection tells of new labels only; the subscription stands.
        if (this.greeted !== this.socket) this.subscribe();
        this.greeted = this.socket;
        this.failed = 0;
        this.listener.link("live", 0);
        break;
      case "snapshot":
        this.sequence.begin(message.journal_id, message.seq);
        this.healing = false;
        this.listener.snapshot(message);
        break;
      case "commit":
        this.step(message);
        break;
      case "heartbeat":
        this.listener.heartbeat(message);
        break;
      case "reset":
        this.sequence.journal = undefined;
        break;
      case "unrecorded":
        this.listener.unrecorded(message.alarm);
        break;
      case "pong":
        this.listener.latency(performance.now() - message.t);
        break;
      case "problem":
        console.warn(`stream: ${message.code}: ${message.detail}`);
    }
  }

  private step(commit: Commit): void {
    switch (this.sequence.take(commit)) {
      case "apply":
        this.healing = false;
        this.listener.commit(commit);
        break;
      case "other_journal":
        this.sequence.journal = undefined;
        this.heal();
        break;
      case "gap":
        this.listener.gaps(this.sequence.gaps);
        this.heal();
        break;
      case "repeat":
    }
  }
}
