// Looks at what a trainee does: which screens stand in front, what their fields hold, what is pressed. Changes nothing in
// the page and stops nothing. The eyes of locators.js come in where their name stands, in capitals.
(request) => {
  const KEY = Symbol.for("chorus-robot.watch");
  const eyes = EYES_SOURCE;
  if (!document.body) return false;

  const active = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at && eyes.natureOf(at) === "text" ? eyes.valueOf(at, "text") : null;
  };
  const look = (asked) => {
    const facts = eyes.survey(asked.recognise);
    if (!facts) return null;
    const elements = {};
    for (const name of facts.seen)
      for (const one of asked.screens[name] || []) {
        const found = eyes.survey({ screens: [], elements: one }).elements;
        for (const [element, sight] of Object.entries(found)) elements[name + "." + element] = sight;
      }
    return { facts, elements, typing: active() };
  };

  const PRESSABLE = "button,a,summary,input[type=submit],input[type=button],input[type=image],[role=button],[role=tab]," +
    "[role=link],[role=menuitem]";
  const wordsOf = (el) =>
    [el.innerText, el.value, el.getAttribute("aria-label"), el.title, el.querySelector("img")?.alt]
      .map((text) => (typeof text === "string" ? text.replace(/\s+/g, " ").trim() : "")).find(Boolean) || "";
  let parts = window[KEY];
  if (!parts) {
    parts = window[KEY] = { asked: null };
    // On the window and before anybody else: a page may keep its clicks to itself.
    window.addEventListener("click", (event) => {
      const target = event.composedPath()[0];
      if (!event.isTrusted || !(target instanceof Element) || target.closest("[data-chorus-robot]")) return;
      const pressed = target.closest(PRESSABLE);
      const words = pressed && wordsOf(pressed);
      if (!words) return;
      let seen = null;
      try {
        seen = look(parts.asked);
      } catch {
        // A page in the middle of a change: the press itself still counts.
      }
      window[parts.asked.heard]?.({ words: words.slice(0, 120), seen });
    }, true);
  }
  parts.asked = request;
  const seen = look(request);
  return seen ? { seen } : false;
}
