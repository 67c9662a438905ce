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
  // Support hours: [start, end] in seconds of each weekday's clock in a zone, told by the visitor's own clock.
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
  for (const hours of document.querySelectorAll(".open-now")) {
    const now = Date.now() - Date.now() % 1000;
    const [next] = spansFrom(hours, now);
    if (!next) continue;
    const isOpen = next[0] <= now;
    const at = isOpen ? next[1] : next[0];
    const clock = new Intl.DateTimeFormat(undefined, {
      ...(at - now > 43200000 ? { weekday: "short" } : {}), hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    });
    const always = isOpen && at - now > 7 * 86400000;
    hours.textContent = always ? "open now" : `${isOpen ? "open now until" : "closed, opens"} ${clock.format(at)}`;
    hours.classList.toggle("shut", !isOpen);
    hours.hidden = false;
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
