// The track layer's programs. Positions are in world units relative to an origin near the view, so that 32 bits do.

const PLACE = `#version 300 es
precision highp float;
uniform vec2 u_centre;   // view centre, relative to the origin
uniform vec2 u_half;     // half the view, CSS px
uniform float u_scale;   // CSS px per world unit
uniform float u_time;    // seconds since the frame
uniform vec2 u_turn;     // cosine and sine of the bearing that is up
vec2 turned(vec2 d) { return vec2(dot(d, u_turn), u_turn.x * d.y - u_turn.y * d.x); }
vec2 place(vec2 p) { return turned(p - u_centre) * u_scale + u_half; }
vec4 clip(vec2 px) { return vec4(px / u_half - 1.0, 0.0, 1.0) * vec4(1.0, -1.0, 1.0, 1.0); }
`;

/** Bits of the first style byte's neighbour: what a symbol shows beside identity and class. */
export const Mark = { PROTECTED: 1, COASTING: 2, SYSTEM: 4, NOT_LIVE: 8, TENTATIVE: 16, GROUND: 32, EMERGENCY: 64, CIVIL: 128 } as const;

/** How far a symbol of the texture reaches, in radii. */
const REACH = "1.7";

const FRAME = `// Distance to the frame that carries identity: y down.
float frame(uint identity, vec2 p, float r) {
  if (identity == 5u) return (abs(p.x) + abs(p.y)) * 0.7071 - r * 0.86;                          // suspect: diamond
  if (identity == 4u) return max(abs(p.x), abs(p.y)) - r * 0.88;                                 // neutral: square
  if (identity == 3u) return length(p) - r;                                                      // friend: circle
  if (identity == 2u) return max(length(p - vec2(0.0, r * 0.25)) - r, p.y - r * 0.72);           // assumed friend: arch
  vec2 q = abs(p);
  return length(q - (q.x > q.y ? vec2(r * 0.52, 0.0) : vec2(0.0, r * 0.52))) - r * 0.56;         // pending, unknown: quatrefoil
}`;

export const SYMBOL_VERTEX = `${PLACE}
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_velocity;
layout(location = 2) in uvec4 a_style;   // identity, class, marks, alert
layout(location = 3) in float a_course;
layout(location = 4) in uvec4 a_more;    // strength
uniform int u_selected;
uniform int u_hovered;
uniform bool u_app6;
uniform float u_radius;
out vec2 v_px;
out float v_radius;
flat out uvec4 v_style;
flat out float v_strength;
flat out vec2 v_heading;
flat out int v_selected;
void main() {
  bool larger = gl_InstanceID == u_hovered || gl_InstanceID == u_selected;
  v_radius = u_radius * (larger ? 1.35 : 1.0);
  v_selected = gl_InstanceID == u_selected ? 1 : 0;
  v_style = a_style;
  v_strength = float(a_more.x) / 255.0;
  v_heading = turned(vec2(sin(a_course), -cos(a_course)));
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float margin = v_selected == 1 || a_style.w > 1u ? 9.0 : (a_style.z & 1u) != 0u ? 5.5 : 2.5;   // rings and brackets need room
  if (u_app6) margin += 0.7 * v_radius;
  v_px = corner * (v_radius + margin);
  gl_Position = clip(place(a_place + a_velocity * u_time) + v_px);
}`;

export const SYMBOL_FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_px;
in float v_radius;
flat in uvec4 v_style;
flat in float v_strength;
flat in vec2 v_heading;
flat in int v_selected;
uniform vec3 u_colours[6];
uniform vec3 u_alerts[4];
uniform vec3 u_halo;
uniform vec3 u_bright;
uniform vec3 u_not_live;
uniform bool u_app6;
uniform sampler2D u_symbols;
uniform float u_pixel;   // CSS px per device px
uniform float u_pulse;   // 0..1, for emergencies
out vec4 o_colour;

float segment(vec2 p, vec2 a, vec2 b) {
  vec2 d = b - a;
  return length(p - a - d * clamp(dot(p - a, d) / dot(d, d), 0.0, 1.0));
}

