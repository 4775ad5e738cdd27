"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load, makePage, Model, Node, turn } = require("./page.js");

const X = { kind: "slider", name: "x", label: "x, a number", values: ["0.0", "0.5", "1.0", "1.5", "2.0"], start: 2 };
const K = { kind: "choice", name: "k", label: "k", values: ["once", "twice"], start: 0 };
const QUESTION = { text: "Well?", options: ["yes", "no"], answer: "yes", because: "So.", unsure: "I cannot say yet" };
const SPEC = { title: "A lab", legend: "", size: [400, 200], update: "live", ahead: true, question: QUESTION, controls: [X, K] };

// A lab on a page, its hello said.
function open(changes = {}, page = makePage(), model = new Model({ ...SPEC, ...changes }), file = "lab.js") {
  const { exported } = load(["pure.js", "parts.js", file], ["exported"], page);
  const close = exported.render({ model, el: page.body });
  const root = page.body.children.at(-1);
  const found = (test) => root.all(test)[0];
  return {
    page, model, root, close,
    range: found((node) => node.getAttribute("type") === "range"),
    box: found((node) => node.classList.includes("hm-box")),
    readout: found((node) => node.classList.includes("hm-readout")),
    note: found((node) => node.classList.includes("hm-note") && node.tag === "p"),
    error: found((node) => node.classList.includes("hm-error")),
    frame: found((node) => node.classList.includes("hm-frame")),
    image: () => found((node) => node.tag === "img"),
    button: (words) => found((node) => node.tag === "button" && node.textContent === words),
    radio: (words) => found((node) => node.value === words),
    predict() {
      this.radio("yes").checked = true;
      this.radio("yes").dispatch("change");
      this.button("Predict").dispatch("click");
    },
  };
}

// Answer every request for pictures that has come, until no more come; how many pictures.
async function draw(model, most = Infinity) {
  let drawn = 0;
  for (;;) {
    const requests = model.take("want");
    if (!requests.length || drawn >= most) return drawn;
    for (const { id, theme, wants } of requests)
      wants.forEach((tokens, i) => {
        const words = `x ${tokens.x} k ${tokens.k}`;
        const last = i === wants.length - 1;
        model.says({ kind: "picture", id, theme, tokens, last, alt: `alt ${words}`, readout: words }, ["bytes"]);
        drawn += 1;
      });
    await turn();
  }
}

const VALUES = { kind: "values", by: "", tokens: { x: 2, k: 0 }, prediction: "" };

async function opened(changes, ...rest) {
  const lab = open(changes, ...rest);
  lab.model.says(VALUES);
  await draw(lab.model);
  return lab;
}

async function used(changes) {
  const lab = await opened(changes);
  lab.predict();
  await draw(lab.model);
  return lab;
}

test("before it is touched a lab asks for its first picture alone", async () => {
  const lab = open();
  assert.equal(lab.model.take("hello").length, 1);
  lab.model.says(VALUES);
  assert.deepEqual(lab.model.sent.map(({ wants }) => wants), [[{ x: 2, k: 0 }]]);
  await draw(lab.model);
  assert.equal(lab.readout.textContent, "x 2 k 0");
  assert.equal(lab.image().alt, "alt x 2 k 0");
  lab.page.wait(2000);
  assert.equal(lab.model.take("want").length, 0);
});

test("choosing a prediction fetches along the first control, resting along the others", async () => {
  const lab = await opened();
  lab.radio("no").dispatch("change");
  assert.equal(await draw(lab.model), 4);
  lab.page.wait(500);
  assert.equal(await draw(lab.model), 1);
});

test("at most two requests of two pictures are under way", async () => {
  const lab = await opened();
  lab.predict();
  const requests = lab.model.take("want");
  assert.equal(requests.length, 2);
  assert.ok(requests.every(({ wants }) => wants.length <= 2));
  const keys = requests.flatMap(({ wants }) => wants.map((where) => JSON.stringify(where)));
  assert.equal(new Set(keys).size, keys.length);
});

test("arrow keys move the slider, and the notebook does not hear them", async () => {
  const lab = await used();
  for (const [key, place] of [["ArrowLeft", 1], ["Home", 0], ["End", 4], ["ArrowRight", 4], ["PageDown", 3]]) {
    const event = lab.page.press(key, lab.range);
    assert.ok(event.stopped && event.prevented, key);
    assert.equal(lab.range.value, place);
    await draw(lab.model);
    assert.equal(lab.readout.textContent, `x ${place} k 0`);
  }
});

