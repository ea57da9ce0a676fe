// One run as a picture. Only what is near the visible part is drawn, so that size does not matter.

const ROW = 50;
const MIDDLE = 25;
const WORDS = 20; // below the middle
const FEWEST = 9; // characters of a text that is cut, for less says nothing
const BAR = 14;
const TORN = "l-5 3.25 5 3.25-5 3.25 5 3.25"; // the end of a bar that had not ended
const BEFORE = 22;
const CLOSE = 40; // of labels on the axis
const APART = 15; // marks nearer than this are drawn as one
const WIDEST = 12_000_000; // of what browsers can scroll
const LOUDEST = ["bad", "finding", "good", "event", "start", "time", "work", "note"];

class Panel {
  constructor(chart, view, page) {
    Object.assign(this, { chart, view, page, clusters: new Map(), rows: chart.lanes });
    this.drawn = null; // which part of the canvas the drawing covers
    this.build();
    for (const bar of chart.bars) {
      bar.left = view.scale.edge(bar.lane, bar.start, bar.kind === "runs");
      bar.right = view.scale.edge(bar.lane, bar.end, bar.kind !== "runs");
    }
  }

  build() {
    const layers = ["rows", "grid", "bars", "breaks", "lines", "arrows", "words", "counts", "marks", "chosen"];
    this.layers = Object.fromEntries(layers.map((name) => [name, svg("g", { class: name })]));
    this.drawing = svg("svg", { class: "drawing", "aria-hidden": "true" }, ...Object.values(this.layers));
    this.ticks = svg("svg", { class: "ticks", "aria-hidden": "true" });
    this.corner = html("div", { class: "corner" });
    this.axis = html("div", { class: "axis" }, this.ticks);
    this.labels = html("div", { class: "labels" });
    this.canvas = html("div", { class: "canvas" }, this.drawing);
    this.stage = html("div", {
      class: "stage",
      tabindex: "0",
      role: "application",
      "aria-label": `Lanes of ${this.chart.title}. Arrow keys move from event to event, Enter shows the payload.`,
    }, html("div", { class: "plot" }, this.corner, this.axis, this.labels, this.canvas));
    this.element = html("section", { class: "panel", "aria-label": this.chart.title }, this.stage);
  }

  get labelWidth() {
    return this.corner.offsetWidth;
  }

  get viewport() {
    return Math.max(100, this.stage.clientWidth - this.labelWidth);
  }

  // Room for the words at the last mark.
  get after() {
    return Math.min(150, this.viewport / 4);
  }

  x(u) {
    return BEFORE + u * this.view.zoom;
  }

  markX(mark) {
    return this.x(this.view.scale.of(mark));
  }

  // After a change of zoom, filter or size: what is where.
  arrange() {
    const { page, view } = this;
    this.rows = this.chart.lanes.filter((lane) => page.showsLane(lane));
    for (const lane of this.chart.lanes) lane.row = -1;
    this.rows.forEach((lane, row) => { lane.row = row; });
    this.clusters = new Map(this.rows.map((lane) => [lane, this.clustersOf(lane)]));
    this.width = Math.max(this.viewport, BEFORE + view.scale.width * view.zoom + this.after);
    this.canvas.style.width = this.axis.style.width = `${this.width}px`;
    this.canvas.style.height = this.labels.style.height = `${Math.max(1, this.rows.length) * ROW}px`;
    this.timeLabels = this.chooseTicks();
    this.drawn = null;
    this.draw();
  }

  clustersOf(lane) {
    const found = [];
    let last = null;
    for (const mark of lane.marks) {
      if (!this.page.shows(mark)) continue;
      const x = this.markX(mark);
      if (last && x - last.x < APART) {
        last.count += 1;
        if (LOUDEST.indexOf(mark.kind) < LOUDEST.indexOf(last.mark.kind)) last.mark = mark;
      } else {
        last = { x, mark, count: 1 };
        found.push(last);
      }
    }
    return found;
  }

