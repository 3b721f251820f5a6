import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const ROOMS = ["/actions", "/actions?show=approved", "/actions?show=failed", "/trust", "/what-if", "/insights"];

async function grave(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((found) => found.impact === "serious" || found.impact === "critical")
    .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`));
}

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/^Loading/)).toHaveCount(0);
}

/** The room itself, not the door. */
async function inside(page: Page): Promise<void> {
  await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
  await settled(page);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, options] of [["desktop", {}], ["phone", PHONE]] as const) {
    test(`axe finds nothing serious in any room, ${colorScheme}, ${size}`, async ({ browser }) => {
      const page = await server.visit(browser, "/", { colorScheme, ...options });
      await settled(page);
      await expect(page.getByRole("button", { name: /^Viewer/ })).toBeVisible();
      expect(await grave(page), "the door").toEqual([]);
      await page.getByRole("button", { name: /^Admin/ }).click();
      await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
      for (const room of ROOMS) {
        await page.goto(room);
        await inside(page);
        expect(await grave(page), room).toEqual([]);
        // What is folded away counts, too.
        if ((await page.locator("main details").count()) > 0) {
          await page.evaluate(() => document.querySelectorAll<HTMLDetailsElement>("main details").forEach((one) => (one.open = true)));
          expect(await grave(page), `${room}, unfolded`).toEqual([]);
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, `${room} scrolls sideways`).toBe(0);
        for (const tab of await page.getByRole("tab", { selected: true }).all()) {
          const box = await tab.boundingBox();
          expect((box?.x ?? Number.NaN) + (box?.width ?? 0), `${room} hides the tab that is shown`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
        }
      }
      await page.goto("/actions");
      await page.getByRole("link", { name: "Creators" }).click();
      await expect(page.getByRole("dialog").getByRole("table")).toBeVisible();
      expect(await grave(page), "an action in full").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Override…" }).first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await grave(page), "a dialog").toEqual([]);
    });
  }
}

test("the whole way to a decision can be gone with the keyboard, and the focus comes back", async ({ browser }) => {
  const page = await server.as("manager", browser);
  await inside(page);
  const dismiss = page.getByRole("article", { name: "Raise the budget of Creators" }).getByRole("button", { name: "Dismiss…" });
  await dismiss.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(dialog.locator(":focus")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(dismiss).toBeFocused();
});

test("the theme follows the system until the person chooses one, and the choice is kept", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/actions", { colorScheme: "dark" });
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await expect(html).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: /account and theme/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(html).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(html).toHaveAttribute("data-theme", "dark");
});

test("a room that cannot be loaded leaves the house standing, and a reload brings it", async ({ browser }) => {
  const page = await server.as("viewer", browser);
  await inside(page);
  await page.route(/\/assets\/trust-.*\.js/, (route) => route.abort());
  await page.getByRole("link", { name: "Trust", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "This room could not be shown" })).toBeVisible();
  await page.getByRole("link", { name: "Actions", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Actions" })).toBeVisible();
  await page.getByRole("link", { name: "Trust", exact: true }).click();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Reload the page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Trust", exact: true })).toBeVisible();
  // The browser and React complained about the room, as they should.
  expect(server.complaints.splice(0).join()).toContain("trust-");
});
