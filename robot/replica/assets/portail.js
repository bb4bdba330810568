// Draws a page of the portal home after it has loaded, from a JSON description, as the real one does.
(async () => {
  const make = (tag, attributes = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...inside);
    return element;
  };
  const page = document.getElementById("page");
  const account = document.getElementById("compte");
  const facts = await (await fetch(page.dataset.description)).json();

  const drawMenu = (person) => {
    const list = make("ul", { className: "menu", hidden: true });
    for (const { text, href } of person.menu) list.append(make("li", {}, make("a", { href, textContent: text })));
    const button = make("button", { type: "button", className: "personne", textContent: person.name });
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-haspopup", "true");
    button.addEventListener("click", () => {
      list.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
    });
    account.append(button, list);
  };

  const drawDoors = () => {
    account.append(
      make("a", { className: "bouton secondaire", href: "/aife_csm/inscription", textContent: "Créer un compte" }),
      make("a", { className: "bouton", href: "/aife_csm/connexion", textContent: "Se connecter" }),
    );
  };

  const drawCard = ({ title, text, action, href, newTab }) => {
    const link = make("a", { className: "bouton", href, textContent: action });
    if (newTab) link.target = "_blank";
    return make("section", { className: "carte" }, make("h2", { textContent: title }), make("p", { textContent: text }), link);
  };

  page.replaceChildren(make("h1", { textContent: facts.title }));
  if (facts.text) page.append(make("p", { textContent: facts.text }));
  if (facts.lines.length) {
    const list = make("ul", { className: "bloc simple" });
    for (const line of facts.lines) list.append(make("li", { textContent: line }));
    page.append(list);
  }
  if (facts.cards.length) page.append(make("div", { className: "cartes" }, ...facts.cards.map(drawCard)));
  if (facts.back) page.append(make("p", {}, make("a", { href: facts.back, textContent: "Retour à l'accueil" })));
  if (facts.person) drawMenu(facts.person);
  else drawDoors();
})();