  // As many labels as there is room for; of instants close together, the one said shortest.
  chooseTicks() {
    const { instants } = this.view.scale;
    const found = [];
    let free = 0;
    instants.forEach((instant, index) => {
      const start = this.x(instant.x);
      if (start < free) return;
      let best = { x: start, text: stamp(instant.at) };
      for (let next = index + 1; found.length && next < instants.length; next += 1) {
        const x = this.x(instants[next].x);
        if (x > start + CLOSE) break;
        const text = stamp(instants[next].at);
        if (text.length < best.text.length) best = { x, text };
      }
      found.push(best);
      free = best.x + best.text.length * 7 + 16;
    });
    return found;
  }

  // Draws the visible part and some around it, unless that is there already.
  draw() {
    const { stage } = this;
    const left = stage.scrollLeft;
    const top = stage.scrollTop;
    const right = left + this.viewport;
    const bottom = top + stage.clientHeight;
    const old = this.drawn;
    if (old && left >= old.left && right <= old.right && top >= old.top && bottom <= old.bottom) return;
    const [wide, high] = [this.viewport * 0.6, stage.clientHeight * 0.6];
    const part = {
      left: Math.max(0, left - wide),
      right: right + wide,
      top: Math.max(0, top - high),
      bottom: bottom + high,
    };
    part.right = Math.min(part.right, this.width);
    part.bottom = Math.min(part.bottom, Math.max(1, this.rows.length) * ROW);
    this.drawn = { ...part };
    if (part.right < right) this.drawn.right = Infinity;
    if (part.bottom < bottom) this.drawn.bottom = Infinity;
    this.visible = this.rows.slice(Math.floor(part.top / ROW), Math.ceil(part.bottom / ROW));
    for (const element of [this.drawing, this.ticks]) {
      element.style.left = part.left + "px";
      element.setAttribute("width", Math.max(1, part.right - part.left));
    }
    this.drawing.style.top = part.top + "px";
    this.drawing.setAttribute("height", Math.max(1, part.bottom - part.top));
    this.part = part;
    this.drawLabels();
    this.drawGrid();
    this.drawBars();
    this.drawArrows();
    this.drawMarks();
    this.drawChosen();
  }

  rowY(lane) {
    return lane.row * ROW - this.part.top;
  }

  drawLabels() {
    this.labels.replaceChildren(...this.visible.map((lane) => {
      const [kind, text] = lane.standing ?? ["", ""];
      const about = html("span", { class: "lane-about" }, visibleText(aboutLane(lane)));
      if (text) about.append(html("span", { class: "standing " + kind }, text));
      const label = html("div", { class: "lane", title: visibleText(lane.key || lane.label) },
        html("span", { class: "lane-name" }, html("bdi", {}, visibleText(lane.label))), about);
      label.style.top = lane.row * ROW + "px";
      label.style.paddingLeft = 12 + Math.min(lane.depth, 5) * 12 + "px";
      return label;
    }));
  }

  drawGrid() {
    const { left, right } = this.part;
    const height = this.part.bottom - this.part.top;
    const shown = this.timeLabels.filter((tick) => tick.x > left - 90 && tick.x < right);
    const lines = shown.map((tick) => `M${Math.round(tick.x - left) + 0.5} 0V${height}`).join("");
    const rows = this.visible.map((lane) => `M0 ${this.rowY(lane) + ROW - 0.5}H${right - left}`).join("");
    fill(this.layers.rows, "path", [rows], (path, d) => path.setAttribute("d", d));
    fill(this.layers.grid, "path", [lines], (path, d) => path.setAttribute("d", d));
    const breaks = this.breaks();
    fill(this.layers.breaks, "path", breaks, (path, gap) => path.setAttribute("d", zigzag(gap.x - left, height)));
    const ticks = [...shown.map((tick) => ({ ...tick, y: 15, class: "tick" })),
      ...breaks.filter((gap) => gap.text).map((gap) => ({ ...gap, y: 31, class: "gap" }))];
    fill(this.ticks, "text", ticks, (text, tick) => {
      filled(text, { x: Math.round(tick.x - left), y: tick.y, class: tick.class }, []);
      text.textContent = tick.text;
    });
  }

  breaks() {
    const { scale, zoom } = this.view;
    const found = [];
    const first = lowerBound(scale.instants, (instant) => this.x(instant.right) > this.part.left - 200);
    for (let index = first; index + 1 < scale.instants.length; index += 1) {
      const here = scale.instants[index];
      if (this.x(here.right) > this.part.right) break;
      const room = (scale.instants[index + 1].x - here.right) * zoom;
      if (!here.folded || room < 22) continue;
      const text = duration(here.folded);
      const fits = text.length * 6.2 + 8 < room;
      found.push({ x: this.x(here.right) + room / 2, text: fits ? text : "" });
    }
    return found;
  }

