// Labs on a page without a kernel. Read after pure.js, parts.js and lab.js, and in one scope with
// them: `render` makes a lab of a model, and here the model answers from pictures and words that
// were kept when the page was made.
//
// The files of a lab are scripts that call hmKept, since a page opened from a folder may load
// scripts and nothing else. They are loaded when the lab comes near the window.

const NEAR = "400px"; // how far from the window a lab is made ready
const HOME = document.currentScript.src.replace(/[^/]*$/, "");

const kept = { words: new Map(), pictures: new Map() };
window.hmKept = {
  words: (name, content) => kept.words.set(name, content),
  pictures: (name, content) => kept.pictures.set(name, content),
};

const loading = new Map();

// Load a file of a lab, once.
function load(file) {
  if (!loading.has(file)) {
    const asked = new Promise((found, lost) => {
      const script = make("script", { src: HOME + file, onload: found, onerror: lost });
      document.head.append(script);
    });
    loading.set(file, asked);
  }
  return loading.get(file);
}

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// The pictures of a lab come in lots, each of which has the first row of all its pictures, then the
// second row of all, and so on: a byte for each pixel, the place of its colour.
const LOTS_KEPT = 6; // unpacked; some 8 MB each
const unpacked = new Map();
async function lotOf(key, lot) {
  const name = `${key}/${lot}`;
  const found = unpacked.get(name) ?? unpack(kept.pictures.get(key).lots[lot]);
  unpacked.delete(name);
  unpacked.set(name, found);
  if (unpacked.size > LOTS_KEPT) unpacked.delete(unpacked.keys().next().value);
  return found;
}

async function unpack(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A picture as a file: BMP, since that needs no packing.
async function pictureOf(key, theme, place) {
  await load(`${key}-pictures.js`);
  const { size, colours, lot, lots } = kept.pictures.get(key);
  const at = Math.floor(place / lot);
  const rows = await lotOf(key, at);
  if (at + 1 < lots.length) lotOf(key, at + 1); // the next on the way
  return bitmap(rows, place % lot, size, bytesOf(colours[theme]));
}

function bitmap(rows, place, [width, height], colours) {
  const line = 4 * Math.ceil(width / 4);
  const head = 54 + (4 * colours.length) / 3;
  const file = new DataView(new ArrayBuffer(head + line * height));
  const bytes = new Uint8Array(file.buffer);
  bytes.set([0x42, 0x4d]);
  const numbers = { 2: bytes.length, 10: head, 14: 40, 18: width, 22: height, 26: 1 | (8 << 16), 46: colours.length / 3 };
  for (const [where, number] of Object.entries(numbers)) file.setUint32(Number(where), number, true);
  for (let i = 0; i < colours.length / 3; i++) {
    const [red, green, blue] = colours.subarray(3 * i, 3 * i + 3);
    bytes.set([blue, green, red, 0], 54 + 4 * i);
  }
  const many = rows.length / (width * height);
  for (let y = 0; y < height; y++) {
    const begin = (y * many + place) * width;
    bytes.set(rows.subarray(begin, begin + width), head + line * (height - 1 - y));
  }
  return bytes;
}

// How far a token is from another, from 0 to 1.
function apart({ kind, values, most }, one, other) {
  if (kind === "slider") return Math.abs(one - other) / values.length;
  if (kind === "choice") return Number(one !== other);
  let common = 0;
  while (common < Math.min(one.length, other.length) && one[common] === other[common]) common += 1;
  return (one.length + other.length - 2 * common) / most;
}

// The stop that is there, for one that was asked for: what was moved stays, if it can, and the
// rest is as near as it can be.
function nearestStop(controls, stops, before, wanted) {
  const moved = controls.map((control, i) => apart(control, before[i], wanted[i]) > 0);
  const cost = (stop) =>
    controls.reduce((sum, control, i) => sum + (moved[i] ? 100 : 1) * apart(control, stop[i], wanted[i]), 0);
  let best = 0;
  let least = Infinity;
  stops.forEach((stop, place) => {
    const now = cost(stop);
    if (now < least) [best, least] = [place, now];
  });
  return best;
}

// What a kernel would be told and answer.
function modelOf(key, moved) {
  const { spec, stops, alt, readout, locked, handles, handle } = kept.words.get(key);
  const { controls } = spec;
  const place = new Map(stops.map((stop, i) => [JSON.stringify(stop), i]));
  const tokensOf = (i) => Object.fromEntries(controls.map((control, c) => [control.name, stops[i][c]]));
  let hear = () => {};
  let prediction = "";
  let here = 0;

  function find(tokens) {
    const wanted = controls.map((control) => tokens[control.name]);
    const there = place.get(JSON.stringify(wanted));
    if (there !== undefined) return there;
    const found = nearestStop(controls, stops, stops[here], wanted);
    const back = controls.filter((control, c) => stops[found][c] !== wanted[c]).map((control) => control.label);
    moved(back);
    hear({ kind: "values", by: "", tokens: tokensOf(found), prediction });
    return found;
  }

  async function show({ id, theme, wants }) {
    const hidden = Boolean(spec.hides) && !prediction;
    const stop = find(wants[0]);
    here = stop;
    const about = { kind: "picture", id, theme, tokens: tokensOf(stop), last: true, locked: hidden };
    try {
      const words = hidden ? locked : { alt: alt[stop], readout: readout[stop] };
      const picture = await pictureOf(key, theme, hidden ? stops.length : stop);
      hear({ ...about, ...words, handles: handles[handle[stop]], type: "image/bmp" }, [picture]);
    } catch {
      hear({ ...about, error: "The pictures of this lab could not be loaded." }, []);
    }
  }

  const answers = {
    hello: () => hear({ kind: "values", by: "", tokens: tokensOf(0), prediction }),
    predict: (message) => (prediction = message.prediction),
    settle: () => {},
    want: show,
  };
  return {
    get: () => spec,
    on: (_, receive) => (hear = receive),
    off: () => (hear = () => {}),
    // A kernel answers later, never at once.
    send: (message) => setTimeout(() => answers[message.kind](message)),
  };
}

// Put a lab that moves in the place of its picture.
async function wake(node) {
  const key = node.dataset.lab;
  const said = node.querySelector(".hm-moved");
  try {
    await load(`${key}.js`);
  } catch {
    said.textContent = "This lab does not move here: its files could not be loaded.";
    return;
  }
  const host = make("div", { class: "hm-host" });
  const back = (labels) => {
    const names = labels.map((label) => `“${label}”`).join(" and ");
    said.textContent = `${names} moved to where this page has a picture: not all values go together here.`;
    clearTimeout(node.forget);
    node.forget = setTimeout(() => (said.textContent = ""), 6000);
  };
  render({ model: modelOf(key, back), el: host });
  host.firstChild.dataset.kept = "true";
  if (kept.words.get(key).spec.kept) host.firstChild.dataset.kind = "training";
  node.querySelector(".hm-still").replaceWith(host);
  // What does not move here is said where one moves it, not below a picture that fills the screen.
  const limits = node.querySelector(".hm-here");
  if (limits) host.querySelector(".hm-panel").prepend(limits);
  host.querySelector(".hm-panel > .hm-buttons").append(said);
}

document.addEventListener("DOMContentLoaded", () => {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        wake(target);
      }
    },
    { rootMargin: NEAR },
  );
  for (const node of document.querySelectorAll(".hm-place")) near.observe(node);
});
