// The overlay over the portal's page: what is said, frames around where, a pointer, and what the person answers. Touches
// nothing of the page: one host element with a closed shadow root, which lets every click through but those on its own
// buttons. While the person is asked to show something (`pick`), a clear sheet takes the one click that shows it.
(request) => {
  const KEY = Symbol.for("chorus-robot.caption");
  // A page that is just coming has no element yet: the next look draws.
  if (!document.documentElement) return null;
  const old = document[KEY];
  if (!request || (request.isErased && !old?.cover)) {
    old?.end();
    return null;
  }

  const make = (parent, tag, name, facts = {}) => {
    const made = document.createElement(tag);
    made.className = name;
    for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };
  // A guillemet does not stand alone on a line.
  const bound = (text) => text.replace(/« /g, "«\u00a0").replace(/ ([»:;!?])/g, "\u00a0$1");
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !text;
  };
  const place = (element, box) => {
    for (const [side, value] of Object.entries(box)) element.style[side] = `${value}px`;
  };
  const trim = (elements, count) => {
    while (elements.length > count) elements.pop().remove();
  };
  // Windows of the page that may hold the keyboard: its own, and those of frames that it can reach itself.
  const windows = (from = window) => {
    const found = [from];
    for (let index = 0; index < from.frames.length; index++)
      try {
        if (from.frames[index].document) found.push(...windows(from.frames[index]));
      } catch {
        continue;
      }
    return found;
  };

  const build = () => {
    const host = document.createElement("div");
    host.setAttribute("data-chorus-robot", "caption");
    host.lang = "fr";
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(request.style);
    root.adoptedStyleSheets = [sheet];
    const veils = make(root, "div", "veils", { "aria-hidden": "true" });
    const frames = make(root, "div", "frames", { "aria-hidden": "true" });
    const picture = make(root, "canvas", "picture", { role: "img", "aria-label": "L'écran d'alors" });
    const list = make(root, "ol", "list", { "aria-label": "Étapes" });
    const card = make(root, "section", "card");
    const told = make(card, "div", "told", { role: "status", "aria-live": "assertive", "aria-atomic": "true" });
    const way = make(card, "div", "way", { "aria-hidden": "true" });
    const parts = {
      host, root, veils, frames, picture, list, card, way,
      framed: [], rows: [], veiled: [], buttons: [], small: [], told: "", point: null, asked: [], keys: {}, heard: new WeakSet(),
    };
    for (const name of ["who", "say", "wait"]) parts[name] = make(told, "p", name);
    make(way, "div", "");
    parts.answers = make(card, "div", "answers");
    parts.bar = make(card, "div", "bar", { role: "toolbar", "aria-label": "Commandes" });
    const press = (event) => {
      const tells = parts.keys[event.key];
      if (!tells || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type === "keydown" && event.isTrusted && !event.repeat) parts.asked.push(tells);
    };
    parts.listen = () => {
      for (const one of windows())
        if (!parts.heard.has(one.document)) {
          parts.heard.add(one.document);
          for (const kind of ["keydown", "keyup"]) one.addEventListener(kind, press, true);
        }
    };
    parts.follow = () => {
      const moved = [scrollX - parts.scroll[0], scrollY - parts.scroll[1]];
      parts.frames.style.translate = `${-moved[0]}px ${-moved[1]}px`;
      parts.cover?.();
    };
    addEventListener("scroll", parts.follow, { capture: true, passive: true });
    parts.end = () => {
      removeEventListener("scroll", parts.follow, { capture: true });
      for (const one of windows()) for (const kind of ["keydown", "keyup"]) one.removeEventListener(kind, press, true);
      parts.uncover?.();
      host.remove();
      delete document[KEY];
    };
    document.documentElement.append(host);
    document[KEY] = parts;
    return parts;
  };

  // A page that throws its elements away, as one written anew does, has thrown the overlay away too.
  if (old && !old.host.isConnected) old.end();
  const parts = document[KEY] || build();
  // Veils alone say nothing: the page has not been told anything yet.
  const isNew = !parts.isTold;
  parts.isTold ||= !request.isVeilOnly;
  // A dialog of the browser's top layer covers all else, and nothing outside it can be pressed: the overlay goes into it.
  const modal = [...document.querySelectorAll("dialog:modal")].pop();
  const home = modal || document.documentElement;
  if (parts.host.parentNode !== home) {
    parts.host.removeAttribute("popover");
    home.append(parts.host);
  }
  if (modal && parts.host.showPopover && !parts.host.matches(":popover-open")) {
    parts.host.setAttribute("popover", "manual");
    parts.host.showPopover();
  }

  // --- what is said, and what can be answered ----------------------------------------------------------------------

  const button = (parent, pressed) => {
    const made = make(parent, "button", "", { type: "button" });
    made.addEventListener("click", (event) => {
      // Only a real press counts, not one that a script of the page makes up.
      event.stopPropagation();
      if (event.isTrusted) pressed(made);
    });
    // The field that somebody is typing into keeps the keyboard; a list that is open stays open.
    for (const kind of ["pointerdown", "mousedown"])
      made.addEventListener(kind, (event) => {
        event.preventDefault();
        event.stopPropagation();
      });
    return made;
  };
  parts.card.hidden = !request.say && !request.who;
  parts.card.classList.toggle("large", request.isLarge);
  for (const name of ["who", "say", "wait"]) write(parts[name], request.controls.length ? bound(request[name]) : request[name]);
  parts.way.hidden = !request.total;
  parts.way.firstChild.style.width = `${Math.min(100, (100 * request.number) / (request.total || 1))}%`;

  trim(parts.buttons, request.buttons.length);
  request.buttons.forEach((words, index) => {
    write((parts.buttons[index] ??= button(parts.answers, (made) => (parts.told = made.textContent))), words);
  });
  const small = request.controls.filter((one) => one.words);
  trim(parts.small, small.length);
  parts.bar.hidden = !small.length;
  small.forEach((one, index) => {
    const made = (parts.small[index] ??= button(parts.bar, (pressed) => parts.asked.push(pressed.dataset.tells)));
    write(made, one.words);
    made.dataset.tells = one.tells;
    made.title = one.label;
    made.setAttribute("aria-label", one.label);
    if (one.isOn === null) made.removeAttribute("aria-pressed");
    else made.setAttribute("aria-pressed", String(one.isOn));
    made.setAttribute("aria-keyshortcuts", one.keys.join(" "));
  });
  parts.keys = Object.fromEntries(request.controls.flatMap((one) => one.keys.map((key) => [key, one.tells])));
  if (request.controls.length) parts.listen();

  // --- a place that the person shows -------------------------------------------------------------------------------

  const GESTURES = ["pointerdown", "pointerup", "mousedown", "mouseup", "click", "dblclick", "auxclick", "contextmenu",
    "touchstart", "touchend", "dragstart"];
  if (request.pick && !parts.sheet) {
    parts.sheet = document.createElement("div");
    parts.sheet.className = "sheet";
    for (const kind of GESTURES)
      parts.sheet.addEventListener(kind, (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (kind === "click" && event.isTrusted) parts.point = [event.clientX, event.clientY];
      }, { passive: false });
    // What lies under the sheet may have to be scrolled to.
    parts.sheet.addEventListener("wheel", (event) => {
      for (let at = document.elementsFromPoint(event.clientX, event.clientY).find((el) => el !== parts.host); at; at = at.parentElement)
        if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) {
          event.preventDefault();
          at.scrollTop += event.deltaY;
          return;
        }
    }, { passive: false });
    parts.root.insertBefore(parts.sheet, parts.card);
  }
  if (!request.pick && parts.sheet) {
    parts.sheet.remove();
    parts.sheet = null;
  }

  // --- where -------------------------------------------------------------------------------------------------------

  parts.scroll = [scrollX, scrollY];
  parts.frames.style.translate = "";
  trim(parts.framed, request.boxes.length);
  request.boxes.forEach((box, index) => {
    const frame = (parts.framed[index] ??= make(parts.frames, "div", "frame"));
    place(frame, { left: box.x - 8, top: box.y - 8, width: box.width + 8, height: box.height + 8 });
  });

  if (request.picture !== (parts.shown || "")) {
    parts.shown = request.picture;
    const bytes = Uint8Array.from(atob(request.picture), (letter) => letter.charCodeAt(0));
    // Drawn, not linked: a page may forbid pictures of other sources.
    if (bytes.length)
      createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).then((image) => {
        Object.assign(parts.picture, { width: image.width, height: image.height });
        parts.picture.getContext("2d").drawImage(image, 0, 0);
      });
  }
  parts.picture.hidden = !request.picture;

  const point = () => {
    const SVG = "http://www.w3.org/2000/svg";
    const holder = make(parts.root, "div", "", { "aria-hidden": "true" });
    holder.style.cssText = "position:fixed;left:0;top:0";
    const ring = make(holder, "div", "ring");
    const arrow = holder.appendChild(document.createElementNS(SVG, "svg"));
    arrow.setAttribute("class", "pointer");
    arrow.setAttribute("viewBox", "0 0 24 24");
    const path = arrow.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("d", "M1 1v18.5l5-4.6 3.4 7.6 3.6-1.6-3.4-7.4h6.9z");
    path.setAttribute("fill", "#111");
    path.setAttribute("stroke", "#fff");
    path.setAttribute("stroke-width", "1.6");
    return { holder, ring };
  };
  const asked = request.pointer;
  if (!asked && parts.pointer) {
    parts.pointer.holder.remove();
    parts.pointer = null;
  }
  const goes = asked && JSON.stringify([asked.at, asked.presses]);
  if (asked && parts.pointer?.goes !== goes) {
    const from = parts.pointer?.at || asked.since;
    parts.pointer ??= point();
    const ms = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : asked.ms;
    const stand = ([x, y]) => ({ transform: `translate(${x}px, ${y}px)` });
    parts.pointer.holder.animate([stand(from), stand(asked.at)], { duration: ms, easing: "ease-in-out", fill: "forwards" });
    if (asked.presses)
      parts.pointer.ring.animate(
        [{ opacity: 1, transform: "scale(.3)" }, { opacity: 1, transform: "scale(1)" }, { opacity: 0, transform: "scale(1.15)" }],
        { delay: ms, duration: 450 });
    Object.assign(parts.pointer, { at: asked.at, goes });
  }

  // --- amounts of money --------------------------------------------------------------------------------------------

  const MONEY = /(?<![\d.,/])\d{1,3}(?:[\s.]?\d{3})*[.,]\d{2}(?![\d/]|[.,]\d)(?:\s*(?:€|EUR))?|\d[\d\s.,]*(?:€|EUR)/g;
  // What shines through a window's backdrop can be read; what lies under the window itself cannot.
  const isCovered = (node, x, y) => {
    for (let at = node.ownerDocument.elementFromPoint(x, y); at && !at.contains(node) && !node.contains(at); at = at.parentElement) {
      // A dialog is found under its backdrop too.
      const box = at.getBoundingClientRect();
      const isThere = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      if (isThere && at !== parts.host && /^rgb\(|, 1\)$/.test(getComputedStyle(at).backgroundColor)) return true;
    }
    return false;
  };
  const CELL = 16;
  const open = function* (node, box) {
    for (let x = box.x, from = x; x < box.right && box.height > 1; x += CELL) {
      const isLast = x + CELL >= box.right;
      const isOpen = !isCovered(node, Math.min(x + CELL / 2, box.right - 1), box.y + box.height / 2);
      const end = isOpen ? Math.min(x + CELL, box.right) : x;
      if ((!isOpen || isLast) && end > from) yield { x: from, y: box.y, width: end - from, height: box.height };
      if (!isOpen) from = x + CELL;
    }
  };
  const amounts = function* (root, dx, dy) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      const found = [];
      if (node.nodeType === Node.TEXT_NODE) {
        for (const { 0: words, index } of node.data.matchAll(MONEY)) {
          const range = node.ownerDocument.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + words.length);
          found.push(...range.getClientRects());
        }
      } else if (/^(INPUT|TEXTAREA|OUTPUT)$/.test(node.tagName)) {
        if (node.value?.search(MONEY) >= 0) found.push(node.getBoundingClientRect());
      } else if (node.tagName === "IFRAME") {
        const { x, y } = node.getBoundingClientRect();
        // Null where the frame is another site's: its own.
        if (node.contentDocument?.body) yield* amounts(node.contentDocument.body, dx + x + node.clientLeft, dy + y + node.clientTop);
      } else if (node.shadowRoot) yield* amounts(node.shadowRoot, dx, dy);
      for (const whole of found) for (const box of open(node, whole)) yield { left: box.x + dx - 2, top: box.y + dy - 1, width: box.width + 4, height: box.height + 2 };
    }
  };
  if (request.hidesAmounts && !parts.cover) {
    parts.cover = () => {
      // A page written anew has thrown the veils away too.
      if (!parts.host.isConnected) document.documentElement?.append(parts.host);
      const boxes = document.body ? [...amounts(document.body, 0, 0)] : [];
      trim(parts.veiled, boxes.length);
      boxes.forEach((box, index) => place((parts.veiled[index] ??= make(parts.veils, "div", "veil")), box));
    };
    addEventListener("input", parts.cover, true);
    // Before each painting: what comes is never seen without its veil.
    let frame = 0;
    const watch = () => {
      frame = requestAnimationFrame(watch);
      parts.cover();
    };
    watch();
    parts.uncover = () => {
      cancelAnimationFrame(frame);
      removeEventListener("input", parts.cover, true);
      trim(parts.veiled, 0);
      parts.cover = parts.uncover = null;
    };
  }
  if (request.hidesAmounts === false) parts.uncover?.();
  parts.cover?.();

  // --- the corner that hides least of what the person is to see ----------------------------------------------------

  const EDGE = 12;
  const { width, height } = parts.card.getBoundingClientRect();
  const corners = [
    { right: "16px", bottom: "16px", x: innerWidth - width - 16, y: innerHeight - height - 16 },
    { right: "16px", top: "16px", x: innerWidth - width - 16, y: 16 },
    { left: "16px", bottom: "16px", x: 16, y: innerHeight - height - 16 },
    { left: "16px", top: "16px", x: 16, y: 16 },
  ];
  // A box's middle is where it is pressed: that must be free.
  const [px, py] = request.pointer?.at || [-100, -100];
  const inTheWay = [...request.boxes, { x: px, y: py, width: 38, height: 38 }];
  const hidden = (corner) =>
    inTheWay.reduce((sum, box) => {
      const across = Math.min(corner.x + width, box.x + box.width + EDGE) - Math.max(corner.x, box.x - EDGE);
      const down = Math.min(corner.y + height, box.y + box.height + EDGE) - Math.max(corner.y, box.y - EDGE);
      const [x, y] = [box.x + box.width / 2 - corner.x, box.y + box.height / 2 - corner.y];
      const isOver = x > -EDGE && y > -EDGE && x < width + EDGE && y < height + EDGE;
      return sum + Math.max(0, across) * Math.max(0, down) + (isOver ? 1e7 : 0);
    }, 0);
  // It stays where it is as long as that hides nothing more.
  const ordered = [parts.corner ?? 0, 0, 1, 2, 3].map((index) => corners[index]);
  const best = ordered.reduce((a, b) => (hidden(b) < hidden(a) ? b : a));
  parts.corner = corners.indexOf(best);
  for (const side of ["left", "right", "top", "bottom"]) parts.card.style[side] = best[side] || "auto";

  // --- the steps, beside -------------------------------------------------------------------------------------------

  parts.list.hidden = !request.steps.length;
  trim(parts.rows, request.steps.length);
  request.steps.forEach(([line, say], index) => {
    const row = (parts.rows[index] ??= make(parts.list, "li", ""));
    if (!row.firstChild) {
      make(row, "b", "");
      make(row, "span", "");
    }
    write(row.firstChild, line);
    write(row.lastChild, bound(say));
    row.firstChild.hidden = false;
    if (index === request.number - 1) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
  });
  if (request.steps.length) {
    const side = best.left ? "right" : "left";
    Object.assign(parts.list.style, { left: "auto", right: "auto", [side]: "16px" });
    const current = parts.rows[Math.max(0, request.number - 1)];
    if (current) parts.list.scrollTop = current.offsetTop - parts.list.clientHeight / 2 + current.clientHeight / 2;
  }

  const answer = { told: parts.told, point: parts.point, asked: parts.asked, isNew };
  Object.assign(parts, { told: "", point: null, asked: [] });
  return answer;
}
