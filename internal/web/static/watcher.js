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
  function show(row, state) {
    for (const b of row.querySelectorAll("button[data-mark]")) {
      const kind = b.dataset.mark, on = state.includes(kind);
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
      say(button.dataset.mark + (out.marks.includes(button.dataset.mark) ? "" : " taken back"));
      const count = $("#reviewed");
      if (count) count.textContent = document.querySelectorAll("[data-row] button[data-mark=reviewed][aria-pressed=true]").length + " reviewed";
    } catch (e) {
      const again = document.createElement("input"); // the plain way shows what is wrong
      again.type = "hidden"; again.name = button.name; again.value = button.value;
      form.append(again);
      form.submit();
    } finally { busy--; }
  }
  document.addEventListener("click", (e) => {
    const b = e.target.closest("button[data-mark]");
    if (!b || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    mark(b);
  });

  // ---- keys ----
  const press = (kind) => { const b = current() && $(`button[data-mark=${kind}]`, current()); if (b) b.click(); };
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
  const live = $("#live[data-every]");
  if (live) {
    setInterval(async () => {
      const at = document.activeElement;
      if (document.hidden || busy || $("dialog[open], details.more[open]") || at?.closest("input, textarea, select") || !getSelection().isCollapsed) return;
      try {
        const res = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
        if (!res.ok) return;
        const next = $("#live", new DOMParser().parseFromString(await res.text(), "text/html"));
        const here = $("#live");
        if (!next || next.innerHTML === here.innerHTML || busy) return;
        const row = current()?.id, focus = document.activeElement?.closest("#live") && row;
        here.replaceWith(next);
        const again = row && document.getElementById(row);
        if (again) { again.setAttribute("aria-current", "true"); if (focus) $("h3 a", again)?.focus({ preventScroll: true }); }
      } catch { /* away: the next turn tries again */ }
    }, Number(live.dataset.every) * 1000);
  }
})();