  drawBars() {
    const { part, view } = this;
    const paths = { runs: "", waits: "", suspended: "" };
    const words = [];
    for (const lane of this.visible) {
      for (const bar of lane.bars) {
        const from = Math.max(this.x(bar.left), part.left - 30) - part.left;
        const to = Math.min(this.x(bar.right), part.right + 30) - part.left;
        if (to < 0 || from > part.right - part.left || bar.right * view.zoom - bar.left * view.zoom < 0.5) continue;
        const y = this.rowY(lane) + MIDDLE - BAR / 2 + 0.5;
        const width = Math.max(2, to - from);
        paths[bar.kind] += `M${from.toFixed(1)} ${y}h${width.toFixed(1)}${bar.isOpen ? TORN : `v${BAR - 1}`}h${-width.toFixed(1)}z`;
        const start = Math.max(from, this.stage.scrollLeft - part.left) + 8;
        const whole = visibleText(bar.label.slice(0, 200));
        const text = cut(whole, to - start - 10, 5.6);
        if (text === whole || text.length >= FEWEST) words.push({ x: start, y: y - 4, text, class: "bar-label" });
      }
    }
    fill(this.layers.bars, "path", Object.keys(paths), (path, kind) => {
      filled(path, { class: "bar " + kind, d: paths[kind] }, []);
    });
    this.barWords = words;
  }

  ends(arrow) {
    const { scale } = this.view;
    const to = this.x(arrow.to ? scale.of(arrow.to) : scale.edge(arrow.target, arrow.received, true));
    let from = this.x(arrow.from ? scale.of(arrow.from) : scale.edge(arrow.source, arrow.sent, false));
    if (arrow.sent === arrow.received && !arrow.from) from = to;
    return [from, Math.max(from, to)];
  }

  drawArrows() {
    const { part } = this;
    const lines = {};
    const heads = {};
    const seen = new Set();
    const low = part.top / ROW - 1;
    const high = part.bottom / ROW;
    for (const arrow of this.chart.arrows) {
      const { source, target, kind } = arrow;
      if (source.row < 0 || target.row < 0 || source === target) continue;
      if (Math.max(source.row, target.row) < low || Math.min(source.row, target.row) > high) continue;
      if ((arrow.to && !this.page.shows(arrow.to))) continue;
      const [from, to] = this.ends(arrow);
      if (to < part.left || from > part.right) continue;
      const key = [kind, source.row, target.row, Math.round(from / 2), Math.round(to / 2)].join();
      if (seen.has(key)) continue;
      seen.add(key);
      const shape = arrowShape(from - part.left, this.rowY(source) + MIDDLE, to - part.left, this.rowY(target) + MIDDLE);
      lines[kind] = (lines[kind] ?? "") + shape.line;
      heads[kind] = (heads[kind] ?? "") + shape.head;
    }
    const paths = Object.keys(lines).flatMap((kind) => [
      { class: "arrow " + kind, d: lines[kind] }, { class: "head " + kind, d: heads[kind] },
    ]);
    fill(this.layers.arrows, "path", paths, (path, attributes) => filled(path, attributes, []));
  }

