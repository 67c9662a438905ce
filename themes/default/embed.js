// A bar while something goes on: docs/embedding.md
(() => {
  const { src, dataset } = document.currentScript;
  const { language, position = "bottom", close = "Close" } = dataset;
  const home = new URL(language ? `${language}/` : ".", src);
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const host = make("statusgen-bar");
  const bar = make("div", { lang: language ?? "" });
  const told = make("p", { role: "status" });
  const link = make("a", { href: home, target: "_blank", dir: "auto" });
  const button = make("button", { textContent: "×", ariaLabel: close });
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(`:host{all:initial;position:fixed;${position}:0;left:0;right:0;z-index:9999}
div{display:flex;align-items:center;border-left:12px solid;background:#1b1b1f;color:#fff;font:15px system-ui}
.degraded_performance{border-color:#ffd84d}
.partial_outage{border-color:#e8792b}
.major_outage{border-color:#c9304a}
.under_maintenance{border-color:#8f86f0}
p{flex:1;margin:0 12px}
a,button{color:#fff}
button{width:44px;height:44px;border:0;background:0;font-size:22px}
@media print{div{display:none}}`);
  root.adoptedStyleSheets = [style];
  root.append(bar);
  bar.append(told, button);
  told.append(link);
  let now, store = {};
  try {
    store = sessionStorage;
  } catch {}
  button.onclick = () => {
    host.remove();
    store[home] = now;
  };
  const look = async () => {
    try {
      const said = await fetch(new URL("status.json", home));
      const { state, sentence, open, components } = await said.json();
      now = JSON.stringify([state, open, components]);
      if (store[home] === now || (!open.length && /^(op|unk)/.test(state))) return host.remove();
      bar.className = state;
      host.isConnected || document.body.append(host);
      setTimeout(() => link.textContent = sentence, 99); // so that it is read out
    } catch {}
  };
  look();
  setInterval(() => document.hidden || look(), 3e5);
})();