${FRAME}
// Distance to the strokes of the glyph that carries class; q has the nose up.
float glyph(uint kind, vec2 p, vec2 q, float r) {
  if (kind == 2u || kind == 8u) {                                                                // airliner, high performance
    vec2 m = vec2(abs(q.x), q.y);
    float sweep = kind == 8u ? 0.45 : 0.28;
    return min(min(segment(m, vec2(0.0, -0.58 * r), vec2(0.0, 0.5 * r)), segment(m, vec2(0.0, -0.1 * r), vec2(0.54 * r, (sweep - 0.1) * r))),
               segment(m, vec2(0.0, 0.4 * r), vec2(0.22 * r, 0.52 * r)));
  }
  if (kind == 1u) return min(segment(q, vec2(0.0, -0.42 * r), vec2(0.0, 0.5 * r)), segment(q, vec2(-0.55 * r, -0.18 * r), vec2(0.55 * r, -0.18 * r)));
  if (kind == 3u) return segment(abs(p), vec2(0.0), vec2(0.42 * r));                             // helicopter: rotor
  if (kind == 4u) return segment(q, vec2(-0.6 * r, 0.0), vec2(0.6 * r, 0.0));                    // glider: wings
  if (kind == 5u) return min(abs(length(abs(p) - vec2(0.36 * r)) - 0.13 * r), segment(abs(p), vec2(0.0), vec2(0.26 * r))); // drone: four rotors
  if (kind == 6u) return segment(p, vec2(-0.4 * r, 0.2 * r), vec2(0.4 * r, 0.2 * r));            // vehicle
  if (kind == 7u) return abs(length(p + vec2(0.0, 0.1 * r)) - 0.35 * r);                         // balloon
  return length(p) - 0.1 * r;                                                                    // not known: a dot
}

float stroke(float d, float half_width) { return 1.0 - smoothstep(half_width - 0.5 * u_pixel, half_width + 0.5 * u_pixel, abs(d)); }

// A symbol of the standard, from the texture: src/tracks/app6.ts says which slot.
vec4 standard(vec2 p, float r) {
  uint who = v_style.x < 6u ? v_style.x : 1u;
  uint own = (who == 2u || who == 3u) && (v_style.z & 128u) == 0u ? 1u : 0u;
  uint slot = ((who * 10u + min(v_style.y, 9u)) * 2u + own) * 2u + ((v_style.z & 4u) != 0u ? 1u : 0u);
  vec2 at = p / (r * ${REACH});
  if (max(abs(at.x), abs(at.y)) > 0.98) return vec4(0.0);
  return texture(u_symbols, (vec2(float(slot % 20u), float(slot / 20u)) + 0.5 + 0.5 * at) / vec2(20.0, 12.0));
}

// Our own symbol: the frame tells identity, the glyph in it the class.
vec4 plain(vec2 p, float r) {
  uint marks = v_style.z;
  vec3 colour = u_colours[min(v_style.x, 5u)];
  bool hollow = (marks & 4u) != 0u;
  float d = frame(v_style.x, p, r);
  vec4 made = vec4(u_halo, 1.0) * 0.82 * (1.0 - smoothstep(-u_pixel, u_pixel, d - 1.4));
  float inner = 1.0 - smoothstep(-u_pixel, u_pixel, d);
  if (!hollow) made = mix(made, vec4(mix(u_halo, colour, 0.26), 0.9), inner);
  float line = stroke(d, hollow ? 0.55 : 0.85);
  if ((marks & 2u) != 0u) line *= step(0.45, fract(atan(p.y, p.x) * 8.0 / 6.2831853));           // coasting: dashed
  if (v_style.x == 0u) line *= step(0.3, fract(atan(p.y, p.x) * 12.0 / 6.2831853));              // pending: dotted
  made = mix(made, vec4(colour, 1.0), line);
  vec2 q = vec2(p.x * -v_heading.y + p.y * v_heading.x, -(p.x * v_heading.x + p.y * v_heading.y));
  float ink = stroke(glyph(v_style.y, p, q, r), max(0.6, 0.07 * r));
  made = mix(made, vec4(mix(colour, u_bright, 0.55), 1.0), ink * (hollow ? 0.8 : 1.0));
  if ((marks & 8u) != 0u) made = mix(made, vec4(u_not_live, 1.0), stroke((p.x + p.y) * 0.7071, 0.8) * inner);   // not live: struck
  return made;
}

