// Says whether somebody is there now, by the visitor's own clock. The page is complete without it.
(() => {
  "use strict";
  // What a clock in a zone shows, and the instant at which it shows so many seconds of a day.
  const wall = (instant, zone) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).formatToParts(instant).map(({ type, value }) => [type, value]));
    return { day: `${parts.year}-${parts.month}-${parts.day}`, seconds: parts.hour * 3600 + parts.minute * 60 + +parts.second };
  };
  const instantOf = (day, seconds, zone) => {
    const wanted = Date.parse(`${day}T00:00:00Z`) + seconds * 1000;
    const offset = (at) => {
      const seen = wall(at, zone);
      return Date.parse(`${seen.day}T00:00:00Z`) + seen.seconds * 1000 - at;
    };
    const guess = wanted - offset(wanted);
    return wanted - offset(guess);
  };
  const spansFrom = (hours, now) => {
    const week = JSON.parse(hours.dataset.week);
    const holidays = hours.dataset.holidays.split(" ");
    const today = Date.parse(`${wall(now, hours.dataset.zone).day}T00:00:00Z`);
    const spans = [];
    for (let ahead = -1; ahead < 15; ahead += 1) {
      const date = new Date(today + ahead * 86400000);
      const day = date.toISOString().slice(0, 10);
      if (holidays.includes(day)) continue;
      for (const [from, until] of week[(date.getUTCDay() + 6) % 7]) {
        const start = instantOf(day, from, hours.dataset.zone);
        const end = instantOf(day, until, hours.dataset.zone);
        if (spans.length && spans.at(-1)[1] === start) spans.at(-1)[1] = end;
        else spans.push([start, end]);
      }
    }
    return spans.filter(([, end]) => end > now);
  };
  const page = document.documentElement.lang;
  const lang = page === "en" ? "en-GB" : page; // as site.js writes
  const tell = () => {
    for (const hours of document.querySelectorAll(".open-now")) {
      const now = Date.now() - Date.now() % 1000;
      const [next] = spansFrom(hours, now);
      if (!next) continue;
      const isOpen = next[0] <= now;
      const at = isOpen ? next[1] : next[0];
      const clock = new Intl.DateTimeFormat(lang, {
        hourCycle: "h23", ...(at - now > 43200000 ? { weekday: "short" } : {}), hour: "2-digit", minute: "2-digit", timeZoneName: "short",
      });
      const always = isOpen && at - now > 7 * 86400000;
      const text = always ? hours.dataset.open : isOpen ? hours.dataset.until : hours.dataset.closed;
      hours.textContent = text.replace("{time}", clock.format(at));
      hours.classList.toggle("shut", !isOpen);
      hours.hidden = false;
    }
  };
  tell();
  document.addEventListener("fresh", tell);
})();