test("what is not the lab's passes by: Ctrl+S, and keys pressed elsewhere", async () => {
  const lab = await used();
  for (const held of [{ ctrlKey: true }, { metaKey: true }]) {
    const event = lab.page.press("s", lab.range, held);
    assert.ok(!event.stopped && !event.prevented);
  }
  assert.ok(!lab.page.press("ArrowLeft", new Node("textarea")).stopped);
  const typed = lab.page.press("b", lab.box);
  assert.ok(typed.stopped && !typed.prevented);
});

test("a slider that waits for its prediction does not move by keys", async () => {
  const lab = await opened();
  assert.ok(!lab.page.press("ArrowLeft", lab.range).prevented);
  assert.equal(lab.range.value, 2);
});

test("a box takes 0,5 and 0.5, and says in words what it takes", async () => {
  const lab = await used();
  for (const [typed, place] of [["0,5", 1], ["1.5", 3]]) {
    lab.box.value = typed;
    lab.box.dispatch("change");
    assert.equal(lab.range.value, place);
  }
  lab.box.value = "much";
  lab.box.dispatch("change");
  assert.equal(lab.note.textContent, "x, a number: please type a number from 0.0 to 2.0, such as 1.5 or 1,5.");
  assert.equal(lab.box.getAttribute("aria-invalid"), "true");
  lab.box.value = "0.6";
  lab.box.dispatch("change");
  assert.equal(lab.note.textContent, "The nearest value is 0.5.");
});

test("while a picture is late no old number is shown", async () => {
  const lab = await used({ controls: [{ ...X, values: Array.from({ length: 50 }, (_, i) => `${i}`) }, K] });
  lab.model.says({ ...VALUES, tokens: { x: 2, k: 1 } });
  assert.equal(lab.readout.textContent, "x 2 k 0");
  lab.page.wait(130);
  assert.equal(lab.readout.textContent, "The numbers are on their way.");
  assert.match(lab.image().alt, /^The numbers are on their way\. Before that: alt x 2 k 0$/);
  assert.equal(lab.frame.dataset.stale, "true");
  await draw(lab.model);
  assert.equal(lab.readout.textContent, "x 2 k 1");
  assert.equal(lab.image().alt, "alt x 2 k 1");
  assert.equal(lab.frame.dataset.stale, "false");
});

test("a lab on a button says what to press, and asks for nothing before", async () => {
  const lab = await used({ update: "button" });
  lab.page.press("ArrowLeft", lab.range);
  lab.page.wait(130);
  assert.equal(lab.readout.textContent, "Press Draw for the picture and its numbers.");
  assert.equal(lab.model.take("want").length, 0);
  lab.button("Draw").dispatch("click");
  await draw(lab.model);
  assert.equal(lab.readout.textContent, "x 1 k 0");
});

test("a refusal is told in words, and the lab goes on", async () => {
  const lab = await used();
  lab.page.wait(1000);
  await draw(lab.model);
  lab.model.says({ ...VALUES, tokens: { x: 0, k: 1 } });
  const [{ id }] = lab.model.take("want");
  lab.model.says({ kind: "refused", id, error: "The lab refused a message." });
  assert.equal(lab.error.textContent, "The lab refused a message.");
  assert.equal(lab.error.hidden, false);
  assert.ok(lab.model.sent.filter(({ kind }) => kind === "want").length <= 1, "it does not ask again by itself");
  lab.page.press("ArrowRight", lab.range);
  await draw(lab.model);
  assert.equal(lab.readout.textContent, "x 1 k 1");
  assert.equal(lab.error.hidden, true);
  lab.model.says({ kind: "refused", id: "another page/1", error: "not ours" });
  assert.equal(lab.error.hidden, true);
});

test("a second view follows the first, its prediction included", async () => {
  const model = new Model(SPEC);
  const page = makePage();
  const [first, second] = [open({}, page, model), open({}, page, model)];
  model.says(VALUES);
  await draw(model);
  first.predict();
  const [{ prediction, by }] = model.take("predict");
  model.says({ ...VALUES, by, prediction });
  assert.ok(first.range.disabled === false && second.range.disabled === false);
  assert.ok(second.root.textContent.includes("You predicted: yes."));
  await draw(model);
  page.press("ArrowLeft", first.range);
  page.wait(200);
  const settled = model.take("settle");
  assert.deepEqual(settled.map(({ tokens }) => tokens), [{ x: 1, k: 0 }]);
  page.press("ArrowLeft", first.range);
  model.says({ ...VALUES, by: settled[0].by, tokens: settled[0].tokens, prediction });
  await draw(model);
  assert.equal(second.readout.textContent, "x 1 k 0");
  assert.equal(second.range.value, 1);
  assert.equal(first.range.value, 0, "a view does not follow itself back");
});

