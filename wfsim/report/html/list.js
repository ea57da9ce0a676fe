// The events one below the other, and the payload of one of them.

const LINE = 28;
const LONG = 200_000;
const KEYS = [["← →", "event by event"], ["↑ ↓", "lane by lane"], ["Enter", "the payload"],
  ["/", "the filter"], ["+ − 0", "zoom, and back"], ["Ctrl+wheel", "zoom at the pointer"]];

// Only the lines in sight are elements, so that ten thousand scroll like ten.
class List {
  constructor(element, page) {
    Object.assign(this, { element, page, marks: [], first: -1 });
    this.space = html("div", { class: "space", role: "presentation" });
    this.nothing = html("p", { class: "nothing" });
    element.append(this.space, this.nothing);
    element.addEventListener("scroll", () => this.draw());
    element.addEventListener("click", (event) => {
      const line = event.target.closest(".line");
      if (line) page.select(this.marks[Number(line.dataset.place)]);
    });
    element.addEventListener("keydown", (event) => this.key(event));
  }

  show(marks) {
    this.marks = marks;
    this.space.style.height = marks.length * LINE + "px";
    this.nothing.hidden = marks.length > 0;
    this.nothing.textContent = this.page.active.marks.length ? "No event matches the filter." : "Nothing happened.";
    this.element.setAttribute("aria-rowcount", marks.length);
    this.draw(true);
  }

  draw(isNew = false) {
    const height = this.element.clientHeight || 600;
    const first = Math.max(0, Math.floor(this.element.scrollTop / LINE) - 10);
    if (!isNew && Math.abs(first - this.first) < 5) return;
    this.first = first;
    const marks = this.marks.slice(first, first + Math.ceil(height / LINE) + 20);
    this.space.replaceChildren(...marks.map((mark, index) => this.line(mark, first + index)));
    const chosen = this.space.querySelector("[aria-selected=true]");
    if (chosen) this.element.setAttribute("aria-activedescendant", chosen.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  line(mark, place) {
    const { page } = this;
    const before = this.marks[place - 1];
    const payload = mark.payload.slice(0, 3).flatMap(([name, value]) => [
      html("i", {}, visibleText(name.slice(0, 40))), html("bdi", {}, visibleText(value.slice(0, 300)))]);
    const cell = (name, ...children) => html("span", { class: name, role: "gridcell" }, ...children);
    const line = html("div", {
      class: "line", role: "row", id: "line-" + place, "data-place": place, "data-number": mark.number,
      "aria-rowindex": place + 1, "aria-selected": String(mark === page.selected),
    },
    cell(before?.at === mark.at ? "at again" : "at", stamp(mark.at)),
    cell("who", html("bdi", {}, visibleText(mark.lane.label))),
    cell("what " + mark.kind, glyph(mark.kind), html("bdi", {}, visibleText(mark.text.slice(0, 300)))),
    cell("with", ...payload));
    line.style.top = place * LINE + "px";
    if (mark === page.differing(page.charts[mark.chart])) line.classList.add("parts");
    return line;
  }

  reveal(mark) {
    const place = lowerBound(this.marks, (other) => other.number >= mark.number);
    const { element } = this;
    const top = place * LINE;
    if (top < element.scrollTop || top + LINE > element.scrollTop + element.clientHeight) {
      element.scrollTop = top - element.clientHeight / 2;
    }
    this.draw(true);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / LINE) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.page.step(steps[event.key]);
    else if (event.key === "Enter") this.page.toDetails();
    else return;
    event.preventDefault();
  }
}

// Shows what was recorded, as text and nothing else.
class Details {
  constructor(element, page) {
    Object.assign(this, { element, page });
  }

  show(mark) {
    this.element.scrollTop = 0;
    if (!mark) {
      const keys = KEYS.map(([key, does]) => html("li", {}, html("kbd", {}, key), " ", does));
      this.element.replaceChildren(html("p", { class: "hint" }, "Select an event to see what travelled with it."),
        html("ul", { class: "keys" }, ...keys));
      return;
    }
    const chart = this.page.charts[mark.chart];
    const title = html("h2", { class: mark.kind }, glyph(mark.kind), html("bdi", {}, visibleText(mark.text)));
    const facts = html("p", { class: "when" }, html("b", {}, stamp(mark.at)), " ",
      html("bdi", {}, visibleText(mark.lane.label)), html("span", { class: "soft" }, ` ${mark.lane.kind} `),
      html("time", { class: "soft" }, instantOf(chart, mark.at)));
    this.element.replaceChildren(title, facts, ...this.payloads(mark), ...this.other(mark));
  }

  payloads(mark) {
    if (!mark.payload.length) return [html("p", { class: "hint" }, "Nothing travelled with it.")];
    return mark.payload.flatMap(([name, value]) => [html("h3", {}, visibleText(name)), ...whole(value)]);
  }

  // Where two runs part, a reader wants both sides.
  other(mark) {
    const { page } = this;
    if (mark !== page.differing(page.charts[mark.chart])) return [];
    const other = page.differing(page.charts[1 - mark.chart]);
    const name = "In run " + "BA"[mark.chart];
    if (!other) return [html("h3", { class: "other" }, name), html("p", { class: "hint" }, "It has ended before.")];
    const link = html("button", { type: "button", class: "link" }, "Go there");
    link.addEventListener("click", () => page.select(other));
    return [html("h3", { class: "other" }, `${name}: `, html("bdi", {}, visibleText(other.text)), ` at ${stamp(other.at)} `, link),
      ...this.payloads(other)];
  }
}

function whole(value) {
  const text = visibleText(indented(value));
  const shown = html("pre", {}, text.slice(0, LONG));
  if (text.length <= LONG) return [shown];
  const more = html("button", { type: "button", class: "quiet" }, `Show all ${text.length} characters`);
  more.addEventListener("click", () => {
    shown.textContent = text;
    more.remove();
  });
  return [shown, more];
}

function instantOf(chart, at) {
  const instant = new Date(Date.parse(chart.start) + at / 1000);
  return Number.isNaN(instant.valueOf()) ? "" : instant.toISOString().replace(".000Z", "Z");
}

// JSON with line ends added. It is not parsed and written again: 1.0 and 2**64 have to stay.
function indented(text) {
  if (!isStructure(text)) return text;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  let depth = 0;
  const parts = tokens.map((token, index) => {
    const opens = token === "{" || token === "[";
    const closes = token === "}" || token === "]";
    const isEmpty = (opens && "]}".includes(tokens[index + 1])) || (closes && "[{".includes(tokens[index - 1]));
    if (opens) depth += 1;
    if (closes) depth -= 1;
    const line = "\n" + "  ".repeat(depth);
    if (isEmpty) return token;
    if (closes) return line + token;
    if (opens || token === ",") return token + line;
    return token === ":" ? ": " : token;
  });
  return parts.join("");
}

function isStructure(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
