// A page of headless Chromium that has the package, from a server on the loopback interface.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

import { cases } from "./vectors.mjs";

const ROOT = new URL("../", import.meta.url);
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };
const PAGE = "<!doctype html><title>stratum</title><link rel=icon href=data:,>";

/** Where a Chromium is, if there is one. */
export function browser() {
  for (const name of [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"]) {
    try {
      if (name) return execFileSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  return undefined;
}

/** Serves the package, the tests and the vectors; `stop` ends it. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const answer = (type, body) => response.writeHead(200, { "Content-Type": type }).end(body);
    try {
      if (path === "/") answer("text/html", PAGE);
      else if (path === "/vectors.json") answer("application/json", JSON.stringify(cases()));
      else answer(TYPES[extname(path)] ?? "text/plain", await readFile(new URL(`.${path}`, ROOT)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Opens the page and runs `work` with it. */
export async function withPage(work) {
  const { chromium } = await import("playwright-core");
  const server = await serve();
  const started = await chromium.launch({ executablePath: browser(), args: ["--no-sandbox"] });
  try {
    const page = await started.newPage();
    await page.goto(server.url);
    return await work(page);
  } finally {
    await started.close();
    server.stop();
  }
}
