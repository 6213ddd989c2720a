// Walks the dashboard in a real browser against a running platform, and takes pictures of what it sees.
// URL, CREDENTIALS (the file the demo writes) and SHOTS (a folder; none: no pictures) say where.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const URL_ = process.env.URL ?? "http://localhost:8080";
const CREDENTIALS = process.env.CREDENTIALS ?? "../.demo/credentials.json";
const SHOTS = process.env.SHOTS ?? "";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

const { email, password } = JSON.parse(await readFile(CREDENTIALS, "utf8"));
if (SHOTS) await mkdir(SHOTS, { recursive: true });
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...QUIET] });

const complaints = [];

async function newPage(options) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1000 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A 401 for a missing cookie and the server we cut off on purpose are reported by the browser itself.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text());
  });
  return page;
}

const shoot = async (page, name, options = {}) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, animations: "disabled", ...options });
};

async function logIn(page) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: /most at risk/ }).waitFor();
}

async function settle(page) {
  await page
    .getByRole("status")
    .filter({ hasText: /^Live$/ })
    .waitFor();
  await page.getByRole("button", { name: "Next page" }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role="status"] .sr-only').length === 0);
}

const steps = {
  async "a server that is away, and one that is tired of guesses, are told"(page) {
    await page.goto(URL_);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("a guess");
    await page.route("**/auth/login", (route) => route.abort());
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    await page.unroute("**/auth/login");
    const tired = {
      status: 429,
      headers: { "Retry-After": "2" },
      json: { title: "", status: 429, code: "x" },
    };
    await page.route("**/auth/login", (route) => route.fulfill(tired));
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "wait 2 s" }).waitFor();
    await page.getByRole("button", { name: "Log in", exact: true }).waitFor();
    await page.unroute("**/auth/login");
  },
  async "a wrong password is told"(page) {
    await page.goto(URL_);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await shoot(page, "login");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "is wrong" }).waitFor();
    await shoot(page, "login-wrong");
  },
  async "logging in shows the overview, and readings count up"(page) {
    await logIn(page);
    await settle(page);
    await page.getByText(/^\+[1-9][\d,]* live$/).waitFor({ timeout: 60_000 });
    await shoot(page, "overview-light");
    await shoot(page, "overview-light-full", { fullPage: true });
  },
  async "the token is in no storage"(page) {
    const kept = await page.evaluate(
      () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie,
    );
    assert.doesNotMatch(kept, /ey[A-Za-z0-9_-]{20}/);
  },
  async "a device opens by keyboard and focus comes back"(page) {
    const device = await page.getByRole("table").getByRole("button").first().elementHandle();
    await device.focus();
    await page.keyboard.press("Enter");
    const panel = page.getByRole("dialog");
    await panel.getByRole("heading", { name: "Readings" }).waitFor();
    await panel.locator("canvas").nth(2).waitFor();
    await page.waitForTimeout(400);
    await shoot(page, "panel");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    // In a live list the device may have left the page meanwhile.
    const isBack = (element) =>
      document.activeElement === (element.isConnected ? element : document.querySelector("main"));
    await page.waitForFunction(isBack, device);
  },
  async "the list has pages"(page) {
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByText(/^11–/).waitFor();
    assert.match(page.url(), /page=2/);
  },
  async "a reload stays logged in, where it was"(page) {
    await page.reload();
    await page.getByText(/^11–/).waitFor();
    await page.getByRole("button", { name: "Previous page" }).click();
    await page.getByText(/^1–/).waitFor();
  },
  async "the other theme is remembered"(page) {
    await page.getByRole("button", { name: /dark theme/ }).click();
    await page.reload();
    await settle(page);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await shoot(page, "overview-dark");
    await page.getByRole("table").getByRole("button").first().click();
    await page.getByRole("dialog").locator("canvas").nth(2).waitFor();
    await page.waitForTimeout(400);
    await shoot(page, "panel-dark");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /light theme/ }).click();
  },
  async "nothing is wider than a telephone"(page) {
    for (const width of [360, 390, 768, 1280, 1600]) {
      await page.setViewportSize({ width, height: 844 });
      await page.waitForTimeout(150);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `at ${width} the page is ${over} too wide`);
      if (width === 390 || width === 768) await shoot(page, `overview-${width}`, { fullPage: true });
    }
    await page.setViewportSize({ width: 1440, height: 1000 });
  },
  async "a failing service fails its own cards, and a retry mends them"(page) {
    // No news meanwhile: what they make the page ask for again would mend it before anybody does.
    await page.route("**/api/v1/live*", (route) => route.abort());
    await page.route("**/api/v1/risk?*", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.route("**/api/v1/alerts?*", (route) => route.abort());
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "The risk list" }).waitFor();
    await page.getByRole("alert").filter({ hasText: "Alerts" }).first().waitFor();
    await shoot(page, "error");
    await page.unroute("**/api/v1/risk?*");
    await page.unroute("**/api/v1/alerts?*");
    const failed = page.getByRole("alert").filter({ hasText: "The risk list" });
    await failed.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("table").waitFor();
    await page.unroute("**/api/v1/live*");
    await page.reload();
    await settle(page);
  },
  async "an alert is acknowledged"(page) {
    const buttons = page.getByRole("button", { name: /^Acknowledge the alert/ });
    await buttons.first().waitFor({ timeout: 60_000 });
    await buttons.first().click();
    await page.getByText("acknowledged", { exact: true }).nth(1).waitFor();
  },
  async "logging out ends it for a reload, too"(page) {
    await page.getByRole("button", { name: /^Account/ }).click();
    await shoot(page, "menu");
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByLabel("E-mail address").waitFor();
    await page.reload();
    await page.getByLabel("E-mail address").waitFor();
  },
};

const page = await newPage();
let failed = null;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step(page);
    console.log(`ok  ${name}`);
  } catch (error) {
    failed = error;
    console.log(`NOT ${name}\n    ${error.message}`);
    await shoot(page, "failed");
    break;
  }
}
await browser.close();
if (complaints.length > 0)
  console.log(`the browser complained:\n    ${[...new Set(complaints)].join("\n    ")}`);
process.exit(failed || complaints.length > 0 ? 1 : 0);
