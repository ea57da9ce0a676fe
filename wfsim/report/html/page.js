// The page: what is selected and filtered, and how hands reach it.

const KINDS = {
  start: "starts", work: "work", time: "timers", event: "events",
  good: "good ends", bad: "failures", note: "notes", finding: "findings",
};
const byId = (id) => document.getElementById(id);

class Page {
  constructor(data) {
    this.charts = data.charts.map(readChart);
    const parts = data.difference?.marks ?? [];
    this.partings = this.charts.map((chart) => chart.marks[parts[chart.place] ?? -1] ?? null);
    this.selected = null;
    this.active = this.charts[0];
    this.filter = { text: "", kinds: new Set(), laneKinds: new Set() }; // kinds that are hidden
    this.haystacks = new Map();
    this.tip = html("div", { class: "tip", hidden: "" });
    const groups = this.charts.length === 2 ? [this.charts] : this.charts.map((chart) => [chart]);
    this.views = groups.map((charts) => new View(charts, this));
    this.panels = this.views.flatMap((view) => view.panels);
    this.list = new List(byId("list"), this);
    this.details = new Details(byId("details"), this);
  }

  start() {
    document.body.append(this.tip);
    byId("panels").append(...this.panels.map((panel) => panel.element));
    if (this.charts.length > 1) this.makeTabs();
    this.makeToggles(byId("kinds"), this.filter.kinds, Object.keys(KINDS), (mark) => mark.kind, KINDS);
    this.makeToggles(byId("lane-kinds"), this.filter.laneKinds, [], (mark) => mark.lane.kind, {});
    this.wire();
    this.details.show(null);
    this.apply();
    this.views.forEach((view) => view.begin());
  }

  get shown() {
    return this.active.marks.filter((mark) => this.shows(mark));
  }

  shows(mark) {
    const { text, kinds, laneKinds } = this.filter;
    if (kinds.has(mark.kind) || laneKinds.has(mark.lane.kind)) return false;
    return !text || this.haystack(mark).includes(text);
  }

  // Lanes without a match give room to those with one.
  showsLane(lane) {
    if (this.filter.laneKinds.has(lane.kind)) return false;
    return !this.filter.text || lane.marks.some((mark) => this.shows(mark));
  }

  haystack(mark) {
    if (!this.haystacks.has(mark)) {
      const { label, key, name } = mark.lane;
      this.haystacks.set(mark, [label, key, name, mark.text, ...mark.payload.flat()].join("\n").toLowerCase());
    }
    return this.haystacks.get(mark);
  }

  differing(chart) {
    return this.partings[chart.place];
  }

  apply() {
    this.panels.forEach((panel) => panel.arrange());
    this.list.show(this.shown);
    const count = (chart) => chart.marks.filter((mark) => this.shows(mark)).length;
    const all = this.charts.reduce((sum, chart) => sum + chart.marks.length, 0);
    const some = this.charts.reduce((sum, chart) => sum + count(chart), 0);
    byId("count").textContent = some === all ? `${all} events` : `${some} of ${all} events`;
  }

  select(mark, { quietly = false } = {}) {
    if (!mark) return;
    this.selected = mark;
    this.tip.hidden = true;
    this.activate(this.charts[mark.chart]);
    const panel = this.panels[mark.chart];
    if (mark.lane.row >= 0) panel.reveal(mark);
    for (const other of this.panels) {
      other.draw();
      other.drawChosen();
    }
    this.list.reveal(mark);
    this.details.show(mark);
    if (!quietly) byId("said").textContent = `${stamp(mark.at)}, ${mark.lane.label}: ${mark.text}`;
  }

  activate(chart) {
    if (this.active === chart) return;
    this.active = chart;
    this.list.show(this.shown);
    document.querySelectorAll("#tabs button").forEach((tab, place) => {
      tab.setAttribute("aria-pressed", String(place === chart.place));
    });
  }

  // Moves the selection by so many events of those that are shown.
  step(count) {
    const { marks } = this.list;
    if (!marks.length) return;
    const here = this.selected?.chart === this.active.place
      ? lowerBound(marks, (mark) => mark.number >= this.selected.number)
      : count > 0 ? -1 : 0;
    // A selected event that the filter hides is between two others.
    const from = marks[here] === this.selected || here < 0 || count < 0 ? here : here - 1;
    this.select(marks[Math.min(marks.length - 1, Math.max(0, from + count))]);
  }

