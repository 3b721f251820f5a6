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