void main() {
  vec2 p = v_px;
  float r = v_radius;
  uint marks = v_style.z;
  if ((marks & 16u) != 0u) {                                                                     // tentative: a faint dot
    o_colour = vec4(u_colours[min(v_style.x, 5u)], 1.0) * 0.55 * (1.0 - smoothstep(1.2, 1.2 + u_pixel, length(p)));
  } else o_colour = u_app6 ? standard(p, r) : plain(p, r);
  float edge = u_app6 ? 1.5 * r : r;                                                             // what stands around keeps off the frame
  if (u_app6 && (marks & 8u) != 0u) o_colour = mix(o_colour, vec4(u_not_live, 1.0), stroke((p.x + p.y) * 0.7071, 0.8) * step(length(p), r));
  o_colour *= v_strength;
  if (u_app6 && (marks & 2u) != 0u) {
    float dash = step(0.45, fract(atan(p.y, p.x) * 10.0 / 6.2831853));
    o_colour = mix(o_colour, vec4(u_bright, 1.0), 0.7 * dash * stroke(length(p) - edge, 0.6));    // coasting: a dashed ring
  }
  if ((marks & 1u) != 0u) o_colour = mix(o_colour, vec4(u_bright, 1.0), stroke(u_app6 ? length(p) - edge - 1.5 : frame(v_style.x, p, r + 3.4), 0.7));   // protected: framed twice
  if (v_style.w > 1u) {
    float strength = v_style.w > 2u ? 0.45 + 0.55 * u_pulse : 0.9;
    o_colour = mix(o_colour, vec4(u_alerts[min(v_style.w, 3u)], 1.0), strength * stroke(length(p) - edge - (u_app6 ? 4.0 : 6.0), 0.9));
  }
  if (v_selected == 1) {
    vec2 a = abs(p);
    float box = edge + 6.5;
    float bracket = stroke(max(a.x, a.y) - box, 0.8) * step(box - 5.0, min(a.x, a.y));
    o_colour = mix(o_colour, vec4(u_bright, 1.0), bracket);
  }
}`;

// What there is no room to draw as symbols: points at their true places; unknown and protected flights among them as small frames.
export const POINT_VERTEX = `${PLACE}
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_velocity;
layout(location = 2) in uvec4 a_style;
layout(location = 3) in uint a_symbol;   // it is drawn as a symbol
uniform float u_pixel;
flat out uvec4 v_style;
flat out float v_radius;
void main() {
  v_style = a_style;
  bool frame = a_style.x == 1u || (a_style.z & 1u) != 0u;
  v_radius = (a_style.z & 16u) != 0u ? 1.2 : frame ? 3.0 : 1.6;
  gl_PointSize = 2.0 * (v_radius + 0.5) / u_pixel;
  gl_Position = a_symbol != 0u ? vec4(2.0, 2.0, 0.0, 1.0) : clip(place(a_place + a_velocity * u_time));
}`;

export const POINT_FRAGMENT = `#version 300 es
precision highp float;
flat in uvec4 v_style;
flat in float v_radius;
uniform vec3 u_colours[6];
uniform vec3 u_bright;
uniform vec3 u_halo;
uniform float u_pixel;
out vec4 o_colour;
${FRAME}
void main() {
  vec2 p = (gl_PointCoord * 2.0 - 1.0) * (v_radius + 0.5);
  bool small = v_radius < 2.0;
  float d = small ? length(p) - v_radius : frame(v_style.x, p, v_radius - 0.3);
  float cover = (1.0 - smoothstep(-0.5 * u_pixel, 0.5 * u_pixel, d)) * ((v_style.z & 18u) != 0u ? 0.5 : 0.9);   // coasting or tentative: pale
  vec3 colour = u_colours[min(v_style.x, 5u)];
  float white = (v_style.z & 1u) != 0u ? 1.0 : 0.0;                                                             // protected: a bright edge
  o_colour = vec4(small || d > -1.1 ? mix(colour, u_bright, white) : mix(u_halo, colour, 0.4), 1.0) * cover;
}`;

export const VECTOR_VERTEX = `${PLACE}
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_velocity;
layout(location = 2) in uvec4 a_style;
uniform float u_ahead;   // seconds
uniform float u_radius;
uniform float u_pixel;
out float v_across;
out float v_fade;
void main() {
  vec2 a = place(a_place + a_velocity * u_time);
  vec2 b = place(a_place + a_velocity * (u_time + u_ahead));
  vec2 along = b - a;
  float reach = length(along);
  vec2 unit = reach > 0.0 ? along / reach : vec2(0.0);
  bool shown = reach > u_radius + 1.0 && (a_style.z & 16u) == 0u;
  a += unit * (u_radius + 0.5);
  vec2 end = (gl_VertexID & 1) == 0 ? a : b;
  v_across = ((gl_VertexID >> 1) == 0 ? -1.0 : 1.0) * (0.6 + u_pixel);
  v_fade = (a_style.z & 2u) != 0u ? 0.35 : 0.8;
  gl_Position = shown ? clip(end + vec2(-unit.y, unit.x) * v_across) : vec4(2.0, 2.0, 0.0, 1.0);
}`;

export const VECTOR_FRAGMENT = `#version 300 es
precision highp float;
in float v_across;
in float v_fade;
uniform float u_pixel;
uniform vec3 u_bright;
out vec4 o_colour;
void main() {
  o_colour = vec4(u_bright, 1.0) * (v_fade * (1.0 - smoothstep(0.6 - 0.5 * u_pixel, 0.6 + 0.5 * u_pixel, abs(v_across))));
}`;

export const DOT_VERTEX = `${PLACE}
layout(location = 0) in vec2 a_place;
layout(location = 1) in float a_strength;
uniform float u_pixel;
out float v_strength;
void main() {
  v_strength = a_strength;
  gl_Position = clip(place(a_place));
  gl_PointSize = 3.0 / u_pixel;
}`;

export const DOT_FRAGMENT = `#version 300 es
precision highp float;
in float v_strength;
uniform vec3 u_history;
out vec4 o_colour;
void main() {
  float inside = 1.0 - smoothstep(0.35, 0.5, length(gl_PointCoord - 0.5));
  o_colour = vec4(u_history, 1.0) * (inside * v_strength);
}`;

// Labels stand on whole device pixels, whatever their tracks do: else letters would swim.
const ANCHOR = `vec2 anchor(vec2 at, vec2 velocity) { return floor(place(at + velocity * u_time) / u_pixel + 0.5); }`;

export const GLYPH_VERTEX = `${PLACE}
uniform float u_pixel;
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_velocity;
layout(location = 2) in vec2 a_from;     // from the anchor, device px
layout(location = 3) in uvec4 a_box;     // on the texture: x, y, width, height
layout(location = 4) in uvec4 a_colour;
flat out vec4 v_colour;
out vec2 v_at;
${ANCHOR}
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * vec2(a_box.zw);
  v_at = vec2(a_box.xy) + corner;
  v_colour = vec4(a_colour) / 255.0;
  gl_Position = clip((anchor(a_place, a_velocity) + a_from + corner) * u_pixel);
}`;

export const GLYPH_FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 v_colour;
in vec2 v_at;
uniform sampler2D u_letters;
uniform bool u_halo;
uniform vec3 u_around;
out vec4 o_colour;
void main() {
  vec4 ink = texelFetch(u_letters, ivec2(v_at), 0);
  o_colour = (u_halo ? vec4(u_around, 1.0) * (0.85 * ink.r) : vec4(v_colour.rgb, 1.0) * ink.g) * v_colour.a;
}`;

export const LEADER_VERTEX = `${PLACE}
uniform float u_pixel;
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec2 a_velocity;
layout(location = 2) in vec4 a_ends;     // from the anchor, CSS px
out float v_across;
${ANCHOR}
void main() {
  vec2 along = normalize(a_ends.zw - a_ends.xy);
  v_across = ((gl_VertexID >> 1) == 0 ? -1.0 : 1.0) * (0.5 + u_pixel);
  vec2 end = (gl_VertexID & 1) == 0 ? a_ends.xy : a_ends.zw;
  gl_Position = clip(anchor(a_place, a_velocity) * u_pixel + end + vec2(-along.y, along.x) * v_across);
}`;

export const LEADER_FRAGMENT = `#version 300 es
precision highp float;
in float v_across;
uniform float u_pixel;
uniform vec3 u_colour;
out vec4 o_colour;
void main() {
  o_colour = vec4(u_colour, 1.0) * (0.55 * (1.0 - smoothstep(0.5 - 0.5 * u_pixel, 0.5 + 0.5 * u_pixel, abs(v_across))));
}`;
