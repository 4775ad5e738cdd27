// The front end of a lab: native controls, a picture with live words, and a store of pictures.
//
// The kernel draws; this file asks for pictures, keeps them, and swaps them. One request is under
// way at a time, so nothing queues. Once the picture asked for is here, its neighbours along the
// control in use are fetched, so that the next move finds its picture already in the browser.

const KEEP = 400; // pictures kept; about 35 kB each
const STALE_MS = 120; // a picture late by less than this is not called stale
const SETTLE_MS = 150; // rest after which the kernel is told where the controls stand
const SILENCE_MS = 4000; // an answer later than this is spoken of
const PLAY_MS = { slider: 70, choice: 600, steps: 350 };
const UNSURE = "I cannot say yet";

function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function pageTheme() {
  const declared = document.body.dataset.jpThemeLight;
  if (declared !== undefined) return declared === "true" ? "light" : "dark";
  const [r, g, b, a = 1] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [
    255, 255, 255,
  ]).map(Number);
  return a > 0 && 0.3 * r + 0.59 * g + 0.11 * b < 128 ? "dark" : "light";
}

function render({ model, el }) {
  const spec = model.get("spec");
  // Counted on the page, since every lab loads this file anew.
  window.hmLabs = (window.hmLabs ?? 0) + 1;
  const uid = `hm-lab-${window.hmLabs}`;
  const controls = new Map(spec.controls.map((control) => [control.name, control]));
  const start = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));

  let tokens = { ...start };
  let active = spec.controls[0].name; // whose neighbours are fetched
  let moved = active; // what "play" plays
  let ahead = 1;
  let theme = pageTheme();
  let asked = spec.update === "live"; // may the picture of the present values be fetched?
  let shown = null; // the entry on screen
  let flight = null; // the request under way
  let requests = 0;
  let playing = null;
  let prediction = "";
  const pictures = new Map();
  const arriving = []; // pictures of the request under way that are being decoded
  const timers = {};

  const later = (name, ms, action) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, ms);
  };
  const keyOf = (where) => JSON.stringify([theme, ...spec.controls.map((c) => where[c.name])]);

  // What is on the page.

  let image = make("img", { alt: "The picture is on its way." });
  const frame = make(
    "div",
    { class: "hm-frame", style: `aspect-ratio: ${spec.size[0]} / ${spec.size[1]}` },
    image,
    make("span", { class: "hm-stale", "aria-hidden": "true" }, "being drawn"),
  );
  const readout = make("output", { class: "hm-readout" });
  const spoken = make("p", { class: "hm-quiet", role: "status" });
  const failure = make("p", { class: "hm-error", role: "alert", hidden: true });
  const note = make("p", { class: "hm-note", role: "status" });
  const playButton = make("button", { type: "button", onclick: () => (playing ? stop() : play()) }, "Play");
  const resetButton = make("button", { type: "button", onclick: reset }, "Reset");
  const drawButton = make("button", { type: "button", onclick: commit, hidden: spec.update !== "button" }, "Draw");
  const panel = make("div", { role: "group", "aria-label": `Controls of ${spec.title}` });
  const widgets = new Map(spec.controls.map((control) => [control.name, widgetOf(control)]));
  const asking = questionOf(spec.question);
  for (const [name, widget] of widgets) {
    widget.row.addEventListener("focusin", () => use(name));
    panel.append(widget.row);
  }
  panel.append(make("div", { class: "hm-buttons" }, playButton, resetButton, drawButton));
  const root = make(
    "section",
    { class: "hm-lab", id: uid, "aria-label": `Lab: ${spec.title}`, "data-lm-suppress-shortcuts": "true" },
    make("h3", {}, spec.title),
    asking.node,
    panel,
    note,
    frame,
    readout,
    spoken,
    failure,
    make("p", { class: "hm-legend" }, spec.legend),
  );
  // JupyterLab's own shortcuts would take the arrow keys away from the sliders.
  root.addEventListener("keydown", (event) => event.stopPropagation());

  function widgetOf(control) {
    const id = `${uid}-${control.name}`;
    const makers = { slider: sliderOf, choice: selectOf, steps: stepsOf };
    return makers[control.kind](control, id);
  }

  function sliderOf(control, id) {
    const { name, values } = control;
    const range = make("input", { type: "range", id, min: "0", max: `${values.length - 1}`, step: "1" });
    const box = make("input", {
      type: "number",
      "aria-label": `${control.label}, typed`,
      min: values[0],
      max: values.at(-1),
      step: `${Number((Number(values[1]) - Number(values[0])).toPrecision(10))}`,
    });
    range.addEventListener("input", () => move(name, Number(range.value)));
    range.addEventListener("change", commitOnRelease);
    box.addEventListener("input", () => {
      const place = values.findIndex((value) => Number(value) === box.valueAsNumber);
      if (place >= 0) move(name, place);
    });
    box.addEventListener("change", () => {
      const typed = box.valueAsNumber;
      if (!(typed >= Number(values[0]) && typed <= Number(values.at(-1)))) {
        note.textContent = `${control.label}: please type a number from ${values[0]} to ${values.at(-1)}.`;
        box.setAttribute("aria-invalid", "true");
        return;
      }
      const distances = values.map((value) => Math.abs(Number(value) - typed));
      const place = distances.indexOf(Math.min(...distances));
      move(name, place);
      if (distances[place] > 1e-9) note.textContent = `The nearest value is ${values[place]}.`;
      box.value = values[place];
      commitOnRelease();
    });
    const row = make("div", { class: "hm-control" }, make("label", { for: id }, control.label), range, box);
    const show = (token) => {
      box.removeAttribute("aria-invalid");
      range.value = token;
      range.setAttribute("aria-valuetext", values[token]);
      if (document.activeElement !== box || Number(box.value) !== Number(values[token])) box.value = values[token];
    };
    return { row, show, inputs: [range, box] };
  }

  function selectOf(control, id) {
    const select = make("select", { id }, ...control.values.map((value) => make("option", {}, value)));
    select.addEventListener("change", () => {
      move(control.name, select.selectedIndex);
      commitOnRelease();
    });
    const row = make("div", { class: "hm-control" }, make("label", { for: id }, control.label), select);
    return { row, show: (token) => (select.selectedIndex = token), inputs: [select] };
  }

  function stepsOf(control, id) {
    const said = make("span", { class: "hm-note" });
    const add = control.actions.map(([letter, label]) =>
      make("button", { type: "button", onclick: () => pressed(tokens[control.name] + letter) }, label),
    );
    const undo = make("button", { type: "button", onclick: () => pressed(tokens[control.name].slice(0, -1)) }, "Undo");
    const pressed = (word) => {
      move(control.name, word);
      commitOnRelease();
    };
    const row = make(
      "div",
      { class: "hm-control", role: "group", "aria-labelledby": id },
      make("span", { id }, control.label),
      make("div", { class: "hm-steps" }, ...add, undo, said),
    );
    const show = (word) => {
      const full = word.length >= control.most;
      said.textContent = `${word.length} of at most ${control.most}`;
      for (const button of add) button.disabled = full || !prediction;
      undo.disabled = !word || !prediction;
    };
    return { row, show, inputs: [] };
  }

  function questionOf(question) {
    const group = `${uid}-prediction`;
    const radios = [...question.options, UNSURE].map((option) =>
      make("input", { type: "radio", name: group, value: option, onchange: () => (commitButton.disabled = false) }),
    );
    const options = radios.map((radio) => make("label", { class: "hm-option" }, radio, make("span", {}, radio.value)));
    const commitButton = make(
      "button",
      { type: "button", disabled: true, onclick: () => predict(radios.find((radio) => radio.checked).value, true) },
      "Predict",
    );
    const compareButton = make(
      "button",
      {
        type: "button",
        hidden: true,
        onclick: () => {
          const right = prediction === question.answer;
          const opening = right ? "That is what happens." : `What happens: ${question.answer}.`;
          verdict.textContent = `${opening} ${question.because}`;
          verdict.hidden = false;
        },
      },
      "Compare with what you saw",
    );
    const said = make("span", { class: "hm-lock" }, "The controls unlock with your prediction.");
    const verdict = make("p", { class: "hm-verdict", role: "status", hidden: true });
    const node = make(
      "fieldset",
      {},
      make("legend", {}, "Predict first"),
      make("p", {}, question.text),
      ...options,
      make("div", { class: "hm-buttons" }, commitButton, compareButton, said),
      verdict,
    );
    // Everything keeps its place, so that the picture below does not jump.
    const show = () => {
      commitButton.hidden = true;
      compareButton.hidden = false;
      said.textContent = `You predicted: ${prediction}.`;
      for (const radio of radios) {
        radio.checked = radio.value === prediction;
        radio.disabled = true;
      }
    };
    return { node, show };
  }

  // What a student does.

  function predict(option, tell) {
    prediction = option;
    asking.show();
    enable();
    ask();
    if (tell) {
      send({ kind: "predict", prediction });
      root.querySelector(".hm-control input, .hm-control select, .hm-control button")?.focus({ preventScroll: true });
    }
  }

  function enable() {
    for (const widget of widgets.values()) for (const input of widget.inputs) input.disabled = !prediction;
    for (const button of [playButton, resetButton, drawButton]) button.disabled = !prediction;
    for (const [name, widget] of widgets) widget.show(tokens[name]);
  }

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
    for (const [name, widget] of widgets) widget.show(tokens[name]);
    refresh();
    later("settle", SETTLE_MS, () => send({ kind: "settle", tokens }));
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
    clearTimeout(timers.play);
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
    failure.hidden = !entry.error;
    failure.textContent = entry.error ?? "";
    if (entry.error) return markStale();
    shown = entry;
    // Whole elements are swapped: one that is loaded shows in the next frame, a new src does not.
    image.replaceWith(entry.image);
    image = entry.image;
    readout.textContent = entry.readout;
    later("speak", 500, () => (spoken.textContent = readout.textContent));
    if (entry.key === keyOf(tokens)) {
      clearTimeout(timers.stale);
      markStale();
    }
  }

  // While the picture asked for is on its way, one that is nearer than the picture on screen
  // keeps a fast drag moving.
  function nearer(entry) {
    if (!shown || controls.get(active).kind !== "slider") return false;
    const apart = (other) => Math.abs(other.tokens[active] - tokens[active]);
    const sameElsewhere = spec.controls.every((c) => c.name === active || entry.tokens[c.name] === tokens[c.name]);
    return entry.theme === theme && sameElsewhere && apart(entry) < apart(shown);
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
    if (spec.update === "live" && prediction && !(missing && !asked)) {
      const most = missing ? 3 : 4;
      for (const where of neighbours()) {
        if (wants.length >= most) break;
        if (!pictures.has(keyOf(where))) wants.push(where);
      }
    }
    if (!wants.length) return;
    flight = ++requests;
    later("silence", SILENCE_MS, () => {
      note.textContent =
        "The kernel has not answered yet. It may be busy with another cell; if it was restarted, run this cell again.";
      flight = null;
    });
    send({ kind: "want", id: `${uid}/${flight}`, theme, wants });
  }

  async function receive(message, buffers) {
    if (message.kind === "values") {
      if (message.prediction && !prediction) predict(message.prediction, false);
      tokens = message.tokens;
      asked = true;
      for (const [name, widget] of widgets) widget.show(tokens[name]);
      refresh();
      return;
    }
    if (message.kind !== "picture" || !message.id.startsWith(`${uid}/`)) return;
    arriving.push(keep(message, buffers));
    if (!message.last || message.id !== `${uid}/${flight}`) return;
    await Promise.all(arriving.splice(0));
    flight = null;
    clearTimeout(timers.silence);
    if (note.textContent.startsWith("The kernel")) note.textContent = "";
    ask();
  }

  // A picture is kept once it is decoded, so that showing it takes no time.
  async function keep(message, buffers) {
    const key = JSON.stringify([message.theme, ...spec.controls.map((c) => message.tokens[c.name])]);
    const entry = { ...message, key };
    if (!message.error) {
      entry.url = URL.createObjectURL(new Blob([buffers[0]], { type: "image/png" }));
      entry.image = make("img", { src: entry.url, alt: entry.alt, "data-key": key, decoding: "sync" });
      await entry.image.decode().catch(() => (entry.error = "The browser could not read this picture."));
    }
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

  function send(content) {
    try {
      model.send(content);
    } catch {
      note.textContent = "This lab has lost its kernel. Run the cell again.";
    }
  }

  function followTheme() {
    root.dataset.theme = pageTheme();
    if (theme === root.dataset.theme) return;
    theme = root.dataset.theme;
    asked = true;
    refresh();
  }

  root.dataset.theme = theme;
  const watcher = new MutationObserver(followTheme);
  watcher.observe(document.body, { attributes: true });
  model.on("msg:custom", receive);
  enable();
  el.append(root);
  send({ kind: "hello" });

  return () => {
    watcher.disconnect();
    model.off("msg:custom", receive);
    Object.values(timers).forEach(clearTimeout);
    [...pictures.keys()].forEach(forget);
  };
}

export default { render };
