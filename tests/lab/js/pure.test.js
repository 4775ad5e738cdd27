"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./page.js");

const names = ["readNumber", "placeOf", "placeAfter", "isOwn", "brightness", "themeOf", "Store", "neighbours"];
names.push("spotOf", "numbersAt", "nearestPlace");
const pure = load(["pure.js"], names);

test("a number is read with a point or a comma", () => {
  const read = { "0,3": 0.3, "0.3": 0.3, ",3": 0.3, ".3": 0.3, "3,": 3, " 12 ": 12, "-0,5": -0.5, "\u22120.5": -0.5 };
  for (const [text, number] of Object.entries(read)) assert.equal(pure.readNumber(text), number, text);
  assert.equal(pure.readNumber("1e-3"), 0.001);
  assert.equal(pure.readNumber("+2"), 2);
});

test("what is no number is not read as one", () => {
  for (const text of ["", " ", "x", "1.2.3", "1,000.5", "0,3,", "1 2", "--1", ",", ".", "NaN", "Infinity", "0x10", "1e"])
    assert.equal(pure.readNumber(text), null, text);
});

test("a typed number finds its place, or the nearest", () => {
  const values = ["0.00", "0.25", "0.50", "0.75", "1.00"];
  assert.deepEqual(pure.placeOf("0,5", values), { place: 2, exact: true });
  assert.deepEqual(pure.placeOf("0.6", values), { place: 2, exact: false });
  assert.deepEqual(pure.placeOf("1", values), { place: 4, exact: true });
  for (const text of ["1.01", "-0.1", "much", ""]) assert.equal(pure.placeOf(text, values), null, text);
});

test("keys lead along a slider and stop at its ends", () => {
  const after = (key, place) => pure.placeAfter(key, place, 50);
  assert.deepEqual(["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"].map((key) => after(key, 10)), [9, 9, 11, 11]);
  assert.deepEqual(["PageDown", "PageUp", "Home", "End"].map((key) => after(key, 10)), [5, 15, 0, 49]);
  assert.deepEqual(["ArrowLeft", "PageDown"].map((key) => after(key, 0)), [0, 0]);
  assert.deepEqual(["ArrowRight", "PageUp"].map((key) => after(key, 49)), [49, 49]);
  for (const key of ["a", "Tab", "Enter", " ", "Escape"]) assert.equal(after(key, 10), null, key);
  assert.equal(pure.placeAfter("PageUp", 1, 4), 2);
});

test("a lab keeps its own keys and leaves the rest to the notebook", () => {
  const own = (key, held = {}, typing = false) => pure.isOwn({ key, ...held }, typing);
  for (const key of ["ArrowLeft", "a", "Tab", " ", "Enter", "Escape", "Home"]) assert.ok(own(key), key);
  assert.ok(own("A", { shiftKey: true }));
  for (const held of [{ ctrlKey: true }, { metaKey: true }]) {
    for (const key of ["s", "S", "z", "Enter", "c"]) assert.ok(!own(key, held), key);
    for (const key of ["c", "V", "x", "a", "z", "ArrowLeft"]) assert.ok(own(key, held, true), key);
    assert.ok(!own("s", held, true));
  }
  assert.ok(!own("ArrowLeft", { altKey: true }));
  assert.ok(!own("F5"));
});

test("the brightness of colours as browsers compute them", () => {
  const light = ["rgb(255, 255, 255)", "rgb(250 250 250)", "oklch(0.98 0.01 250)", "oklch(98% 0.01 250)",
    "color(srgb 0.97 0.97 0.97)", "color(display-p3 0.9 0.9 0.9 / 1)", "lab(95 0 0)", "lch(96% 1 20)",
    "oklab(0.97 0 0)", "hsl(0 0% 98%)", "rgba(255, 255, 255, 0.9)"];
  const dark = ["rgb(17, 17, 17)", "oklch(0.2 0.02 250)", "color(srgb 0.1 0.1 0.1)", "lab(10 0 0)", "oklch(15% none none)",
    "rgb(30 30 30 / 0.95)", "hsl(0 0% 8%)"];
  for (const colour of light) assert.ok(pure.brightness(colour).light > 0.8, colour);
  for (const colour of dark) assert.ok(pure.brightness(colour).light < 0.3, colour);
  assert.equal(pure.brightness("rgba(0, 0, 0, 0)").alpha, 0);
  assert.equal(pure.brightness("oklch(0.5 0.1 20 / 30%)").alpha, 0.3);
  for (const colour of ["", "transparent", "fancy(1 2 3)", undefined]) assert.equal(pure.brightness(colour), null);
});

const PAGE = { jupyter: undefined, names: [], papers: ["rgba(0, 0, 0, 0)"], ink: "rgb(0, 0, 0)", prefersDark: false };