test("a lab follows the theme of its page", async () => {
  const lab = await used();
  assert.equal(lab.root.dataset.theme, "light");
  lab.page.body.dataset.vscodeThemeKind = "vscode-dark";
  lab.page.changed();
  assert.equal(lab.root.dataset.theme, "dark");
  assert.equal(lab.model.sent.find(({ kind }) => kind === "want").theme, "dark");
});

test("each front end's dark page is read as dark", () => {
  const signs = {
    "VS Code": (page) => page.body.setAttribute("class", "vscode-dark"),
    "VS Code, high contrast": (page) => (page.body.dataset.vscodeThemeKind = "vscode-high-contrast"),
    Colab: (page) => page.documentElement.setAttribute("theme", "dark"),
    marimo: (page) => page.body.setAttribute("class", "dark dark-theme"),
    MyST: (page) => page.documentElement.setAttribute("class", "dark"),
    Sphinx: (page) => (page.body.dataset.theme = "dark"),
  };
  for (const [name, mark] of Object.entries(signs)) {
    const page = makePage();
    mark(page);
    assert.equal(open({}, page).root.dataset.theme, "dark", name);
  }
  assert.equal(open({}, makePage({ body: { backgroundColor: "oklch(0.98 0 0)" } })).root.dataset.theme, "light");
  assert.equal(open({}, makePage({ body: { color: "rgb(220, 220, 220)" } })).root.dataset.theme, "dark");
});

test("silence is spoken of, and a late answer takes it back", async () => {
  const lab = await used();
  lab.model.says({ ...VALUES, tokens: { x: 4, k: 1 } });
  lab.page.wait(4100);
  assert.match(lab.note.textContent, /^The kernel has not answered yet/);
  lab.model.take("want");
  lab.page.press("ArrowLeft", lab.range);
  await draw(lab.model);
  assert.equal(lab.note.textContent, "");
  assert.equal(lab.readout.textContent, "x 3 k 1");
});

test("a lab that is closed leaves nothing behind", async () => {
  const lab = await used();
  lab.close();
  assert.equal(lab.page.listeners.length, 0);
  assert.equal(lab.model.ears.length, 0);
  assert.ok(lab.page.revoked.length >= 5);
});

const TRAINING = [{ ...X, name: "rate" }, { ...X, name: "seed" }, { ...K, name: "speed" }];
const STANDS = { rate: 2, seed: 2, speed: 0 };

test("a lab that learns asks for one advance at a time, and shows a refusal", async () => {
  const lab = open({ controls: TRAINING }, makePage(), new Model({ ...SPEC, controls: TRAINING }), "live.js");
  lab.model.says({ ...VALUES, tokens: STANDS });
  const answer = (id, count) =>
    lab.model.says({ kind: "trained", id, theme: "light", tokens: STANDS, count, over: false, said: "", alt: "a",
      readout: `step ${count}` }, ["bytes"]);
  answer(lab.model.take("train")[0].id, 0);
  lab.predict();
  lab.button("Play").dispatch("click");
  const [request, ...more] = lab.model.take("train");
  assert.equal(more.length, 0);
  assert.deepEqual([request.do, request.tokens], ["play", STANDS]);
  answer(request.id, 10);
  await turn();
  assert.equal(lab.readout.textContent, "step 10");
  const [next] = lab.model.take("train");
  lab.model.says({ kind: "refused", id: next.id, error: "The lab refused a message." });
  assert.equal(lab.error.textContent, "The lab refused a message.");
  assert.equal(lab.model.take("train").length, 0);
  assert.ok(lab.button("Play"));
});

test("what a lab hides is asked for once the kernel has heard the prediction", async () => {
  const lab = open({ hides: true });
  lab.model.says(VALUES);
  const [first] = lab.model.take("want");
  const sent = { kind: "picture", theme: "light", tokens: VALUES.tokens, last: true };
  lab.model.says({ ...sent, id: first.id, locked: true, alt: "axes", readout: "predict first" }, ["bytes"]);
  await turn();
  assert.equal(lab.readout.textContent, "predict first");
  lab.radio("yes").checked = true;
  lab.radio("yes").dispatch("change");
  assert.equal(lab.model.take("want").length, 0, "nothing is fetched ahead that will be hidden");
  lab.button("Predict").dispatch("click");
  const kinds = lab.model.sent.map((content) => content.kind);
  assert.ok(kinds.indexOf("predict") < kinds.indexOf("want"), kinds.join());
  const [then] = lab.model.take("want");
  assert.deepEqual(then.wants[0], VALUES.tokens);
  lab.model.says({ ...sent, id: then.id, locked: false, alt: "all", readout: "F = 1" }, ["bytes"]);
  await turn();
  assert.equal(lab.readout.textContent, "F = 1");
});

