// Python in WebAssembly, in Node.js: the same Pyodide, packages and kernel as in a browser's tab.
//
// node wasm_kernel.mjs PARTS LOCK reads a line of JSON for each cell, { code }, and writes a line for
// everything that the cell puts out, and { done } at its end.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [parts, lock] = process.argv.slice(2);
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
// What Pyodide says of itself is not what a cell prints.
console.log = console.error;

const { loadPyodide } = await import(pathToFileURL(`${parts}/pyodide.mjs`));
const names = ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"];
const pyodide = await loadPyodide({
  indexURL: `${parts}/`,
  packageCacheDir: `${parts}/`,
  lockFileURL: lock,
  packages: [...names, "hmlib"],
  stdout: console.error,
  stderr: console.error,
  env: JSON.parse(process.env.HMLIB_WASM_ENV),
});
globalThis.hmTell = (text) => tell(JSON.parse(text));
const run = await pyodide.runPythonAsync(`
import json
from js import hmTell
import pyodide_kernel

def told(kind, **content):
    hmTell(json.dumps({"kind": kind, **content}, default=lambda other: ""))

def shown(kind):
    return lambda data, metadata, *_: told(kind, data=data, metadata=metadata or {})

kernel = pyodide_kernel.kernel_instance
shell = kernel.interpreter
for stream in (pyodide_kernel.stdout_stream, pyodide_kernel.stderr_stream):
    stream.publish_stream_callback = lambda name, text: told("stream", name=name, text=text)
shell.display_pub.display_data_callback = shown("display_data")
shell.display_pub.update_display_data_callback = shown("display_data")
shell.display_pub.clear_output_callback = lambda wait: told("clear_output", wait=wait)
shell.displayhook.publish_execution_result = lambda count, data, metadata: told(
    "execute_result", data=data, metadata=metadata or {}
)
shell.send_comm = lambda *_: None
kernel._parent_header = {}

async def run(code):
    told("done", **await kernel.run(code))

run
`);
tell({ kind: "ready" });
for await (const line of createInterface({ input: process.stdin })) await run(JSON.parse(line).code);
process.exit(0);
