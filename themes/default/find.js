// Finds events in the history and groups in the table of availability. The pages are complete without it.
(() => {
  "use strict";
  const MOST = 100;
  const language = `${document.documentElement.lang}-u-nu-latn`;
  for (const each of document.querySelectorAll("[data-instead]")) each.hidden = true;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const query = new URLSearchParams(location.search);
  const keep = (values) => {
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    try {
      history.replaceState(history.state, "", location.pathname + (`${query}` && `?${query}`) + location.hash);
    } catch { /* a browser that allows only so many of these in a while */ }
  };
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const icon = (state) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS(svg.namespaceURI, "use");
    const attributes = { class: `icon ${state}`, width: 20, height: 20, "aria-hidden": true };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    use.setAttribute("href", `#i-${state}`);
    svg.append(use);
    return svg;
  };
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const row = (home, { slug, title, state, facts }) => {
    const { lang } = document.querySelector("#archive bdi[lang]") ?? document.documentElement; // people's, not the page's
    const link = make("a", { href: `${home}incidents/${slug}/` }, make("bdi", { lang }, title));
    const text = make("div", {}, link, make("p", { className: "facts" }, facts));
    return make("li", { className: "event" }, icon(state), text);
  };

  const search = (form) => {
    const [found, results, archive] = [".found", ".results", "#archive"].map((each) => document.querySelector(each));
    const { text, component } = form.elements;
    let events = null;
    let loading = null;
    const load = async () => {
      const answer = await fetch(form.dataset.index);
      if (!answer.ok) throw Error(answer.status);
      events = await answer.json();
      for (const event of events) event.plain = plain(`${event.title} ${event.text}`);
    };
    const show = () => {
      const words = plain(text.value).split(/\s+/).filter(Boolean);
      const wants = words.length > 0 || component.value !== "";
      if (wants && !events) return;
      const matching = (wants ? events : []).filter((event) => words.every((word) => event.plain.includes(word))
        && (!component.value || event.components.includes(component.value)));
      results.replaceChildren(...matching.slice(0, MOST).map((event) => row(form.dataset.home, event)));
      results.hidden = !matching.length;
      archive.hidden = wants;
      const { none, some, many } = found.dataset;
      const told = matching.length > MOST ? many : matching.length ? some : none;
      found.textContent = wants ? told.replace("{count}", matching.length.toLocaleString(language)) : "";
    };
    const ready = () => {
      loading ??= load().then(show).catch(() => {
        loading = null; // the next key tries again
      });
    };
    const changed = () => {
      keep({ q: text.value.trim(), component: component.value });
      ready();
      show();
    };
    text.value = query.get("q") ?? "";
    component.value = query.get("component") ?? "";
    if (component.selectedIndex < 0) component.value = "";
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("focusin", ready);
    form.addEventListener("input", changed);
    if (text.value || component.value) ready();
  };

  const filter = (select) => {
    const show = () => {
      for (const body of all("tbody[data-group]")) body.hidden = select.value !== "" && body.dataset.group !== select.value;
    };
    select.value = query.get("group") ?? "";
    if (select.selectedIndex < 0) select.value = "";
    select.closest("label").hidden = false;
    select.addEventListener("change", () => {
      keep({ group: select.value });
      show();
    });
    show();
  };

  const start = () => {
    all("form.find").forEach(search);
    all("[data-filter]").forEach(filter);
  };
  start();
  document.addEventListener("fresh", start); // the page has exchanged its contents
})();
