// Draws all units on a transparent canvas of its own above the map (measured: 0.2-0.3 ms of main thread a frame for
// 2,000 units, where the map's own sources need 34 ms). Knows nothing of what a unit is: positions, looks, colours.
import { STRIDE, type Motion } from "./motion";
import { FRAGMENT, VERTEX } from "./shader";

/** Colours by look code, and the ones of halo and selection; each r g b a in 0..1. */
export interface Paint {
  looks: readonly (readonly [number, number, number, number])[];
  halo: readonly [number, number, number, number];
  accent: readonly [number, number, number, number];
}

/** What the map says before a frame is drawn. */
export interface Camera {
  /** Column-major matrix from mercator 0..1 to clip space, in float64. */
  matrix: ArrayLike<number>;
  zoom: number;
  bearing_deg: number;
}

/** What one drawn frame cost and held; the e2e tests read it instead of measuring frames per second. */
export interface FrameReport {
  frames: number;
  units: number;
  js_ms: number;
}

const UNIFORMS = [
  "matrix",
  "viewport",
  "now",
  "size",
  "turn",
  "selected",
  "colours",
  "halo",
  "accent",
  "dim",
  "pixel",
];

export class Overlay {
  readonly report: FrameReport = { frames: 0, units: 0, js_ms: 0 };
  selected = -1;
  visible = true;
  private readonly gl: WebGL2RenderingContext;
  private program!: WebGLProgram;
  private at: Record<string, WebGLUniformLocation | null> = {};
  private vao!: WebGLVertexArrayObject;
  private buffer!: WebGLBuffer;
  private uploaded = -1;
  private capacity = 0;
  private paint: Paint;
  private readonly folded = new Float32Array(16);

  /** @throws Error when the browser has no WebGL2. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly motion: Motion,
    paint: Paint,
  ) {
    const gl = canvas.getContext("webgl2", {
      alpha: true,
      antialias: false,
      premultipliedAlpha: true,
      depth: false,
    });
    if (!gl) throw new Error("WebGL2 is missing");
    this.gl = gl;
    this.paint = paint;
    this.build();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.build());
  }

  repaint(paint: Paint): void {
    this.paint = paint;
    this.setPaint();
  }

  /** Draws one frame. `now_s` is on the same clock as the motion's times. */
  draw(camera: Camera, now_s: number): void {
    const begin = performance.now();
    const { gl, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.report.frames++;
    this.report.units = 0;
    if (this.visible && this.motion.count > 0) {
      this.upload();
      gl.useProgram(this.program);
      gl.bindVertexArray(this.vao);
      gl.uniformMatrix4fv(this.at["matrix"]!, false, this.fold(camera.matrix));
      gl.uniform2f(this.at["viewport"]!, canvas.clientWidth, canvas.clientHeight);
      gl.uniform1f(this.at["now"]!, now_s);
      gl.uniform1f(this.at["size"]!, sizePx(camera.zoom));
      gl.uniform1f(this.at["turn"]!, (camera.bearing_deg * Math.PI) / 180);
      gl.uniform1f(this.at["selected"]!, this.selected);
      gl.uniform1f(this.at["dim"]!, camera.zoom < 7 ? 0.82 : 1);
      gl.uniform1f(this.at["pixel"]!, 1 / ratio);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.motion.count);
      this.report.units = this.motion.count;
    }
    this.report.js_ms = performance.now() - begin;
  }

  /** Offsets from the motion's origin to css pixels of the canvas. */
  projector(camera: Camera): (x: number, y: number) => readonly [number, number] {
    const m = this.fold(camera.matrix).slice();
    const { clientWidth: w, clientHeight: h } = this.canvas;
    return (x, y) => {
      const cw = m[3]! * x + m[7]! * y + m[15]!;
      const cx = (m[0]! * x + m[4]! * y + m[12]!) / cw;
      const cy = (m[1]! * x + m[5]! * y + m[13]!) / cw;
      return [((cx + 1) / 2) * w, ((1 - cy) / 2) * h] as const;
    };
  }

  /** Folds the origin into the matrix in float64, so that float32 offsets keep metres. */
  private fold(m: ArrayLike<number>): Float32Array {
    const [ox, oy] = this.motion.origin;
    for (let i = 0; i < 12; i++) this.folded[i] = m[i]!;
    for (let i = 0; i < 4; i++) this.folded[12 + i] = m[i]! * ox + m[4 + i]! * oy + m[12 + i]!;
    return this.folded;
  }

  private build(): void {
    const { gl } = this;
    this.program = link(gl, VERTEX, FRAGMENT);
    for (const name of UNIFORMS) this.at[name] = gl.getUniformLocation(this.program, name);
    this.vao = gl.createVertexArray()!;
    gl.bindVertexArray(this.vao);
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.buffer = gl.createBuffer()!;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    for (const [location, size, offset] of [
      [1, 2, 0],
      [2, 2, 2],
      [3, 4, 4],
      [4, 1, 8],
    ] as const) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, STRIDE * 4, offset * 4);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
    this.uploaded = -1;
    this.capacity = 0;
    this.setPaint();
  }

  private setPaint(): void {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.uniform4fv(this.at["colours"]!, this.paint.looks.flat());
    gl.uniform4f(this.at["halo"]!, ...this.paint.halo);
    gl.uniform4f(this.at["accent"]!, ...this.paint.accent);
  }

  private upload(): void {
    if (this.uploaded === this.motion.version) return;
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.capacity !== this.motion.data.length) {
      gl.bufferData(gl.ARRAY_BUFFER, this.motion.data, gl.DYNAMIC_DRAW);
      this.capacity = this.motion.data.length;
    } else {
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.motion.data, 0, this.motion.count * STRIDE);
    }
    this.uploaded = this.motion.version;
  }
}

/** Half the size of a unit's symbol in css pixels: a grain on the league, a symbol in a street. */
function sizePx(zoom: number): number {
  return Math.min(9, Math.max(3.1, 3.1 + (zoom - 6) * 0.75));
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`unit shader: ${gl.getShaderInfoLog(shader)}`);
    }
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return program;
}
