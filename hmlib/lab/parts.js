// What every lab has on the page: a question, native controls, a picture with live words.
//
// Read after pure.js, before lab.js and live.js. A file with a `render` of its own fills the page: it says
// what is done when a control is moved, and puts pictures in.

const SILENCE_MS = 4000; // an answer later than this is spoken of
const STALE_MS = 120; // a picture late by less than this is not called stale

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

// Words that body and html give themselves: classes, and attributes that name a theme.
function namesOf(node) {
  const { theme, colorMode, vscodeThemeKind } = node.dataset;
  const said = [vscodeThemeKind, theme, colorMode, node.getAttribute("theme"), ...node.classList];
  return said.filter(Boolean).map((name) => name.toLowerCase());
}

// The theme around a node, which need not be on the page yet.
function pageTheme(node) {
  const { body, documentElement } = document;
  const papers = [];
  let around = node;
  while (around) {
    if (around instanceof Element) papers.push(getComputedStyle(around).backgroundColor);
    around = around.parentNode ?? around.host;
  }
  if (!papers.length) papers.push(...[body, documentElement].map((part) => getComputedStyle(part).backgroundColor));
  return themeOf({
    jupyter: body.dataset.jpThemeLight,
    names: [...namesOf(body), ...namesOf(documentElement)],
    papers,
    ink: getComputedStyle(body).color,
    prefersDark: matchMedia("(prefers-color-scheme: dark)").matches,
  });
}

// `on` tells what a student does: move(name, token) a control, let go of one with release(),
// go to one with use(name), and predicted(). `buttons` stand under the controls.
function pageOf(model, buttons, on) {
  const spec = model.get("spec");
  // Counted on the page, since every lab loads this file anew; and drawn by lot, since a lab may be
  // open on several pages.
  window.hmLabs = (window.hmLabs ?? 0) + 1;
  const uid = `hm-lab-${window.hmLabs}-${Math.random().toString(36).slice(2, 8)}`;
  const timers = {};
  const later = (name, ms, action) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, ms);
  };
  const cancel = (name) => clearTimeout(timers[name]);
  let tokens = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));
  let prediction = "";
  let theme = pageTheme(null);
  let shown = null; // the entry on screen
  let unheard = null; // what to do if no answer comes
  let late = ""; // what is said instead of numbers that have become old

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
    { class: "hm-lab", id: uid, "aria-label": `Lab: ${spec.title}` },
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

  // A notebook hears every key before the page does, and takes arrow keys and letters for commands
  // of its own. So the lab listens before it, at the window, and keeps what is the lab's.
  const hear = (event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || !root.contains(target)) return;
    if (!isOwn(event, target.matches(".hm-box"))) return;
    event.stopPropagation();
    for (const widget of widgets.values()) if (widget.press?.(event, target)) event.preventDefault();
  };
  window.addEventListener("keydown", hear, true);

  const follow = () => {
    const found = pageTheme(root.parentNode);
    if (found === theme) return;
    root.dataset.theme = theme = found;
    on.themed();
  };
  const watcher = new MutationObserver(follow);
  for (const node of [document.body, document.documentElement]) watcher.observe(node, { attributes: true });
  const preference = matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", follow);

  function widgetOf(control) {
    const id = `${uid}-${control.name}`;
    const makers = { slider: sliderOf, choice: selectOf, steps: stepsOf };
    return makers[control.kind](control, id);
  }

  function sliderOf(control, id) {
    const { name, values } = control;
    const range = make("input", { type: "range", id, min: "0", max: `${values.length - 1}`, step: "1" });
    const box = make("input", {
      type: "text",
      class: "hm-box",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": `${control.label}, typed`,
    });
    range.addEventListener("input", () => on.move(name, Number(range.value)));
    range.addEventListener("change", () => on.release?.());
    box.addEventListener("input", () => {
      const found = placeOf(box.value, values);
      if (found?.exact) on.move(name, found.place);
    });
    box.addEventListener("change", () => {
      const found = placeOf(box.value, values);
      if (!found) {
        const example = values[tokens[name]];
        const comma = example.includes(".") ? ` or ${example.replace(".", ",")}` : "";
        note.textContent =
          `${control.label}: please type a number from ${values[0]} to ${values.at(-1)}, such as ${example}${comma}.`;
        box.setAttribute("aria-invalid", "true");
        return;
      }
      on.move(name, found.place);
      if (!found.exact) note.textContent = `The nearest value is ${values[found.place]}.`;
      box.value = values[found.place];
      box.removeAttribute("aria-invalid");
      on.release?.();
    });
    // Keys move the slider here, not by the browser, and so in every notebook alike.
    const press = (event, target) => {
      if (event.ctrlKey || event.metaKey || target.disabled) return false;
      if (target !== range && !(target === box && ["ArrowUp", "ArrowDown"].includes(event.key))) return false;
      const place = placeAfter(event.key, tokens[name], values.length);
      if (place === null) return false;
      if (place !== tokens[name]) {
        if (target === box) box.value = values[place];
        on.move(name, place);
        on.release?.();
      }
      return true;
    };
    const row = make("div", { class: "hm-control" }, make("label", { for: id }, control.label), range, box);
    const show = (token) => {
      box.removeAttribute("aria-invalid");
      range.value = token;
      range.setAttribute("aria-valuetext", values[token]);
      // What is being typed stays as it is typed, if it means the same.
      if (!box.matches(":focus") || readNumber(box.value) !== Number(values[token])) box.value = values[token];
    };
    return { row, show, press, inputs: [range, box] };
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
    const radios = [...question.options, question.unsure].map((option) =>
      make("input", {
        type: "radio",
        name: group,
        value: option,
        onchange: () => {
          commitButton.disabled = false;
          on.choosing?.();
        },
      }),
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
      send({ kind: "predict", prediction, by: uid });
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
    shown = entry;
    image.replaceWith(entry.image);
    image = entry.image;
    say();
  }

  // Words and numbers of the picture on screen, or that it has become old.
  function say() {
    const text = late || (shown?.readout ?? "");
    image.alt = late && shown ? `${late} Before that: ${shown.alt}` : (shown?.alt ?? image.alt);
    if (readout.textContent !== text) readout.textContent = text;
    frame.dataset.stale = String(Boolean(late));
    later("speak", 500, () => (spoken.textContent = readout.textContent));
  }

  // Say, if it is not so soon, that the picture and its numbers are not of where the controls are.
  function stale(words) {
    later("stale", STALE_MS, () => {
      late = words;
      say();
    });
  }

  function fresh() {
    cancel("stale");
    late = "";
    say();
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
    unheard = silent;
    listen();
    send(content);
  }

  function listen() {
    later("silence", SILENCE_MS, () => {
      note.textContent =
        "The kernel has not answered yet. It may be busy with another cell; if it was restarted, run this cell again.";
      unheard();
    });
  }

  // An answer has come; `waiting` is true if another is still to come.
  function answered(waiting) {
    cancel("silence");
    if (note.textContent.startsWith("The kernel")) note.textContent = "";
    if (waiting) listen();
  }

  function close() {
    watcher.disconnect();
    preference.removeEventListener("change", follow);
    window.removeEventListener("keydown", hear, true);
    Object.values(timers).forEach(clearTimeout);
  }

  return {
    uid,
    root,
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
    stale,
    fresh,
    follow,
    decode,
    fail,
    send,
    request,
    answered,
    close,
  };
}
