// What every lab has on the page: a question, native controls, a picture with live words.
//
// Read after pure.js, before lab.js and live.js. A file with a `render` of its own fills the page: it says
// what is done when a control is moved, and puts pictures in.

// From the question to the numbers a lab fits into so many pixels: what JupyterLab leaves of a
// screen of 1366 x 768. On a larger one it may be larger.
const ROOM = 645;
const AROUND = 768 - ROOM;
const LEAST_PICTURE = 240;

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

// `on` tells what a student does: move(name, token) a control, drag({ name: token, ... }) several at
// once, let go with release(), go to a control with use(name), and predicted(). `buttons` stand under
// the controls.
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
  const handles = (spec.handles ?? []).map(handleOf);
  frame.append(...handles.map((handle) => handle.node));
  const readout = make("output", { class: "hm-readout" });
  const spoken = make("p", { class: "hm-quiet", role: "status" });
  const failure = make("p", { class: "hm-error", role: "alert", hidden: true });
  const note = make("p", { class: "hm-note", role: "status" });
  const panel = make("div", { class: "hm-panel", role: "group", "aria-label": `Controls of ${spec.title}` });
  const widgets = new Map(spec.controls.map((control) => [control.name, widgetOf(control)]));
  const asking = questionOf(spec.question);
  for (const [name, widget] of widgets) {
    widget.row.addEventListener("focusin", () => on.use?.(name));
    panel.append(widget.row);
  }
  const top = make("div", { class: "hm-top" }, asking.node, panel);
  panel.append(make("div", { class: "hm-buttons" }, ...buttons, note));
  const root = make(
    "section",
    { class: "hm-lab", id: uid, "aria-label": `Lab: ${spec.title}` },
    make("h3", {}, spec.title),
    top,
    frame,
    readout,
    asking.verdict,
    spoken,
    failure,
    make("p", { class: "hm-legend" }, spec.legend),
  );
  root.dataset.theme = theme;
  root.dataset.predicted = "false";
  root.dataset.locked = String(Boolean(spec.hides));

  // A notebook hears every key before the page does, and takes arrow keys and letters for commands
  // of its own. So the lab listens before it, at the window, and keeps what is the lab's.
  const hear = (event) => {
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || !root.contains(target)) return;
    if (!isOwn(event, target.matches(".hm-box"))) return;
    event.stopPropagation();
    for (const part of [...widgets.values(), ...handles]) if (part.press?.(event, target)) event.preventDefault();
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

  // The picture takes what the question, the controls and the numbers leave of the screen's height.
  function fit() {
    const height = (node) => node.getBoundingClientRect().height;
    const rest = readout.getBoundingClientRect().bottom - top.getBoundingClientRect().top - height(frame);
    const room = Math.max(ROOM, window.innerHeight - AROUND);
    frame.style.maxWidth = `${(Math.max(LEAST_PICTURE, room - rest) * spec.size[0]) / spec.size[1]}px`;
  }
  let width = 0;
  const sized = new ResizeObserver(() => {
    const now = root.getBoundingClientRect().width;
    if (now !== width) {
      width = now;
      fit();
    }
  });
  sized.observe(root);
  window.addEventListener("resize", fit);

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

  // A mark in the picture that can be dragged, with a mouse, a pen or a finger, or moved with arrow keys.
  function handleOf(names, index) {
    const axes = Object.entries(names).filter(([, name]) => name); // such as [["x", "q_rain"]]
    const control = (name) => spec.controls.find((other) => other.name === name);
    const labels = axes.map(([, name]) => control(name).label).join(" and ");
    const node = make("button", {
      type: "button",
      class: "hm-handle",
      hidden: true,
      title: "Drag me",
      "aria-label": `${labels}: drag, or use the arrow keys`,
    });
    const where = () => shown?.handles?.[index];
    const pull = (event) => {
      const box = frame.getBoundingClientRect();
      const at = { left: (event.clientX - box.left) / box.width, top: (event.clientY - box.top) / box.height };
      const numbers = numbersAt(where(), at);
      const moves = axes.map(([axis, name]) => [
        name,
        nearestPlace(numbers[axis], control(name).values, where()[`log_${axis}`]),
      ]);
      on.drag(Object.fromEntries(moves));
    };
    node.addEventListener("pointerdown", (event) => {
      if (!where() || event.button) return;
      event.preventDefault();
      node.focus({ preventScroll: true });
      node.setPointerCapture(event.pointerId);
      on.use?.(axes[0][1]);
    });
    node.addEventListener("pointermove", (event) => {
      if (node.hasPointerCapture(event.pointerId) && where()) pull(event);
    });
    node.addEventListener("lostpointercapture", () => on.release?.());
    const press = (event, target) => {
      if (target !== node || event.ctrlKey || event.metaKey) return false;
      const axis = { ArrowLeft: "x", ArrowRight: "x", ArrowUp: "y", ArrowDown: "y" }[event.key];
      const name = names[axis] || (axes.length === 1 && axis && axes[0][1]);
      if (!name) return false;
      const place = placeAfter(event.key, tokens[name], control(name).values.length);
      if (place !== tokens[name]) {
        on.move(name, place);
        on.release?.();
      }
      return true;
    };
    const show = () => {
      node.hidden = !where() || !prediction;
      if (node.hidden) return;
      const values = axes.map(([axis, name]) => [axis, Number(control(name).values[tokens[name]])]);
      const spot = spotOf(where(), Object.fromEntries(values));
      node.style.left = `${100 * spot.left}%`;
      node.style.top = `${100 * spot.top}%`;
    };
    return { node, show, press };
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
          // A reply says "that" of the student's own choice, so it stands beside that choice.
          const reply = question.replies?.[prediction];
          const own = reply && `Your prediction, “${prediction}”: ${reply}`;
          const lines = right ? [opening, reply, question.because] : [own, opening, question.because];
          verdict.textContent = "";
          verdict.append(...lines.filter(Boolean).map((line) => make("span", {}, `${line} `)));
          verdict.hidden = false;
          verdict.scrollIntoView({ block: "nearest" }); // it stands below a picture that fills the window
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
    );
    const show = () => {
      commitButton.hidden = true;
      compareButton.hidden = false;
      said.textContent = `You predicted: ${prediction}.`;
      for (const radio of radios) {
        radio.checked = radio.value === prediction;
        radio.disabled = true;
      }
    };
    return { node, show, verdict };
  }

  function predict(option, tell) {
    prediction = option;
    asking.show();
    // The options fold, and leave their room to the picture.
    root.dataset.predicted = "true";
    root.dataset.locked = "false";
    fit();
    enable();
    if (tell) send({ kind: "predict", prediction, by: uid });
    on.predicted?.(); // now that the kernel hides nothing any more
    if (tell) {
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
    for (const handle of handles) handle.show();
  }

  // Whole elements are swapped: one that is loaded shows in the next frame, a new src does not.
  function put(entry) {
    shown = entry;
    image.replaceWith(entry.image);
    image = entry.image;
    for (const handle of handles) handle.show();
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
    entry.url = URL.createObjectURL(new Blob([bytes], { type: entry.type ?? "image/png" }));
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
    sized.disconnect();
    window.removeEventListener("resize", fit);
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
    get locked() {
      return Boolean(spec.hides) && !prediction;
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
