// Operations and targets; the open cell stands in the address (#q=…&show=…&open=operation~target).
const state = { q: "", show: "", open: "" };

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(state)) state[key] = given.get(key) || "";
}

function set(changes) {
  Object.assign(state, changes);
  const kept = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value) kept.set(key, value);
  history.replaceState(null, "", kept.toString() ? `#${kept}` : location.pathname + location.search);
  draw();
}

const worst = (cell) => (cell ? OUTCOMES.find((each) => cell.totals[each]) : "");
const cellsOf = (id) => DATA.targets.map((target) => target.cells[id]);

function head() {
  byId("lead").textContent = `${many(DATA.operations.length, "operation")}, ${many(DATA.targets.length, "target")}.`;
  byId("head").replaceChildren(h("tr", null, h("th", { scope: "col" }, "Operation"), DATA.targets.map((target) => h("th", { scope: "col" }, h("code", null, target.url), h("span", { class: "path" }, `${target.headline}${target.finished ? "" : ", cut off"}`), h("span", { class: "path" }, `${target.profile || "no profile"}, ${target.started_at.slice(0, 10)}`), stackBar(target.totals, "mini")))));
}

function draw() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = DATA.operations.filter(([id, method, path]) => {
    const all = cellsOf(id).map(worst);
    if (state.show === "fail" && !all.some((each) => each === "fail" || each === "error")) return false;
    if (state.show === "differ" && new Set(all).size < 2) return false;
    return words.every((word) => `${id} ${method} ${path}`.toLowerCase().includes(word));
  });
  byId("q").value = state.q;
  byId("f-show").value = state.show;
  byId("shown").textContent = `${count(rows.length)} of ${many(DATA.operations.length, "operation")}`;
  byId("rows").replaceChildren(...rows.flatMap(operationRow));
  if (!rows.length) byId("rows").append(h("tr", null, h("td", { class: "empty", colspan: String(DATA.targets.length + 1) }, "No operation matches.")));
}

function operationRow([id, method, path]) {
  const cells = DATA.targets.map((target, index) => h("td", null, cellButton(id, index, target.cells[id])));
  const row = h("tr", null, h("th", { scope: "row" }, id, h("span", { class: "path" }, `${method} ${path}`.trim())), cells);
  const open = DATA.targets.findIndex((_, index) => state.open === `${id}~${index}`);
  const cell = open >= 0 ? DATA.targets[open].cells[id] : null;
  return cell ? [row, h("tr", null, h("td", { colspan: String(DATA.targets.length + 1) }, detail(DATA.targets[open], cell)))] : [row];
}

function cellButton(id, index, cell) {
  if (!cell) return h("span", { class: "soft cell" }, "–");
  const name = worst(cell);
  const total = OUTCOMES.reduce((sum, each) => sum + (cell.totals[each] || 0), 0);
  const open = state.open === `${id}~${index}`;
  const button = h("button", { class: `cell is-${name}`, type: "button", "aria-expanded": String(open), "data-cell": `${id}~${index}`, "aria-label": `${id} on ${DATA.targets[index].url}: ${count(cell.totals[name])} ${name} of ${count(total)}` }, h("b", null, `${count(cell.totals[name])} ${name}`), h("span", { class: "soft" }, ` of ${count(total)}`));
  button.addEventListener("click", () => {
    set({ open: open ? "" : `${id}~${index}` });
    const again = document.querySelector(`[data-cell="${CSS.escape(`${id}~${index}`)}"]`);
    if (again) again.focus({ preventScroll: true });
  });
  return button;
}

function detail(target, cell) {
  const found = cell.causes.map((cause) => h("li", { class: "cause" }, h("div", { class: "cause-head" },
    h("span", { class: `tag is-${cause.keyword}` }, cause.keyword), h("span", { class: "what" }, cause.summary), h("span", { class: "many" }, h("b", null, many(cause.count, "case"))),
    h("span", { class: "where" }, [cause.rule, cause.place, cause.citation, cause.line].filter(Boolean).map((each) => h("code", null, each)),
      cause.expected ? h("p", { class: "note" }, `Expected: ${cause.expected}`) : null, cause.actual ? h("p", { class: "note" }, `Actual: ${cause.actual}`) : null,
      h("div", { class: "chips show" }, cause.cases.map((each) => h("span", { class: "chip" }, each)), cause.count > cause.cases.length ? h("span", { class: "soft" }, `and ${count(cause.count - cause.cases.length)} more`) : null)))));
  const reasons = cell.reasons.map(([reason, number]) => h("p", { class: "note" }, `${reason} (${many(number, "case")})`));
  const outs = OUTCOMES.filter((each) => cell.totals[each]).map((each) => h("span", { class: `is-${each}` }, `${count(cell.totals[each])} ${each}`));
  return h("div", { class: "cell-detail" }, h("h3", null, target.url), h("p", { class: "outs" }, outs), found.length ? h("ol", { class: "causes show" }, found) : h("p", { class: "note" }, "No findings."), reasons);
}

theme();
readAddress();
head();
draw();
byId("q").addEventListener("input", () => set({ q: byId("q").value }));
byId("f-show").addEventListener("change", () => set({ show: byId("f-show").value }));
window.addEventListener("hashchange", () => { readAddress(); draw(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  byId("q").focus();
  event.preventDefault();
});