  drawMarks() {
    const { left, right } = this.part;
    const marks = [];
    let counts = "";
    const words = this.barWords;
    for (const lane of this.visible) {
      const clusters = this.clusters.get(lane);
      const y = this.rowY(lane) + MIDDLE;
      const first = lowerBound(clusters, (cluster) => cluster.x > left - 20);
      for (let index = first; index < clusters.length && clusters[index].x < right; index += 1) {
        const { x, mark, count } = clusters[index];
        marks.push({ x: x - left, y, mark });
        if (count > 1) {
          // How many are drawn as one: the taller, the more.
          const tall = 2 + Math.min(8, Math.log2(count));
          counts += `M${(x - left - 5).toFixed(1)} ${y + 11}h10v${tall.toFixed(1)}h-10z`;
          continue;
        }
        const whole = visibleText(mark.text.slice(0, 200));
        const text = cut(whole, Math.min(260, (clusters[index + 1]?.x ?? Infinity) - x - 12));
        if (text === whole || text.length >= FEWEST) words.push({ x: x - left - 6, y: y + WORDS, text, class: "mark-label " + mark.kind });
      }
    }
    fill(this.layers.marks, "path", marks, (path, { x, y, mark }) => {
      filled(path, {
        d: GLYPHS[mark.kind], class: "mark " + mark.kind, "data-number": mark.number,
        transform: `translate(${x.toFixed(1)} ${y})`,
      }, []);
    });
    fill(this.layers.counts, "path", [counts], (path, d) => path.setAttribute("d", d));
    fill(this.layers.words, "text", words, (element, item) => {
      filled(element, { x: item.x.toFixed(1), y: item.y, class: item.class }, []);
      element.textContent = item.text;
    });
  }

  // The selected mark with what led to it and what it led to, and where the runs part.
  drawChosen() {
    const { chosen: layer, lines } = this.layers;
    const height = this.part.bottom - this.part.top;
    layer.replaceChildren();
    lines.replaceChildren();
    this.ticks.querySelectorAll(".parting-text").forEach((old) => old.remove());
    const difference = this.page.differing(this.chart);
    if (difference && difference.lane.row >= 0) {
      const x = this.markX(difference) - this.part.left;
      const y = this.rowY(difference.lane) + MIDDLE;
      lines.append(svg("path", { class: "parting", d: `M${x} 0V${y - 13}` }));
      layer.append(svg("circle", { class: "parting", cx: x, cy: y, r: 13 }));
      this.ticks.append(svg("text", { class: "parting-text", x: x - 5, y: 31 }, "first difference"));
    }
    const mark = this.page.selected;
    if (!mark || mark.chart !== this.chart.place || mark.lane.row < 0) return;
    const x = this.markX(mark) - this.part.left;
    const y = this.rowY(mark.lane) + MIDDLE;
    lines.append(svg("path", { class: "hair", d: `M${x} 0V${y - 12}M${x} ${y + 12}V${height}` }));
    for (const arrow of mark.arrows) {
      if (arrow.source.row < 0 || arrow.target.row < 0 || arrow.source === arrow.target) continue;
      const [from, to] = this.ends(arrow).map((at) => at - this.part.left);
      const shape = arrowShape(from, this.rowY(arrow.source) + MIDDLE, to, this.rowY(arrow.target) + MIDDLE);
      layer.append(svg("path", { class: `arrow strong ${arrow.kind}`, d: shape.line }),
        svg("path", { class: `head strong ${arrow.kind}`, d: shape.head }));
    }
    layer.append(svg("circle", { class: "ring", cx: x, cy: y, r: 11 }),
      svg("path", { class: "mark " + mark.kind, d: GLYPHS[mark.kind], transform: `translate(${x} ${y})` }));
  }

  // The event at a place on the screen, or the nearest one within reach.
  markAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const lane = this.rows[Math.floor((event.clientY - box.top) / ROW)];
    const x = event.clientX - box.left;
    if (!lane || event.clientX < this.stage.getBoundingClientRect().left + this.labelWidth) return null;
    const clusters = this.clusters.get(lane);
    const next = lowerBound(clusters, (cluster) => cluster.x >= x);
    const near = [clusters[next - 1], clusters[next]].filter((cluster) => cluster && Math.abs(cluster.x - x) < 12);
    near.sort((one, other) => Math.abs(one.x - x) - Math.abs(other.x - x));
    return near[0] ?? null;
  }

  reveal(mark) {
    const { stage } = this;
    const x = this.markX(mark);
    const y = mark.lane.row * ROW;
    if (x < stage.scrollLeft + 30 || x > stage.scrollLeft + this.viewport - 60) {
      stage.scrollLeft = x - this.viewport / 2;
    }
    const height = stage.clientHeight - this.axis.offsetHeight;
    if (y < stage.scrollTop || y + ROW > stage.scrollTop + height) stage.scrollTop = y - height / 2;
  }
}

function aboutLane({ kind, name, label }) {
  if (kind === "client") return "outside";
  if (!name || name === label) return kind;
  return kind === "orchestration" ? name : `${kind} ${name}`;
}