  // Moves to the lane above or below, to what happened there at about the same time.
  stepLane(panel, count) {
    const rows = panel.rows.filter((lane) => panel.clusters.get(lane)?.length);
    if (!rows.length) return;
    const from = this.selected?.chart === panel.chart.place ? rows.indexOf(this.selected.lane) : -1;
    const lane = rows[Math.min(rows.length - 1, Math.max(0, from + count))];
    const marks = lane.marks.filter((mark) => this.shows(mark));
    const next = lowerBound(marks, (mark) => mark.at >= (this.selected?.at ?? 0));
    this.select(marks[next] ?? marks.at(-1));
  }

  toDetails() {
    if (this.selected) byId("details").focus();
  }

  hint(panel, event) {
    const found = event && panel.markAt(event);
    panel.stage.classList.toggle("aims", Boolean(found));
    this.tip.hidden = !found;
    if (!found) return;
    const more = found.count > 1 ? ` and ${found.count - 1} more here` : "";
    this.tip.textContent = `${stamp(found.mark.at)}  ${visibleText(found.mark.text.slice(0, 200))}${more}`;
    const width = this.tip.offsetWidth;
    this.tip.style.left = Math.min(event.clientX + 12, window.innerWidth - width - 8) + "px";
    this.tip.style.top = event.clientY + 18 + "px";
  }

  makeTabs() {
    byId("tabs").append(...this.charts.map((chart) => {
      const letter = String.fromCharCode(65 + (chart.place % 26));
      const tab = html("button", { type: "button", class: "tab", "aria-pressed": String(chart === this.active) },
        html("span", { class: "letter" }, letter), html("bdi", {}, visibleText(chart.title)));
      tab.addEventListener("click", () => this.activate(chart));
      this.panels[chart.place].corner.prepend(html("span", { class: "letter", title: chart.title }, letter));
      return tab;
    }));
  }

  makeToggles(element, hidden, order, of, names) {
    const counts = new Map(order.map((kind) => [kind, 0]));
    for (const chart of this.charts) {
      for (const mark of chart.marks) counts.set(of(mark), (counts.get(of(mark)) ?? 0) + 1);
    }
    const present = [...counts].filter(([, count]) => count);
    if (present.length < 2) return;
    for (const [kind, count] of present) {
      const toggle = html("button", { type: "button", class: "toggle", "aria-pressed": "true", "data-kind": kind });
      if (kind in GLYPHS) toggle.append(glyph(kind));
      toggle.append(names[kind] ?? kind, html("span", { class: "soft" }, ` ${count}`));
      toggle.addEventListener("click", () => {
        if (!hidden.delete(kind)) hidden.add(kind);
        toggle.setAttribute("aria-pressed", String(!hidden.has(kind)));
        this.apply();
      });
      element.append(toggle);
    }
  }

  wire() {
    byId("filter").addEventListener("input", (event) => {
      this.filter.text = event.target.value.trim().toLowerCase();
      this.apply();
    });
    byId("theme").addEventListener("click", () => {
      const root = document.documentElement;
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
    });
    byId("to-difference")?.addEventListener("click", () => this.select(this.partings[0] ?? this.partings[1]));
    document.querySelectorAll(".finding-chip").forEach((chip) => {
      chip.addEventListener("click", () => this.select(this.charts[chip.dataset.chart].marks[chip.dataset.number]));
    });
    for (const panel of this.panels) panel.stage.addEventListener("keydown", (event) => this.stageKey(panel, event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.target.closest("input")) {
        event.preventDefault();
        byId("filter").focus();
      }
    });
    wireSplit(byId("split"), byId("panels"), () => this.panels.forEach((panel) => panel.draw()));
    new ResizeObserver(() => this.resize()).observe(byId("panels"));
  }

  resize() {
    for (const view of this.views) {
      if (view.isFitted || view.zoom < view.fitting) view.fit();
      else view.panels.forEach((panel) => panel.arrange());
    }
    this.list.draw(true);
  }

  stageKey(panel, event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== panel.stage) return;
    const acts = {
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1),
      ArrowDown: () => this.stepLane(panel, 1), ArrowUp: () => this.stepLane(panel, -1),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      "+": () => panel.view.zoomBy(1.5), "=": () => panel.view.zoomBy(1.5),
      "-": () => panel.view.zoomBy(1 / 1.5), 0: () => panel.view.fit(),
      Enter: () => this.toDetails(),
    };
    if (!(event.key in acts)) return;
    event.preventDefault();
    this.activate(panel.chart);
    acts[event.key]();
  }
}

new Page(JSON.parse(byId("data").textContent)).start();