test("the theme of a page, by what it says", () => {
  const theme = (signs) => pure.themeOf({ ...PAGE, ...signs });
  assert.equal(theme({ jupyter: "true", papers: ["rgb(0, 0, 0)"] }), "light");
  assert.equal(theme({ jupyter: "false", papers: ["rgb(255, 255, 255)"] }), "dark");
  for (const names of [["vscode-dark"], ["vscode-high-contrast"], ["dark"], ["dark-theme"], ["auto", "dark-mode"]])
    assert.equal(theme({ names }), "dark", names);
  for (const names of [["vscode-light"], ["vscode-high-contrast-light"], ["light"], ["light-theme"]])
    assert.equal(theme({ names, papers: ["rgb(0, 0, 0)"] }), "light", names);
  assert.equal(theme({ names: ["darkroom", "jp-mod-dark-side"] }), "light");
});

test("the theme of a page, by its colours", () => {
  const theme = (signs) => pure.themeOf({ ...PAGE, ...signs });
  assert.equal(theme({ papers: ["rgba(0, 0, 0, 0)", "rgb(30, 30, 30)", "rgb(255, 255, 255)"] }), "dark");
  assert.equal(theme({ papers: ["oklch(0.98 0 0)"] }), "light");
  assert.equal(theme({ papers: ["color(srgb 0.97 0.97 0.97)"] }), "light");
  assert.equal(theme({ papers: ["rgba(0, 0, 0, 0.04)", "rgb(255, 255, 255)"] }), "light");
  assert.equal(theme({ ink: "rgb(204, 204, 204)" }), "dark");
  assert.equal(theme({}), "light");
  assert.equal(theme({ ink: "", prefersDark: true }), "dark");
});

test("a store forgets what was longest unused, and never what is shown", () => {
  const gone = [];
  const store = new pure.Store(3, (entry) => gone.push(entry));
  for (const key of ["a", "b", "c"]) store.put(key, key.toUpperCase(), "a");
  assert.equal(store.get("b"), "B");
  store.put("d", "D", "a");
  assert.deepEqual(gone, ["C"]);
  assert.ok(store.has("a") && store.has("b") && store.has("d"));
  store.put("b", "new B", "a");
  assert.deepEqual(gone, ["C", "B"]);
  assert.equal(store.get("nothing"), undefined);
  store.clear();
  assert.deepEqual(gone.slice(2).sort(), ["A", "D", "new B"]);
});

test("neighbours come along the control in use first, ahead before behind", () => {
  const controls = [
    { name: "x", kind: "slider", values: ["0", "1", "2", "3"] },
    { name: "k", kind: "choice", values: ["p", "q"] },
    { name: "w", kind: "steps", actions: [["E", "E"], ["M", "M"]], most: 2 },
  ];
  const from = (tokens, ...rest) => [...pure.neighbours(controls, tokens, ...rest)].map((t) => `${t.x}${t.k}${t.w}`);
  assert.deepEqual(from({ x: 1, k: 0, w: "" }, "x", 1, false), ["20", "00", "30"]);
  assert.deepEqual(from({ x: 1, k: 0, w: "" }, "x", -1, false), ["00", "20", "30"]);
  assert.deepEqual(from({ x: 1, k: 0, w: "E" }, "w", 1, false), ["10EE", "10EM"]);
  assert.deepEqual(from({ x: 1, k: 0, w: "EM" }, "w", 1, false), []);
  assert.deepEqual(from({ x: 0, k: 1, w: "" }, "k", 1, true), ["00", "11", "01E", "21", "01M", "31"]);
});

const PLACE = { left: 0.1, top: 0.2, width: 0.5, height: 0.4, x: [0, 10], y: [0.01, 100], log_x: false, log_y: true };

test("a handle stands where its numbers lie on the axes, and its spot gives them back", () => {
  const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);
  const spot = pure.spotOf(PLACE, { x: 2.5, y: 1 });
  near(spot.left, 0.1 + 0.25 * 0.5);
  near(spot.top, 0.2 + 0.5 * 0.4);
  const numbers = pure.numbersAt(PLACE, spot);
  near(numbers.x, 2.5);
  near(numbers.y, 1);
});

test("a handle with one slider takes its other place from the kernel", () => {
  assert.equal(pure.spotOf({ ...PLACE, other: 100 }, { x: 0 }).top, 0.2);
  assert.equal(pure.spotOf({ ...PLACE, other: 10 }, { y: 0.01 }).left, 0.6);
});

test("the nearest value is nearest along the axis as it is drawn", () => {
  assert.equal(pure.nearestPlace(4, ["1", "10"], false), 0);
  assert.equal(pure.nearestPlace(4, ["1", "10"], true), 1);
  assert.equal(pure.nearestPlace(-7, ["0", "1", "2"], false), 0);
});
