"use strict";
// What a server sent reaches the page as text nodes only: no function here takes markup.
const byId = (id) => document.getElementById(id);
const DATA = JSON.parse(byId("data").textContent);

function h(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "width") node.style.width = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return node;
}

const count = (number) => number.toLocaleString("en-US");
const many = (number, one, more) => `${count(number)} ${number === 1 ? one : more || one + "s"}`;
const seconds = (value) => (value >= 100 ? `${Math.round(value)} s` : value >= 1 ? `${value.toFixed(1)} s` : `${Math.round(value * 1000)} ms`);
const OUTCOMES = ["fail", "error", "warn", "pass", "inconclusive", "unsupported", "skipped"];
const outcomeTag = (outcome) => h("span", { class: `is-${outcome}` }, outcome);

function copyButton(text) {
  const button = h("button", { class: "copy", type: "button", "aria-label": "Copy to the clipboard" }, "Copy");
  button.addEventListener("click", async () => {
    const done = await copy(typeof text === "function" ? text() : text);
    button.textContent = done ? "Copied" : "Press Ctrl-C";
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "sr", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    if (done) area.remove();
    return done;
  }
}

// A folded part whose inside is made when it is first opened.
function lazyFold(title, inside) {
  const fold = h("details", { class: "fold" }, h("summary", null, title));
  fold.addEventListener("toggle", () => { if (fold.open && fold.children.length === 1) fold.append(...[inside()].flat()); });
  return fold;
}

function codeBox(text, label) {
  return h("div", { class: "code wraps" }, copyButton(text), h("pre", { tabindex: "0", role: "region", "aria-label": label }, text));
}

function stackBar(totals, name) {
  const all = OUTCOMES.filter((each) => totals[each]);
  const sum = all.reduce((total, each) => total + totals[each], 0) || 1;
  return h("div", { class: name, "aria-hidden": "true" }, all.map((each) => h("span", { class: `bar-${each}`, width: `${(100 * totals[each]) / sum}%` })));
}

function theme() {
  const button = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const label = () => { button.textContent = now() === "dark" ? "Light" : "Dark"; button.setAttribute("aria-label", `Switch to ${button.textContent.toLowerCase()} colours`); };
  let saved = null;
  try { saved = localStorage.getItem("contract-theme"); } catch { /* no storage for pages from disk */ }
  if (saved === "dark" || saved === "light") document.documentElement.dataset.theme = saved;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    const next = now() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try { localStorage.setItem("contract-theme", next); } catch { /* not kept */ }
    label();
  });
}
