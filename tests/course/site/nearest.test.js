// Where a page goes when it has no picture of what was asked for: what was moved stays.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const file = new URL("../../../hmlib/course/site/kernelless.js", import.meta.url);
const source = readFileSync(file, "utf8");
const cut = (from, to) => source.slice(source.indexOf(from), source.indexOf(to));
const { apart, nearestStop } = new Function(
  `${cut("function apart", "// The stop that is there")}
   ${cut("function nearestStop", "// What a kernel would")}
   return { apart, nearestStop };`,
)();

const slider = { kind: "slider", name: "a", values: Array.from({ length: 11 }, (_, i) => `${i}`) };
const other = { ...slider, name: "b" };
const choice = { kind: "choice", name: "c", values: ["this", "that"] };
const steps = { kind: "steps", name: "w", actions: [["E", ""], ["M", ""]], most: 4 };

test("how far tokens are apart", () => {
  assert.equal(apart(slider, 3, 3), 0);
  assert.equal(apart(slider, 0, 10), 10 / 11);
  assert.equal(apart(choice, 0, 1), 1);
  assert.equal(apart(steps, "EM", "EM"), 0);
  assert.equal(apart(steps, "EM", "EMM"), 1 / 4);
  assert.equal(apart(steps, "EE", "EM"), 2 / 4);
});

// One control at a time, the others at 5.
const cross = [];
for (let i = 0; i <= 10; i++) cross.push([i, 5], [5, i]);

test("the control that was moved stays, the other goes back", () => {
  for (let from = 0; from <= 10; from++)
    for (let to = 0; to <= 10; to++) {
      if (from === 5 || to === 5) continue;
      assert.deepEqual(cross[nearestStop([slider, other], cross, [from, 5], [from, to])], [5, to]);
      assert.deepEqual(cross[nearestStop([slider, other], cross, [5, from], [to, from])], [to, 5]);
    }
});

test("a drag of both goes to the nearest that is there", () => {
  assert.deepEqual(cross[nearestStop([slider, other], cross, [5, 5], [9, 6])], [9, 5]);
  assert.deepEqual(cross[nearestStop([slider, other], cross, [5, 5], [4, 1])], [5, 1]);
});

test("a word that is not there goes to the nearest word", () => {
  const stops = ["", "E", "M", "EE", "EM"].map((word) => [word]);
  assert.deepEqual(stops[nearestStop([steps], stops, ["EE"], ["EEE"])], ["EE"]);
});
