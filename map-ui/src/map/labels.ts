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
  context.font = '12px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
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
