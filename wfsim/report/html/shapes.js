// Elements, signs and lines: what the drawing and the list are made of.

const GLYPHS = {
  start: "M-5-6.5 7 0-5 6.5Z",
  work: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
  time: "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0ZM0-3.5V0.4H3",
  event: "M-7-5H7V5H-7ZM-7-5 0 1 7-5",
  good: "M-5.5-5.5H5.5V5.5H-5.5Z",
  bad: "M-6-3.5-3.5-6 0-2.5 3.5-6 6-3.5 2.5 0 6 3.5 3.5 6 0 2.5-3.5 6-6 3.5-2.5 0Z",
  note: "M-6.7 0a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0-3.4 0ZM-1.7 0a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0-3.4 0Z"
    + "M3.3 0a1.7 1.7 0 1 0 3.4 0a1.7 1.7 0 1 0-3.4 0Z",
  finding: "M0-7 7.5 6.5H-7.5ZM-1-2.6-.6 2H.6L1-2.6ZM-.9 3.1V4.9H.9V3.1Z",
};

function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function glyph(kind) {
  const path = svg("path", { d: GLYPHS[kind], class: "mark " + kind });
  return svg("svg", { viewBox: "-9 -9 18 18", class: "glyph", "aria-hidden": "true" }, path);
}

// Payloads are somebody else's: what hides or reorders text is shown as an escape.
const STEERING = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

function visibleText(text) {
  return text.replace(STEERING, (character) => "\\u" + character.codePointAt(0).toString(16).padStart(4, "0"));
}

// As many characters as fit; wide ones count twice.
function cut(text, width, each = 6) {
  let room = Math.floor(width / each);
  if (text.length * 2 <= room) return text;
  let index = 0;
  for (const character of text) {
    room -= character.codePointAt(0) > 0x2e80 ? 2 : 1;
    if (room < 0) return room + index > 0 ? text.slice(0, Math.max(1, index - 1)) + "…" : "";
    index += character.length;
  }
  return text;
}

// Gives a group one child per item, and makes new elements only where there are more than before.
function fill(group, tag, items, update) {
  while (group.childElementCount > items.length) group.lastChild.remove();
  while (group.childElementCount < items.length) group.append(svg(tag));
  let child = group.firstChild;
  for (const item of items) {
    update(child, item);
    child = child.nextSibling;
  }
}

// A torn strip across all lanes: time was left out here.
function zigzag(x, height) {
  const left = [];
  for (let y = -4; y <= height + 8; y += 8) left.push([x - 5 + ((y + 4) / 8 % 2) * 4, y]);
  const right = left.map(([at, y]) => [at + 6, y]).reverse();
  return "M" + [...left, ...right].map((point) => point.join(" ")).join("L") + "Z";
}

function arrowShape(x1, y1, x2, y2) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [sx, sy] = [x1 + dx * 9, y1 + dy * 9];
  const [tx, ty] = [x2 - dx * 10, y2 - dy * 10];
  const corner = (side) => `${(tx - dx * 7 - dy * 3.4 * side).toFixed(1)} ${(ty - dy * 7 + dx * 3.4 * side).toFixed(1)}`;
  return {
    line: `M${sx.toFixed(1)} ${sy.toFixed(1)}L${(tx - dx * 4).toFixed(1)} ${(ty - dy * 4).toFixed(1)}`,
    head: `M${tx.toFixed(1)} ${ty.toFixed(1)}L${corner(1)}L${corner(-1)}Z`,
  };
}
