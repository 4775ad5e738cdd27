// The front end of a lab: native controls, a picture with live words, and a store of pictures.
//
// The kernel draws; this file asks for pictures, keeps them, and swaps them. One request is under
// way at a time, so nothing queues. Once the picture asked for is here, its neighbours along the
// control in use are fetched, so that the next move finds its picture already in the browser.

const KEEP = 400; // pictures kept; about 35 kB each
const STALE_MS = 120; // a picture late by less than this is not called stale
const SETTLE_MS = 150; // rest after which the kernel is told where the controls stand
const PLAY_MS = { slider: 70, choice: 600, steps: 350 };

function render({ model, el }) {
  const spec = model.get("spec");
  const controls = new Map(spec.controls.map((control) => [control.name, control]));
  const start = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));

  let tokens = { ...start };
  let active = spec.controls[0].name; // whose neighbours are fetched
  let moved = active; // what "play" plays
  let ahead = 1;
  let asked = spec.update === "live"; // may the picture of the present values be fetched?
  let shown = null; // the entry on screen
  let flight = null; // the request under way
  let requests = 0;
  let playing = null;
  const pictures = new Map();
  const arriving = []; // pictures of the request under way that are being decoded

  const playButton = make("button", { type: "button", onclick: () => (playing ? stop() : play()) }, "Play");
  const resetButton = make("button", { type: "button", onclick: reset }, "Reset");
  const drawButton = make("button", { type: "button", onclick: commit, hidden: spec.update !== "button" }, "Draw");
  const page = pageOf(model, [playButton, resetButton, drawButton], {
    move,
    use,
    release: commitOnRelease,
    predicted: () => ask(),
    themed: () => {
      asked = true;
      refresh();
    },
  });
  const { uid, frame, note, failure, later } = page;
  const keyOf = (where) => JSON.stringify([page.theme, ...spec.controls.map((c) => where[c.name])]);

  // What a student does.

  // A control that is about to be moved gets its pictures now.
  function use(name) {
    if (playing || active === name) return;
    active = name;
    ask();
  }

  function move(name, token) {
    if (token === tokens[name]) return;
    const slider = controls.get(name).kind === "slider";
    if (slider) ahead = Math.sign(token - tokens[name]);
    active = moved = name;
    note.textContent = "";
    go({ ...tokens, [name]: token });
  }

  function go(where) {
    tokens = where;
    asked = spec.update === "live";
    page.place(tokens);
    refresh();
    later("settle", SETTLE_MS, () => page.send({ kind: "settle", tokens }));
  }

  function commit() {
    asked = true;
    refresh();
  }

  function commitOnRelease() {
    if (spec.update === "release") commit();
  }

  function reset() {
    stop();
    note.textContent = "";
    go({ ...start });
    commitOnRelease();
  }

  function play() {
    const control = controls.get(moved);
    const next = (token) => {
      if (control.kind !== "steps") return token + 1 < control.values.length ? token + 1 : null;
      if (token.length >= control.most) return null;
      const letters = control.actions.map(([letter]) => letter);
      return token + letters[(letters.indexOf(token.at(-1)) + 1) % letters.length];
    };
    const step = () => {
      if (!playing) return;
      const arrived = shown?.key === keyOf(tokens) || !failure.hidden;
      if (arrived) {
        const token = moved === control.name ? next(tokens[moved]) : null;
        if (token === null) return stop();
        move(moved, token);
        commit();
      }
      later("play", arrived ? PLAY_MS[control.kind] : 15, step);
    };
    active = moved;
    if (next(tokens[moved]) === null) go({ ...tokens, [moved]: control.kind === "steps" ? "" : 0 });
    playing = true;
    playButton.textContent = "Pause";
    commit();
    step();
  }

  function stop() {
    playing = null;
    page.cancel("play");
    playButton.textContent = "Play";
  }

  // Pictures: shown if here, asked for if not.

  function refresh() {
    const entry = pictures.get(keyOf(tokens));
    if (entry) show(entry);
    else later("stale", STALE_MS, markStale);
    ask();
  }

  function markStale() {
    frame.dataset.stale = String(shown?.key !== keyOf(tokens));
  }

  function show(entry) {
    page.fail(entry.error);
    if (entry.error) return markStale();
    shown = entry;
    page.put(entry);
    if (entry.key === keyOf(tokens)) {
      page.cancel("stale");
      markStale();
    }
  }

  // While the picture asked for is on its way, one that is nearer than the picture on screen
  // keeps a fast drag moving.
  function nearer(entry) {
    if (!shown || controls.get(active).kind !== "slider") return false;
    const apart = (other) => Math.abs(other.tokens[active] - tokens[active]);
    const sameElsewhere = spec.controls.every((c) => c.name === active || entry.tokens[c.name] === tokens[c.name]);
    return entry.theme === page.theme && sameElsewhere && apart(entry) < apart(shown);
  }

  function* neighbours() {
    const control = controls.get(active);
    const here = tokens[active];
    const at = (token) => ({ ...tokens, [active]: token });
    if (control.kind === "steps") {
      if (here.length < control.most) for (const [letter] of control.actions) yield at(here + letter);
      return;
    }
    for (let d = 1; d < control.values.length; d++)
      for (const token of [here + ahead * d, here - ahead * d])
        if (token >= 0 && token < control.values.length) yield at(token);
  }

  function ask() {
    if (flight) return;
    const wants = [];
    const missing = !pictures.has(keyOf(tokens));
    if (missing && asked) wants.push(tokens);
    // Nothing is fetched ahead where a picture is dear, or before the lab is used.
    if (spec.update === "live" && page.prediction && !(missing && !asked)) {
      const most = missing ? 3 : 4;
      for (const where of neighbours()) {
        if (wants.length >= most) break;
        if (!pictures.has(keyOf(where))) wants.push(where);
      }
    }
    if (!wants.length) return;
    flight = ++requests;
    page.request({ kind: "want", id: `${uid}/${flight}`, theme: page.theme, wants }, () => (flight = null));
  }

  async function receive(message, buffers) {
    if (message.kind === "values") {
      if (message.prediction && !page.prediction) page.predict(message.prediction, false);
      tokens = message.tokens;
      asked = true;
      page.place(tokens);
      refresh();
      return;
    }
    if (message.kind !== "picture" || !message.id.startsWith(`${uid}/`)) return;
    arriving.push(keep(message, buffers));
    if (!message.last || message.id !== `${uid}/${flight}`) return;
    await Promise.all(arriving.splice(0));
    flight = null;
    page.answered();
    ask();
  }

  async function keep(message, buffers) {
    const key = JSON.stringify([message.theme, ...spec.controls.map((c) => message.tokens[c.name])]);
    const entry = { ...message, key };
    if (!message.error) await page.decode(entry, buffers[0]);
    forget(key);
    pictures.set(key, entry);
    for (const old of pictures.keys()) {
      if (pictures.size <= KEEP) break;
      if (old !== shown?.key) forget(old);
    }
    if (key === keyOf(tokens) || (!pictures.has(keyOf(tokens)) && nearer(entry))) show(entry);
  }

  function forget(key) {
    const entry = pictures.get(key);
    if (entry?.url) URL.revokeObjectURL(entry.url);
    pictures.delete(key);
  }

  model.on("msg:custom", receive);
  page.enable();
  el.append(page.root);
  page.send({ kind: "hello" });

  return () => {
    model.off("msg:custom", receive);
    page.close();
    [...pictures.keys()].forEach(forget);
  };
}

export default { render };
