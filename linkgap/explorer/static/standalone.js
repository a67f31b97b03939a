// The explorer without a kernel: the page itself keeps and answers what a kernel would.

import { render } from "./explorer.js";

/** Open the explorer in a page that holds its values and, as base64, its columns; `element.linkgap` is the model it talks to. */
export async function open({ element, values, columns }) {
  const response = atob(columns);
  const bytes = new Uint8Array(response.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = response.charCodeAt(place);
  element.linkgap = standIn({ ...values, _data: bytes });
  return render({ model: element.linkgap, el: element });
}

/** A model without a kernel: edits stay in the page, and can be undone, the last one first. */
function standIn(values) {
  const heard = new Map();
  const undoable = [];
  const tell = (name, ...about) => heard.get(name)?.(...about);
  const answers = {
    edit({ domains, field, value }) {
      undoable.push({ domains, field, before: domains.map((domain) => values._memory[domain]?.[field]) });
      for (const domain of domains) values._memory[domain] = { status: "new", note: "", ...values._memory[domain], [field]: value };
      tell("msg:custom", { kind: "kept" });
    },
    undo() {
      const last = undoable.pop();
      last?.domains.forEach((domain, place) => {
        values._memory[domain][last.field] = last.before[place] ?? { status: "new", note: "" }[last.field];
      });
      if (last) tell("change:_memory");
      tell("msg:custom", { kind: "kept", undone: last !== undefined });
    },
    pages() {},
  };
  return {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
    },
    save_changes: () => {},
    send: (message) => answers[message.kind]?.(message),
    on: (name, call) => heard.set(name, call),
    off: (name) => heard.delete(name),
  };
}

const given = document.getElementById("linkgap-values");
if (given) {
  open({
    element: document.getElementById("linkgap-explorer"),
    values: JSON.parse(given.textContent),
    columns: document.getElementById("linkgap-columns").textContent,
  });
}

export default { open };
