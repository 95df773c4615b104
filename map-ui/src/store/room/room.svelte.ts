// The control room as this console holds it: maps by id fed by the stream, the register, the link. One per page.
// It never touches selection, focus or camera.
import { language } from "../../i18n/catalogue.svelte";
import { bounds } from "../../map/circle";
import { ask } from "../../wire/rest";
import { Stream, type Interest, type LinkState } from "../../wire/stream";
import type { Alarm, Commit, Heartbeat, Hello, Id, Incident, Order, Snapshot, View } from "../../wire/views";
import { centreClock } from "./clock.svelte";
import { newsOf, type Known, type News } from "./news";
import { Positions } from "./positions";
import { preferences } from "../workplace/preferences.svelte";
import { Register } from "./register";
import { Table } from "./table.svelte";

/** What the node says of its link, shown in the top bar. */
class Link {
  state = $state<LinkState>("connecting");
  failed = $state(0);
  latency_ms = $state<number | undefined>(undefined);
  gaps = $state(0);
  degraded = $state.raw<readonly string[]>([]);
  /** How far the machine's clock is ahead of the centre's, milliseconds, while it is in doubt. */
  clock_ahead_ms = $state<number | undefined>(undefined);
  /** A whole snapshot has come: the tables show the truth. */
  ready = $state(false);
}

/** What the stream carries, and what is shown of each kind. */
type Kind = Exclude<View["kind"], "gone" | "point">;
type Shown<K extends Kind> = Extract<View, { kind: K }>["view"];

/** Kinds that come so often that their readers are woken at a pace. */
const PACE_MS: Partial<Record<string, number>> = { unit: 500, technical: 250 };
const REACH_MS = 1000;

export class Room {
  private readonly tables = new Map<string, Table<{ id: Id }>>();
  readonly alarms: Table<Alarm> = this.table("alarm");
  readonly incidents = this.table("incident");
  readonly orders = this.table("order");
  readonly units = this.table("unit");
  readonly technicals = this.table("technical");
  readonly suppressions = this.table("suppression");
  readonly handovers = this.table("handover");
  readonly recommendations = this.table("recommendation");
  readonly supports = this.table("support");
  readonly link = new Link();
  register = $state.raw<Register | undefined>(undefined);
  attribution = $state("");
  /** Content hash of the region package that the base layers are of; another one means other layers. */
  ground = $state("");
  /** Seats at which a console is open, this one among them. */
  seats = $state.raw<readonly Id[]>([]);
  positions: Positions | undefined;
  /** Called after positions or looks changed; the map sets it. */
  onMotion: () => void = () => undefined;
  /** How far the tables are true; waited for after an act of our own. */
  private seq = 0;
  private readonly waiters = new Set<() => void>();
  private readonly listeners: ((news: readonly News[]) => void)[] = [];
  private stream: Stream | undefined;

  /** The table of a kind; it holds all that came, whoever asks for it first. */
  table<K extends Kind>(kind: K): Table<Shown<K>> {
    return this.tableOf(kind) as Table<Shown<K>>;
  }

  private tableOf(kind: string): Table<{ id: Id }> {
    const known = this.tables.get(kind) ?? new Table<{ id: Id }>(PACE_MS[kind]);
    this.tables.set(kind, known);
    return known;
  }

