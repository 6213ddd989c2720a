// Tests the dashboard in a real browser against a running platform, with screenshots.
// Environment: URL, CREDENTIALS (the file that the demo writes), SHOTS (folder for screenshots; none: no screenshots).
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

const browserErrors = [];

async function newPage(options) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1000 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => browserErrors.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // The browser itself reports failed requests: a 401 for a missing cookie, and those that a step aborts.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
      browserErrors.push(message.text());
  });
  return page;
}

const screenshot = async (page, name, options = {}) => {
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
  async "an unreachable server and too many attempts are explained"(page) {
    await page.goto(URL_);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.route("**/auth/login", (route) => route.abort());
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "cannot be reached" }).waitFor();
    await page.unroute("**/auth/login");
    const tooManyAttempts = {
      status: 429,
      headers: { "Retry-After": "2" },
      json: { title: "", status: 429, code: "x" },
    };
    await page.route("**/auth/login", (route) => route.fulfill(tooManyAttempts));
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "wait 2 s" }).waitFor();
    await page.getByRole("button", { name: "Log in", exact: true }).waitFor();
    await page.unroute("**/auth/login");
  },
  async "a wrong password is explained"(page) {
    await page.goto(URL_);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await screenshot(page, "login");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "is wrong" }).waitFor();
    await screenshot(page, "login-wrong");
  },
  async "logging in shows the overview, and readings count up"(page) {
    await logIn(page);
    await settle(page);
    await page.getByText(/^\+[1-9][\d,]* live$/).waitFor({ timeout: 60_000 });
    await screenshot(page, "overview-light");
    await screenshot(page, "overview-light-full", { fullPage: true });
  },
  async "the token is in no storage"(page) {
    const stored = await page.evaluate(
      () => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie,
    );
    assert.doesNotMatch(stored, /ey[A-Za-z0-9_-]{20}/);
  },
  async "a device opens by keyboard, and closing it returns the focus"(page) {
    const device = await page.getByRole("table").getByRole("button").first().elementHandle();
    await device.focus();
    await page.keyboard.press("Enter");
    const panel = page.getByRole("dialog");
    await panel.getByRole("heading", { name: "Readings" }).waitFor();
    await panel.locator("canvas").nth(2).waitFor();
    await page.waitForTimeout(400);
    await screenshot(page, "panel");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    // In a live list the device may have left the page in the meantime.
    const hasFocus = (element) =>
      document.activeElement === (element.isConnected ? element : document.querySelector("main"));
    await page.waitForFunction(hasFocus, device);
  },
  async "the list has pages"(page) {
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByText(/^11–/).waitFor();
    assert.match(page.url(), /page=2/);
  },
  async "a reload keeps the login and the page of the list"(page) {
    await page.reload();
    await page.getByText(/^11–/).waitFor();
    await page.getByRole("button", { name: "Previous page" }).click();
    await page.getByText(/^1–/).waitFor();
  },
  async "the chosen theme is kept after a reload"(page) {
    await page.getByRole("button", { name: /dark theme/ }).click();
    await page.reload();
    await settle(page);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await screenshot(page, "overview-dark");
    await page.getByRole("table").getByRole("button").first().click();
    await page.getByRole("dialog").locator("canvas").nth(2).waitFor();
    await page.waitForTimeout(400);
    await screenshot(page, "panel-dark");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /light theme/ }).click();
  },
  async "the page fits every screen width"(page) {
    for (const width of [360, 390, 768, 1280, 1600]) {
      await page.setViewportSize({ width, height: 844 });
      await page.waitForTimeout(150);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(excess <= 0, `at ${width} px the page is ${excess} px too wide`);
      if (width === 390 || width === 768) await screenshot(page, `overview-${width}`, { fullPage: true });
    }
    await page.setViewportSize({ width: 1440, height: 1000 });
  },
  async "a failing service breaks only its own cards, and a retry repairs them"(page) {
    // No live events meanwhile: their refetches would repair the cards before the retry.
    await page.route("**/api/v1/live*", (route) => route.abort());
    await page.route("**/api/v1/risk?*", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.route("**/api/v1/alerts?*", (route) => route.abort());
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "The risk list" }).waitFor();
    await page.getByRole("alert").filter({ hasText: "Alerts" }).first().waitFor();
    await screenshot(page, "error");
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
  async "logging out also holds after a reload"(page) {
    await page.getByRole("button", { name: /^Account/ }).click();
    await screenshot(page, "menu");
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
    console.log(`FAILED ${name}\n    ${error.message}`);
    await screenshot(page, "failed");
    break;
  }
}
await browser.close();
if (browserErrors.length > 0)
  console.log(`browser errors:\n    ${[...new Set(browserErrors)].join("\n    ")}`);
process.exit(failed || browserErrors.length > 0 ? 1 : 0);
