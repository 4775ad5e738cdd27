// What every lab has on the page: a question, native controls, a picture with live words.
//
// Read before lab.js and live.js. A file with a `render` of its own fills the page: it says
// what is done when a control is moved, and puts pictures in.

const SILENCE_MS = 4000; // an answer later than this is spoken of
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

// `on` tells what a student does: move(name, token) a control, let go of one with release(),
// go to one with use(name), and predicted(). `buttons` stand under the controls.
function pageOf(model, buttons, on) {
  const spec = model.get("spec");
  // Counted on the page, since every lab loads this file anew.
  window.hmLabs = (window.hmLabs ?? 0) + 1;
  const uid = `hm-lab-${window.hmLabs}`;
  const timers = {};
  const later = (name, ms, action) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, ms);
  };
  const cancel = (name) => clearTimeout(timers[name]);
  let tokens = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));
  let prediction = "";
  let theme = pageTheme();

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
  const panel = make("div", { role: "group", "aria-label": `Controls of ${spec.title}` });
  const widgets = new Map(spec.controls.map((control) => [control.name, widgetOf(control)]));
  const asking = questionOf(spec.question);
  for (const [name, widget] of widgets) {
    widget.row.addEventListener("focusin", () => on.use?.(name));
    panel.append(widget.row);
  }
  panel.append(make("div", { class: "hm-buttons" }, ...buttons));
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
  root.dataset.theme = theme;
  // JupyterLab's own shortcuts would take the arrow keys away from the sliders.
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const watcher = new MutationObserver(() => {
    root.dataset.theme = pageTheme();
    if (theme === root.dataset.theme) return;
    theme = root.dataset.theme;
    on.themed();
  });
  watcher.observe(document.body, { attributes: true });

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
      step: control.step,
    });
    range.addEventListener("input", () => on.move(name, Number(range.value)));
    range.addEventListener("change", () => on.release?.());
    box.addEventListener("input", () => {
      const place = values.findIndex((value) => Number(value) === box.valueAsNumber);
      if (place >= 0) on.move(name, place);
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
      on.move(name, place);
      if (distances[place] > 1e-9) note.textContent = `The nearest value is ${values[place]}.`;
      box.value = values[place];
      on.release?.();
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
      on.move(control.name, select.selectedIndex);
      on.release?.();
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
      on.move(control.name, word);
      on.release?.();
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

  function predict(option, tell) {
    prediction = option;
    asking.show();
    enable();
    on.predicted?.();
    if (tell) {
      send({ kind: "predict", prediction });
      root.querySelector(".hm-control input, .hm-control select, .hm-control button")?.focus({ preventScroll: true });
    }
  }

  function enable() {
    for (const widget of widgets.values()) for (const input of widget.inputs) input.disabled = !prediction;
    for (const button of buttons) button.disabled = !prediction;
    place(tokens);
  }

  // Show where the controls stand.
  function place(where) {
    tokens = where;
    for (const [name, widget] of widgets) widget.show(tokens[name]);
  }

  // Whole elements are swapped: one that is loaded shows in the next frame, a new src does not.
  function put(entry) {
    image.replaceWith(entry.image);
    image = entry.image;
    readout.textContent = entry.readout;
    later("speak", 500, () => (spoken.textContent = readout.textContent));
  }

  // A picture is put in once it is decoded, so that showing it takes no time.
  async function decode(entry, bytes) {
    entry.url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    entry.image = make("img", { src: entry.url, alt: entry.alt, "data-key": entry.key, decoding: "sync" });
    await entry.image.decode().catch(() => (entry.error = "The browser could not read this picture."));
  }

  function fail(words) {
    failure.hidden = !words;
    failure.textContent = words ?? "";
  }

  function send(content) {
    try {
      model.send(content);
    } catch {
      note.textContent = "This lab has lost its kernel. Run the cell again.";
    }
  }

  // Send what is answered soon, and say so if it is not.
  function request(content, silent) {
    later("silence", SILENCE_MS, () => {
      note.textContent =
        "The kernel has not answered yet. It may be busy with another cell; if it was restarted, run this cell again.";
      silent();
    });
    send(content);
  }

  function answered() {
    cancel("silence");
    if (note.textContent.startsWith("The kernel")) note.textContent = "";
  }

  function close() {
    watcher.disconnect();
    Object.values(timers).forEach(clearTimeout);
  }

  return {
    uid,
    root,
    frame,
    note,
    failure,
    get theme() {
      return theme;
    },
    get prediction() {
      return prediction;
    },
    later,
    cancel,
    place,
    predict,
    enable,
    put,
    decode,
    fail,
    send,
    request,
    answered,
    close,
  };
}