  /**
   * Reads the register, then opens the stream for an interest (docs/stream.md).
   * @throws Problem when the register cannot be read
   */
  async open(freeze: boolean, interest: Interest = { positions: true }): Promise<void> {
    await this.readRegister();
    const address = new URL("./api/v1/stream", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.stream = new Stream(address.href, interest, {
      hello: (hello) => this.hello(hello),
      snapshot: (snapshot) => this.snapshot(snapshot),
      commit: (commit) => this.commit(commit),
      heartbeat: (heartbeat) => this.heartbeat(heartbeat),
      unrecorded: (alarm) => {
        const view: Alarm = { ...alarm, not_recorded: true };
        const delta: View = { kind: "alarm", view };
        this.tell([delta], this.known());
        this.take(delta);
      },
      frame: (frame) => {
        this.positions?.take(frame, performance.now() / 1000);
        this.onMotion();
      },
      link: (state, failed) => {
        this.link.state = state;
        this.link.failed = failed;
      },
      latency: (ms) => (this.link.latency_ms = ms),
      gaps: (count) => (this.link.gaps = count),
    });
    centreClock.start(freeze);
    this.stream.open();
  }

  /** Tells the centre at which seat somebody works here. */
  sit(seat: Id | undefined): void {
    this.stream?.sit(seat);
  }

  /** Tries the link at once. */
  retry(): void {
    this.stream?.now();
  }

  /** Waits until the tables hold what the centre answered; a second at most, since not every commit comes here. */
  async reached(seq: number): Promise<void> {
    if (this.seq >= seq || this.link.state !== "live") return;
    await new Promise<void>((done) => {
      const look = () => {
        if (this.seq < seq) return;
        clearTimeout(timer);
        this.waiters.delete(look);
        done();
      };
      const timer = setTimeout(() => {
        this.waiters.delete(look);
        done();
      }, REACH_MS);
      this.waiters.add(look);
    });
  }

  private stand(seq: number): void {
    this.seq = seq;
    for (const look of [...this.waiters]) look();
  }

  /** For those who must sound or speak; never for those who draw. Told all news of one moment together. */
  listen(listener: (news: readonly News[]) => void): void {
    this.listeners.push(listener);
  }

  /** Orders of an incident, first first; tracked. */
  ordersOf(incident: Incident): Order[] {
    return incident.orders.flatMap((id) => this.orders.get(id) ?? []);
  }

  /** Alarms of an incident, first first; tracked. */
  alarmsOf(incident: Incident): Alarm[] {
    return incident.alarms.flatMap((id) => this.alarms.get(id) ?? []);
  }

  private async readRegister(): Promise<void> {
    const wire = await ask("/region", undefined);
    const register = new Register(wire);
    this.register = register;
    this.ground = wire.hash;
    this.attribution = wire.attribution;
    const spoken = wire.language.startsWith("zh") ? "zh" : "en";
    if (preferences.foreign && spoken !== language.current) await language.speak(spoken);
    this.positions ??= new Positions(middleOf(register));
  }

  private hello(hello: Hello): void {
    if (!this.positions) return;
    this.positions.tick_s = hello.positions_ms / 1000;
    this.positions.forgetAll();
  }

  private heartbeat({ now, degraded, clock_ahead_ms, seats = [] }: Heartbeat): void {
    if (seats.join() !== this.seats.join()) this.seats = seats;
    centreClock.observe(now);
    this.link.clock_ahead_ms = clock_ahead_ms ?? undefined;
    if (degraded.join() !== this.link.degraded.join()) this.link.degraded = degraded;
  }

  private snapshot(snapshot: Snapshot): void {
    const before: Known = {
      alarms: new Map(this.alarms.rows),
      incidents: new Map(this.incidents.rows),
    };
    if (snapshot.whole) for (const table of this.tables.values()) table.clear();
    for (const view of snapshot.views) this.take(view);
    // The first snapshot is what stands; a later one tells what came while the link was away.
    if (this.link.ready) this.tell(snapshot.views, before);
    this.link.ready = true;
    this.stand(snapshot.seq);
    this.onMotion();
  }

  private commit(commit: Commit): void {
    this.tell(commit.deltas, this.known());
    for (const delta of commit.deltas) this.take(delta);
    this.stand(commit.seq);
    // A register that cannot be read now is read with the next change; the old one still names almost everything.
    if (commit.register) void this.readRegister().catch((problem: unknown) => console.warn(String(problem)));
    this.onMotion();
  }

  private take({ kind, view }: View): void {
    if (kind === "gone") this.tableOf(view.of).drop(view.id);
    else this.tableOf(kind).put(view.id, view);
    if (kind === "unit") this.positions?.dress(view);
  }

  private known(): Known {
    return { alarms: this.alarms.rows, incidents: this.incidents.rows };
  }

  private tell(deltas: readonly View[], known: Known): void {
    const news = newsOf(deltas, known);
    if (news.length > 0) for (const listener of this.listeners) listener(news);
  }
}

/** The middle of everything that stands still: the place all drawn positions are measured from. */
function middleOf(register: Register) {
  const coordinates = [...register.units.values()].map((unit) => [unit.home.lon, unit.home.lat]);
  for (const point of register.points.values()) coordinates.push([point.at.lon, point.at.lat]);
  const box = bounds({
    type: "FeatureCollection",
    features: [{ type: "Feature", properties: {}, geometry: { type: "MultiPoint", coordinates } }],
  });
  return box
    ? { lon: Math.round((box[0] + box[2]) / 2), lat: Math.round((box[1] + box[3]) / 2) }
    : { lon: 0, lat: 0 };
}

export const room = new Room();
