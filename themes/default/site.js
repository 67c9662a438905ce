// Enhances a page that is complete without it.
(() => {
  "use strict";
  const MINUTE = 60e3;
  const DAY = 864e5;
  const html = document.documentElement;
  const { root, status } = html.dataset;
  const home = status?.replace("status.json", "");
  const one = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const put = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };
  const set = (node, attributes) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  };
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  // Theme
  const THEME = "statusgen-theme";
  const themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["", "light", "dark"] : ["", "dark", "light"];
  const button = one("button#theme");
  const paint = (theme) => {
    if (theme) html.dataset.theme = theme;
    else delete html.dataset.theme;
    if (!button) return;
    button.title = button.ariaLabel = button.dataset[theme || "auto"];
    button.hidden = false;
  };
  let storage;
  try {
    storage = localStorage;
  } catch { /* not saved */ }
  const paintSaved = () => paint(storage?.getItem(THEME) || "");
  paintSaved();
  addEventListener("storage", paintSaved);
  button?.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(html.dataset.theme ?? "") + 1) % 3];
    paint(theme);
    storage?.setItem(THEME, theme);
  });

  // Times
  const lang = new Intl.Locale(html.lang === "en" ? "en-GB" : html.lang || "en", {
    calendar: "gregory", hourCycle: "h23", numberingSystem: "latn",
  });
  const dated = { day: "numeric", month: "short", year: "numeric" };
  const timed = { ...dated, hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const local = new Intl.DateTimeFormat(lang, timed);
  const utc = new Intl.DateTimeFormat(lang, { ...timed, timeZone: "UTC" });
  const utcDay = new Intl.DateTimeFormat(lang, { ...dated, timeZone: "UTC" });
  const zone = local.resolvedOptions().timeZone;
  const isUtc = /^(Etc\/)?(UTC|GMT)$/.test(zone);
  const units = [["year", 365.25 * DAY], ["month", 30.5 * DAY], ["day", DAY], ["hour", 60 * MINUTE], ["minute", MINUTE]];
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const age = (at) => {
    const ahead = at - Date.now();
    const [unit, length] = units.find((each) => Math.abs(ahead) >= 2 * each[1]) ?? units.at(-1);
    return relative.format(Math.trunc(ahead / length), unit);
  };
  const written = new WeakMap();
  const asWritten = (node) => {
    if (!written.has(node)) written.set(node, node.textContent.trim());
    return written.get(node);
  };
  const localise = () => {
    for (const time of all('time[datetime*="T"]:not(.day, .span time)')) {
      const at = Date.parse(time.dateTime);
      const text = isUtc ? asWritten(time) : local.format(at);
      const isAgo = time.matches(".ago");
      time.title = `${asWritten(time)} · ${isAgo ? text : age(at)}`;
      put(time, isAgo ? age(at) : text);
      const late = at < Date.now() && time.closest("[data-text]");
      if (late) put(late, late.dataset.text.replace("{time}", text));
    }
    if (isUtc) return;
    for (const span of all(".span")) {
      const [from, until] = all("time", span).map((time) => Date.parse(time.dateTime));
      if (!until) continue;
      span.title = asWritten(span);
      span.textContent = local.formatRange(from, until);
    }
    for (const node of all(".zone")) {
      put(node, node.dataset.text.replace("{zone}", zone));
      node.hidden = false;
    }
  };

  // Age
  const icon = one("#favicon");
  let state = icon?.href.match(/icon-(\w+)\.svg/)?.[1];
  const judge = () => {
    const at = Date.parse(html.dataset.checked);
    const isStale = Date.now() - at > html.dataset.staleAfter * 1000;
    html.classList.toggle("is-stale", isStale);
    const name = `icon-${isStale ? "unknown" : state}.svg`;
    if (icon?.href.endsWith(name) === false) icon.href = root + name;
    const stale = one("#stale");
    if (!stale) return;
    stale.setAttribute("aria-live", stale.hidden ? "polite" : "off");
    if (isStale) put(stale, stale.dataset.text.replace("{age}", age(at)));
    stale.hidden = !isStale;
  };
  const tell = () => {
    localise();
    judge();
  };

  // Bars
  const BARS = "[data-count] .bars";
  const READY = `${BARS}[role]`;
  const about = (bars) => bars.closest("[data-count]").dataset;
  const days = new WeakMap();
  let open = null;
  const sizes = (bars) => {
    const svg = bars.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    return { svg, width, height, pitch: (width + 2) / about(bars).count };
  };
  const isMirrored = (bars) => getComputedStyle(bars).direction === "rtl";
  const dayAt = (bars, x) => {
    const { svg, width, pitch } = sizes(bars);
    const box = svg.getBoundingClientRect();
    const share = (x - box.left) / box.width;
    return (isMirrored(bars) ? 1 - share : share) * width / pitch;
  };
  const clamp = (day, bars) => {
    const { left, right } = bars.getBoundingClientRect();
    const [first, last] = [dayAt(bars, left), dayAt(bars, right)].sort((a, b) => a - b);
    return Math.max(Math.ceil(first - 0.1), Math.min(day, Math.ceil(last) - 1, about(bars).count - 1));
  };
  const sentence = (bars, day) => {
    const { last, count, quiet } = about(bars);
    return days.get(bars)[day]?.text ?? `${utcDay.format(Date.parse(last) - (count - 1 - day) * DAY)}: ${quiet}`;
  };
  const setValue = (bars, day) => set(bars, { "aria-valuenow": day + 1, "aria-valuetext": sentence(bars, day) });
  const enhance = (bars) => {
    const { svg, pitch } = sizes(bars);
    const { count } = about(bars);
    const found = [];
    for (const mark of all(".mark", svg)) {
      const title = mark.querySelector("title");
      if (!title) continue;
      const { x, width } = mark;
      const until = (x.baseVal.value + width.baseVal.value) / pitch;
      const told = { text: title.textContent, to: mark.dataset.to?.split(" ") ?? [], state: mark.classList[1] };
      for (let day = Math.round(x.baseVal.value / pitch); day < until; day += 1) found[day] = told;
      title.remove(); // the panel says it
    }
    days.set(bars, found);
    const label = `${bars.dataset.name}: ${svg.getAttribute("aria-label")}`;
    set(bars, { tabindex: 0, role: "slider", "aria-label": label, "aria-valuemin": 1, "aria-valuemax": count });
    set(svg, { "aria-hidden": true });
    setValue(bars, count - 1);
  };
  const nearby = new IntersectionObserver((seen) => { // thousands at once are slow
    for (const { isIntersecting, target } of seen) if (isIntersecting && !days.has(target)) enhance(target);
  }, { rootMargin: "999px" });
  const watch = () => all(BARS).forEach((bars) => nearby.observe(bars));
  const close = () => {
    const { panel, cursor } = open ?? {};
    open = null; // first: removal moves the focus
    panel?.remove();
    cursor?.remove();
  };
  const link = (bars, slug, number) => {
    const title = all("#events li").find((each) => each.dataset.slug === slug);
    const textContent = title?.textContent ?? about(bars).hint + (number ? ` ${number + 1}` : "");
    return make("a", { href: `${home}incidents/${slug}/`, lang: title?.lang || html.lang, textContent });
  };
  const show = (bars, day, pinned) => {
    if (open?.bars !== bars) close();
    if (open?.day !== day) {
      const { svg, pitch, height } = sizes(bars);
      const panel = open?.panel ?? make("div", { tabIndex: -1 });
      const cursor = open?.cursor ?? document.createElementNS(svg.namespaceURI, "rect");
      const told = days.get(bars)[day];
      panel.className = `day-panel ${told?.state ?? "operational"}`;
      const links = told?.to.map((slug, number) => link(bars, slug, number)) ?? [];
      panel.replaceChildren(make("p", { textContent: sentence(bars, day) }), ...links);
      set(cursor, { class: "cursor", x: day * pitch, width: pitch - 2, height });
      if (!open) {
        svg.append(cursor);
        bars.after(panel);
      }
      const middle = cursor.getBoundingClientRect();
      const edge = bars.getBoundingClientRect().left;
      const wanted = middle.left + middle.width / 2 - edge - panel.offsetWidth / 2;
      panel.style.left = `${bars.offsetLeft + Math.max(0, Math.min(wanted, bars.offsetWidth - panel.offsetWidth))}px`;
      setValue(bars, day);
      open = { bars, day, panel, cursor };
    }
    open.pinned = pinned;
  };
  const isInside = (node) => open && (open.bars.contains(node) || open.panel.contains(node));
  const eventful = (bars, day, step) => {
    const found = days.get(bars);
    let next = day + step;
    while (next >= 0 && next < about(bars).count && (found[next]?.state ?? "unknown") === "unknown") next += step;
    return next === clamp(next, bars) ? next : day;
  };
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape" && open) {
      if (open.panel.contains(target)) open.bars.focus();
      close();
    }
    if (!target.matches?.(READY) || event.altKey || event.ctrlKey || event.metaKey) return;
    const now = target.getAttribute("aria-valuenow") - 1;
    const right = isMirrored(target) ? -1 : 1;
    const steps = { ArrowLeft: -right, ArrowRight: right, ArrowDown: -1, ArrowUp: 1, Home: -1e4, End: 1e4, Enter: 0 };
    const page = { PageUp: -1, PageDown: 1 }[key];
    if (!page && !(key in steps)) return;
    const day = page ? eventful(target, now, page) : now + steps[key];
    event.preventDefault();
    show(target, clamp(day, target), true);
    if (key === "Enter") open.panel.querySelector("a")?.focus();
  });
  addEventListener("focusin", ({ target }) => {
    if (target.matches(`${BARS}:focus-visible`) && open?.bars !== target) show(target, clamp(Infinity, target), true);
  });
  addEventListener("focusout", ({ relatedTarget }) => {
    if (open?.pinned && !isInside(relatedTarget)) close();
  });
  addEventListener("pointermove", ({ target, clientX, pointerType }) => {
    if (pointerType === "touch" || open?.pinned) return;
    const bars = target.closest?.(READY);
    if (bars) show(bars, clamp(Math.floor(dayAt(bars, clientX)), bars), false);
    else if (!isInside(target)) close();
  });
  const chosen = new Map();
  addEventListener("click", ({ target, clientX }) => {
    const group = target.closest("summary")?.parentElement;
    if (group) chosen.set(group.dataset.key, !group.open);
    const bars = target.closest(READY);
    if (!bars) return;
    const day = clamp(Math.floor(dayAt(bars, clientX)), bars);
    if (open?.pinned && open.bars === bars && open.day === day) close();
    else show(bars, day, true);
  });

  // Live
  const main = one("#main");
  const isLive = main?.matches("[data-live]");
  const banner = () => one(".banner h1")?.textContent;
  let looked = isLive ? Date.now() : 0;
  const PATIENCE = 2e4; // < MINUTE / 2
  let said = isLive && banner();
  const finder = (node) => {
    const group = node.closest("summary")?.parentElement ?? node;
    const name = ["id", "data-key", "href", "data-name"].find((each) => group.hasAttribute(each));
    if (!name) return () => null;
    const selector = `[${name}="${CSS.escape(group.getAttribute(name))}"]${group === node ? "" : " > summary"}`;
    const number = all(selector, main).indexOf(node);
    return () => all(selector, main)[number];
  };
  const exchange = (fresh) => {
    const focused = finder(document.activeElement);
    const told = open && { ...open, find: finder(open.bars) };
    const picked = all("input:checked", main);
    close();
    main.replaceChildren(...fresh.childNodes);
    for (const { id } of picked) (one(`#${id}`) ?? {}).checked = true;
    for (const group of all("details[data-key]", main)) group.open = chosen.get(group.dataset.key) ?? group.open;
    watch();
    const bars = told?.find();
    if (bars) enhance(bars);
    if (bars) show(bars, clamp(told.day, bars), told.pinned);
    focused()?.focus({ preventScroll: true });
    document.dispatchEvent(new Event("fresh"));
  };
  const refresh = async (now) => {
    if (document.activeElement.matches("main select")) return;
    const page = await new Promise((resolve) => {
      const asked = new XMLHttpRequest();
      asked.open("GET", location);
      asked.responseType = "document";
      asked.timeout = PATIENCE;
      asked.setRequestHeader("Cache-Control", "no-cache");
      asked.onloadend = () => resolve(asked.response);
      asked.send();
    });
    const { dataset } = page.documentElement;
    const fresh = page.querySelector("#main");
    if (!fresh || !dataset.id || dataset.id === html.dataset.id) return;
    exchange(fresh);
    Object.assign(html.dataset, dataset);
    document.title = page.title;
    const sentence = banner() ?? now.sentence;
    if (said && sentence !== said) put(one("p#live"), sentence);
  };
  const take = async (now) => {
    if (isLive && now.id !== html.dataset.id) await refresh(now);
    said = banner() ?? now.sentence;
    state = now.state;
    html.dataset.checked = now.checked;
    html.dataset.staleAfter = now.stale_after;
    for (const dot of all("header .dot")) dot.className = `dot ${state}`;
    for (const time of now.checked ? all("time.checked") : []) {
      time.dateTime = now.checked;
      written.set(time, utc.format(Date.parse(now.checked)));
    }
    tell();
  };
  const turn = async () => {
    if (document.hidden) return;
    tell();
    if (!status || Date.now() - looked < 59e3) return;
    looked = Date.now();
    try {
      const answer = await fetch(status, { cache: "no-cache", signal: AbortSignal.timeout?.(PATIENCE) });
      if (answer.ok) await take(await answer.json());
    } catch { /* next turn */ }
  };

  watch();
  turn();
  setInterval(turn, MINUTE / 2);
  document.addEventListener("visibilitychange", turn);
})();
