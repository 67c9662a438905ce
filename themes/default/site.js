// Enhances a page that is complete without it: local times as tooltips, and the age of the last check.
(() => {
  "use strict";
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  const age = (seconds) => {
    const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
    const [unit, length] = units.find(([, length]) => seconds >= length) || ["minute", 60];
    return relative.format(-Math.floor(seconds / length), unit);
  };
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = `${local.format(new Date(time.dateTime))} where you are`;
  }
  const stale = document.getElementById("stale");
  if (!stale) return;
  if (stale.dataset.build) {
    fetch(stale.dataset.build).then((answer) => answer.json()).then((build) => {
      const seconds = (Date.now() - Date.parse(build.last_round_at)) / 1000;
      stale.hidden = !(seconds > Number(stale.dataset.after));
    }).catch(() => {});
    return;
  }
  const checked = [...document.querySelectorAll(".checked")].map((time) => [time, time.textContent]);
  const tell = () => {
    const seconds = Math.max(0, (Date.now() - Date.parse(stale.dataset.checked)) / 1000);
    for (const [time, written] of checked) time.textContent = `${age(seconds)} · ${written}`;
    stale.hidden = seconds <= Number(stale.dataset.after);
  };
  tell();
  setInterval(tell, 30000);
})();
