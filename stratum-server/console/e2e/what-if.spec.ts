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

test("what is not known is said to be assumed, and taken for bad where it would stop a change", async ({ browser }) => {
  const page = await server.as("viewer", browser);
  await page.route("**/autopilot/status", (route) => route.fulfill({ status: 403, json: { error: { code: "FORBIDDEN", message: "not for you" } } }));
  await page.getByRole("link", { name: "What-if" }).click();
  await ready(page);
  const assumed = page.getByRole("list", { name: "What is assumed" });
  await expect(assumed).toContainText("Whether a kill switch is engaged could not be learnt");
  await expect(assumed).toContainText("assumed are a return of 3, 1.8 views per person");
  await expect(page.getByRole("checkbox", { name: "The kill switch is engaged" })).toBeChecked();
  await expect(verdict(page)).toHaveAccessibleName("It would be blocked");
});

test("the kill switch reaches the open page, what was moved stays, and own thresholds are in force", async ({ browser }) => {
  const page = await server.as("manager", browser, "/what-if");
  await ready(page);
  await page.getByRole("button", { name: "Meta" }).click();
  await expect(verdict(page)).toHaveAccessibleName("It would run");
  const quality = page.getByRole("spinbutton", { name: "Match quality, exactly", exact: true });
  await quality.fill("93");
  const other = await server.as("manager", browser);
  await other.getByRole("button", { name: "Stop all automation…" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Stop everything" }).click();
  await expect(page.getByRole("checkbox", { name: "The kill switch is engaged" })).toBeChecked();
  await expect(verdict(page)).toHaveAccessibleName("It would be blocked");
  await expect(quality).toHaveValue("93");

  // The threshold of the tenant's own is part of what begins, and of the policy in force that the days are tried on.
  await page.route("**/trust-gate/config", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, data: { ...body.data, overrides: { BUDGET_INCREASE: 100 } } } });
  });
  await page.reload();
  await ready(page);
  await expect(page.getByRole("checkbox", { name: "The kill switch is engaged" })).toBeChecked();
  await expect(verdict(page)).toContainText("needs 100");
  await expect(page.getByRole("img", { name: /^Meta, policy in force: 0 days pass/ })).toBeVisible();
});
