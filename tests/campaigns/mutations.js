// Changes a portal's pages in the browser, before any other script can look: observers are told of a change before the
// next task begins. `changes` are `{kind, path, nature, bloc, words, now, other, keep}`; each is made on every page of its
// path where its words stand, once for each place, and told to the console.
(changes) => {
  const CONTROL = "input:not([type=hidden]),select,textarea";
  const BUTTON = "button,a,summary,[role=button],[role=tab],[role=link],input[type=submit],input[type=button],span[data-choisir]";
  const TITLE = "h1,h2,h3,h4,h5,legend,caption,[role=heading]";
  const MINE = "[data-essai]";
  const norm = (text) => (text || "").replace(/\s+/g, " ").replace(/^[\s*–-]+|[\s*:▾▼]+$/g, "");
  const pattern = (words) => new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"));
  const visible = (el) => !el.closest("script,style,template,noscript");

  // --- whose words they are ---------------------------------------------------------------------------------------

  const texts = () => {
    const all = [], walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.parentElement && visible(walker.currentNode.parentElement)) all.push(walker.currentNode);
    return all;
  };
  // Where words stand: text, the value of a button, or what is only said of a control.
  const places = () => [
    ...texts().map((node) => ({ node, el: node.parentElement, get: () => node.nodeValue, set: (text) => { node.nodeValue = text; } })),
    ...[...document.querySelectorAll("input[type=submit],input[type=button]")]
      .map((el) => ({ node: el, el, get: () => el.value, set: (text) => { el.value = text; } })),
    ...["aria-label", "title"].flatMap((name) => [...document.querySelectorAll(`[${name}]`)]
      .map((el) => ({ node: el.getAttributeNode(name), el, get: () => el.getAttribute(name), set: (text) => el.setAttribute(name, text) }))),
  ].filter(({ el }) => !el.closest(MINE));
  const fits = (el, nature) => {
    if (nature === "option") return !!el.closest("option,li,label");
    const isButton = !!el.closest(BUTTON);
    if (nature === "button") return isButton;
    if (nature === "title") return !isButton && !el.closest("option,label,li");
    // A bloc may be called as one of its fields.
    return !isButton && !el.closest("option,h1,h2,h3,h4,h5");
  };
  const titled = (bloc) => texts().filter((node) => norm(node.nodeValue) === bloc && fits(node.parentElement, "title")).map((node) => node.parentElement);
  const isInside = (el, bloc) => titled(bloc).some((title) => {
    const after = (one, other) => one !== other && !!(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    const kind = title.className ? `${TITLE},${title.tagName}.${CSS.escape(title.classList[0])}` : TITLE;
    return after(title, el) && ![...document.querySelectorAll(kind)].some((one) => after(title, one) && after(one, el) && !one.contains(el));
  });
  const scoped = new Set();
  const bearers = (change, words = change.words) => {
    const all = places().filter(({ el, get }) => norm(get()) === words && fits(el, change.nature));
    const inside = change.bloc && (all.length > 1 || scoped.has(change)) ? all.filter(({ el }) => isInside(el, change.bloc)) : [];
    // What was changed in its bloc is no reason to change it elsewhere.
    if (inside.length) scoped.add(change);
    return scoped.has(change) ? inside : all;
  };

  // --- a field with its label -------------------------------------------------------------------------------------

  const controlOf = (label) => {
    if (label.tagName === "LEGEND") return label.parentElement;
    if (label.control) return label.control;
    const named = label.id && document.querySelector(`[aria-labelledby~="${CSS.escape(label.id)}"]`);
    if (named) return named;
    for (let at = label.parentElement; at && at !== document.body; at = at.parentElement) {
      const control = [...at.querySelectorAll(CONTROL)].find((one) => label.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (control) return control;
    }
    return null;
  };
  // What a person sees as one field: a box, a row of a table, or a heading cell with the cell below.
  const boxes = (bearer) => {
    const label = bearer.closest("label,legend,td,th,dt") || bearer;
    if (label.tagName === "LEGEND") return [label.parentElement];
    const row = /^T[DH]$/.test(label.tagName) ? label.closest("tr") : null;
    if (row?.querySelector(CONTROL)) return [row];
    if (row) return [label, row.nextElementSibling?.cells[label.cellIndex]].filter(Boolean);
    const control = controlOf(label);
    if (!control) return [label];
    let at = control;
    while (!at.contains(label)) at = at.parentElement;
    return at.querySelectorAll("label,legend").length > 1 ? [label, control] : [at];
  };
  const swap = (one, other) => {
    const mark = document.createComment("");
    one.replaceWith(mark); other.replaceWith(one); mark.replaceWith(other);
  };
  // The parts of a page that hold one thing and not the other.
  const apart = (one, other) => {
    while (!one.parentElement.contains(other)) one = one.parentElement;
    while (!other.parentElement.contains(one)) other = other.parentElement;
    return [one, other];
  };

  // --- the changes ------------------------------------------------------------------------------------------------

  const state = changes.map(() => ({ done: new WeakSet(), told: false }));
  const kinds = {
    rename(change, mark) {
      for (const { node, get, set } of bearers(change)) if (mark(node)) set(get().replace(pattern(change.words), () => change.now));
    },
    sentence(change, mark) {
      for (const { node, el, get, set } of places())
        if (norm(get()).includes(change.words) && !el.closest(BUTTON) && mark(node)) set(get().replace(pattern(change.words), () => change.now));
    },
    exchanged(change, mark) {
      const [one] = bearers(change), [other] = bearers(change, change.other);
      if (!one || !other || !mark(one.node) || !mark(other.node)) return;
      one.set(one.get().replace(pattern(change.words), () => change.other));
      other.set(other.get().replace(pattern(change.other), () => change.words));
    },
    swapped(change, mark) {
      const [one] = bearers(change), [other] = bearers(change, change.other);
      if (!one || !other) return;
      const mine = boxes(one.el), others = boxes(other.el);
      if (mine.length !== others.length || mine[0] === others[0] || !mark(mine[0])) return;
      mine.forEach((box, index) => swap(box, others[index]));
    },
    removed(change, mark) {
      for (const { el } of bearers(change)) {
        const gone = change.nature === "button" ? [el.closest(BUTTON)] : boxes(el);
        if (mark(gone[0])) for (const box of gone) box.remove();
      }
    },
    moved(change, mark) {
      const [one] = titled(change.words), [other] = titled(change.other);
      if (!one || !other || document.readyState === "loading") return;
      const [mine, others] = apart(one, other);
      if (mark(mine) && mark(others)) swap(mine, others);
    },
    required(change, mark) {
      for (const { el } of bearers(change)) {
        const [box] = boxes(el), id = "essai-" + change.now.toLowerCase().replace(/\W+/g, "-");
        if (document.getElementById(id) || !mark(box)) continue;
        const star = `<span class="requis" aria-hidden="true">*</span>`, field = `<input type="text" id="${id}" required>`;
        const inside = box.tagName === "TR" ? `<td class="${box.cells[0].className}">* ${change.now}</td><td>${field}</td>`
          : box.tagName === "FIELDSET" || !box.querySelector("label") ? "" : `<label for="${id}">${star} ${change.now}</label> ${field}`;
        if (!inside) continue;
        const made = document.createElement(box.tagName);
        made.className = box.className;
        made.dataset.essai = "";
        made.innerHTML = inside;
        box.before(made);
        const control = made.querySelector("input");
        control.value = sessionStorage.getItem(id) || "";
        control.addEventListener("input", () => sessionStorage.setItem(id, control.value));
      }
    },
    window(change, mark) {
      const key = "essai-vu-" + change.now;
      if (document.readyState === "loading" || sessionStorage.getItem(key) || document.querySelector("dialog[data-essai]") || !bearers(change).length) return;
      mark({});
      const over = document.createElement("dialog");
      over.dataset.essai = "";
      over.innerHTML = `<h2>${change.now}</h2><p>${change.other}</p><button type="button">Continuer</button>`;
      over.addEventListener("cancel", (event) => event.preventDefault());
      over.querySelector("button").onclick = () => { sessionStorage.setItem(key, "1"); over.remove(); };
      document.body.append(over);
      over.showModal();
    },
    style(change, mark) {
      if (!document.head || !mark(document)) return;
      const sheet = document.createElement("style");
      sheet.textContent = change.now;
      document.documentElement.append(sheet);
    },
    attributes(_, mark) {
      for (const el of document.querySelectorAll("input,select,textarea,button,label,a,form,section,td")) {
        if (!mark(el)) continue;
        const all = [...el.attributes].filter((one) => !["type", "value", "style"].includes(one.name)).map((one) => [one.name, one.value]);
        for (const [name] of all) el.removeAttribute(name);
        for (const [name, value] of all.reverse()) el.setAttribute(name, value);
        el.setAttribute("data-suivi", "1");
      }
    },
    ids(change, mark) {
      const moved = (id) => `${change.now}_${id}`;
      for (const el of document.querySelectorAll("input[id],select[id],textarea[id],button[id],h1[id],h2[id],h3[id]")) {
        if (el.id.startsWith(change.now) || /^captcha/.test(el.id) || !mark(el)) continue;
        const old = el.id;
        el.id = moved(old);
        for (const label of document.querySelectorAll(`label[for="${CSS.escape(old)}"]`)) label.htmlFor = moved(old);
        for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"])
          for (const one of document.querySelectorAll(`[${name}~="${CSS.escape(old)}"]`))
            one.setAttribute(name, one.getAttribute(name).split(/\s+/).map((id) => (id === old ? moved(old) : id)).join(" "));
      }
    },
    help(change, mark) {
      const named = (text) => change.keep.some((one) => norm(text).includes(one)) || /\d{3}/.test(text);
      for (const node of texts()) {
        const el = node.parentElement, text = norm(node.nodeValue);
        if (text.length < 30 || !el.closest("p,small,footer,aside,.gris,figcaption") || el.closest(`${BUTTON},[role=status],[role=alert],dialog`)) continue;
        if (!named(text) && mark(node)) node.nodeValue = change.now;
      }
      for (const el of document.querySelectorAll("input[placeholder]")) if (el.labels?.length && mark(el)) el.placeholder = `ex. : ${el.placeholder}`;
      if (document.readyState !== "loading" && !document.querySelector("footer") && mark(document.body))
        document.body.insertAdjacentHTML("beforeend", `<footer data-essai><p>${change.now}</p></footer>`);
    },
    images(_, mark) {
      const drawn = "data:image/svg+xml," + encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="14" height="14"><circle cx="7" cy="7" r="6" fill="#7a4"/></svg>`);
      for (const el of document.querySelectorAll("h1,h2,h3,label,legend,td.lb,button:not([aria-label]),.pnTitre")) {
        if (!mark(el)) continue;
        const image = new Image(14, 14);
        image.alt = "";
        image.src = drawn;
        el.prepend(image);
      }
    },
    wrapped(_, mark) {
      for (const el of document.querySelectorAll(`${CONTROL},form button,label,table`)) {
        if (el.closest("[class*=select2]") || !mark(el)) continue;
        const wrapper = document.createElement(el.tagName === "TABLE" ? "div" : "span");
        wrapper.className = "enveloppe";
        el.replaceWith(wrapper);
        wrapper.append(el);
      }
    },
  };

  // A form that comes back with complaints is the same page at another address.
  const isHere = (path) => {
    const key = `essai-titre-${path}`;
    if (location.pathname === path && document.title) sessionStorage.setItem(key, document.title);
    return location.pathname === path || (!!document.title && sessionStorage.getItem(key) === document.title);
  };
  const apply = () => changes.forEach((change, index) => {
    if (change.path && !isHere(change.path)) return;
    const { done } = state[index];
    kinds[change.kind](change, (place) => {
      if (done.has(place)) return false;
      done.add(place);
      if (!state[index].told) console.debug(`essai ${index}`);
      state[index].told = true;
      return true;
    });
  });
  // A form goes nowhere without a new required field, whatever the portal thinks of its own fields.
  document.addEventListener("submit", (event) => {
    const empty = [...event.target.querySelectorAll("[data-essai] input")].find((one) => !one.value.trim());
    if (!empty) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const box = empty.closest(MINE), at = box.tagName === "TR" ? box.lastElementChild : box;
    if (!at.querySelector(".erreur-champ")) at.insertAdjacentHTML("beforeend", `<p class="erreur-champ" role="alert" style="color:#c00">Ce champ est obligatoire.</p>`);
  }, true);
  new MutationObserver(apply).observe(document, { childList: true, subtree: true, characterData: true });
  document.addEventListener("DOMContentLoaded", apply);
}
