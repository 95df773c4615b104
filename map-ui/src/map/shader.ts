// The two programs of the graphics card that draw units: position and glide in the vertex program, shape and age in
// the fragment program as distance fields, so that every size and density of screen is sharp without a picture.

export const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 corner;
layout(location = 1) in vec2 prev;
layout(location = 2) in vec2 next;
layout(location = 3) in vec4 times;   // start, end, heading, fix
layout(location = 4) in float dress;  // look
uniform mat4 matrix;
uniform vec2 viewport;                // css pixels
uniform float now;
uniform float size;                   // css pixels
uniform float turn;                   // bearing of the map, radians
uniform float selected;
out vec2 local;
flat out float look;
flat out float age;
flat out float chosen;
flat out vec2 ahead;
flat out float reach;
void main() {
  look = dress;
  age = now - times.w;
  chosen = float(gl_InstanceID) == selected ? 1.0 : 0.0;
  if (dress < 0.5 || times.y <= 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float mixed = clamp((now - times.x) / max(times.y - times.x, 1e-3), 0.0, 1.0);
  vec4 at = matrix * vec4(mix(prev, next, mixed), 0.0, 1.0);
  float heading = times.z - turn;
  ahead = heading < -50.0 ? vec2(0.0) : vec2(sin(heading), cos(heading));
  reach = size * (dress > 4.5 ? 1.5 : 1.0);
  local = corner * (reach + 5.0);
  gl_Position = at + vec4(local * 2.0 / viewport * at.w, 0.0, 0.0);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec2 local;
flat in float look;
flat in float age;
flat in float chosen;
flat in vec2 ahead;
flat in float reach;
uniform vec4 colours[7];
uniform vec4 halo;
uniform vec4 accent;
uniform float dim;
uniform float pixel;                  // css pixels per device pixel
out vec4 colour;
float segment(vec2 p, vec2 a, vec2 b) {
  vec2 pa = p - a, ba = b - a;
  return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0));
}
// A dart pointing up: nose at (0,1), tail corners, notch; p in units of the half size.
float dart(vec2 p) {
  p.x = abs(p.x);
  vec2 nose = vec2(0.0, 1.0), wing = vec2(0.72, -0.85), notch = vec2(0.0, -0.45);
  float d = min(segment(p, nose, wing), segment(p, wing, notch));
  vec2 e = wing - nose;
  float side = e.x * (p.y - nose.y) - e.y * (p.x - nose.x);
  vec2 f = notch - wing;
  float rear = f.x * (p.y - wing.y) - f.y * (p.x - wing.x);
  return (side < 0.0 && rear < 0.0) ? -d : d;
}
float body(vec2 p) {
  if (dot(ahead, ahead) > 0.5) {
    vec2 q = vec2(p.x * ahead.y - p.y * ahead.x, p.x * ahead.x + p.y * ahead.y);
    return dart(q / reach) * reach;
  }
  return length(p) - reach * 0.58;
}
void main() {
  int index = int(look + 0.5);
  vec4 paint = colours[index];
  float d = body(local);
  float soft = pixel * 0.75;
  float fill = 1.0 - smoothstep(-soft, soft, d);
  float edge = 1.0 - smoothstep(0.55 - soft, 0.55 + soft, abs(d + 0.3));
  float solid = age >= 60.0 ? 0.0 : age >= 30.0 ? mix(1.0, 0.25, (age - 30.0) / 30.0) : 1.0;
  // Resting units that report by heartbeat alone are not late: their age shows by the hollow body, without a ring.
  float strength = index == 1 || index == 6 ? dim * 0.8 : dim;
  float alpha = max(fill * solid, edge);
  vec3 tint = paint.rgb;
  float shadow = (1.0 - smoothstep(0.0, 2.2, d)) * halo.a;
  colour = vec4(halo.rgb * shadow, shadow) * (1.0 - alpha) + vec4(tint * alpha, alpha);
  colour *= strength * paint.a;
  float r = length(local);
  if (age >= 300.0 && index != 1 && index != 6) {
    float angle = atan(local.y, local.x);
    float dots = step(0.0, sin(angle * 7.0));
    float ring = (1.0 - smoothstep(0.6, 0.6 + soft, abs(r - reach - 2.6))) * dots;
    colour = mix(colour, vec4(tint, 1.0), ring * strength);
  }
  if (chosen > 0.5) {
    float ring = 1.0 - smoothstep(0.9, 0.9 + soft, abs(r - reach - 3.4));
    colour = mix(colour, vec4(accent.rgb, 1.0), ring);
  }
  if (index == 5) {
    float ring = 1.0 - smoothstep(1.0, 1.0 + soft, abs(r - reach - 1.5));
    colour = mix(colour, vec4(tint, 1.0), ring);
  }
  if (colour.a < 0.01) discard;
}`;
