import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

const verdict = (page: Page) => page.getByRole("region", { name: /^It would/ });

async function ready(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: "The last 90 days under both policies" })).toBeVisible();
}

test("the page begins with the platform in trouble and says what the server says of it", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/what-if");
  await ready(page);
  await expect(page.getByRole("button", { name: "TikTok" })).toHaveAttribute("aria-pressed", "true");
  await expect(verdict(page)).toHaveAccessibleName("It would wait");
  await expect(verdict(page)).toContainText("is below 70, the threshold of this change");
  await expect(verdict(page).getByRole("listitem").filter({ hasText: /Event delivery from [\d.]+ to [\d.]+ would pass/ })).toBeVisible();
});

test("what would change the verdict does so when it is tried, and the keyboard takes it back", async ({ browser }) => {
  const page = await server.as("analyst", browser, "/what-if");
  await ready(page);
  await page.getByRole("button", { name: /^Try it: event delivery/i }).click();
  await expect(verdict(page)).toHaveAccessibleName("It would run");
  const slider = page.getByRole("slider", { name: /^Event delivery/ });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(slider).toHaveValue("0");
  await expect(verdict(page)).toHaveAccessibleName("It would wait");
  await page.getByRole("checkbox", { name: /^Match quality:/ }).uncheck();
  await expect(verdict(page)).toContainText(/required|missing|without/i);
});

test("limits, kill switch and old health have their say, each with its reason", async ({ browser }) => {
  const page = await server.as("analyst", browser, "/what-if");
  await ready(page);
  await page.getByRole("button", { name: "Meta" }).click();
  await expect(verdict(page)).toHaveAccessibleName("It would run");
  await page.getByRole("spinbutton", { name: /^To.*, exactly/ }).fill("900");
  await expect(verdict(page)).toHaveAccessibleName("It would wait");
  await expect(verdict(page)).toContainText("would be within your limits");
  await page.getByLabel("A broken limit").selectOption("HARD_BLOCK");
  await expect(verdict(page)).toHaveAccessibleName("It would be blocked");
  await page.getByRole("button", { name: /would be within your limits/ }).click();
  await expect(verdict(page)).toHaveAccessibleName("It would run");
  await page.getByRole("checkbox", { name: "The kill switch is engaged" }).check();
  await expect(verdict(page)).toHaveAccessibleName("It would be blocked");
});

test("two policies are compared on the tenant's own ninety days, and the days that differ are told", async ({ browser }) => {
  const page = await server.as("analyst", browser, "/what-if");
  await ready(page);
  await expect(page.getByText("No day differs.")).toBeVisible();
  await page.getByRole("button", { name: /agreement with GA4/ }).click();
  const days = page.getByRole("table", { name: "The days that differ, newest first" });
  await expect(days.getByRole("row").filter({ hasText: "Google" }).first()).toContainText("health below the threshold (needs 80)");
  await expect(page.getByRole("img", { name: /^Google, the policy you try: \d+ days pass, [1-9]\d* held/ })).toBeVisible();
  await page.getByRole("button", { name: "As in force" }).click();
  await expect(page.getByText("No day differs.")).toBeVisible();
});

test("a scenario travels by its link and is kept by its name", async ({ browser }) => {
  const page = await server.as("admin", browser, "/what-if", { permissions: ["clipboard-read", "clipboard-write"] });
  await ready(page);
  await page.getByRole("spinbutton", { name: "Match quality, exactly", exact: true }).fill("61");
  await page.getByRole("spinbutton", { name: /^Healthy from.*exactly/ }).fill("77");
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("The link to this scenario is on your clipboard.")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Stricter");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();

  const other = await server.as("viewer", browser, new URL(link).pathname + new URL(link).search);
  await ready(other);
  await expect(other.getByRole("spinbutton", { name: "Match quality, exactly", exact: true })).toHaveValue("61");
  await expect(verdict(other)).toContainText("needs 77");

  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: "Saved (1)" }).click();
  await page.getByRole("button", { name: "Stricter", exact: true }).click();
  await expect(page.getByRole("spinbutton", { name: /^Healthy from.*exactly/ })).toHaveValue("77");
});

test("a link that was cut says so, and the page shows the present", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/what-if?s=1.W10");
  await ready(page);
  const alert = page.getByRole("alert").filter({ hasText: "The link could not be read" });
  await expect(alert).toContainText("The link holds no scenario; ask for the link again");
  await alert.getByRole("button", { name: "Close" }).click();
  await expect(alert).toBeHidden();
  expect(new URL(page.url()).search).toBe("");
});
