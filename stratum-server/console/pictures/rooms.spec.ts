// The pictures of the rooms in docs/console. `make pictures` takes them again.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "../e2e/server";

const server = demoServer();
const FOLDER = fileURLToPath(new URL("../../../docs/console/", import.meta.url));
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function picture(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/^Loading/)).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: "disabled" });
}

for (const room of ["actions", "trust", "what-if"]) {
  test(`the room ${room}`, async ({ browser }) => {
    const page = await server.as("admin", browser, `/${room}`, { colorScheme: "light", viewport: { width: 1360, height: 960 } });
    await picture(page, room);
  });
}

test("the actions in the dark", async ({ browser }) => {
  await picture(await server.as("admin", browser, "/actions", { colorScheme: "dark", viewport: { width: 1360, height: 960 } }), "actions-dark");
});

test("the actions on a phone", async ({ browser }) => {
  await picture(await server.as("admin", browser, "/actions", { colorScheme: "light", ...PHONE }), "actions-phone");
});

test("what if on a phone", async ({ browser }) => {
  await picture(await server.as("admin", browser, "/what-if", { colorScheme: "light", ...PHONE }), "what-if-phone");
});

test("what a file of events tells", async ({ browser }) => {
  const page = await server.as("admin", browser, "/insights", { colorScheme: "light", viewport: { width: 1360, height: 2130 } });
  await expect(page.getByRole("list", { name: "The funnel" })).toBeVisible();
  await picture(page, "insights");
});

test("the same in the dark on a phone", async ({ browser }) => {
  const page = await server.as("admin", browser, "/insights", { colorScheme: "dark", ...PHONE });
  await expect(page.getByRole("list", { name: "The funnel" })).toBeVisible();
  await page.getByRole("heading", { name: "The ways they went" }).evaluate((heading) => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 140));
  await picture(page, "insights-phone");
});

test("two policies on ninety days", async ({ browser }) => {
  const page = await server.as("admin", browser, "/what-if", { colorScheme: "dark", viewport: { width: 1360, height: 960 } });
  await page.getByRole("button", { name: /agreement with GA4/ }).click();
  await page.getByRole("heading", { name: "Which policy would have served you better?" }).evaluate((heading) => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 80));
  await picture(page, "what-if-policies");
});

test("a decision and its proof", async ({ browser }) => {
  const page = await server.as("admin", browser, "/trust", { colorScheme: "light", viewport: { width: 1360, height: 1100 } });
  await page.getByRole("button", { name: "Raise the budget on TikTok" }).first().click();
  const proof = page.getByRole("dialog").getByRole("region", { name: "The proof, made in your browser" });
  await proof.getByRole("button", { name: /^Verify all/ }).click();
  await expect(proof.getByText(/from the first to the head/)).toBeVisible();
  await proof.scrollIntoViewIfNeeded();
  await picture(page, "trust-proof");
});
