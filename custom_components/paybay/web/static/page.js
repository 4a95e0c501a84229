// Live pages. Without it everything works, only by reloading.
(() => {
  "use strict";
  const main = document.querySelector("main");
  const url = main.dataset.status;
  const refreshS = Number(main.dataset.refresh || 0);
  const shownAt = Date.now();
  let skew = Number(main.dataset.now || shownAt) - shownAt;
  let etag = null, timer = 0, failures = 0, asking = false, sent = false;

  const two = (n) => String(n).padStart(2, "0");

  function tick() {
    const now = Date.now() + skew;
    for (const clock of document.querySelectorAll("[data-ends]")) {
      const left = Math.max(0, Math.ceil((clock.dataset.ends - now) / 1000));
      const h = Math.floor(left / 3600), m = Math.floor(left / 60) % 60, s = left % 60;
      clock.textContent = h ? h + ":" + two(m) + ":" + two(s) : m + ":" + two(s);
    }
    for (const bar of document.querySelectorAll("progress[data-until]")) {
      bar.value = Math.max(0, bar.max - Math.max(0, bar.dataset.until - now));
    }
  }

  function askIn(seconds) {
    clearTimeout(timer);
    if (url && seconds > 0) timer = setTimeout(ask, seconds * 1000);
  }

  async function ask() {
    if (asking || document.hidden || sent) return;
    asking = true;
    let next = Number(main.dataset.poll);
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(url, { headers, cache: "no-store" });
      if (answer.ok) {
        etag = answer.headers.get("ETag");
        const told = await answer.json();
        skew = told.now_ms - Date.now();
        if (main.dataset.version !== told.version) {
          main.innerHTML = told.html;
          main.className = told.tone;
          main.dataset.version = told.version;
        }
        main.dataset.poll = next = told.poll_s;
        tick();
      } else if (answer.status !== 304) {
        throw new Error(answer.status);
      }
      failures = 0;
    } catch {
      failures += 1;
      next = Math.min(60, 2 ** failures);
    }
    asking = false;
    document.getElementById("lost").hidden = failures < 3;
    askIn(next);
  }

  // A phone that slept, or a page out of the browser's memory, shows old news.
  function wake(event) {
    if (document.hidden) return;
    if (event.persisted) sent = false;
    tick();
    if (url && Number(main.dataset.poll) > 0) ask();
    const old = Date.now() - shownAt > 5000;
    if (refreshS && (event.persisted || (old && !sent))) location.reload();
  }

  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", wake);
  addEventListener("online", wake);
  document.documentElement.className = "js";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    document.body.setAttribute("aria-busy", "true");
  });
  setInterval(tick, 500);
  if (refreshS) setInterval(() => { if (!document.hidden && !sent) location.reload(); }, refreshS * 1000);
  askIn(Number(main.dataset.poll || 0));
})();