test("a reply speaks to who chose that option", async () => {
  const lab = await opened({ question: { ...QUESTION, replies: { no: "You thought of another." } } });
  const compare = () => lab.button("Compare with what you saw").dispatch("click");
  lab.radio("no").checked = true;
  lab.radio("no").dispatch("change");
  lab.button("Predict").dispatch("click");
  compare();
  const verdict = lab.root.all((node) => node.classList.includes("hm-verdict"))[0];
  // What is said of a choice stands beside that choice, and on a line of its own.
  assert.deepEqual(
    verdict.children.map((line) => line.textContent.trim()),
    ["Your prediction, “no”: You thought of another.", "What happens: yes.", "So."],
  );
  assert.ok(verdict.inView);
});

const PLACE = { left: 0, top: 0, width: 1, height: 1, x: [0, 2], y: [0, 2], log_x: false, log_y: false, other: 1 };
const Y = { ...X, name: "y", label: "y" };

async function withHandle(handle) {
  const lab = open({ controls: [X, Y], handles: [handle] });
  const values = { ...VALUES, tokens: { x: 2, y: 2 } };
  lab.model.says(values);
  const answer = async () => {
    for (const { id, theme, wants } of lab.model.take("want"))
      wants.forEach((tokens, i) => {
        const last = i === wants.length - 1;
        const readout = `x ${tokens.x} y ${tokens.y}`;
        lab.model.says({ kind: "picture", id, theme, tokens, last, alt: "", readout, handles: [PLACE] }, ["bytes"]);
      });
    await turn();
  };
  await answer();
  lab.frame.box = { width: 400, height: 200 };
  return { ...lab, answer, handle: lab.root.all((node) => node.classList.includes("hm-handle"))[0] };
}

test("a handle is dragged: both sliders follow, and so does the picture", async () => {
  const lab = await withHandle({ x: "x", y: "y" });
  assert.equal(lab.handle.hidden, true);
  lab.predict();
  assert.equal(lab.handle.hidden, false);
  assert.equal(lab.handle.style.left, "50%");
  lab.handle.dispatch("pointerdown", { pointerId: 1, button: 0, preventDefault() {} });
  lab.handle.dispatch("pointermove", { pointerId: 1, clientX: 300, clientY: 0 });
  assert.equal(lab.handle.style.left, "75%");
  assert.equal(lab.handle.style.top, "0%");
  assert.equal(lab.range.value, 3);
  for (let i = 0; i < 9; i++) await lab.answer();
  assert.equal(lab.readout.textContent, "x 3 y 4");
  lab.handle.dispatch("pointermove", { pointerId: 2, clientX: 0, clientY: 0 });
  assert.equal(lab.range.value, 3, "only the pointer that holds it moves it");
});

test("a handle with one slider stays on its line, and arrow keys move it", async () => {
  const lab = await withHandle({ x: "", y: "y" });
  lab.predict();
  lab.handle.dispatch("pointerdown", { pointerId: 1, button: 0, preventDefault() {} });
  lab.handle.dispatch("pointermove", { pointerId: 1, clientX: 399, clientY: 200 });
  assert.deepEqual([lab.handle.style.left, lab.handle.style.top], ["50%", "100%"]);
  assert.equal(lab.range.value, 2);
  assert.ok(lab.page.press("ArrowUp", lab.handle).prevented);
  assert.equal(lab.handle.style.top, "75%");
  assert.ok(!lab.page.press("a", lab.handle).prevented);
});

test("where the kernel is dear only what is asked for is drawn", async () => {
  const lab = await opened({ ahead: false });
  lab.predict();
  assert.equal(await draw(lab.model), 0);
  lab.range.value = 3;
  lab.range.dispatch("input");
  assert.equal(await draw(lab.model), 1);
  assert.equal(lab.readout.textContent, "x 3 k 0");
  lab.page.wait(5000);
  assert.equal(await draw(lab.model), 0);
});
