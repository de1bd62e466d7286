// Operations, reasons and cases: the whole run in three tables.
function drawOperations() {
  const wanted = new Set(matchedCases.map((index) => DATA.cases[index][1]));
  const filtered = Boolean(state.q || state.outcome || state.rule || state.operation);
  const rows = operationRows().filter((row) => !filtered || wanted.has(row.index));
  byId("ops").replaceChildren(...rows.map((row) => row.node));
  if (!rows.length) byId("ops").append(h("tr", null, h("td", { class: "empty", colspan: "4" }, "No operation matches these filters.")));
  const tried = operationRows().filter((row) => row.cases).length;
  byId("operations-note").textContent = `${count(tried)} of ${count(DATA.operations.length)} were tried.`;
}

let cachedRows = null;
function operationRows() {
  if (cachedRows) return cachedRows;
  const stats = DATA.operations.map(() => ({ totals: {}, families: new Map(), requests: 0, cases: 0 }));
  for (const item of DATA.cases) {
    if (item[1] < 0) continue;
    const stat = stats[item[1]];
    const parts = item[0].split("/");
    const family = parts.length > 2 ? parts[1] : parts[parts.length - 1];
    stat.totals[outcomeOf(item)] = (stat.totals[outcomeOf(item)] || 0) + 1;
    stat.families.set(family, (stat.families.get(family) || 0) + 1);
    stat.requests += item[4];
    stat.cases += 1;
  }
  cachedRows = stats.map((stat, index) => ({ index, cases: stat.cases, worst: worstOf(stat.totals), node: operationRow(DATA.operations[index], stat) }));
  cachedRows.sort((a, b) => a.worst - b.worst || a.index - b.index);
  return cachedRows;
}

// What failed comes first, what was not tried last.
function worstOf(totals) {
  const order = ["fail", "error", "warn"];
  const place = order.findIndex((each) => totals[each]);
  return place >= 0 ? place : Object.keys(totals).length ? order.length : order.length + 1;
}

function operationRow([id, method, path], stat) {
  const outs = OUTCOMES.filter((each) => stat.totals[each]).map((each) => h("span", { class: `is-${each}` }, `${count(stat.totals[each])} ${each}`));
  return h("tr", null,
    h("td", null, h("button", { class: "opname", type: "button", title: "Only this operation", onclick: () => { set({ operation: state.operation === id ? "" : id }); byId("findings").scrollIntoView(); } }, id), h("span", { class: "path" }, `${method} ${path}`.trim())),
    h("td", { class: "tried" }, stat.cases ? [...stat.families].map(([name, number]) => (number > 1 ? `${name} ${count(number)}` : name)).join(", ") : "nothing"),
    h("td", null, outs.length ? [h("div", { class: "outs" }, outs), stackBar(stat.totals, "mini")] : h("span", { class: "soft" }, "–")),
    h("td", { class: "num", "data-name": "Requests" }, count(stat.requests)));
}

function drawReasons() {
  const groups = new Map();
  for (const index of matchedCases) {
    const item = DATA.cases[index];
    if (item[3] < 0) continue;
    const key = `${item[2]} ${item[3]}`;
    if (!groups.has(key)) groups.set(key, { outcome: outcomeOf(item), reason: reasonOf(item), cases: [] });
    groups.get(key).cases.push(item[0]);
  }
  const rows = [...groups.values()].sort((a, b) => b.cases.length - a.cases.length);
  const shown = rows.slice(0, 200).map(({ outcome, reason, cases }) => h("tr", null, h("td", null, outcomeTag(outcome)),
    h("td", null, lazyFold(reason, () => h("div", { class: "chips" }, cases.slice(0, 200).map((each) => h("span", { class: "chip" }, each)), cases.length > 200 ? h("span", { class: "soft" }, `and ${count(cases.length - 200)} more, in the list below`) : null))),
    h("td", { class: "num", "data-name": "Cases" }, count(cases.length))));
  byId("why").replaceChildren(...shown);
  if (!shown.length) byId("why").append(h("tr", null, h("td", { class: "empty", colspan: "3" }, matchedCases.length ? "Nothing: every case here was judged." : "No case matches these filters.")));
  const total = rows.reduce((sum, row) => sum + row.cases.length, 0);
  byId("unjudged-note").textContent = rows.length ? `${many(total, "case")} of ${count(matchedCases.length)}, ${many(rows.length, "reason")}${rows.length > 200 ? ", the first 200 shown" : ""}.` : "";
}

