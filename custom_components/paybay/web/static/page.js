// Live pages. Without it everything works, only by reloading.
(() => {
  "use strict";
  const main = document.querySelector("main");
  const { status: url, events } = main.dataset;
  const refreshS = Number(main.dataset.refresh || 0);
  const shownAt = Date.now();
  const SILENT_MS = 40000, AGAIN_MS = 60000, HANGS_MS = 20000;
  let skew = Number(main.dataset.now || shownAt) - shownAt;
  let etag = null, timer = 0, failures = 0, asking = false, sent = false;
  let source = null, heardAt = 0, listenAt = Infinity;

  const two = (n) => String(n).padStart(2, "0");
  const pollS = () => Number(main.dataset.poll || 0);

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

  function take(told) {
    skew = told.now_ms - Date.now();
    if (main.dataset.version !== told.version) {
      const open = [...main.querySelectorAll("details[open]")].map((each) => each.id);
      main.innerHTML = told.html;
      for (const id of open) {
        const same = id && document.getElementById(id);
        if (same) same.open = true;
      }
      main.className = told.tone;
      main.dataset.version = told.version;
    }
    main.dataset.poll = told.poll_s;
    tick();
  }

  const lost = () => { document.getElementById("lost").hidden = failures < 3; };

  function askIn(seconds) {
    clearTimeout(timer);
    if (url && seconds > 0) timer = setTimeout(ask, seconds * 1000);
  }

  async function ask() {
    if (asking || document.hidden || sent) return;
    asking = true;
    let next = pollS();
    const abort = new AbortController();
    const giveUp = setTimeout(() => abort.abort(), HANGS_MS);
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(url, { headers, cache: "no-store", signal: abort.signal });
      if (answer.ok) {
        etag = answer.headers.get("ETag");
        take(await answer.json());
        next = pollS();
      } else if (answer.status !== 304) {
        throw new Error(answer.status);
      }
      failures = 0;
    } catch {
      failures += 1;
      next = Math.min(60, 2 ** failures);
    }
    clearTimeout(giveUp);
    asking = false;
    lost();
    if (!heardAt) askIn(next);
  }

  // The server speaks at least every 15 s: silence is a lost connection.
  function heard() {
    heardAt = Date.now();
    failures = 0;
    clearTimeout(timer);
    lost();
  }

  function hush() {
    if (source) source.close();
    source = null;
    heardAt = 0;
    listenAt = Date.now() + AGAIN_MS;
  }

  function listen() {
    if (source || !events || !pollS() || document.hidden || sent || !window.EventSource) return;
    source = new EventSource(events);
    source.onmessage = (event) => {
      heard();
      take(JSON.parse(event.data));
      if (!pollS()) hush();
    };
    source.addEventListener("beat", (event) => {
      heard();
      skew = Number(event.data) - Date.now();
    });
    source.onerror = () => {
      heardAt = 0;
      if (source && source.readyState === EventSource.CLOSED) hush();
      askIn(pollS());
    };
  }

  function watch() {
    const now = Date.now();
    if (heardAt && now - heardAt > SILENT_MS) { hush(); listenAt = now; ask(); }
    if (now >= listenAt) listen();
  }

  // Whoever reads a list or fills in a field is left alone.
  function idle() {
    const fields = [...main.querySelectorAll("input:not([type=hidden])")];
    const typing = fields.some((field) => field.value || field === document.activeElement);
    return !document.hidden && !sent && !typing && !document.querySelector("details[open]");
  }

  // A phone that slept, or a page out of the browser's memory, shows old news.
  function wake(event) {
    if (document.hidden) { hush(); return; }
    if (event.persisted) sent = false;
    tick();
    if (url && pollS() > 0) { ask(); hush(); listen(); }
    const old = Date.now() - shownAt > 5000;
    if (refreshS && (event.persisted || (old && idle()))) location.reload();
  }

  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("pagehide", hush);
  addEventListener("pageshow", (event) => { if (event.persisted) wake(event); });
  addEventListener("load", () => { listenAt = Date.now() + 500; });
  document.documentElement.className = "js";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    document.body.setAttribute("aria-busy", "true");
  });
  setInterval(() => { tick(); watch(); }, 500);
  if (refreshS) setInterval(() => { if (idle()) location.reload(); }, refreshS * 1000);
  askIn(pollS());
})();
