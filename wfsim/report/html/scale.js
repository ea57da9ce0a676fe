// The charts as objects, and where an instant lies on the picture.
//
// A mark is [lane, at, kind, text, payload], a bar [lane, kind, start, end, label, is open], an
// arrow [kind, source, target, sent, received, label]; times are microseconds since the start.

const STEP = 18; // from one mark to the next at one instant, at zoom 1
const USUAL_GAP = 40;
const SHORTEST_GAP = 16;
const LONGEST_GAP = 72; // a longer one is folded
const LONGEST_FOLD = 150;
const UNITS = [["d", 86_400_000_000], ["h", 3_600_000_000], ["m", 60_000_000]];

function duration(us) {
  const parts = [];
  let rest = us;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count) parts.push(count + unit);
  }
  if (rest || !parts.length) {
    if (rest >= 1_000_000 || rest === 0) parts.push(rest / 1_000_000 + "s");
    else parts.push(rest >= 1_000 ? rest / 1_000 + "ms" : rest + "us");
  }
  return parts.join(" ");
}

const stamp = (us) => "T+" + duration(us);

function readChart(raw, place) {
  const lanes = raw.lanes.map((lane, index) => ({ ...lane, index, marks: [], bars: [], row: index }));
  const marks = raw.marks.map(([lane, at, kind, text, payload], number) => {
    const mark = { chart: place, number, lane: lanes[lane], at, kind, text, payload, column: 0, arrows: [] };
    lanes[lane].marks.push(mark);
    return mark;
  });
  const bars = raw.bars.map(([lane, kind, start, end, label, isOpen]) => {
    const bar = { lane: lanes[lane], kind, start, end, label, isOpen };
    lanes[lane].bars.push(bar);
    return bar;
  });
  const arrows = raw.arrows.map(([kind, source, target, sent, received, label]) => (
    { kind, source: lanes[source], target: lanes[target], sent, received, label, from: null, to: null }
  ));
  const chart = { place, title: raw.title, start: raw.start, end: raw.end, lanes, marks, bars, arrows };
  joinArrows(chart);
  arrangeColumns(chart);
  return chart;
}

// Arrows name lanes and times; which marks they join, kinds and order tell.
const LEADS_TO = { starts: ["start"], calls: ["event", "start"], signals: ["event"], event: ["event"] };

function joinArrows(chart) {
  const places = new Map(); // the marks of one lane at one instant
  const free = new Map(); // those of one kind that no arrow has reached
  for (const mark of chart.marks) {
    const place = mark.lane.index + "@" + mark.at;
    append(places, place, mark);
    append(free, place + mark.kind, mark);
  }
  for (const marks of free.values()) marks.reverse();
  const answered = new Set();
  for (const arrow of chart.arrows) {
    const sources = places.get(arrow.source.index + "@" + arrow.sent) ?? [];
    const place = arrow.target.index + "@" + arrow.received;
    if (arrow.kind === "answers") {
      arrow.from = sources.find((mark) => isAnswer(mark, arrow) && !answered.has(mark)) ?? sources.at(-1) ?? null;
      answered.add(arrow.from);
      const targets = places.get(place) ?? [];
      arrow.to = targets[lowerBound(targets, (mark) => mark.number > (arrow.from?.number ?? -1))] ?? null;
    } else {
      const queues = LEADS_TO[arrow.kind].map((kind) => free.get(place + kind)).filter((marks) => marks?.length);
      queues.sort((one, other) => one.at(-1).number - other.at(-1).number);
      arrow.to = queues[0]?.pop() ?? null;
      arrow.from = sources[lowerBound(sources, (mark) => arrow.to && mark.number >= arrow.to.number) - 1] ?? null;
    }
    for (const mark of [arrow.from, arrow.to]) mark?.arrows.push(arrow);
  }
}

function isAnswer(mark, arrow) {
  const isEnd = ["work", "good", "bad"].includes(mark.kind);
  return isEnd && (mark.text.startsWith(arrow.label) || mark.text === "answers");
}

function append(map, key, item) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(item);
}

// At one instant, marks of a lane stand side by side, and right of what led to them.
function arrangeColumns(chart) {
  const last = new Map();
  for (const mark of chart.marks) {
    const before = last.get(mark.lane);
    let column = before && before.at === mark.at ? before.column + 1 : 0;
    for (const arrow of mark.arrows) {
      if (arrow.to === mark && arrow.from?.at === mark.at) column = Math.max(column, arrow.from.column + 1);
    }
    mark.column = column;
    last.set(mark.lane, mark);
  }
}

// Where instants lie: short gaps in proportion, long ones folded, so that all that happens is near.
class Scale {
  constructor(charts) {
    this.instants = instantsOf(charts);
    this.places = new Map(this.instants.map((instant, index) => [instant.at, index]));
    for (const chart of charts) {
      for (const mark of chart.marks) {
        const instant = this.instants[this.places.get(mark.at)];
        instant.columns = Math.max(instant.columns, mark.column + 1);
      }
    }
    const gaps = this.instants.slice(1).map((instant, index) => instant.at - this.instants[index].at);
    const sorted = [...gaps].sort((one, other) => one - other);
    const usual = sorted[(sorted.length - 1) >> 1] || 1;
    let x = 0;
    this.instants.forEach((instant, index) => {
      instant.x = x;
      instant.right = x + (instant.columns - 1) * STEP;
      const gap = gaps[index] ?? 0;
      const width = (gap / usual) * USUAL_GAP;
      instant.folded = width > LONGEST_GAP ? gap : 0;
      const folded = Math.min(LONGEST_FOLD, LONGEST_GAP + 8 * Math.log2(width / LONGEST_GAP + 1));
      x = instant.right + (instant.folded ? folded : Math.max(SHORTEST_GAP, width));
    });
    this.width = Math.max(1, this.instants.at(-1).right);
  }

  of(mark) {
    return this.instants[this.places.get(mark.at)].x + mark.column * STEP;
  }

  // Where something of a lane begins or ends: at the lane's own marks of that instant.
  edge(lane, at, isEnd) {
    const instant = this.instants[this.places.get(at)];
    const [first, past] = marksAt(lane.marks, at);
    if (first === past) return isEnd ? instant.x : instant.right;
    return this.of(lane.marks[isEnd ? first : past - 1]);
  }
}

function instantsOf(charts) {
  const all = new Set([0]);
  for (const chart of charts) {
    all.add(chart.end);
    for (const mark of chart.marks) all.add(mark.at);
    for (const bar of chart.bars) all.add(bar.start).add(bar.end);
    for (const arrow of chart.arrows) all.add(arrow.sent).add(arrow.received);
  }
  return [...all].sort((one, other) => one - other).map((at) => ({ at, columns: 1 }));
}

function marksAt(marks, at) {
  const first = lowerBound(marks, (mark) => mark.at >= at);
  return [first, lowerBound(marks, (mark) => mark.at > at)];
}

function lowerBound(items, isPast) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPast(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
