// A real server with a demo tenant and a data folder of its own, for the tests of one file.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { chromium, NO_CHROMIUM } from "./chromium";

export type Role = "admin" | "manager" | "analyst" | "viewer";

const PASSWORD = "signals before spend";

export class DemoServer {
  url = "";
  sandbox = "";
  #process: ChildProcess | null = null;
  #folder = "";
  /** What the pages of a test complained about. */
  readonly complaints: string[] = [];

  async start(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), "stratum-console-"));
    // Started by root, PostgreSQL runs as somebody else, who must be able to enter.
    chmodSync(this.#folder, 0o755);
    const binary = process.env["STRATUM_BIN"] ?? new URL("../../../target/debug/stratum", import.meta.url).pathname;
    const { DATABASE_URL: _, ...environment } = process.env;
    const child = spawn(binary, ["serve", "--demo", "--data-dir", this.#folder, "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"], {
      env: { ...environment, STRATUM_RATE_LIMIT: "off", STRATUM_LOG: "warn" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.on("error", (error) => reject(new Error(`${binary} cannot be started: ${error.message}`)));
      child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
      child.stderr?.on("data", (part) => (said += String(part)));
      child.stdout?.on("data", (part) => {
        said += String(part);
        const server = /Stratum is at (\S+)/.exec(said)?.[1];
        const sandbox = /sandbox ad platform is at (\S+)/.exec(said)?.[1];
        if (server === undefined || sandbox === undefined) return;
        this.url = server;
        this.sandbox = sandbox;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child !== null && child.exitCode === null) {
      child.removeAllListeners("exit");
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A page of a visitor of their own. What it complains about fails the test at its end. */
  async visit(browser: Browser, path = "/", options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: this.url, ...options });
    const page = await context.newPage();
    this.watch(page);
    await page.goto(path);
    return page;
  }

  watch(page: Page): void {
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      // A refusal of the API is shown in the page; that the browser notes it as well is no fault.
      const refusal = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
      if (message.type() === "error" && !refusal) this.complaints.push(message.text());
    });
  }

  /** A page of somebody who has signed in. */
  async as(role: Role, browser: Browser, path = "/actions", options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const page = await this.visit(browser, path, options);
    await signIn(page, role);
    return page;
  }
}

export async function signIn(page: Page, role: Role): Promise<void> {
  await page.getByLabel("E-mail").fill(`${role}@demo.example`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
}

/** Starts a server before the tests of the file, and ends it after them. */
export function demoServer(): DemoServer {
  const server = new DemoServer();
  test.skip(chromium === null, NO_CHROMIUM);
  test.beforeAll(async () => {
    // A database of its own, and ninety days of history by a server that was built for debugging.
    test.setTimeout(300_000);
    if (chromium !== null) await server.start();
  });
  test.afterEach(async ({ browser }) => {
    for (const context of browser.contexts()) await context.close();
    expect(server.complaints.splice(0), "errors in the console of the browser").toEqual([]);
  });
  test.afterAll(() => server.stop());
  return server;
}
