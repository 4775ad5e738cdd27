// A line at the foot of the tab: how far Python is, and what becomes of one's work. And after a reload
// the notebook that was open is opened again, which JupyterLite by itself does not do.

(() => {
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
    "Your work is kept in this browser, for this address. File > Download keeps a copy; " +
    "Help > Clear Browser Data, or clearing what the browser stores, loses all that you changed here.";
  const line = document.createElement("div");
  line.id = "hm-progress";
  line.setAttribute("role", "status");
  line.style.cssText =
    "position: fixed; right: 0; bottom: 24px; z-index: 100; max-width: min(46em, 90vw); padding: 6px 12px; " +
    "border-radius: 8px 0 0 0; background: #1a3a5c; color: #fff; font: 14px/1.4 system-ui, sans-serif";
  const words = document.createElement("span");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.style.cssText = "margin-left: 12px; font: inherit";
  close.addEventListener("click", () => line.remove());
  line.append(words, close);
  document.body.append(line);

  const begin = performance.now();
  const say = (text) => {
    if (words.textContent !== text) words.textContent = text;
  };
  const watch = () => {
    const path = window.jupyterapp?.shell?.currentWidget?.context?.path;
    if (path && path !== kept()) keep(path);
    setTimeout(watch, 1000);
  };
  watch();

  const look = () => {
    const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
    const ready = ["idle", "busy"].includes(kernel?.status);
    if (ready) {
      say(`Python is ready. ${KEPT}`);
      return;
    }
    const seconds = 5 * Math.floor((performance.now() - begin) / 5000);
    const stage = kernel ? "Python is being started in this tab" : "JupyterLab is being opened";
    say(`${stage} (${seconds} s; the first time takes longest). You can read meanwhile. ${KEPT}`);
    setTimeout(look, 500);
  };
  look();
})();
