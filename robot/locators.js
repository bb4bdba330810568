// The eyes: finds the things of a screen as a person does, by the words on and beside them. Runs in the page, changes
// nothing there. Loaded twice by locators.py: as a Playwright selector engine (`chorus=…`) and for whole-screen surveys.
(() => {
  const COMBINING = /[\u0300-\u036f]/g;

  // Words as compared: no accents, no case, typographic apostrophes made plain, « * » and « : » dropped.
  const norm = (text) =>
    (text || "")
      .normalize("NFKD").replace(COMBINING, "").toLowerCase()
      .replace(/[’‘`´]/g, "'").replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[«»"“”]/g, " ")
      .replace(/\s+/g, " ")
      .replace(/^[\s*:•·–—-]+|[\s*:▾▼▿⌄]+$/g, "")
      .replace(/\s*\((obligatoire|facultatif|requis)\)$/, "").trim();

  // A label may carry a hint behind the words: « Numéro de facture (20 caractères) », « Date : JJ/MM/AAAA ».
  const rankOf = (text, names) => {
    const seen = norm(text);
    if (!seen || seen.length > 200) return null;
    for (let i = 0; i < names.length; i++) if (seen === names[i].norm) return { rank: 0, label: names[i].text, printed: text };
    for (let i = 0; i < names.length; i++) {
      const rest = seen.startsWith(names[i].norm) ? seen.slice(names[i].norm.length) : null;
      if (rest !== null && /^\s*[([:*–—]/.test(rest)) return { rank: 1, label: names[i].text, printed: text };
    }
    return null;
  };
  const named = (labels) => labels.map((text) => ({ text, norm: norm(text) }));

  // --- what is on the page -------------------------------------------------------------------------------------

  const children = function* (node) {
    for (const element of node.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* children(element.shadowRoot);
    }
  };
  const parentOf = (el) => el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  const holds = (outer, el) => {
    for (let at = el; at; at = parentOf(at)) if (at === outer) return true;
    return false;
  };
  const visible = (el) => {
    const box = el.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    if (el.checkVisibility) return el.checkVisibility({ visibilityProperty: true });
    return getComputedStyle(el).visibility !== "hidden";
  };
  const ownText = (el) => {
    let text = "";
    for (const node of el.childNodes) if (node.nodeType === 3) text += node.nodeValue;
    return text.trim();
  };

  const SKIPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "OPTION", "NOSCRIPT", "HEAD", "TITLE"]);
  const PICKER = /(^|[\s_-])(select2-selection|select2-choice|chosen-single|choices__inner|selectize-input|ng-select-container|vs__dropdown-toggle)(\s|$)/;

  // Nature of a control: text, select, picker, radio, checkbox, file; null for anything else.
  const natureOf = (el) => {
    const role = el.getAttribute("role");
    switch (el.tagName) {
      case "TEXTAREA": return "text";
      case "SELECT": return "select";
      case "INPUT":
        if (["hidden", "submit", "button", "image", "reset"].includes(el.type)) return null;
        return ["radio", "checkbox", "file"].includes(el.type) ? el.type : "text";
      case "IFRAME": return null;
    }
    if (role === "checkbox" || role === "switch") return "checkbox";
    if (role === "combobox" || el.getAttribute("aria-haspopup") === "listbox") return "picker";
    if (role === "textbox" || role === "searchbox" || role === "spinbutton") return "text";
    if (PICKER.test(el.className && el.className.baseVal === undefined ? el.className : "")) return "picker";
    // A home-made list: focusable, empty of controls, no button.
    if (el.tagName !== "A" && el.tagName !== "BUTTON" && !role && el.tabIndex === 0 && el.hasAttribute("tabindex") &&
        /select|picker|combo|liste|dropdown/i.test(el.className) && !el.querySelector("input,select,textarea,button,a"))
      return "picker";
    return null;
  };

  const isPressable = (el) => {
    const role = el.getAttribute("role");
    if (["BUTTON", "A", "SUMMARY"].includes(el.tagName)) return true;
    if (el.tagName === "INPUT") return ["submit", "button", "image", "reset"].includes(el.type);
    return ["button", "link", "tab", "menuitem"].includes(role) || el.hasAttribute("onclick");
  };

  // --- the accessible words of a control -----------------------------------------------------------------------

  const byIds = (el, attribute) =>
    (el.getAttribute(attribute) || "").split(/\s+/).filter(Boolean)
      .map((id) => el.getRootNode().getElementById?.(id)).filter(Boolean);
  const labelText = (label, control) => {
    const copy = label.cloneNode(true);
    for (const inner of copy.querySelectorAll("select,textarea,input,[role=tooltip],.tooltip,.select2")) inner.remove();
    return copy.textContent;
  };
  const groupName = (el) => {
    for (let at = parentOf(el), depth = 0; at && depth < 6; at = parentOf(at), depth++) {
      if (at.tagName === "FIELDSET") return at.querySelector("legend")?.textContent || at.getAttribute("aria-label") || "";
      if (["radiogroup", "group"].includes(at.getAttribute("role")))
        return at.getAttribute("aria-label") || byIds(at, "aria-labelledby").map((e) => e.textContent).join(" ");
    }
    return "";
  };
  // [way, words] pairs that a control itself claims.
  const claims = (el, nature) => {
    if (nature === "radio") return [["role", groupName(el)]];
    const found = [];
    const aria = byIds(el, "aria-labelledby").map((e) => labelText(e, el)).join(" ") || el.getAttribute("aria-label");
    if (aria && nature !== "picker") found.push(["role", aria]);
    for (const label of el.labels || []) found.push(["label", labelText(label, el)]);
    return found;
  };
  const hints = (el) => [el.getAttribute("title"), el.getAttribute("placeholder"), el.getAttribute("alt")].filter(Boolean);
  const pressName = (el) =>
    [el.getAttribute("aria-label"), byIds(el, "aria-labelledby").map((e) => e.textContent).join(" "),
     el.tagName === "INPUT" ? el.value : el.innerText, el.getAttribute("title"), el.getAttribute("alt"),
     ...[...el.querySelectorAll("img[alt],svg[aria-label]")].map((e) => e.getAttribute("alt") || e.getAttribute("aria-label"))]
      .filter((text) => text && text.trim());

  // --- a look at the whole page, once --------------------------------------------------------------------------

  // A window over the page is what a person meets in the middle of it: markup alone does not tell (home-made overlays).
  const front = (doc) => {
    const [width, height] = [doc.defaultView.innerWidth, doc.defaultView.innerHeight];
    // A fixed box is a window when it floats or covers everything; bars along an edge and whole layouts are not.
    const floats = (el) => {
      if (getComputedStyle(el).position !== "fixed" || el.querySelector("nav,header,[role=navigation],[role=tablist]")) return false;
      const box = el.getBoundingClientRect();
      return (box.left > 5 && box.top > 5 && box.height > 60) || (box.width >= width * 0.9 && box.height >= height * 0.9);
    };
    // « Chargement… » laid over the page asks nothing: it will go by itself.
    const asks = (el) => el.querySelector("button,a,input,select,textarea,[role=button]");
    const isWindow = (el) =>
      (el.matches("dialog,[role=dialog],[role=alertdialog],[aria-modal=true],.modal") || floats(el)) && asks(el);
    for (const y of [0.5, 0.25, 0.15, 0.75]) {
      let at = doc.elementFromPoint(width / 2, height * y);
      while (at && at.shadowRoot) {
        const inner = at.shadowRoot.elementFromPoint(width / 2, height * y);
        if (!inner || inner === at) break;
        at = inner;
      }
      let found = null;
      for (; at && at !== doc.body && at !== doc.documentElement; at = parentOf(at)) if (isWindow(at)) found = found || at;
      if (found && norm(found.innerText)) return found;
    }
    // Scrolled or small windows may leave those points free.
    const shown = [...doc.querySelectorAll("dialog[open],[aria-modal=true]")].filter((el) => visible(el) && norm(el.innerText));
    return shown.length ? shown[shown.length - 1] : null;
  };

  const look = (doc) => {
    const page = { doc, window: front(doc), controls: [], pressables: [], texts: [], tables: [], order: new Map() };
    page.root = page.window || doc.body || doc.documentElement;
    for (const el of children(page.root)) {
      if (SKIPPED.has(el.tagName)) continue;
      const nature = natureOf(el);
      // What a drawn list is made of (its text, its arrow) is not another control.
      const last = page.controls.length ? page.controls[page.controls.length - 1] : null;
      if (nature && last && last.nature === "picker" && holds(last.el, el)) continue;
      const pressable = !nature && isPressable(el);
      if (nature) page.controls.push({ el, nature });
      else if (pressable) page.pressables.push(el);
      if (nature || pressable) page.order.set(el, page.order.size);
      if (el.tagName === "TABLE" || el.getAttribute("role") === "table") page.tables.push(el);
      const text = ownText(el);
      if (text && text.length < 300) page.texts.push({ el, text });
      else if (["LABEL", "LEGEND", "TH", "H1", "H2", "H3", "H4", "H5", "CAPTION"].includes(el.tagName) && el.textContent.length < 300)
        page.texts.push({ el, text: el.textContent });
    }
    return page;
  };

  const textsNamed = (page, names) => {
    const found = [];
    for (const { el, text } of page.texts) {
      const match = rankOf(text, names) || (el.children.length && el.innerText ? rankOf(el.innerText, names) : null);
      if (match) found.push({ el, ...match });
    }
    return found.sort((a, b) => a.rank - b.rank);
  };

  // --- geometry: which control stands beside these words -------------------------------------------------------

  const distance = (label, control) => {
    const a = label.getBoundingClientRect(), b = control.getBoundingClientRect();
    const middle = (b.top + b.bottom) / 2, labelMiddle = (a.top + a.bottom) / 2;
    const sameLine = (middle >= a.top - 6 && middle <= a.bottom + 6) || (labelMiddle >= b.top && labelMiddle <= b.bottom);
    if (sameLine && b.left >= a.left) return Math.max(0, b.left - a.right);
    const under = b.top >= a.bottom - 8 && b.left < a.right + 4 && b.right > a.left - 12;
    if (under) return b.top - a.bottom + Math.abs(b.left - a.left) / 4 + 4;
    return Infinity;
  };
  const follows = (label, control) => Boolean(label.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING);

  const covers = (outer, el) => {
    const a = outer.getBoundingClientRect(), b = el.getBoundingClientRect();
    return a.left <= b.left && a.right >= b.right && a.top <= b.top && a.bottom >= b.bottom;
  };

  // Small print beside a field names nothing.
  const SMALL_PRINT = /^(obligatoire|facultatif|requis|optionnel|eur|euros?|jj.?mm.?aaaa|ex\b.*|.{0,3})$/;

  // The tightest surroundings of some words that hold a control: where their own control is to be looked for.
  const surroundings = (page, el) => {
    for (let at = el; at; at = parentOf(at)) if (page.controls.some((c) => c.el !== el && holds(at, c.el))) return at;
    return null;
  };

  // Other words stand closer, within the same surroundings: the control is theirs.
  const othersNearer = (page, label, at, { c, d }) =>
    c.nature !== "radio" && page.texts.some(({ el, text }) =>
      !holds(label, el) && !holds(el, label) && !holds(c.el, el) && !covers(el, c.el) && /^[^(*\d]/.test(text.trim()) &&
      !SMALL_PRINT.test(norm(text)) && visible(el) && distance(el, c.el) < d - 2 &&
      !page.pressables.some((p) => holds(p, el)) && !page.controls.some((o) => holds(o.el, el)) &&
      holds(at, surroundings(page, el)));

  const beside = (page, label, fits) => {
    for (let at = parentOf(label), depth = 0; at && depth < 8; at = parentOf(at), depth++) {
      const inside = page.controls.filter((c) => fits(c) && holds(at, c.el) && !holds(label, c.el));
      if (inside.length) {
        const seen = inside.filter((c) => visible(c.el));
        const alone = seen.length === 1 && depth < 3;
        if (!seen.length) return inside.find((c) => follows(label, c.el)) || null;
        const placed = seen.map((c) => ({ c, d: distance(label, c.el) })).filter((p) => p.d < 600).sort((p, q) => p.d - q.d);
        if (placed.length) return othersNearer(page, label, at, placed[0]) ? null : placed[0].c;
        const far = { c: seen[0], d: Infinity };
        return alone && follows(label, seen[0].el) && !othersNearer(page, label, at, far) ? seen[0] : null;
      }
      if (at === page.root) break;
    }
    return null;
  };

  // --- finding -------------------------------------------------------------------------------------------------

  // Whether a button stands in the neighbouring card, under a title of its own: never pressed in the place of a lost one.
  const isAnothers = (anchor, el) => {
    let branch = el;
    while (parentOf(branch) && !holds(parentOf(branch), anchor)) branch = parentOf(branch);
    const room = isHeading(anchor) ? parentOf(branch) || branch : branch;
    const titles = [...room.querySelectorAll(anchor.tagName)].filter((one) => one.className === anchor.className &&
      follows(one, el) && !holds(one, el) && visible(one) && one.innerText.trim());
    return !holds(anchor, el) && titles.length > 0 && titles.pop() !== anchor;
  };

  // Keeps the candidates of the bloc or card that bears these words; all of them where the words are absent.
  const withinBloc = (page, found, labels, strict) => {
    if (!labels.length || (found.length < 2 && !strict)) return found;
    const anchors = textsNamed(page, named(labels)).filter((t) => visible(t.el));
    if (strict && !anchors.length) return [];
    for (const anchor of anchors) {
      for (let at = anchor.el, depth = 0; at && depth < 10; at = parentOf(at), depth++) {
        const inside = found.filter((f) => holds(at, f.el) && !(strict && isAnothers(anchor.el, f.el)));
        if (inside.length === found.length && inside.length > 1) {
          const after = inside.filter((f) => follows(anchor.el, f.el));
          if (after.length) return [after[0]];
          break;
        }
        if (inside.length) return inside;
        if (at === page.root) break;
      }
    }
    return strict ? found.filter((f) => !anchors.every((anchor) => isAnothers(anchor.el, f.el))) : found;
  };

  // What is typed on one portal is picked on another: only the words tell.
  const NATURES = {
    field: ["text", "picker", "select", "radio"],
    select: ["select", "picker", "radio", "text", "checkbox"],
    file: ["file"],
  };

  // A file chooser is often hidden behind a styled button; one whose surroundings are hidden too is another page's.
  const shownNear = (el) => {
    for (let at = el, depth = 0; at && depth < 4; at = parentOf(at), depth++) if (visible(at)) return true;
    return false;
  };

  // A list drawn by a script hides the real one: a person sees and presses the drawn one.
  const drawn = (page, control) => {
    if (control.nature !== "select" || visible(control.el)) return control;
    const near = page.controls.find((c) => c.nature === "picker" && visible(c.el) && follows(control.el, c.el) &&
      holds(parentOf(control.el), c.el));
    return near || control;
  };

  const findControl = (page, spec) => {
    const names = named(spec.labels);
    const natures = NATURES[spec.kind];
    let fitting = page.controls.filter((c) => natures.includes(c.nature) && (c.nature !== "file" || shownNear(c.el)));
    if (spec.near) fitting = around(page, find(page, spec.near).el, fitting);
    // The bloc named by the flow comes before the words of the field; a bloc that is another's is left out.
    if (spec.outside.length) fitting = fitting.filter((c) => !bears(headingsOf(page, c.el)[0], named(spec.outside)));
    const inBloc = spec.within.length ? fitting.filter((c) => headingsOf(page, c.el).some((h) => bears(h, named(spec.within)))) : [];
    let found = [];
    for (const controls of [inBloc, fitting])
      for (const way of [byClaim, byNeighbour, byHint, byAnswers, byBeingAlone])
        if (!found.length && controls.length) found = way(page, spec, names, controls);
    if (!found.length) return { state: "absent", words: textsNamed(page, names).some((t) => visible(t.el)) };
    found = found.map((f) => ({ ...f, ...(({ el, nature }) => ({ el, nature }))(drawn(page, f)) }));
    if (spec.kind !== "file" && found.some((f) => visible(f.el))) found = found.filter((f) => visible(f.el) || f.nature === "radio");
    const best = Math.min(...found.map((f) => f.rank));
    found = found.filter((f) => f.rank === best);
    const order = Math.min(...found.map((f) => spec.labels.indexOf(f.label)));
    found = withinBloc(page, found.filter((f) => spec.labels.indexOf(f.label) === order), spec.within);
    // A group of radio buttons is one question.
    if (found[0].nature === "radio") found = [found[0]];
    return verdict(found.filter((f, i) => found.findIndex((g) => g.el === f.el) === i), spec);
  };

  // Controls of the same small group as another one: the address beside the password, not the one of the sign-up form.
  const around = (page, anchor, fitting) => {
    for (let at = anchor && parentOf(anchor); at; at = parentOf(at)) {
      const inside = fitting.filter((c) => c.el !== anchor && holds(at, c.el) && visible(c.el));
      if (inside.length) return inside;
    }
    return [];
  };

  const HEADINGS = "legend,h1,h2,h3,h4,h5,h6,caption,summary,[role=heading]";
  const isHeading = (el) => el.matches(HEADINGS) || /(^|[\s_-])(heading|header|titre|title|legend)/i.test(
    el.className && el.className.baseVal === undefined ? el.className : "");
  const headings = (page) => (page.headings ??= page.texts.filter(({ el }) => visible(el) && isHeading(el) && !page.pressables.some((p) => holds(p, el) && p !== el && !p.matches("[data-toggle],[data-bs-toggle],[aria-controls]")))
    .map(({ el, text }) => ({ el, text, room: surroundings(page, el) })).filter((h) => h.room));
  // The headings that a control stands under: the last one before it in each room around it, the tightest room first.
  const headingsOf = (page, el) => {
    const rooms = new Map();
    for (const heading of headings(page)) if (holds(heading.room, el) && follows(heading.el, el)) rooms.set(heading.room, heading);
    return [...rooms.values()].sort((a, b) => (holds(a.room, b.room) ? 1 : -1));
  };
  const bears = (heading, names) => Boolean(heading && (rankOf(heading.text, names) || rankOf(heading.el.innerText, names)));

  const byClaim = (page, spec, names, fitting) => {
    const found = [];
    for (const control of fitting)
      for (const [way, words] of claims(control.el, control.nature)) {
        const match = rankOf(words, names);
        if (match) { found.push({ ...control, way, ...match }); break; }
      }
    return found;
  };

  const byNeighbour = (page, spec, names, fitting) => {
    const found = [];
    for (const { el, rank, label, printed } of textsNamed(page, names)) {
      if (!visible(el) && !inCollapsed(el)) continue;
      if (page.pressables.some((p) => holds(p, el)) && spec.kind !== "file") continue;
      const mine = (c) => fitting.includes(c) &&
        (c.nature === "radio" || !claims(c.el, c.nature).some(([, words]) => norm(words) && !rankOf(words, names)));
      const control = beside(page, el, mine);
      if (control && !found.some((f) => f.el === control.el)) found.push({ ...control, way: "beside", rank, label, printed, words: el });
    }
    return found;
  };

  const byHint = (page, spec, names, fitting) => {
    const found = [];
    for (const control of fitting)
      for (const words of hints(control.el)) {
        const match = rankOf(words, names);
        if (match) { found.push({ ...control, way: "hint", ...match }); break; }
      }
    return found;
  };

  // A question whose own words are unknown is known by the answers it offers.
  const byAnswers = (page, spec, names, fitting) => {
    const answers = (spec.answers || []).map(named);
    if (answers.length < 2) return [];
    const asks = fitting.filter((c) => {
      const texts = optionsOf(c.el, c.nature).map((o) => o.text);
      return answers.every((words) => texts.some((text) => rankOf(text, words)));
    });
    const questions = asks.filter((c, i) => c.nature !== "radio" || asks.findIndex((o) => o.el.name === c.el.name) === i);
    return questions.length === 1 ? [{ ...questions[0], way: "answers", rank: 1, label: "" }] : [];
  };

  const byBeingAlone = (page, spec, names, fitting) => {
    const alone = spec.sole ? fitting.filter((c) => c.nature === "file" || (c.nature === "text" && visible(c.el))) : [];
    return alone.length === 1 ? [{ ...alone[0], way: "sole", rank: 2, label: "" }] : [];
  };

  const findButton = (page, spec) => {
    const names = named(spec.labels);
    let found = [];
    for (const el of page.pressables) {
      for (const words of pressName(el)) {
        const match = rankOf(words, names);
        if (match) { found.push({ el, nature: "button", way: "role", ...match }); break; }
      }
    }
    if (!found.some((f) => visible(f.el)))
      for (const { el, rank, label, printed } of textsNamed(page, names))
        if (visible(el) && getComputedStyle(el).cursor === "pointer" && !found.some((f) => holds(f.el, el) || holds(el, f.el)))
          found.push({ el, nature: "button", way: "beside", rank, label, printed });
    if (found.some((f) => visible(f.el))) found = found.filter((f) => visible(f.el));
    found = found.filter((f) => !found.some((g) => g !== f && holds(f.el, g.el)));
    if (!found.length) return { state: "absent" };
    const best = Math.min(...found.map((f) => f.rank));
    found = found.filter((f) => f.rank === best);
    const order = Math.min(...found.map((f) => spec.labels.indexOf(f.label)));
    found = found.filter((f) => spec.labels.indexOf(f.label) === order);
    found = withinBloc(page, found, spec.within, true);
    // A tab and the button of its own page may bear the same word: the button is meant where both are there.
    const buttons = found.filter((f) => ["BUTTON", "INPUT"].includes(f.el.tagName) && !f.el.closest("[role=tablist],nav"));
    if (found.length > 1 && buttons.length === 1) found = buttons;
    return verdict(found, spec);
  };

  const findTable = (page, spec) => {
    const names = named(spec.labels);
    for (const el of page.tables) {
      const caption = el.querySelector("caption")?.textContent || el.getAttribute("aria-label") || "";
      const heads = [...el.querySelectorAll("th,[role=columnheader]")].map((h) => h.innerText);
      const match = [caption, ...heads].map((text) => rankOf(text, names)).find(Boolean);
      if (match && visible(el)) return { state: "found", el, nature: "table", way: "role", ...match };
    }
    return { state: "absent" };
  };

  const verdict = (found, spec) => {
    if (!found.length) return { state: "absent" };
    if (found.length > 1) return { state: "ambiguous", ...found[0], count: found.length };
    const one = found[0];
    if (spec.kind !== "file" && !visible(one.el) && one.nature !== "radio" && !boxOf(one.el)) {
      const toggle = toggleOf(one.el);
      return toggle ? { ...one, state: "collapsed", toggle } : { state: "absent" };
    }
    if (one.nature === "radio" && !visible(one.el)) {
      const toggle = toggleOf(one.el);
      if (toggle) return { ...one, state: "collapsed", toggle };
    }
    return { ...one, state: "found" };
  };

  // What a person presses to tick a box: the box, or the words or drawing that stand for a hidden one.
  const boxOf = (el) => {
    if (natureOf(el) !== "checkbox") return null;
    return [el, ...(el.labels || []), parentOf(el)].find((at) => at && visible(at)) || null;
  };

  // The control that opens the panel around an element (Bootstrap collapse, aria-controls, <details>).
  const toggleOf = (el) => {
    for (let at = parentOf(el); at; at = parentOf(at)) {
      if (at.tagName === "DETAILS" && !at.open) return at.querySelector("summary");
      if (!at.id || visible(at)) continue;
      const id = CSS.escape(at.id);
      const toggle = el.ownerDocument.querySelector(
        `[aria-controls~="${id}"],[data-target="#${id}"],[data-bs-target="#${id}"],a[href="#${id}"]`);
      if (toggle && visible(toggle)) return toggle;
    }
    return null;
  };
  const inCollapsed = (el) => Boolean(toggleOf(el));

  const find = (page, spec) => {
    let result = spec.kind === "button" ? findButton(page, spec) : spec.kind === "table" ? findTable(page, spec)
      : spec.kind === "value" ? { state: "absent" } : findControl(page, spec);
    if (spec.id) {
      let known = null;
      try { known = page.root.querySelector(spec.id); } catch (error) { known = null; }
      if (known && spec.kind !== "file" && !visible(known)) known = null;
      if (known && (result.state === "absent" || result.state === "ambiguous"))
        result = { state: "found", el: known, nature: natureOf(known) || "button", way: "id", label: "", rank: 3 };
      else if (known && result.el && known !== result.el && !holds(known, result.el) && !holds(result.el, known))
        result = { ...result, state: "disagreement" };
      else if (!known && result.state === "found") result = { ...result, drift: "id" };
    }
    return result;
  };

  // --- values and states ---------------------------------------------------------------------------------------

  const radiosOf = (el) => [...el.getRootNode().querySelectorAll("input[type=radio]")]
    .filter((r) => r.name === el.name && r.form === el.form);
  const radioWords = (radio) => {
    for (const label of radio.labels || []) return labelText(label, radio);
    const aria = radio.getAttribute("aria-label");
    if (aria) return aria;
    let words = "";
    for (let node = radio.nextSibling; node && !words.trim(); node = node.nextSibling)
      words = node.nodeType === 3 ? node.nodeValue : node.textContent;
    return words;
  };
  const optionsOf = (el, nature) => {
    if (nature === "select") return [...el.options].map((o) => ({ value: o.value, text: o.text, chosen: o.selected, off: o.disabled }));
    if (nature === "radio") return radiosOf(el).map((r) => ({ value: r.value, text: radioWords(r), chosen: r.checked, off: r.disabled }));
    if (nature === "picker") {
      const hidden = el.closest(".select2,.select2-container,.chosen-container")?.previousElementSibling;
      if (hidden && hidden.tagName === "SELECT") return optionsOf(hidden, "select");
    }
    return [];
  };
  const valueOf = (el, nature) => {
    if (nature === "radio") return radiosOf(el).filter((r) => r.checked).map(radioWords).join("").trim();
    if (nature === "checkbox") return el.checked || el.getAttribute("aria-checked") === "true" ? "true" : "false";
    if (nature === "select") return [...el.selectedOptions].map((o) => o.text.trim()).join(" ; ");
    if (nature === "file") return [...el.files].map((f) => f.name).join(" ; ");
    // A password never leaves the page, not even to us.
    if (el.type === "password") return el.value ? "•••" : "";
    if ("value" in el && el.tagName !== "LI" && nature === "text") return el.value;
    const copy = (el.innerText || "").trim();
    return nature === "picker" ? copy.replace(/^×\s*/, "").replace(/[\s×▾▼]+$/, "") : copy;
  };
  // Whether a control must be filled, as far as it shows that: an asterisk or a word by its label, or its own attribute.
  const mustBeFilled = ({ el, nature, printed, words }) => {
    const controls = nature === "radio" ? radiosOf(el) : [el];
    if (controls.some((c) => c.required || c.getAttribute("aria-required") === "true")) return true;
    const labels = [...(el.labels || []), ...byIds(el, "aria-labelledby"), ...(words ? [words] : [])];
    // The asterisk of a style sheet is on the screen, not in the text.
    const drawn = labels.flatMap((l) => ["::before", "::after"].map((side) => getComputedStyle(l, side).content));
    const said = [printed || "", ...labels.map((l) => l.innerText || ""), ...drawn].join(" ");
    if (/[*∗＊]|\((champ )?(obligatoire|requis)e?\)/i.test(said)) return true;
    return /\((champ )?(facultati(f|ve)|optionnel(le)?)\)/i.test(said) ? false : null;
  };
  const asPrinted = (text) => (text || "").replace(/\s+/g, " ").trim();
  const stateOf = (page, result) => {
    const { el, nature, state, way, label, printed, count, drift } = result;
    if (!el) return { state, words: Boolean(result.words) };
    const empty = nature === "picker" && el.querySelector("[class*=placeholder]");
    return {
      state, way, label: label || "", printed: asPrinted(printed), nature, count: count || 1, drift: drift || "",
      place: page.order.get(el) ?? -1, value: empty ? "" : valueOf(el, nature),
      type: el.type || "", tag: el.tagName, required: mustBeFilled(result),
      locked: Boolean(el.disabled || el.readOnly || el.getAttribute("aria-disabled") === "true"),
      options: optionsOf(el, nature),
    };
  };

  // --- recognising screens -------------------------------------------------------------------------------------

  // A number may be printed in groups of digits.
  const says = (text, names) =>
    names.some((n) => (/^\d+$/.test(n.norm) ? norm(text).replace(/\s/g, "") : norm(text)).includes(n.norm));

  // An answer is a sentence of the page, not the word on a button, and not its denial.
  const DENIAL = /pas pu|pas (ete |etre )?(enregistr|sauvegard)|impossible|echou|reessay|une erreur|erreurs? (est|ont|a )/;
  const told = (page, names) => {
    const sentences = page.texts.filter(({ el }) => visible(el) && !page.pressables.some((p) => holds(p, el)))
      .map(({ el, text }) => norm((el.innerText || text).slice(0, 600)));
    return !sentences.some((t) => DENIAL.test(t)) && sentences.some((t) => names.some((n) => t.includes(n.norm)));
  };

  const markSeen = (page, mark, elements) => {
    const whole = () => (page.whole ??= page.root.innerText || "");
    if (mark.without && says(whole(), named(mark.without))) return false;
    if (mark.dialog && !textsNamed(page, named(mark.dialog)).some((t) => visible(t.el))) return false;
    if (mark.heading && !textsNamed(page, named(mark.heading)).some((t) => visible(t.el) && !page.pressables.some((p) => holds(p, t.el)))) return false;
    if (mark.text && !says(whole(), named(mark.text))) return false;
    if (mark.text && mark.fresh && !told(page, named(mark.text))) return false;
    for (const name of mark.elements || []) if (!elements(name)) return false;
    return Boolean(mark.dialog || mark.heading || mark.text || (mark.elements || []).length);
  };

  // Sentences that the portal shows as messages: what a person sees in a coloured box or in red.
  const MESSAGES = "[role=alert],[role=status],[aria-live=assertive],.alert,.error,.errors,.erreur,.erreurs,.invalid-feedback,.has-error .help-block,.messages,.message,.field-error,.kc-feedback-text,#input-error,.notification,.toast";
  const BAD = /danger|error|erreur|invalid|warning-danger/i, GOOD = /success|succes|info|status|ok\b/i;
  const COMPLAINT = /obligatoire|incorrect|invalide|refus|erreur|impossible|manqu|n'est pas|ne peut|existe deja|deja|bloque|inconnu|inactif|aucun resultat/;
  const isRed = (el) => {
    const color = /rgba?\((\d+),\s*(\d+),\s*(\d+)/.exec(getComputedStyle(el).color);
    return Boolean(color) && +color[1] > 140 && +color[2] < 90 && +color[3] < 100;
  };
  const isBad = (el) => {
    const classes = `${el.className && el.className.baseVal === undefined ? el.className : ""} ${el.getAttribute("role") || ""}`;
    if (BAD.test(classes) || isRed(el)) return true;
    return !GOOD.test(classes) && COMPLAINT.test(norm(el.innerText));
  };
  const heard = (page) => {
    const found = new Map();
    const add = (el, bad) => {
      const text = el.innerText.replace(/\s+/g, " ").trim();
      if (text.length > 3 && text.length < 1500) found.set(text, Boolean(found.get(text)) || bad);
    };
    for (const el of page.root.querySelectorAll(MESSAGES)) if (visible(el)) add(el, isBad(el));
    for (const { el, text } of page.texts)
      if (text.length > 8 && visible(el) && isRed(el) && !isPressable(el) && !el.closest("label,th,legend")) add(el, true);
    const all = [...found].filter(([text]) => ![...found.keys()].some((other) => other !== text && other.includes(text)));
    return { messages: all.map(([text]) => text), errors: all.filter(([, bad]) => bad).map(([text]) => text) };
  };

  // --- everything that a person could use ----------------------------------------------------------------------

  // Boxes to tick often have their words behind them.
  const wordsBehind = (box) => {
    let at = box.nextSibling;
    while (at && !at.textContent.trim() && !(at.nodeType === 1 && natureOf(at))) at = at.nextSibling;
    const words = at && !(at.nodeType === 1 && at.querySelector("input,select,textarea")) ? asPrinted(at.textContent) : "";
    return words.length < 200 && norm(words) && !SMALL_PRINT.test(norm(words)) ? words : "";
  };
  // The words that a control bears: its own, those that stand beside it, or the hint in it.
  const wordsOf = (page, el, nature) => {
    const own = claims(el, nature).map(([, words]) => asPrinted(words)).find(Boolean);
    if (own) return own;
    const behind = nature === "checkbox" && wordsBehind(el);
    if (behind) return behind;
    const near = page.texts.map(({ el: at, text }) => ({ at, text, d: distance(at, el) }))
      .filter(({ at, text, d }) => d < 600 && visible(at) && norm(text) && !SMALL_PRINT.test(norm(text)) && !holds(at, el) &&
        !holds(el, at) && !page.pressables.some((p) => holds(p, at)) && !page.controls.some((c) => holds(c.el, at)))
      .sort((a, b) => a.d - b.d).slice(0, 5);
    const same = nature === "radio" ? radiosOf(el) : [el];
    const mine = near.find(({ at }) => same.includes(beside(page, at, () => true)?.el));
    // The title of a drawn list is what was chosen in it.
    const hint = nature === "picker" ? "" : hints(el)[0];
    return asPrinted(mine ? mine.text : hint || (near[0] || {}).text);
  };
  // The title that a control stands under; on a card without fields, the card's own.
  const blocOf = (page, el) => {
    const heading = headingsOf(page, el)[0];
    if (heading) return heading.text;
    const titles = page.texts.filter((t) => isHeading(t.el) && visible(t.el) && !holds(el, t.el) && follows(t.el, el));
    for (let at = parentOf(el), depth = 0; at && at !== page.root && depth < 6; at = parentOf(at), depth++) {
      const inside = titles.filter((t) => holds(at, t.el));
      if (inside.length) return inside[inside.length - 1].text;
    }
    return "";
  };
  const inventoryOf = (page, specs) => {
    // Radio buttons of one name are one question.
    const whole = (el, nature) => (nature === "radio" && radiosOf(el).find((one) => page.order.has(one))) || el;
    const claimed = new Map();
    for (const [name, spec] of Object.entries(specs || {})) {
      const { el, nature, state, printed } = find(page, spec);
      if (!el || !["found", "collapsed"].includes(state)) continue;
      const one = claimed.get(whole(el, nature)) || { el: whole(el, nature), nature, words: asPrinted(printed), names: [] };
      claimed.set(one.el, { ...one, names: [...one.names, name] });
    }
    // Of a box or a button to tick, often only the words are drawn.
    const bodies = ({ el, nature }) => (nature === "radio" ? radiosOf(el) : [el])
      .flatMap((one) => (["radio", "checkbox"].includes(nature) ? [one, ...(one.labels || [])] : [one]));
    const isShown = (control) => (control.nature === "file" ? shownNear(control.el) : bodies(control).some(visible));
    const fields = page.controls.filter((c) => whole(c.el, c.nature) === c.el && (claimed.has(c.el) || isShown(c)));
    const named = page.pressables.filter((el) => pressName(el).length && (claimed.has(el) || visible(el)));
    const pressables = named.filter((el) => claimed.has(el) || !named.some((p) => p !== el && holds(el, p)));
    const tables = page.tables.filter(visible);
    const listed = new Set([...fields.map(({ el }) => el), ...pressables, ...tables]);
    const items = [
      ...fields.map(({ el, nature }) => ({ el, nature, words: wordsOf(page, el, nature) })),
      ...pressables.map((el) => ({ el, nature: "button", words: asPrinted(pressName(el)[0]) })),
      ...tables.map((el) => ({ el, nature: "table", words: asPrinted(el.querySelector("caption,th")?.innerText) })),
      // Words that can be pressed although no markup says so.
      ...[...claimed.values()].filter(({ el }) => !listed.has(el)),
    ].sort((a, b) => (follows(a.el, b.el) ? -1 : 1));
    return items.map(({ el, nature, words }, place) => {
      const box = el.getBoundingClientRect();
      const isField = !["button", "table"].includes(nature);
      return {
        place, nature, words, bloc: asPrinted(blocOf(page, el)), id: el.id || "", name: el.getAttribute("name") || "",
        type: el.type || "", required: isField ? mustBeFilled({ el, nature, printed: words }) : null,
        locked: Boolean(el.disabled || el.readOnly || el.getAttribute("aria-disabled") === "true"),
        options: isField ? optionsOf(el, nature).map((o) => asPrinted(o.text)) : [], claimed: claimed.get(el)?.names || [],
        filled: isField && !["", "false"].includes(valueOf(el, nature)), box: [box.x + scrollX, box.y + scrollY, box.width, box.height],
      };
    });
  };

  const survey = (request) => {
    if (!document.body || document.readyState === "loading") return null;
    const page = look(document);
    const said = request.messages ? heard(page) : { messages: [], errors: [] };
    const since = request.since;
    // Something came of the press: a document drawn anew or a new message, and no new complaint.
    const changed = !since || performance.timeOrigin !== since.document || said.messages.some((m) => !since.messages.includes(m));
    // The very words that are waited for are no complaint, however red they are printed.
    const complains = (mark) => Boolean(since) && said.errors.some((m) =>
      (performance.timeOrigin !== since.document || !since.messages.includes(m)) && !(mark.text && says(m, named(mark.text))));
    const seen = [];
    for (const screen of request.screens) {
      const cache = {};
      const element = (name) => (cache[name] ??= find(page, screen.elements[name]));
      const mark = screen.here.find((m) => !m.native && !(m.fresh && (!changed || complains(m))) && markSeen(page, m, (name) => ["found", "collapsed", "ambiguous"].includes(element(name).state)));
      if (!mark) continue;
      seen.push(screen.name);
      if (!request.all) break;
    }
    const facts = { seen, document: performance.timeOrigin, url: location.href, title: document.title, window: Boolean(page.window) };
    facts.messages = said.messages;
    facts.errors = said.errors;
    if (request.elements) {
      const claimed = new Map();
      facts.elements = {};
      for (const [name, spec] of Object.entries(request.elements)) {
        const result = find(page, spec);
        const state = stateOf(page, result);
        if (result.el && state.state === "found" && spec.kind !== "button" && spec.kind !== "table") {
          const other = claimed.get(result.el);
          if (other) { state.state = "ambiguous"; state.count = 2; facts.elements[other].state = "ambiguous"; }
          claimed.set(result.el, name);
        }
        facts.elements[name] = state;
      }
    }
    if (request.inventory) {
      facts.inventory = inventoryOf(page, request.claims);
      facts.headings = headings(page).map(({ text }) => asPrinted(text));
    }
    if (request.counts) {
      const whole = norm(page.root.innerText).replace(/\s/g, "");
      facts.counts = request.counts.map((text) => whole.split(norm(text).replace(/\s/g, "")).length - 1);
    }
    if (request.text) facts.text = page.root.innerText || "";
    if (request.tables)
      facts.tables = page.tables.filter(visible).map((table) => [...table.querySelectorAll("tr,[role=row]")]
        .map((row) => [...row.querySelectorAll("th,td,[role=cell],[role=columnheader]")].map((cell) => cell.innerText.trim())));
    return facts;
  };

  // One thing the engine selector is asked for: an element by its words, or a part of the page it leads to.
  const one = (spec) => {
    const page = look(document);
    if (spec.part === "front") return page.root;
    if (spec.part === "choice") {
      // Drawn lists are often hung at the end of the page, outside the window they belong to.
      const wanted = norm(spec.text);
      const choices = [...document.querySelectorAll("[role=option],[role=listbox] li,.select2-results li,.chosen-results li,ul li")];
      return choices.find((el) => visible(el) && !el.querySelector("li,[role=option]") && norm(el.innerText) === wanted) || null;
    }
    if (spec.part === "search") {
      const open = [...document.querySelectorAll("input[type=search],input[class*=search],[role=searchbox],[role=listbox] input")];
      return open.find((el) => visible(el) && !el.closest("form[role=search],header,nav")) || null;
    }
    if (spec.part === "radio") {
      const result = find(page, spec);
      const radio = result.el && radiosOf(result.el)[spec.index];
      return !radio ? null : visible(radio) ? radio : (radio.labels || [])[0] || radio;
    }
    if (spec.part === "box") return boxOf(find(page, spec).el) || find(page, spec).el;
    if (spec.part === "row") {
      const wanted = norm(spec.text).replace(/\s/g, "");
      const rows = [...page.root.querySelectorAll("tr,li,[role=row],[role=option],label")].filter((row) =>
        visible(row) && norm(row.innerText).replace(/\s/g, "").includes(wanted) && !row.querySelector("tr,li,[role=row]"));
      return rows[0] || null;
    }
    if (spec.part === "cell") {
      // What opens one row of a table, known by all its cells: the link of the cell that bears the text, or another.
      const cellsOf = (row) => [...row.querySelectorAll("th,td,[role=cell],[role=columnheader]")];
      const row = page.tables.filter(visible).flatMap((table) => [...table.querySelectorAll("tr,[role=row]")])
        .find((row) => visible(row) && cellsOf(row).map((cell) => cell.innerText.trim()).join("\n") === spec.cells.join("\n"));
      const cell = row && cellsOf(row).find((cell) => norm(cell.innerText).includes(norm(spec.text)));
      const link = "a,button,[role=link],[role=button]";
      return row ? (cell && cell.querySelector(link)) || row.querySelector(link) || cell || row : null;
    }
    const result = find(page, spec);
    if (spec.part === "toggle") return result.toggle || null;
    return ["found", "collapsed"].includes(result.state) ? result.el : null;
  };

  return {
    survey,
    queryAll: (root, selector) => { const el = one(JSON.parse(selector)); return el ? [el] : []; },
    query: (root, selector) => one(JSON.parse(selector)),
    norm, valueOf, natureOf, radiosOf, radioWords, visible,
  };
})()
