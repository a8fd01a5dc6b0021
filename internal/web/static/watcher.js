// watcher: keys and live refresh. Every page reads and every action works
// without this script.
"use strict";
(() => {
  const $ = (s, root = document) => root.querySelector(s);
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const say = (text) => { const live = $("#say"); if (live) live.textContent = text; };
  let busy = 0;

  // ---- the row that keys act on ----
  const current = () => $("[data-row][aria-current]");
  function select(row) {
    if (!row) return;
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    const link = $("h3 a", row);
    link?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = rows();
    const at = all.indexOf(current());
    select(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))]);
  }

  // ---- marks, sent without leaving the page ----
  const marks = "button[form=m]:is([name=set], [name=unset])", kindOf = (b) => b.value.split(" ")[0];
  function show(row, state) {
    for (const b of row.querySelectorAll(marks)) {
      const kind = kindOf(b), on = state.includes(kind);
      b.setAttribute("aria-pressed", on);
      b.name = on ? "unset" : "set";
    }
    const done = ["dismissed", "reviewed"].find((k) => state.includes(k));
    if (done) row.dataset.state = done; else delete row.dataset.state;
  }
  async function mark(button) {
    const form = button.form, row = button.closest("[data-row]");
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    busy++;
    try {
      const res = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!res.ok) throw new Error(await res.text());
      const out = await res.json();
      show(row, out.marks);
      say(kindOf(button) + (out.marks.includes(kindOf(button)) ? "" : " taken back"));
      const count = $("#reviewed");
      if (count) count.textContent = document.querySelectorAll("[data-row] button[value^=reviewed][aria-pressed=true]").length + " reviewed";
    } catch (e) {
      const again = document.createElement("input"); // the plain way shows what is wrong
      again.type = "hidden"; again.name = button.name; again.value = button.value;
      form.append(again);
      form.submit();
    } finally { busy--; }
  }
  document.addEventListener("click", (e) => {
    const b = e.target.closest(marks);
    if (!b || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    mark(b);
  });

  // ---- keys ----
  const press = (kind) => { const b = current() && $(`button[value^=${kind}]`, current()); if (b) b.click(); };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    o: () => $("h3 a", current() || document.createElement("p"))?.click(),
    v: () => { const a = current() && $("a[data-source]", current()); if (a) window.open(a.href, "_blank", "noopener,noreferrer"); },
    x: () => press("reviewed"),
    s: () => press("starred"),
    d: () => press("dismissed"),
    "/": () => $("#q")?.focus(),
    "?": () => { const d = $("#keys"); if (!d) return; d.open ? d.close() : d.showModal(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest("input, textarea, select")) { if (e.key === "Escape") e.target.blur(); return; }
    const act = keys[e.key];
    if (!act || ($("dialog[open]") && e.key !== "?")) return;
    e.preventDefault();
    act();
  });

  // ---- live refresh: the same page again, its #live part put in place ----
  const quiet = () => document.hidden || busy || $("dialog[open], #live details[open]") || document.activeElement?.closest("input, textarea, select") || !getSelection().isCollapsed;
  const actsIn = (row) => [...row.querySelectorAll("a, button, summary")];

  // place puts the new part where the old one stood: the row that keys act on,
  // the focus and what is on screen stay. It tells which rows are new.
  function place(next) {
    const here = $("#live"), had = new Set([...here.querySelectorAll("[data-row]")].map((r) => r.id));
    const row = current()?.id;
    const focus = document.activeElement?.closest("#live [data-row]");
    const nth = focus ? actsIn(focus).indexOf(document.activeElement) : -1;
    // What is read must not jump: the focused row, else the first one on screen, keeps its place.
    const anchor = focus || [...here.querySelectorAll("[data-row]")].find((r) => r.getBoundingClientRect().bottom > 0);
    const top = anchor?.getBoundingClientRect().top, moved = scrollY > 0 || focus;
    here.replaceWith(next);
    const again = row && document.getElementById(row);
    if (again) again.setAttribute("aria-current", "true");
    const kept = focus && document.getElementById(focus.id);
    if (kept) (actsIn(kept)[nth] || $("h3 a", kept))?.focus({ preventScroll: true });
    const still = anchor && document.getElementById(anchor.id);
    if (still && moved) scrollBy({ top: still.getBoundingClientRect().top - top, behavior: "instant" });
    return [...next.querySelectorAll("[data-row]")].filter((r) => !had.has(r.id));
  }

  function refresh() {
    const every = Number($("#live").dataset.every) * 1000, note = $("#stale");
    const tries = 6; // each after twice the time: an hour at most, then a person has to ask
    let failed = 0, since = null;
    const away = (text, again) => {
      note.textContent = text + " ";
      note.hidden = false;
      if (again) {
        const b = document.createElement("button");
        b.textContent = "Try again";
        b.onclick = () => { failed = 0; turn(); };
        note.append(b);
      }
    };
    async function turn() {
      timer = 0;
      if (quiet()) return later();
      try {
        const res = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
        if (res.type === "opaqueredirect" || res.status === 401) return away("You are logged out: this page is as it was. Load it again to log in."); // for good
        if (!res.ok) throw new Error(res.status);
        const next = $("#live", new DOMParser().parseFromString(await res.text(), "text/html"));
        if (!next) throw new Error("no live part");
        if (!note.hidden) say("watcher answers again");
        failed = 0;
        note.hidden = true;
        if (!quiet() && next.innerHTML !== $("#live").innerHTML) {
          const fresh = place(next);
          for (const r of fresh) r.dataset.fresh = "just in";
          if (fresh.length) say((fresh.length === 1 ? "1 new story: " : fresh.length + " new stories, first: ") + $("h3", fresh[0]).textContent);
        }
      } catch {
        since = failed++ ? since : new Date();
        const at = since.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        if (failed >= tries) return away("watcher has not answered since " + at + ". This page is as it was then, and no longer looks for news.", true);
        if (failed === 1) away("watcher has not answered since " + at + ". This page is as it was then; it looks again by itself.");
      }
      later();
    }
    let timer = 0;
    const later = () => { timer = setTimeout(turn, every * 2 ** failed); };
    document.addEventListener("visibilitychange", () => { // who comes back sees what is new at once
      if (document.hidden || !timer) return;
      clearTimeout(timer);
      turn();
    });
    later();
  }
  if ($("#live[data-every]")) refresh();
})();
