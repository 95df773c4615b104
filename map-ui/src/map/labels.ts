// Names beside units, on a plain canvas: only when few enough are in sight to be read, never two over each other.

export interface Label {
  x: number;
  y: number;
  text: string;
  /** Drawn whatever is near: the unit chosen or under the pointer. */
  always: boolean;
}

const MOST = 140;
const HEIGHT = 16;
const FAMILY = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

/** Which labels are drawn: those that must be, then as many as do not cover another. `width` measures a text in pixels. */
export function placeLabels(labels: readonly Label[], width: (text: string) => number, most = MOST): Label[] {
  const musts = labels.filter((label) => label.always);
  const rest = labels.length - musts.length > most ? [] : labels.filter((label) => !label.always);
  const drawn: { label: Label; width: number }[] = [];
  for (const label of [...musts, ...rest]) {
    const w = width(label.text);
    const covers = drawn.some(
      (other) =>
        Math.abs(label.y - other.label.y) < HEIGHT &&
        label.x < other.label.x + other.width + 4 &&
        other.label.x < label.x + w + 4,
    );
    if (label.always || !covers) drawn.push({ label, width: w });
  }
  return drawn.map((d) => d.label);
}

/** The name of an area, written over everything that moves. */
export interface AreaName {
  x: number;
  y: number;
  name: string;
  /** How many units it has; empty where that is not shown. */
  count: string;
}

/** How far down or up a name may give way, in pixels, the least first. */
const WAYS_PX = [0, -20, 20, -36, 36];
const MARK_PX = 26;

/** What a name may not cover: its middle and its size, in pixels. */
export interface Obstacle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a name of this width stands so that it covers nothing; where it was, when there is no such place near. */
export function giveWay(
  at: { x: number; y: number },
  width: number,
  taken: readonly Obstacle[],
): { x: number; y: number } {
  const free = (y: number) =>
    taken.every(
      (one) =>
        Math.abs(one.y - y) > (one.height + HEIGHT) / 2 || Math.abs(one.x - at.x) > (one.width + width) / 2,
    );
  const way = WAYS_PX.find((by) => free(at.y + by)) ?? 0;
  return { x: at.x, y: at.y + way };
}

/** Writes names of areas with their counts, centred on their places. `size_px` is that of the name. */
export function drawAreaNames(
  canvas: HTMLCanvasElement,
  names: readonly AreaName[],
  marks: readonly { x: number; y: number }[],
  colours: { text: string; soft: string; halo: string },
  size_px: number,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const fonts = [`500 ${size_px}px ${FAMILY}`, `${Math.round(size_px * 0.8)}px ${FAMILY}`] as const;
  const width = (font: string, text: string) => ((context.font = font), context.measureText(text).width);
  context.lineWidth = 4;
  context.strokeStyle = colours.halo;
  const taken: Obstacle[] = marks.map(({ x, y }) => ({ x, y, width: MARK_PX, height: MARK_PX }));
  for (const { x, y, name, count } of names) {
    const [wide, more] = [width(fonts[0], name), count === "" ? 0 : width(fonts[1], count) + 5];
    const at = giveWay({ x, y }, wide + more, taken);
    taken.push({ ...at, width: wide + more, height: HEIGHT });
    const left = at.x - (wide + more) / 2;
    for (const [font, text, from, fill] of [
      [fonts[0], name, left, colours.text],
      [fonts[1], count, left + wide + 5, colours.soft],
    ] as const) {
      context.font = font;
      context.fillStyle = fill;
      context.strokeText(text, from, at.y);
      context.fillText(text, from, at.y);
    }
  }
}

/** Draws labels to the right of their units. */
export function drawLabels(
  canvas: HTMLCanvasElement,
  labels: readonly Label[],
  colours: { text: string; halo: string },
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  context.font = `12px ${FAMILY}`;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.5;
  context.strokeStyle = colours.halo;
  context.fillStyle = colours.text;
  for (const label of placeLabels(labels, (text) => context.measureText(text).width)) {
    context.strokeText(label.text, label.x + 12, label.y);
    context.fillText(label.text, label.x + 12, label.y);
  }
}
