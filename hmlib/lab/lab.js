// The front end of a lab: native controls, a picture with live words, and a store of pictures.
//
// The kernel draws; this file asks for pictures, keeps them, and swaps them. Two small requests are
// under way at a time: while one is on its way back the kernel draws for the other, and nothing
// queues. Once the picture asked for is here, those are fetched that may be asked for next: along
// the control in use, and at rest along the others too, so that a move finds its picture already in
// the browser.

const KEEP = 400; // pictures kept; about 25 kB each
const FLIGHTS = 2; // requests under way
const WANTS = 2; // pictures of a request
const SETTLE_MS = 150; // rest after which the kernel is told where the controls stand
const REST_MS = 400; // rest after which pictures along other controls are fetched
const AHEAD_MS = 2500; // time that the kernel spends on them, after each move
const PLAY_MS = { slider: 70, choice: 600, steps: 350 };
const LATE = {
  live: "The numbers are on their way.",
  release: "Let go of the control for the picture and its numbers.",
  button: "Press Draw for the picture and its numbers.",
};

function render({ model, el }) {
  const spec = model.get("spec");
  const controls = new Map(spec.controls.map((control) => [control.name, control]));
  const start = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));

  let tokens = { ...start };
  let active = spec.controls[0].name; // whose neighbours are fetched
  let moved = active; // what "play" plays
  let ahead = 1;
  let asked = spec.update === "live"; // may the picture of the present values be fetched?
  let used = false; // has the lab been touched?
  let resting = false; // may pictures along other controls be fetched?
  let spent = 0; // ms of the kernel on them since the last move
  let shown = null; // the entry on screen
  let requests = 0;
  let playing = null;
  let lastLanding = 0;
  const flights = new Map(); // requests under way: id -> { keys, since, aside }
  const decoding = new Set(); // keys of pictures that have come and are being decoded
  const pictures = new Store(KEEP, (entry) => entry.url && URL.revokeObjectURL(entry.url));

  const playButton = make("button", { type: "button", onclick: () => (playing ? stop() : play()) }, "Play");
  const resetButton = make("button", { type: "button", onclick: reset }, "Reset");
  const stepButton = make("button", { type: "button", onclick: step, hidden: !spec.kept }, "Step");
  const drawButton = make("button", { type: "button", onclick: commit, hidden: spec.update !== "button" }, "Draw");
  const page = pageOf(model, [playButton, stepButton, resetButton, drawButton], {
    move: (name, token) => moveTo({ [name]: token }),
    drag: moveTo,
    use,
    release: commitOnRelease,
    choosing: () => !spec.hides && touch(),
    predicted: () => {
      touch();
      if (spec.hides) unhide();
    },
    themed: () => {
      asked = true;
      refresh();
    },
  });
  const { uid, note, failure, later } = page;
  const keyOf = (where, theme = page.theme, locked = page.locked) =>
    JSON.stringify([theme, ...spec.controls.map((c) => where[c.name]), ...(locked ? ["locked"] : [])]);

  // What a student does.

  // A control that is about to be moved gets its pictures now.
  function use(name) {
    if (playing || active === name) return;
    active = name;
    ask();
  }

  // From the first touch on, pictures are fetched ahead.
  function touch() {
    used = true;
    rest();
    ask();
  }

  // What was hidden is drawn as soon as it may be seen.
  function unhide() {
    asked = true;
    refresh();
  }

  // Move controls to where `places` says, { name: token, ... }.
  function moveTo(places) {
    const names = Object.keys(places).filter((name) => places[name] !== tokens[name]);
    if (!names.length) return;
    active = moved = names.at(-1);
    if (controls.get(active).kind === "slider") ahead = Math.sign(places[active] - tokens[active]);
    note.textContent = "";
    go({ ...tokens, ...places });
  }

  function go(where) {
    tokens = where;
    asked = spec.update === "live";
    page.place(tokens);
    rest();
    refresh();
    later("settle", SETTLE_MS, () => page.send({ kind: "settle", tokens, by: uid }));
  }

  function rest() {
    resting = false;
    later("rest", REST_MS, () => {
      resting = true;
      spent = 0;
      ask();
    });
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

  // In a run that was kept, a picture on.
  function step() {
    stop();
    const [{ name, values }] = spec.controls;
    moveTo({ [name]: Math.min(values.length - 1, tokens[name] + 1) });
  }

  function play() {
    const control = controls.get(moved);
    const next = (token) => {
      if (control.kind !== "steps") return token + 1 < control.values.length ? token + 1 : null;
      if (token.length >= control.most) return null;
      const letters = control.actions.map(([letter]) => letter);
      return token + letters[(letters.indexOf(token.at(-1)) + 1) % letters.length];
    };
    const onward = () => {
      if (!playing) return;
      const arrived = shown?.key === keyOf(tokens) || !failure.hidden;
      if (arrived) {
        const token = moved === control.name ? next(tokens[moved]) : null;
        if (token === null) return stop();
        moveTo({ [moved]: token });
        commit();
      }
      later("play", arrived ? PLAY_MS[control.kind] : 15, onward);
    };
    active = moved;
    if (next(tokens[moved]) === null) go({ ...tokens, [moved]: control.kind === "steps" ? "" : 0 });
    playing = true;
    playButton.textContent = "Pause";
    commit();
    onward();
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
    else page.stale(asked ? LATE.live : LATE[spec.update]);
    ask();
  }

  function show(entry) {
    page.fail(entry.error);
    if (entry.error) return page.stale("There is no picture here.");
    shown = entry;
    page.put(entry);
    if (entry.key === keyOf(tokens)) page.fresh();
  }

  // While the picture asked for is on its way, one that is nearer than the picture on screen
  // keeps a fast drag moving.
  function nearer(entry) {
    if (!shown || entry.theme !== page.theme || Boolean(entry.locked) !== page.locked) return false;
    const distance = ({ kind, name, values }, other) => {
      const here = tokens[name];
      if (kind === "slider") return Math.abs(other.tokens[name] - here) / values.length;
      return other.tokens[name] === here ? 0 : Infinity;
    };
    const apart = (other) => spec.controls.reduce((sum, control) => sum + distance(control, other), 0);
    return apart(entry) < apart(shown);
  }

  const size = (control) => (control.kind === "steps" ? control.actions.length : control.values.length);
  // All of them must fit into the store, or each would push out another.
  const othersFit = spec.controls.reduce((sum, control) => sum + size(control), 0) < 0.8 * KEEP;

  // What is wanted now: places not here and not under way, the likeliest first.
  function wanted() {
    const underWay = new Set([...flights.values()].flatMap((flight) => flight.keys).concat(...decoding));
    const lacks = (where) => !pictures.has(keyOf(where)) && !underWay.has(keyOf(where));
    const here = !pictures.has(keyOf(tokens));
    const wants = here && asked && lacks(tokens) ? [tokens] : [];
    // Nothing is fetched ahead where a picture or the kernel is dear, or before the lab is used.
    if (!spec.ahead || spec.update !== "live" || !used || (here && !asked)) return wants;
    const others = resting && othersFit && !playing && !document.hidden && spent < AHEAD_MS;
    for (const where of neighbours(spec.controls, tokens, active, ahead, others)) {
      if (wants.length >= WANTS) break;
      if (lacks(where)) wants.push(where);
    }
    return wants;
  }

  function ask() {
    while (flights.size < FLIGHTS) {
      const wants = wanted();
      if (!wants.length) return;
      const id = `${uid}/${++requests}`;
      const aside = wants.every((where) => where[active] === tokens[active] && keyOf(where) !== keyOf(tokens));
      flights.set(id, { keys: wants.map((where) => keyOf(where)), since: performance.now(), aside });
      page.request({ kind: "want", id, theme: page.theme, wants }, () => flights.clear());
    }
  }

  function landed(id) {
    const flight = flights.get(id);
    const now = performance.now();
    flights.delete(id);
    // The kernel draws for one request at a time.
    if (flight?.aside) spent += now - Math.max(flight.since, lastLanding);
    lastLanding = now;
    page.answered(flights.size > 0);
  }

  function receive(message, buffers) {
    if (message.kind === "values") hear(message);
    else if (message.kind === "refused") {
      if (message.id.startsWith(`${uid}/`)) landed(message.id);
      if (message.id.startsWith(`${uid}/`) || !message.id) page.fail(message.error);
    } else if (message.kind === "picture" && message.id.startsWith(`${uid}/`)) {
      keep(message, buffers);
      if (!message.last) return;
      landed(message.id);
      ask();
    }
  }

  // Python or another view has moved the lab.
  function hear(message) {
    if (message.by === uid) return;
    if (message.prediction && !page.prediction) page.predict(message.prediction, false);
    const same = keyOf(message.tokens) === keyOf(tokens);
    tokens = message.tokens;
    asked = true;
    page.place(tokens);
    if (!same || !shown) refresh();
  }

  async function keep(message, buffers) {
    const key = keyOf(message.tokens, message.theme, message.locked);
    const entry = { ...message, key };
    decoding.add(key);
    if (!message.error) await page.decode(entry, buffers[0]);
    decoding.delete(key);
    pictures.put(key, entry, shown?.key);
    if (key === keyOf(tokens) || (!pictures.has(keyOf(tokens)) && nearer(entry))) show(entry);
  }

  model.on("msg:custom", receive);
  page.enable();
  el.append(page.root);
  page.follow();
  page.send({ kind: "hello" });

  return () => {
    model.off("msg:custom", receive);
    page.close();
    pictures.clear();
  };
}

export default { render };
