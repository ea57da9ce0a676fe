// Zooming and moving through time.

const CLOSEST = 40; // zoom

// Panels that share one scale of time, one zoom and one place in it.
class View {
  constructor(charts, page) {
    this.scale = new Scale(charts);
    this.zoom = 1;
    this.isFitted = true;
    const [lanes, ...others] = charts.map((chart) => chart.lanes.map((lane) => lane.label).join("\n"));
    this.hasSameLanes = others.every((other) => other === lanes);
    this.panels = charts.map((chart) => new Panel(chart, this, page));
    this.panels.forEach((panel) => this.wire(panel));
  }

  get fitting() {
    const { viewport, after } = this.panels[0];
    return Math.min(9, Math.max(1e-6, (viewport - BEFORE - after) / this.scale.width));
  }

  fit() {
    this.isFitted = true;
    this.zoom = this.fitting;
    this.panels.forEach((panel) => panel.arrange());
    this.scrollTo(0);
  }

  // A short run on a small screen is rather scrolled than squeezed.
  begin() {
    this.fit();
    if (this.zoom < 1 && this.scale.width < 4 * this.panels[0].viewport) this.zoomBy(1 / this.zoom, 0);
  }

  // Where zooming should change nothing: at the selected event, or in the middle.
  get anchor() {
    const { stage, page, viewport } = this.panels[0];
    const panel = this.panels.find((item) => item.chart.place === page.selected?.chart);
    const x = panel ? panel.markX(page.selected) - stage.scrollLeft : -1;
    return x >= 0 && x <= viewport ? x : viewport / 2;
  }

  // Zooms, and keeps what is `anchor` pixels from the left of the drawing where it is.
  zoomBy(factor, anchor = this.anchor) {
    const { stage } = this.panels[0];
    const u = (stage.scrollLeft + anchor - BEFORE) / this.zoom;
    const closest = Math.min(CLOSEST, WIDEST / this.scale.width);
    const zoom = Math.min(closest, Math.max(this.fitting, this.zoom * factor));
    this.isFitted = zoom === this.fitting;
    this.zoom = zoom;
    this.panels.forEach((panel) => panel.arrange());
    this.scrollTo(BEFORE + u * this.zoom - anchor);
  }

  scrollTo(left, top = null) {
    for (const panel of this.panels) {
      if (top !== null && this.hasSameLanes && panel.stage.scrollTop !== top) panel.stage.scrollTop = top;
      if (Math.abs(panel.stage.scrollLeft - left) > 0.5) panel.stage.scrollLeft = left;
      panel.draw();
    }
  }

  wire(panel) {
    const { stage, corner } = panel;
    const buttons = [["−", "Zoom out", () => this.zoomBy(1 / 1.5)], ["+", "Zoom in", () => this.zoomBy(1.5)],
      ["Fit", "Fit the whole run into the window", () => this.fit()]];
    for (const [text, label, act] of buttons) {
      const button = html("button", { type: "button", class: "quiet", "aria-label": label, title: label }, text);
      button.addEventListener("click", act);
      corner.append(button);
    }
    stage.addEventListener("scroll", () => this.scrollTo(stage.scrollLeft, stage.scrollTop));
    stage.addEventListener("wheel", (event) => this.wheel(panel, event), { passive: false });
    wireDrag(panel);
  }

  wheel(panel, event) {
    const { stage } = panel;
    if (event.ctrlKey || event.metaKey) {
      const anchor = event.clientX - stage.getBoundingClientRect().left - panel.labelWidth;
      this.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), Math.max(0, anchor));
    } else if (!event.shiftKey && !event.deltaX && stage.scrollHeight <= stage.clientHeight + 1
      && stage.scrollWidth > stage.clientWidth) {
      stage.scrollLeft += event.deltaY; // all lanes are in sight, so the wheel moves through time
    } else {
      return;
    }
    event.preventDefault();
  }
}

function wireDrag(panel) {
  const { stage, page } = panel;
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("button, .lane")) return;
    from = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop, moved: false };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!from) {
      page.hint(panel, event);
      return;
    }
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(x, y) < 4) return;
    if (!from.moved) stage.setPointerCapture(event.pointerId);
    from.moved = true;
    stage.classList.add("dragged");
    stage.scrollLeft = from.left - x;
    stage.scrollTop = from.top - y;
  });
  const end = () => {
    stage.classList.remove("dragged");
    // The click that ends a drag comes right after, and selects nothing.
    setTimeout(() => { from = null; });
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => page.hint(panel, null));
  stage.addEventListener("click", (event) => {
    const found = from?.moved ? null : panel.markAt(event);
    if (found) page.select(found.mark);
  });
  stage.addEventListener("dblclick", (event) => {
    const found = panel.markAt(event);
    if (found?.count > 1) panel.view.zoomBy(4, found.x - stage.scrollLeft);
  });
}

// The line between drawing and list can be moved, by hand and by key.
function wireSplit(split, above, moved) {
  const set = (height) => {
    above.style.maxHeight = "none";
    above.style.height = Math.max(120, Math.min(window.innerHeight - 220, height)) + "px";
    moved();
  };
  split.addEventListener("pointerdown", (event) => split.setPointerCapture(event.pointerId));
  split.addEventListener("pointermove", (event) => {
    if (split.hasPointerCapture(event.pointerId)) set(event.clientY - above.getBoundingClientRect().top);
  });
  split.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -24, ArrowDown: 24 }[event.key];
    if (step) set(above.offsetHeight + step);
  });
}
