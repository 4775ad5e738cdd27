// The front end of a training lab: the browser asks for every advance, the kernel learns a while
// and answers with a picture.
//
// One request is under way at a time, so nothing queues: between two advances the kernel serves
// whatever else has been asked. The next advance is asked for before this one's picture is
// decoded, so that the kernel learns meanwhile.

function render({ model, el }) {
  const spec = model.get("spec");

  let tokens = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));
  let flight = null; // the request under way
  let late = false; // and it has not been answered for long
  let requests = 0;
  let playing = false;
  const wanted = { restart: false, steps: 0, look: false }; // what to ask for next, besides playing
  let said = ""; // the words of the kernel that stand in the note
  let shown = null; // the entry on screen
  let arrived = 0; // pictures that have come
  let decoding = 0;

  const playButton = make("button", { type: "button", onclick: () => (playing ? pause() : play()) }, "Play");
  const stepButton = make("button", { type: "button", onclick: step }, "Step");
  const restartButton = make("button", { type: "button", onclick: restart }, "Restart");
  const page = pageOf(model, [playButton, stepButton, restartButton], {
    move,
    themed: look,
    predicted: () => spec.hides && look(),
  });
  const { uid, note } = page;
  page.root.dataset.kind = "training";

  // What a student does.

  function play() {
    playing = true;
    playButton.textContent = "Pause";
    page.fail("");
    ask();
  }

  function pause() {
    playing = false;
    playButton.textContent = "Play";
  }

  function step() {
    pause();
    wanted.steps += 1;
    ask();
  }

  function restart() {
    wanted.restart = true;
    wanted.steps = 0;
    ask();
  }

  function move(name, token) {
    if (token === tokens[name]) return;
    tokens = { ...tokens, [name]: token };
    note.textContent = said = "";
    page.place(tokens);
    page.stale("The numbers are on their way.");
    look();
  }

  function look() {
    wanted.look = true;
    ask();
  }

  // Talking with the kernel.

  function ask() {
    if (flight && !late) return;
    let what = null;
    if (wanted.restart) what = { do: "restart" };
    else if (wanted.steps) what = { do: "step", steps: wanted.steps };
    else if (playing) what = { do: "play" };
    else if (wanted.look) what = { do: "look" };
    if (!what) return;
    if (what.do === "restart") wanted.restart = false;
    if (what.do === "step") wanted.steps = 0;
    wanted.look = false; // every answer brings a picture
    flight = `${uid}/${++requests}`;
    late = false;
    page.request({ kind: "train", id: flight, theme: page.theme, tokens, ...what }, () => (late = true));
  }

  function receive(message, buffers) {
    if (message.kind === "refused") {
      if (message.id === flight) {
        flight = null;
        pause();
        page.answered();
      }
      if (!message.id || message.id.startsWith(`${uid}/`)) page.fail(message.error);
      return;
    }
    if (message.kind === "values") {
      if (message.by === uid) return;
      if (message.prediction && !page.prediction) page.predict(message.prediction, false);
      tokens = message.tokens;
      page.place(tokens);
      look();
      return;
    }
    if (message.kind !== "trained") return;
    const own = message.id === flight;
    if (own) {
      flight = null;
      page.answered();
      if (message.error || message.over) pause();
      page.fail(message.error);
      if (!note.textContent || note.textContent === said) note.textContent = said = message.said;
      ask();
    }
    // Another view of this lab shows what this one has learnt, and where its controls stand.
    if (!own && !flight && !playing) page.place((tokens = message.tokens));
    if (message.theme === page.theme && buffers.length) keep(message, buffers);
    else if (!own) look();
  }

  async function keep(message, buffers) {
    // A browser that lags behind skips pictures; the last is always shown.
    if (decoding > 1 && playing) return;
    const place = ++arrived;
    const key = JSON.stringify([message.theme, ...spec.controls.map((c) => message.tokens[c.name]), message.count]);
    const entry = { ...message, key, place };
    decoding += 1;
    await page.decode(entry, buffers[0]);
    decoding -= 1;
    if (entry.error) page.fail(entry.error);
    if (entry.error || (shown && shown.place > place)) return URL.revokeObjectURL(entry.url);
    page.put(entry);
    if (spec.controls.every((c) => entry.tokens[c.name] === tokens[c.name])) page.fresh();
    if (shown) URL.revokeObjectURL(shown.url);
    shown = entry;
  }

  model.on("msg:custom", receive);
  page.enable();
  el.append(page.root);
  page.send({ kind: "hello" });

  return () => {
    pause();
    model.off("msg:custom", receive);
    page.close();
    if (shown) URL.revokeObjectURL(shown.url);
  };
}

export default { render };
