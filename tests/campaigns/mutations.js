// Changes a portal's pages in the browser, before any other script can look: observers are told of a change before the
// next task begins. One mutation, `{kind, words, other, now}`, applied to every page where its words stand.
(mutation) => {
  const { kind, words, other, now } = mutation;
  const norm = (text) => (text || "").replace(/\s+/g, " ").replace(/[*]/g, "").trim().replace(/\s*:$/, "");
  const done = new WeakSet();
  const bearers = (wanted) => [...document.querySelectorAll("label,button,a,legend,th,td,dt,span,h1,h2,h3,h4,option,p,div,input[type=submit]")]
    .filter((el) => !done.has(el) && (el.tagName === "INPUT" ? norm(el.value) === wanted
      : [...el.childNodes].some((node) => node.nodeType === 3 && norm(node.nodeValue) === wanted)));
  const reword = (el, from, to) => {
    done.add(el);
    if (el.tagName === "INPUT") { el.value = to; return; }
    for (const node of el.childNodes) if (node.nodeType === 3 && norm(node.nodeValue) === from) node.nodeValue = node.nodeValue.replace(from, to);
  };
  const controlOf = (label) => label.control || label.parentElement?.querySelector("input,select,textarea");
  // The smallest box that holds a label with its control, and nothing else to fill in.
  const boxOf = (label) => {
    const control = controlOf(label);
    let at = label;
    while (at && control && !at.contains(control)) at = at.parentElement;
    return at;
  };
  const swap = (one, two) => { const mark = document.createComment(""); one.replaceWith(mark); two.replaceWith(one); mark.replaceWith(two); };
  const kinds = {
    rename() { for (const el of bearers(words)) reword(el, words, now); },
    sentence() {
      for (const el of document.querySelectorAll("p,div,h1,h2,h3,strong,span,td,th,dt"))
        for (const node of el.childNodes)
          if (node.nodeType === 3 && norm(node.nodeValue).includes(words)) node.nodeValue = norm(node.nodeValue).replace(words, now);
    },
    removed() {
      for (const el of bearers(words)) {
        done.add(el);
        if (["BUTTON", "A", "INPUT"].includes(el.tagName)) el.remove();
        else if (el.tagName === "LABEL") (boxOf(el) || el).remove();
      }
    },
    required() {
      for (const el of bearers(words).filter((one) => one.tagName === "LABEL")) {
        done.add(el);
        boxOf(el).insertAdjacentHTML("beforebegin",
          `<div class="champ"><label for="champ-nouveau"><span style="color:#c00">*</span> ${now}</label> <input id="champ-nouveau" required></div>`);
      }
    },
    swapped() {
      const [one] = bearers(words).filter((el) => el.tagName === "LABEL"), [two] = bearers(other).filter((el) => el.tagName === "LABEL");
      if (one && two && boxOf(one) !== boxOf(two)) { done.add(one).add(two); swap(boxOf(one), boxOf(two)); }
    },
    exchanged() {
      const [one] = bearers(words).filter((el) => el.tagName === "LABEL"), [two] = bearers(other).filter((el) => el.tagName === "LABEL");
      if (one && two) { reword(one, words, other); reword(two, other, words); }
    },
    moved() {
      for (const el of bearers(words).filter((one) => /^(LEGEND|H[1-4])$/.test(one.tagName))) {
        const bloc = el.closest("fieldset,section,.bloc");
        const before = bloc?.previousElementSibling;
        if (bloc && before && before.matches("fieldset,section,.bloc")) { done.add(el); before.before(bloc); }
      }
    },
    window() {
      if (!document.body || sessionStorage.getItem("vue") || document.getElementById("charte") || !bearers(words).length) return;
      const window_ = document.createElement("dialog");
      window_.id = "charte";
      window_.innerHTML = `<h2>${now}</h2><p>Prenez-en connaissance avant de poursuivre.</p><button type="button">Continuer</button>`;
      document.body.append(window_);
      window_.querySelector("button").onclick = () => { sessionStorage.setItem("vue", "1"); window_.remove(); };
      window_.showModal();
    },
    style() {
      if (!document.head || document.getElementById("charte-graphique")) return;
      document.head.insertAdjacentHTML("beforeend", `<style id="charte-graphique">* { font-family: serif !important; letter-spacing: .02em }
        label { color: #24508a !important } button { border-radius: 0 !important; padding: .6em 1.2em !important } input, select { border: 2px solid #778 !important }</style>`);
    },
    attributes() {
      for (const el of document.querySelectorAll("input,select,button,label")) {
        if (done.has(el)) continue;
        done.add(el);
        const all = [...el.attributes].filter((one) => !["type", "value"].includes(one.name)).map((one) => [one.name, one.value]).reverse();
        for (const [name] of all) el.removeAttribute(name);
        for (const [name, value] of all) el.setAttribute(name, value);
        el.setAttribute("data-suivi", "1");
      }
    },
    help() {
      for (const el of document.querySelectorAll("p,small,.aide,[class*=aide],footer"))
        for (const node of el.closest("[role=status],[role=alert],dialog") ? [] : el.childNodes)
          if (node.nodeType === 3 && norm(node.nodeValue).length > 30 && !done.has(node) && !/valid|transmi/.test(node.nodeValue)) { done.add(node); node.nodeValue += " Voir aussi l'aide en ligne."; }
    },
    wrapped() {
      for (const label of document.querySelectorAll("form label")) {
        const box = boxOf(label);
        if (done.has(label) || !box || box.tagName === "LABEL" || /^(TR|TD|TABLE|TBODY|FORM)$/.test(box.tagName)) continue;
        done.add(label);
        const wrapper = document.createElement("div");
        box.replaceWith(wrapper);
        wrapper.append(box);
      }
    },
  };
  new MutationObserver(kinds[kind]).observe(document, { childList: true, subtree: true, characterData: true });
  document.addEventListener("DOMContentLoaded", kinds[kind]);
}
