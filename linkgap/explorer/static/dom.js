// Elements made in one call. Text is always text: nothing here parses HTML.

const GIVEN = Symbol.for("linkgap ids");

/** Make an element: attributes, `on...` listeners, children. Styles are set by script, which a page's policy against inline ones allows. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A control whose arrow keys and letters JupyterLab must leave alone, as it does by itself in text fields. */
export function control(tag, attributes = {}, ...children) {
  return h(tag, { "data-lm-suppress-shortcuts": true, ...attributes }, ...children);
}

/** A link that opens in a new tab without a referrer, for web addresses only; anything else stays text. */
export function link(address, text) {
  const plain = /^https?:\/\/[^/?#\\@"<>]+(?:[/?#][^\\"<>]*)?$/i.test(address) && address.length <= 1000;
  return plain ? control("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", text }) : h("span", { text });
}

/** An id that is unique on the page: each explorer in a notebook has a copy of this module, so the window keeps the count. */
export function freshId(stem) {
  window[GIVEN] = (window[GIVEN] ?? 0) + 1;
  return `${stem}-${window[GIVEN]}`;
}

/** Replace an element's children; if one has the focus, the new one with the same `data-key` gets it. */
export function replaceChildren(element, ...children) {
  const key = element.querySelector(":focus")?.dataset.key;
  element.replaceChildren(...children);
  if (key !== undefined) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** A function that has `draw` called once in the next frame, however often it is called itself. */
export function framed(draw) {
  let asked = 0;
  const ask = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      draw();
    });
  };
  ask.cancel = () => cancelAnimationFrame(asked);
  return ask;
}
