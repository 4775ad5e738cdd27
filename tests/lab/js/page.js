// A page small enough to be read, for tests of labs in Node: nodes, events, and clocks by hand.

"use strict";

const fs = require("node:fs");
const path = require("node:path");

const HERE = path.join(__dirname, "..", "..", "..", "hmlib", "lab");

class Node {
  constructor(tag) {
    Object.assign(this, { tag, children: [], parentNode: null, attributes: {}, dataset: {}, heard: {} });
    Object.assign(this, { hidden: false, disabled: false, value: "", checked: false, words: "", style: {} });
    this.classList = [];
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name === "class") this.classList = value.split(" ");
    if (name === "value" || name === "alt") this[name] = value;
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = value;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  append(...nodes) {
    for (const node of nodes) {
      if (node instanceof Node) node.parentNode = this;
      this.children.push(node);
    }
  }

  replaceWith(node) {
    const { parentNode } = this;
    parentNode.children[parentNode.children.indexOf(this)] = node;
    node.parentNode = parentNode;
    this.parentNode = null;
  }

  get textContent() {
    return this.children.length
      ? this.children.map((child) => (child instanceof Node ? child.textContent : child)).join("")
      : this.words;
  }

  set textContent(words) {
    this.children = [];
    this.words = words;
  }

  addEventListener(name, action) {
    (this.heard[name] ??= []).push(action);
  }

  dispatch(name, event = {}) {
    for (const action of this.heard[name] ?? []) action({ target: this, ...event });
  }

  contains(node) {
    return node === this || (node?.parentNode ? this.contains(node.parentNode) : false);
  }

  // As much of a selector as the labs use: .class, tag, tag[type=...], :focus.
  matches(selector) {
    if (selector === ":focus") return this.focused === true;
    const [, tag, name] = /^([a-z]*)(?:\.([a-z-]+))?/.exec(selector);
    return (!tag || tag === this.tag) && (!name || this.classList.includes(name));
  }

  all(test) {
    const own = test(this) ? [this] : [];
    return own.concat(...this.children.filter((child) => child instanceof Node).map((child) => child.all(test)));
  }

  querySelector() {
    return null;
  }

  focus() {}
  scrollIntoView() {
    this.inView = true;
  }

  setPointerCapture(id) {
    this.captured = id;
  }

  hasPointerCapture(id) {
    return this.captured === id;
  }

  getBoundingClientRect() {
    return { left: 0, top: 0, bottom: 0, width: 0, height: 0, ...this.box };
  }

  decode() {
    return Promise.resolve();
  }
}

// A page with what labs ask of one; `colours` are those of body and html.
function makePage(colours = {}) {
  const body = new Node("body");
  const documentElement = new Node("html");
  documentElement.append(body);
  const listeners = [];
  const timers = new Map();
  let made = 0;
  let now = 0;
  const page = {
    body,
    documentElement,
    document: { body, documentElement, hidden: false, createElement: (tag) => new Node(tag) },
    window: {
      innerHeight: 768,
      addEventListener: (name, action) => listeners.push({ name, action }),
      removeEventListener: (_, action) => listeners.splice(listeners.findIndex((heard) => heard.action === action), 1),
    },
    Element: Node,
    Blob: class {},
    URL: { createObjectURL: () => `blob:${++made}`, revokeObjectURL: (url) => page.revoked.push(url) },
    revoked: [],
    getComputedStyle: (node) => ({ backgroundColor: "rgba(0, 0, 0, 0)", color: "rgb(0, 0, 0)", ...colours[node.tag] }),
    matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
    MutationObserver: class {
      constructor(action) {
        page.changed = action;
      }
      observe() {}
      disconnect() {}
    },
    ResizeObserver: class {
      observe() {}
      disconnect() {}
    },
    performance: { now: () => now },
    setTimeout: (action, ms) => {
      timers.set(++made, { action, at: now + ms });
      return made;
    },
    clearTimeout: (id) => timers.delete(id),
    // Let time pass.
    wait(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = due[1].at;
        due[1].action();
      }
      now = end;
    },
    // Press a key on a node, as a browser does: the window hears of it first.
    press(key, target, held = {}) {
      const event = { key, ...held, stopped: false, prevented: false, composedPath: () => [target] };
      event.stopPropagation = () => (event.stopped = true);
      event.preventDefault = () => (event.prevented = true);
      for (const { name, action } of [...listeners]) if (name === "keydown") action(event);
      return event;
    },
    listeners,
  };
  return page;
}

// Read parts of the front end on a page; `names` are what the test asks for.
function load(files, names, page = makePage()) {
  const source = files.map((file) => fs.readFileSync(path.join(HERE, file), "utf-8")).join("\n");
  const given = Object.keys(page);
  const body = `${source.replace("export default", "const exported =")}\nreturn { ${names.join(", ")} };`;
  return new Function(...given, body)(...Object.values(page));
}

// The other end of the line: keeps what is said, and says what a test tells it.
class Model {
  constructor(spec) {
    this.spec = spec;
    this.sent = [];
    this.ears = [];
  }

  get() {
    return this.spec;
  }

  on(_, action) {
    this.ears.push(action);
  }

  off(_, action) {
    this.ears.splice(this.ears.indexOf(action), 1);
  }

  send(content) {
    this.sent.push(content);
  }

  says(content, buffers = []) {
    for (const ear of [...this.ears]) ear(content, buffers);
  }

  // Take what has been sent of one kind.
  take(kind) {
    const found = this.sent.filter((content) => content.kind === kind);
    this.sent = this.sent.filter((content) => content.kind !== kind);
    return found;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = { load, makePage, Model, Node, turn };
