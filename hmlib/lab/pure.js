// What a lab decides without a page: whose a key is, what was typed, what colour a page has.
//
// Read before parts.js. Nothing here touches the page, so that Node can test it.

// Numbers

// A number as people type it, with a point or a comma; null if it is none.
function readNumber(text) {
  const plain = text.trim().replace("\u2212", "-");
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  return Number(plain.replace(",", "."));
}

// Where a typed number stands among the values of a slider: { place, exact }, or null.
function placeOf(typed, values) {
  const number = readNumber(typed);
  const numbers = values.map(Number);
  if (number === null || number < numbers[0] || number > numbers.at(-1)) return null;
  const distances = numbers.map((value) => Math.abs(value - number));
  const nearest = Math.min(...distances);
  return { place: distances.indexOf(nearest), exact: nearest < 1e-9 };
}

// Handles: marks in the picture that can be dragged

// Where a number stands along an axis, from 0 to 1; and back.
const alongAxis = (number, [low, high], log) => {
  const f = log ? Math.log10 : (value) => value;
  return (f(number) - f(low)) / (f(high) - f(low));
};
const fromAxis = (part, [low, high], log) => {
  if (!log) return low + part * (high - low);
  return 10 ** (Math.log10(low) + part * (Math.log10(high) - Math.log10(low)));
};

// The place of the value nearest to a number, on a line or on a logarithmic axis.
function nearestPlace(number, values, log) {
  const f = log ? Math.log10 : (value) => value;
  const distances = values.map((value) => Math.abs(f(Number(value)) - f(number)));
  return distances.indexOf(Math.min(...distances));
}

// Where a handle stands in a picture, from 0 to 1 from its left and from its top. `where` is what the
// kernel says of its axes; `numbers` has the values of its sliders, and what it has no slider for is
// `where.other`.
function spotOf(where, numbers) {
  const right = alongAxis(numbers.x ?? where.other, where.x, where.log_x);
  const up = alongAxis(numbers.y ?? where.other, where.y, where.log_y);
  return { left: where.left + right * where.width, top: where.top + (1 - up) * where.height };
}

// And back: the numbers at a spot of the picture.
function numbersAt(where, { left, top }) {
  return {
    x: fromAxis((left - where.left) / where.width, where.x, where.log_x),
    y: fromAxis(1 - (top - where.top) / where.height, where.y, where.log_y),
  };
}

// Keys

// The place that a key leads to on a slider of `count` places; null if the key does not move it.
function placeAfter(key, place, count) {
  const page = Math.max(1, Math.round(count / 10));
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -page, PageUp: page };
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!(key in by)) return null;
  return Math.min(count - 1, Math.max(0, place + by[key]));
}

const EDITING = ["a", "c", "v", "x", "y", "z", "arrowleft", "arrowright", "home", "end", "backspace", "delete"];

// Does a key that is pressed in a lab belong to the lab? What does not, such as Ctrl+S, is left to
// the notebook. `typing` is true in a box for text.
function isOwn(event, typing) {
  if (event.altKey || /^F\d+$/.test(event.key)) return false;
  if (event.ctrlKey || event.metaKey) return typing && EDITING.includes(event.key.toLowerCase());
  return true;
}

// Colours

// A colour as a browser computes it: { light: from 0 to 1, alpha }, or null if it cannot be read.
function brightness(colour) {
  const found = /^([a-z]+)\(\s*(?:([a-z][a-z0-9-]*)\s+)?(.*)\)$/i.exec((colour ?? "").trim());
  if (!found) return null;
  const [, kind, , inside] = found;
  const parts = inside.split(/[\s,/]+/).filter(Boolean);
  const number = (part, whole) => {
    if (part === undefined || part === "none") return 0;
    return part.endsWith("%") ? (whole * parseFloat(part)) / 100 : parseFloat(part);
  };
  const grey = (whole) => {
    const [r, g, b] = parts.map((part) => number(part, whole) / whole);
    return 0.3 * r + 0.59 * g + 0.11 * b;
  };
  const light = {
    rgb: () => grey(255),
    rgba: () => grey(255),
    color: () => grey(1),
    oklch: () => number(parts[0], 1),
    oklab: () => number(parts[0], 1),
    lch: () => number(parts[0], 100) / 100,
    lab: () => number(parts[0], 100) / 100,
    hsl: () => number(parts[2], 1),
    hsla: () => number(parts[2], 1),
  }[kind.toLowerCase()]?.();
  if (light === undefined || Number.isNaN(light)) return null;
  return { light, alpha: parts.length > 3 ? number(parts[3], 1) : 1 };
}

// "light" or "dark", by what a page says of itself, or else by its colours.
//
// `signs` is { jupyter: "true" or "false" in JupyterLab; names: words that body and html give
// themselves as classes or attributes; papers: background colours from the lab outwards; ink: the
// colour of text; prefersDark }.
function themeOf({ jupyter, names, papers, ink, prefersDark }) {
  if (jupyter === "true") return "light";
  if (jupyter === "false") return "dark";
  for (const name of names) {
    if (/^(vscode-)?(high-contrast-)?light(-theme|-mode)?$/.test(name)) return "light";
    if (/^(vscode-)?(dark(-theme|-mode)?|high-contrast)$/.test(name)) return "dark";
  }
  for (const paper of papers.map(brightness)) {
    if (paper && paper.alpha > 0.5) return paper.light < 0.5 ? "dark" : "light";
  }
  // A page that shows through says with its text what it is written on.
  const text = brightness(ink);
  if (text && text.light > 0.55) return "dark";
  return text ? "light" : prefersDark ? "dark" : "light";
}

// A store of pictures by key, that forgets what was longest unused.
class Store {
  constructor(most, forgotten) {
    this.most = most;
    this.forgotten = forgotten;
    this.kept = new Map();
  }

  has(key) {
    return this.kept.has(key);
  }

  get(key) {
    const entry = this.kept.get(key);
    if (entry === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, entry);
    return entry;
  }

  // Keep a picture; `shown` is the key of one that must stay.
  put(key, entry, shown) {
    this.drop(key);
    this.kept.set(key, entry);
    for (const old of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      if (old !== shown && old !== key) this.drop(old);
    }
  }

  drop(key) {
    if (this.kept.has(key)) this.forgotten(this.kept.get(key));
    this.kept.delete(key);
  }

  clear() {
    [...this.kept.keys()].forEach((key) => this.drop(key));
  }
}

// Which pictures are wanted after that of `tokens`, the likeliest first: along the control in use,
// ahead before behind; and then, with `others`, along every other control, a step at a time.
function* neighbours(controls, tokens, active, ahead, others) {
  const along = function* (control, direction) {
    const here = tokens[control.name];
    const at = (token) => ({ ...tokens, [control.name]: token });
    if (control.kind === "steps") {
      if (here.length < control.most) for (const [letter] of control.actions) yield at(here + letter);
      return;
    }
    for (let d = 1; d < control.values.length; d++)
      for (const token of [here + direction * d, here - direction * d])
        if (token >= 0 && token < control.values.length) yield at(token);
  };
  yield* along(
    controls.find((control) => control.name === active),
    ahead,
  );
  if (!others) return;
  let walks = controls.filter((control) => control.name !== active).map((control) => along(control, 1));
  while (walks.length) {
    const steps = walks.map((walk) => walk.next());
    walks = walks.filter((_, i) => !steps[i].done);
    for (const step of steps) if (!step.done) yield step.value;
  }
}
