// A caption laid over the portal's page: what the person is asked, and a frame around where. Touches nothing of the
// page: one host element with a closed shadow root, which lets every click through but those on its own buttons. While
// the person is asked to show something (`pick`), a clear sheet over the page takes the one click that shows it.
(request) => {
  const KEY = Symbol.for("chorus-robot.caption");
  // A page that is just coming has no element yet: the next look draws.
  if (!document.documentElement) return null;
  const old = document[KEY];
  if (!request) {
    old?.host.remove();
    delete document[KEY];
    return null;
  }
  const STYLE = `
    :host { all: initial; position: fixed; inset: 0; pointer-events: none; z-index: 2147483647; }
    .card { position: fixed; width: min(26rem, calc(100vw - 3rem)); box-sizing: border-box; padding: 1.1rem 1.3rem;
      font: 17px/1.45 system-ui, "Segoe UI", Roboto, sans-serif; color: #fff; background: #16233f;
      border: 2px solid #ffd166; border-radius: 12px; box-shadow: 0 10px 32px #000a; opacity: .97; }
    .who { margin: 0 0 .35rem; font-weight: 700; color: #ffd166; font-size: 15px; letter-spacing: .02em; }
    .say { margin: 0; font-size: 19px; }
    .wait { margin: .6rem 0 0; font-size: 15px; color: #d5dcec; }
    button { pointer-events: auto; margin: .9rem .5rem 0 0; padding: .6rem 1.1rem; font: inherit; font-weight: 700;
      color: #16233f; background: #ffd166; border: 0; border-radius: 8px; cursor: pointer; }
    button:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }
    .frame { position: fixed; border: 4px solid #d9480f; border-radius: 8px; box-shadow: 0 0 0 3px #fffc; }
    .sheet { position: fixed; inset: 0; pointer-events: auto; cursor: crosshair; background: #16233f14; }
    @media print { :host { display: none; } }`;

  const build = () => {
    const host = document.createElement("div");
    host.setAttribute("data-chorus-robot", "caption");
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const add = (parent, tag, name) => {
      const made = document.createElement(tag);
      made.className = name;
      parent.append(made);
      return made;
    };
    const card = add(root, "section", "card");
    card.setAttribute("role", "status");
    card.setAttribute("aria-live", "assertive");
    const parts = { host, root, card, frames: [], buttons: [], told: "", point: null };
    parts.who = add(card, "p", "who");
    parts.say = add(card, "p", "say");
    parts.wait = add(card, "p", "wait");
    document.documentElement.append(host);
    document[KEY] = parts;
    return parts;
  };

  const parts = old && old.host.isConnected ? old : build();
  // A dialog of the browser's top layer covers all else, and nothing outside it can be pressed: the caption goes into it.
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
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  write(parts.who, request.who);
  write(parts.say, request.say);
  write(parts.wait, request.wait);
  const wanted = request.buttons || [];
  while (parts.buttons.length > wanted.length) parts.buttons.pop().remove();
  wanted.forEach((words, index) => {
    if (!parts.buttons[index]) {
      const button = (parts.buttons[index] = document.createElement("button"));
      button.type = "button";
      button.addEventListener("click", (event) => {
        // Only a real press counts, not one that a script of the page makes up.
        event.stopPropagation();
        if (event.isTrusted) parts.told = button.textContent;
      });
      // The field that somebody is typing into keeps the keyboard; a list that is open stays open.
      for (const kind of ["pointerdown", "mousedown"])
        button.addEventListener(kind, (event) => {
          event.preventDefault();
          event.stopPropagation();
        });
      parts.card.append(button);
    }
    write(parts.buttons[index], words);
  });

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

  while (parts.frames.length > request.boxes.length) parts.frames.pop().remove();
  request.boxes.forEach((box, index) => {
    const frame = (parts.frames[index] ??= parts.root.appendChild(document.createElement("div")));
    frame.className = "frame";
    frame.style.cssText =
      `left:${box.x - 8}px;top:${box.y - 8}px;width:${box.width + 8}px;height:${box.height + 8}px`;
  });

  // The corner that hides least of what the person is to use.
  const { width, height } = parts.card.getBoundingClientRect();
  const corners = [
    { right: "16px", bottom: "16px", x: innerWidth - width - 16, y: innerHeight - height - 16 },
    { right: "16px", top: "16px", x: innerWidth - width - 16, y: 16 },
    { left: "16px", bottom: "16px", x: 16, y: innerHeight - height - 16 },
    { left: "16px", top: "16px", x: 16, y: 16 },
  ];
  const hidden = (corner) =>
    request.boxes.reduce((sum, box) => {
      const across = Math.min(corner.x + width, box.x + box.width) - Math.max(corner.x, box.x);
      const down = Math.min(corner.y + height, box.y + box.height) - Math.max(corner.y, box.y);
      return sum + Math.max(0, across) * Math.max(0, down);
    }, 0);
  const best = corners.reduce((a, b) => (hidden(b) < hidden(a) ? b : a));
  for (const side of ["left", "right", "top", "bottom"]) parts.card.style[side] = best[side] || "auto";
  const { told, point } = parts;
  parts.told = "";
  parts.point = null;
  return { told, point };
}