// Only the rows in sight exist. Asking for the scroll position would lay the whole page out, so it is noted instead.
let scrolled = false;
function drawCases() {
  byId("spacer").style.height = `${matchedCases.length * ROW}px`;
  byId("list").style.height = `min(70vh, ${Math.min(matchedCases.length, 20) * ROW + 2}px)`;
  if (scrolled) byId("list").scrollTop = 0;
  scrolled = false;
  byId("case-table").setAttribute("aria-rowcount", String(matchedCases.length + 1));
  byId("cases-note").textContent = `${count(matchedCases.length)} of ${count(DATA.cases.length)}.`;
  window.requestAnimationFrame(drawWindow);
}

function drawWindow() {
  const list = byId("list");
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 6);
  const last = Math.min(matchedCases.length, first + Math.ceil(list.clientHeight / ROW) + 12);
  const rows = [];
  for (let number = first; number < last; number += 1) rows.push(caseRow(DATA.cases[matchedCases[number]], number));
  byId("spacer").replaceChildren(...rows);
}

function caseRow(item, number) {
  const cause = item.causes.length ? DATA.causes[item.causes[0]] : null;
  const said = cause ? cause.summary : reasonOf(item);
  const name = cause ? h("button", { type: "button", title: item[0], onclick: () => openCase(item) }, item[0]) : h("span", { title: item[0] }, item[0]);
  const row = h("div", { class: "item", role: "row", "aria-rowindex": String(number + 2) },
    h("span", { role: "cell" }, outcomeTag(outcomeOf(item))), h("span", { role: "cell", class: "id" }, name),
    h("span", { role: "cell", class: "wide soft", title: said }, said), h("span", { role: "cell", class: "num wide" }, count(item[4])), h("span", { role: "cell", class: "num" }, seconds(item[5])));
  row.style.top = `${number * ROW}px`;
  return row;
}

function openCase(item) {
  const index = item.causes[0];
  const cause = DATA.causes[index];
  let entry = matchedCauses.find((each) => each.index === index);
  if (!entry) {
    set({ q: "", outcome: "", rule: "" });
    entry = matchedCauses.find((each) => each.index === index);
  }
  state.open = cause.id;
  state.at = Math.max(0, entry.found.findIndex((number) => DATA.cases[cause.found[number][0]] === item));
  writeAddress();
  drawCauses();
  showOpen();
}

function showOpen() {
  const head = document.querySelector(".cause.open .cause-head");
  if (head) {
    head.scrollIntoView({ block: "start" });
    head.focus({ preventScroll: true });
  }
}

function keys() {
  const dialog = byId("keys");
  byId("help").addEventListener("click", () => dialog.showModal());
  byId("keys-close").addEventListener("click", () => dialog.close());
  const step = (by) => {
    const heads = [...document.querySelectorAll(".cause-head")];
    const now = heads.indexOf(document.activeElement.closest(".cause-head")) ;
    const open = heads.findIndex((each) => each.getAttribute("aria-expanded") === "true");
    const from = now >= 0 ? now : open;
    const next = heads[Math.min(Math.max(from + by, 0), heads.length - 1)];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const press = (selector) => { const button = document.querySelector(selector); if (button && !button.disabled) button.click(); };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const field = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && event.target.id === "q") {
      if (state.q) set({ q: "" });
      else event.target.blur();
      event.preventDefault();
      return;
    }
    if (field) return;
    const actions = { "/": () => { byId("q").focus(); byId("q").select(); }, j: () => step(1), k: () => step(-1), n: () => press('.cause.open [data-step="1"]'), p: () => press('.cause.open [data-step="-1"]'), "?": () => dialog.showModal() };
    if (actions[event.key]) { actions[event.key](); event.preventDefault(); }
  });
}

function start() {
  theme();
  keys();
  prepare();
  readAddress();
  hero();
  choices("f-outcome", "Every outcome", OUTCOMES.filter((each) => DATA.totals[each]));
  choices("f-operation", "Every operation", DATA.operations.map(([id]) => id).sort());
  choices("f-rule", "Every rule", [...new Set(DATA.causes.map((each) => each.rule))].sort());
  let waiting = 0;
  byId("q").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => set({ q: byId("q").value }), 60); });
  byId("clear").addEventListener("click", () => set({ q: "", outcome: "", operation: "", rule: "" }));
  byId("more-causes").addEventListener("click", () => { causesShown += CAUSES_AT_ONCE; drawCauses(); });
  for (const link of document.querySelectorAll('.filters nav a, .skip')) {
    // The address holds the filters, so jumps must not replace it.
    link.addEventListener("click", (event) => { event.preventDefault(); const part = byId(link.getAttribute("href").slice(1)); part.scrollIntoView(); part.setAttribute("tabindex", "-1"); part.focus({ preventScroll: true }); });
  }
  byId("list").addEventListener("scroll", () => { scrolled = true; window.requestAnimationFrame(drawWindow); }, { passive: true });
  window.addEventListener("resize", drawWindow);
  window.addEventListener("hashchange", () => { readAddress(); draw(); showOpen(); });
  draw();
  if (state.open) showOpen();
}

start();
