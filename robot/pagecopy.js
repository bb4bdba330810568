// A page as it stands, as data: elements with the styles that decide what is seen and where, texts with what they are.
// Changes nothing there. No script, no picture, no hidden value, no password, no address of anything leaves the page.
(eyes) => {
  const STYLES = `display position top right bottom left float clear box-sizing min-width min-height max-width max-height
    margin-top margin-right margin-bottom margin-left padding-top padding-right padding-bottom padding-left
    border-top-width border-right-width border-bottom-width border-left-width border-top-style border-right-style
    border-bottom-style border-left-style border-top-color border-right-color border-bottom-color border-left-color
    border-radius overflow-x overflow-y z-index visibility opacity transform clip clip-path content-visibility
    pointer-events flex-direction flex-wrap flex-grow flex-shrink flex-basis align-items align-content align-self
    justify-content justify-items justify-self order row-gap column-gap grid-template-columns grid-template-rows
    grid-column-start grid-column-end grid-row-start grid-row-end grid-auto-flow font-family font-size font-style
    font-weight line-height letter-spacing text-align text-transform text-indent white-space word-break overflow-wrap
    vertical-align color background-color cursor list-style-type list-style-position table-layout border-collapse
    border-spacing direction appearance text-decoration-line`.split(/\s+/).filter(Boolean);
  const LEFT_OUT = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "LINK", "META", "BASE", "HEAD", "TRACK", "SOURCE", "PARAM"]);
  // Kept as a box of their size.
  const HOLLOW = new Set(["svg", "CANVAS", "VIDEO", "AUDIO", "OBJECT", "EMBED", "IMG", "math"]);
  const LABEL = new Set(["LABEL", "LEGEND", "TH", "CAPTION", "H1", "H2", "H3", "H4", "H5", "H6", "BUTTON", "A", "SUMMARY", "DT"]);
  const LABEL_ROLES = new Set(["button", "link", "tab", "menuitem", "heading", "columnheader", "rowheader"]);
  const CELL_ROLES = new Set(["cell", "gridcell"]);

  // Deeper ones are not there to be read.
  const DEEPEST = 300;

  const styles = new Map();
  const values = new Set();
  const frames = [];
  const indexOf = (text) => styles.get(text) ?? styles.set(text, styles.size).get(text);
  const written = (style, names) => names.map((name) => `${name}:${style.getPropertyValue(name)}`)
    .filter((one) => !/url\(|:$/i.test(one)).join(";");

  // What a text inside this element is.
  const kindOf = (el, outer) => {
    const role = el.getAttribute("role") || "";
    if (outer === "value") return outer;
    if (el.tagName === "TEXTAREA" || el.isContentEditable || ["textbox", "searchbox", "spinbutton"].includes(role)) return "value";
    if (el.tagName === "OPTION" || role === "option" || eyes.natureOf(el) === "picker") return "option";
    if (outer === "option") return outer;
    // What names one's own invoice is often a link in a cell.
    if (el.tagName === "TD" || CELL_ROLES.has(role)) return "cell";
    if (el.tagName === "LABEL" || (outer !== "cell" && (LABEL.has(el.tagName) || LABEL_ROLES.has(role)))) return "label";
    return outer;
  };

  // What a field holds. Secrets and hidden values stay where they are.
  const valueOf = (el) => {
    if (el.tagName === "TEXTAREA") return el.value;
    if (el.tagName !== "INPUT") return null;
    if (["hidden", "file", "image"].includes(el.type)) return null;
    if (el.type === "password") return el.value ? "x" : "";
    return el.value;
  };
  const stateOf = (el) => {
    const state = {};
    if (el.tagName === "INPUT" && ["checkbox", "radio"].includes(el.type) && el.checked) state.checked = "";
    if (el.tagName === "OPTION" && el.selected) state.selected = "";
    if (el.disabled === true) state.disabled = "";
    if (el.readOnly === true) state.readonly = "";
    if (el.required === true) state.required = "";
    if (el.tagName === "DETAILS" && el.open) state.open = "";
    if (el.tagName === "DIALOG" && el.open) {
      state.open = "";
      if (el.matches(":modal")) state["data-copy-modal"] = "";
    }
    if (el.scrollTop || el.scrollLeft) state["data-copy-scroll"] = `${Math.round(el.scrollLeft)},${Math.round(el.scrollTop)}`;
    return state;
  };

  const drawnBeside = (el, side) => {
    const style = getComputedStyle(el, side);
    const words = style.content;
    // Asterisks and icons; longer words may be anybody's.
    if (!words || ["none", "normal"].includes(words) || !/^"[^"]{0,16}"/.test(words) || style.display === "none") return null;
    return { words: words.slice(1, words.indexOf('"', 1)), style: indexOf(written(style, STYLES)) };
  };

  const attributesOf = (el) => {
    const found = {};
    for (const { name, value } of el.attributes) {
      // Names may hold anything; a parser lower-cases them.
      if (["checked", "selected", "disabled", "readonly", "required", "open", "value", "src", "srcset", "style", "srcdoc"].includes(name)) continue;
      found[name] = /^on/.test(name) ? "" : value;
    }
    return { ...found, ...stateOf(el) };
  };

  const taken = (node, outer, depth) => {
    if (node.nodeType === 3) return node.nodeValue ? { x: node.nodeValue, c: outer } : null;
    if (node.nodeType !== 1 || LEFT_OUT.has(node.tagName) || node.hasAttribute("data-chorus-robot")) return null;
    const style = getComputedStyle(node);
    const kind = kindOf(node, outer);
    const copy = { t: node.localName, a: attributesOf(node), s: indexOf(written(style, STYLES)), c: kind, k: [] };
    // Used sizes are each element's own.
    const isBox = HOLLOW.has(node.tagName) || node.tagName === "IFRAME";
    if ((isBox || style.display !== "inline") && style.display !== "none" && style.display !== "contents")
      copy.z = [style.width, style.height].every((one) => one.endsWith("px")) ? [style.width, style.height] : null;
    for (const side of ["before", "after"]) {
      const drawn = drawnBeside(node, `::${side}`);
      if (drawn) (copy.p ??= {})[side] = drawn;
    }
    const value = valueOf(node);
    if (value !== null) {
      copy.v = value;
      copy.vt = node.type;
      if (!["submit", "button", "reset", "checkbox", "radio", "password"].includes(node.type) && value.trim()) values.add(value);
    }
    if (node.tagName === "OPTION") copy.v = node.hasAttribute("value") ? node.value : null, copy.vt = "option";
    if (node.tagName === "INPUT" && node.type === "file") for (const file of node.files) values.add(file.name);
    if (kind === "value" && node.tagName !== "TEXTAREA" && node.isContentEditable && node.innerText.trim()) values.add(node.innerText.trim());
    if (node.tagName === "IFRAME" || node.tagName === "FRAME") {
      copy.f = frames.push(node) - 1;
      return copy;
    }
    if (HOLLOW.has(node.tagName) || depth > DEEPEST) return copy;
    if (node.tagName === "TEXTAREA" || node.tagName === "INPUT") return copy;
    if (node.shadowRoot) copy.r = [...node.shadowRoot.childNodes].map((one) => taken(one, kind, depth + 1)).filter(Boolean);
    copy.k = [...node.childNodes].map((one) => taken(one, kind, depth + 1)).filter(Boolean);
    return copy;
  };

  if (!document.body) return null;
  const body = taken(document.body, "text", 0);
  const root = getComputedStyle(document.documentElement);
  return {
    body,
    root: { lang: document.documentElement.lang, class: document.documentElement.className, style: written(root, STYLES) },
    styles: [...styles.keys()],
    values: [...values],
    title: document.title,
    standard: document.compatMode === "CSS1Compat",
    scroll: [Math.round(scrollX), Math.round(scrollY)],
    viewport: [innerWidth, innerHeight],
    frames: frames.map((frame) => {
      const box = frame.getBoundingClientRect();
      return [box.x, box.y];
    }),
  };
}
