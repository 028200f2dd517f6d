/**
 * xterm writes its colours and sizes into <style> elements, which a strict content security policy
 * forbids. Inside `run`, which must be synchronous, style elements that it makes are stand-ins that
 * keep their text out of the DOM and hand it to a constructed style sheet, which the policy leaves
 * to scripts. xterm makes them when it opens and when it goes back to its DOM renderer.
 */
export function adoptStyles<Result>(run: () => Result): Result {
  const createElement = document.createElement.bind(document);
  const replaced = (name: string, options?: ElementCreationOptions): HTMLElement =>
    name === "style" ? makeStandIn(createElement("span")) : createElement(name, options);
  // An own property for these few microseconds; deleted, the document is as it was.
  Object.defineProperty(document, "createElement", { value: replaced, configurable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(document, "createElement");
  }
}

/** What xterm uses of a style element: its text, and that removing it takes its rules away. */
function makeStandIn(element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  let text = "";
  element.hidden = true;
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", {
    get: () => text,
    set(value: string) {
      text = value;
      sheet.replaceSync(value);
    },
  });
  element.remove = () => {
    Element.prototype.remove.call(element);
    const index = document.adoptedStyleSheets.indexOf(sheet);
    if (index >= 0) document.adoptedStyleSheets.splice(index, 1);
  };
  return element;
}
