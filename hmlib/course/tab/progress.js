// A line at the foot of the tab: how far Python is, whether it could be fetched, and what becomes of one's
// work. And after a reload the notebook that was open is opened again, which JupyterLite by itself does not do.
//
// `document.currentScript.dataset.python` has the addresses of files that Python cannot start without.

(() => {
  const PYTHON = document.currentScript.dataset.python.split(" ").filter(Boolean);

  // From a disk JupyterLab cannot be loaded at all: say so at once, and what helps.
  if (location.protocol === "file:") {
    const notebook = new URL(location.href).searchParams.get("path") ?? "";
    const page = notebook ? `${notebook.replace(/\.ipynb$/, "")}.html` : "index.html";
    const place = `http://localhost:8000/tab/lab/index.html${notebook && `?path=${notebook}`}`;
    const part = (tag, ...children) => {
      const node = document.createElement(tag);
      node.append(...children);
      return node;
    };
    const back = part("a", "Back to the page");
    back.href = `../../${page}`;
    const said = part(
      "main",
      part("h1", "This part needs a web server"),
      part("p", "A browser does not run Python in a page that was opened from the disk. In the folder of the site, which has the file index.html, run"),
      part("pre", part("code", "python -m http.server")),
      part("p", `and open ${place}; or put that folder on any host. The pages themselves can be read from the disk, and their labs move there.`),
      part("p", back),
    );
    said.id = "hm-from-disk";
    said.style.cssText =
      "max-width: 40em; margin: 3em auto; padding: 0 1em; font: 17px/1.5 system-ui, sans-serif; overflow-wrap: anywhere";
    document.body.style.cssText = "background: #fff; color: #222";
    document.body.replaceChildren(said);
    return;
  }

  const LAST = `hm-notebook ${location.pathname}`;
  const keep = (path) => {
    try {
      localStorage.setItem(LAST, path);
    } catch {
      // A browser that keeps nothing opens the list of notebooks.
    }
  };
  const kept = () => {
    try {
      return localStorage.getItem(LAST);
    } catch {
      return null;
    }
  };
  const asked = new URL(location.href);
  const last = kept();
  if (last && !asked.searchParams.has("path")) {
    asked.searchParams.set("path", last);
    history.replaceState(history.state, "", asked);
  }

  const KEPT =
    "Your work is kept in this browser, for this address, a few seconds after each change. File > Download " +
    "keeps a copy; Help > Clear Browser Data, or clearing what the browser stores, loses all that you changed here.";
  const READY_MS = 12000; // the line says all of it for so long once Python is ready
  const SLOW_S = 180; // a start longer than this is called slow
  const LARGE =
    "position: fixed; right: 0; bottom: 24px; z-index: 100; max-width: min(46em, 90vw); padding: 6px 12px; " +
    "border-radius: 8px 0 0 0; background: #1a3a5c; color: #fff; font: 14px/1.4 system-ui, sans-serif";
  // Within JupyterLab's own line at the foot, where it covers nothing.
  const SMALL =
    "position: fixed; left: 50%; bottom: 2px; transform: translateX(-50%); z-index: 100; padding: 0 10px; " +
    "border-radius: 8px; background: #1a3a5c; color: #fff; font: 12px/20px system-ui, sans-serif; " +
    "white-space: nowrap; pointer-events: none";
  const line = document.createElement("div");
  line.id = "hm-progress";
  line.setAttribute("role", "status");
  line.style.cssText = LARGE;
  const words = document.createElement("span");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.style.cssText = "margin-left: 12px; font: inherit";
  close.addEventListener("click", () => line.remove());
  line.append(words, close);
  document.body.append(line);

  // Whether the last change is kept: a small line for sight alone, since it changes at every keystroke.
  const state = document.createElement("div");
  state.id = "hm-kept";
  state.style.cssText = SMALL;
  state.hidden = true;
  document.body.append(state);

  const begin = performance.now();
  const say = (text) => {
    if (words.textContent !== text) words.textContent = text;
  };
  const SAVED = {
    started: "Being kept …",
    completed: "All changes are kept in this browser",
    failed: "Not kept: the browser refuses. Use Download above the notebook",
  };
  let heard = null; // the notebook whose saving is heard
  let saving = "completed";
  const watch = () => {
    const context = window.jupyterapp?.shell?.currentWidget?.context;
    const path = context?.path;
    if (path && path !== kept()) keep(path);
    if (context?.saveState && context !== heard) {
      heard = context;
      saving = "completed";
      context.saveState.connect((_, now) => {
        if (context === heard) saving = now;
      });
    }
    const dirty = context?.model?.dirty && saving === "completed";
    const text = dirty ? "Last change not kept yet" : SAVED[saving];
    if (state.textContent !== text) state.textContent = text;
    state.hidden = !context?.model;
    setTimeout(watch, 500);
  };
  watch();

  // The kernel says nothing when Python cannot be fetched, so the beginning of its files is tried here:
  // a filter may let one kind through and stop another.
  let lost = "";
  for (const file of PYTHON) {
    const address = new URL(file, new URL("../", location.href.replace(/[?#].*/, "")));
    const name = address.pathname.split("/").pop();
    const host = address.origin === location.origin ? "this site" : address.host;
    const enough = new AbortController();
    fetch(address, { signal: enough.signal })
      .then((answer) => {
        if (!answer.ok) lost = `${host} (${name})`;
        enough.abort();
      })
      .catch(() => (lost = `${host} (${name})`));
  }

  const look = () => {
    const session = window.jupyterapp?.shell?.currentWidget?.sessionContext;
    const kernel = session?.session?.kernel;
    const seconds = 5 * Math.floor((performance.now() - begin) / 5000);
    if (["idle", "busy"].includes(kernel?.status)) {
      say(`Python is ready. It starts anew each time: run the cells above yours first. ${KEPT}`);
      setTimeout(() => line.remove(), READY_MS);
      return;
    }
    if (lost) {
      say(
        `Python could not be fetched from ${lost}, so cells cannot run. Look to the network and load this ` +
          "page again. You can read and write meanwhile.",
      );
    } else if (kernel?.status === "dead" || kernel?.status === "terminating") {
      say("Python could not be started in this tab, so cells cannot run. Load this page again, or try another browser.");
    } else {
      const stage = kernel ? "Python is being started in this tab" : "JupyterLab is being opened";
      const often = seconds < SLOW_S ? "the first time takes longest" : "longer than usual; load the page again if it stays so";
      say(`${stage} (${seconds} s; ${often}). You can read meanwhile. ${KEPT}`);
    }
    setTimeout(look, 500);
  };
  look();
})();
