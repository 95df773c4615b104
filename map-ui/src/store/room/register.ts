// The region's register as the console asks it: who is called what, and where things that stand still are.
// Read once and again when it changes; nothing here moves.
import type {
  Area,
  Coord,
  Desk,
  Id,
  IncidentType,
  Kind,
  Names,
  PointEntry,
  Region,
  Seat,
  UnitEntry,
} from "../../wire/views";

export class Register {
  readonly areas: ReadonlyMap<Id, Area>;
  readonly desks: ReadonlyMap<Id, Desk>;
  readonly seats: ReadonlyMap<Id, Seat>;
  readonly kinds: ReadonlyMap<Id, Kind>;
  readonly types: ReadonlyMap<Id, IncidentType>;
  readonly units: ReadonlyMap<Id, UnitEntry>;
  readonly points: ReadonlyMap<Id, PointEntry>;
  readonly unitAtSlot: ReadonlyMap<number, Id>;
  /** Codes of the areas at the level where positions are labelled (banners), in code order. */
  readonly banners: readonly Id[];

  constructor(readonly wire: Region) {
    this.areas = new Map(Object.entries(wire.areas));
    this.desks = new Map(Object.entries(wire.desks));
    this.seats = new Map(Object.entries(wire.seats));
    this.kinds = new Map(wire.kinds.map((kind) => [kind.code, kind]));
    this.types = new Map(Object.entries(wire.types));
    this.units = new Map(Object.entries(wire.units));
    this.points = new Map(Object.entries(wire.points));
    this.unitAtSlot = new Map([...this.units].map(([id, entry]) => [entry.slot, id]));
    this.banners = [...this.areas]
      .filter(([, area]) => area.path.length === wire.label_level + 1)
      .map(([code]) => code)
      .sort();
  }

  /** Names of the areas of a path, from `from_level` down (the region's own name is seldom worth the space). */
  pathNames(path: readonly Id[], from_level = 1): Names[] {
    return path.slice(from_level).flatMap((code) => {
      const area = this.areas.get(code);
      return area ? [area.names] : [];
    });
  }

  /** The banner of a path: the area at the label level. */
  banner(path: readonly Id[]): Id | undefined {
    return path[this.wire.label_level];
  }

  /** The seat a desk phones first: its dispatcher, else any of its seats. */
  seatOf(desk: Id): Id | undefined {
    const seats = [...this.seats].filter(([, seat]) => seat.desk === desk);
    return (seats.find(([, seat]) => seat.role === "dispatcher") ?? seats[0])?.[0];
  }

  /** The known place nearest to a coordinate, within `most_m` metres. */
  nearestPoint(
    at: Coord,
    distance: (a: Coord, b: Coord) => number,
    most_m: number,
  ): { id: Id; metres: number } | undefined {
    let best: { id: Id; metres: number } | undefined;
    for (const [id, point] of this.points) {
      if (Math.abs(point.at.lat - at.lat) > most_m * 100) continue;
      const metres = distance(at, point.at);
      if (metres <= most_m && (!best || metres < best.metres)) best = { id, metres };
    }
    return best;
  }
}
