// Opens report pages in headless Chromium and says what a reader would stumble over, as one JSON line a page.
//   node tests/page_check.mjs [--chromium PATH] [--axe node_modules/axe-core/axe.min.js] PAGE.html…
// Checked: console messages, requests to anywhere, scripts that a server injected (they set the title to "owned"),
// keys that do not do what the page says, an address that does not bring a state back,
// serious axe-core findings in light and dark at three widths, milliseconds until a filter answers.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const options = { "--chromium": "chromium", "--axe": "" };
const pages = [];
for (let index = 2; index < process.argv.length; index += 1) {
  if (process.argv[index] in options) options[process.argv[index]] = process.argv[(index += 1)];
  else pages.push(resolve(process.argv[index]));
}
const profile = mkdtempSync(join(tmpdir(), "page-check-"));
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"];
const browser = spawn(options["--chromium"], flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
browser.on("error", (error) => { console.error(`${options["--chromium"]}: ${error.message}; name it with --chromium`); process.exit(2); });
const [, , , to, from] = browser.stdio;
let last = 0;
let rest = "";
let told = [];
const waiting = new Map();
from.setEncoding("utf-8");
from.on("data", (chunk) => {
  const parts = (rest + chunk).split("\0");
  rest = parts.pop();
  for (const message of parts.map((part) => JSON.parse(part))) {
    if (message.id) waiting.get(message.id)(message);
    else told.push(message);
  }
});
const send = (method, params = {}, sessionId = undefined) => new Promise((done) => {
  waiting.set((last += 1), done);
  to.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
});

async function check(page) {
  const { targetId } = (await send("Target.createTarget", { url: "about:blank" })).result;
  const { sessionId } = (await send("Target.attachToTarget", { targetId, flatten: true })).result;
  const call = (method, params) => send(method, params, sessionId);
  const run = async (expression) => {
    const { result } = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (result.exceptionDetails) throw new Error(result.exceptionDetails.exception?.description || result.exceptionDetails.text);
    return result.result.value;
  };
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  told = [];
  const began = Date.now();
  await call("Page.navigate", { url: pathToFileURL(page).href });
  while (!told.some((each) => each.method === "Page.loadEventFired")) await new Promise((tick) => setTimeout(tick, 20));
  const report = { page, load_ms: Date.now() - began };
  report.filter_ms = await run(`(async () => {
    const box = document.getElementById("q"); if (!box || typeof set !== "function") return null;
    const worst = [];
    for (const q of ["a", "chat", "zzz", "model 1", ""]) {
      const from = performance.now(); set({ q }); document.body.offsetHeight; worst.push(performance.now() - from);
      await new Promise((next) => setTimeout(next, 30));
    }
    return Math.round(Math.max(...worst));
  })()`);
  await run(`(async () => { for (const head of [...document.querySelectorAll(".cause-head[data-cause]")].slice(0, 25)) { head.click(); await new Promise((next) => setTimeout(next, 5)); } })()`);
  report.title = await run("document.title");
  report.keys = await keyboard(call, run);
  report.axe = [];
  if (options["--axe"]) {
    await run(readFileSync(options["--axe"], "utf-8") + "; undefined");
    for (const theme of ["light", "dark"]) for (const width of [390, 900, 1400]) {
      await call("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
      await run(`document.documentElement.dataset.theme = "${theme}"; undefined`);
      const found = await run(`axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary]))`);
      report.axe.push(...found.map((each) => [theme, width, ...each]));
      report.wide = (report.wide || 0) + (await run("document.documentElement.scrollWidth > innerWidth ? 1 : 0"));
    }
  }
  report.console = told.filter((each) => ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"].includes(each.method)).map((each) => JSON.stringify(each.params).slice(0, 300));
  report.requests = told.filter((each) => each.method === "Network.requestWillBeSent").map((each) => each.params.request.url).filter((url) => url.split("#")[0] !== pathToFileURL(page).href && !url.startsWith("data:"));
  report.owned = report.title === "owned";
  return report;
}

// Presses the keys that the page offers; returns what did not happen.
async function keyboard(call, run) {
  if (!(await run("typeof matchedCauses !== 'undefined' && DATA.causes.length > 0"))) return [];
  const press = async (key) => {
    for (const type of ["keyDown", "keyUp"]) await call("Input.dispatchKeyEvent", { type, key, code: key === "Enter" ? "Enter" : "", windowsVirtualKeyCode: key === "Enter" ? 13 : 0, text: type === "keyDown" && key.length === 1 ? key : key === "Enter" && type === "keyDown" ? "\r" : undefined });
    await new Promise((next) => setTimeout(next, 120));
  };
  const wrong = [];
  const expect = async (what, expression) => { if (!(await run(expression))) wrong.push(what); };
  await run("set({ q: '', outcome: '', operation: '', rule: '', open: '', at: 0 }); document.activeElement.blur(); scrollTo(0, 0); undefined");
  await press("/");
  await expect("/ goes to the search", "document.activeElement.id === 'q'");
  await press("e");
  await expect("the search stands in the address", "location.hash.includes('q=e')");
  await press("Escape");
  await expect("Escape clears the search", "!location.hash.includes('q=')");
  await press("Escape");
  await press("j");
  await press("Enter");
  await expect("j and Enter open the first finding", "document.querySelector('.cause-head').getAttribute('aria-expanded') === 'true'");
  await press("j");
  await press("k");
  await press("Enter");
  await expect("k and Enter close it again", "document.querySelector('.cause-head').getAttribute('aria-expanded') === 'false'");
  const hash = await run("set({ outcome: outcomeOf(DATA.cases[DATA.causes[0].found[0][0]]), open: DATA.causes[0].id }); location.hash");
  await call("Page.reload");
  await new Promise((next) => setTimeout(next, 1500));
  await expect("the address brings filters back", `location.hash === ${JSON.stringify(hash)} && document.getElementById('f-outcome').value === state.outcome && state.outcome !== ''`);
  await expect("the address opens its finding", "document.querySelectorAll('.cause.open').length === 1");
  return wrong;
}

let bad = false;
try {
  for (const page of pages) {
    const report = await check(page);
    bad ||= report.owned || report.console.length > 0 || report.requests.length > 0 || report.axe.length > 0 || report.keys.length > 0 || Boolean(report.wide);
    console.log(JSON.stringify(report, null, 1));
  }
} finally {
  const ended = new Promise((done) => browser.on("exit", done));
  void send("Browser.close");
  const late = setTimeout(() => browser.kill(), 8000);
  await ended;
  clearTimeout(late);
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  } catch (error) {
    console.error(`left behind: ${profile} (${error.code})`); // a child of the browser still writes there
  }
}
process.exit(bad ? 1 : 0);
