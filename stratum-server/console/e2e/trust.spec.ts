import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

async function openFirst(page: Page, name: RegExp) {
  await page.getByRole("table").filter({ hasText: "What was asked" }).getByRole("button", { name }).first().click();
  return page.getByRole("dialog");
}

test("the story of the demo tenant is told by the platforms themselves", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/trust");
  await expect(page.getByText("Automated changes wait on TikTok")).toBeVisible();
  const platforms = page.getByRole("group", { name: /^The platforms/ });
  await expect(platforms.getByRole("button").nth(0)).toContainText("Events are not arriving");
  await expect(platforms.getByRole("button", { name: /Google/ })).toContainText("Drifts away from GA4");
  await expect(platforms.getByRole("button", { name: /Snapchat/ })).toContainText("odd days");
  await expect(page.getByRole("img", { name: /^Health of TikTok over 90 days: now [\d.]+, lowest/ })).toBeVisible();
  const incidents = page.getByRole("region", { name: "Incidents" });
  await expect(incidents.getByRole("listitem").filter({ hasText: "open" })).toContainText("until now");
  await expect(incidents.getByRole("listitem").filter({ hasText: "over" }).first()).toContainText("days");
  await platforms.getByRole("button", { name: /Google/ }).click();
  await expect(page.getByText(/more revenue than GA4 counts/)).toBeVisible();
});

test("any day can be looked at with the keyboard, and every day stands in a table", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/trust?platform=TIKTOK");
  const day = page.getByRole("slider", { name: "Day" });
  await day.focus();
  await page.keyboard.press("Home");
  await expect(page.getByRole("heading", { name: /^Made of, on/ })).toBeVisible();
  await page.getByText("Every day in a table").click();
  await expect(page.getByRole("region", { name: "The health of TikTok by day" }).getByRole("row")).toHaveCount(92);
});

test("a decision opens with its facts and reasons, and is proved in the browser", async ({ browser }) => {
  const page = await server.as("admin", browser, "/trust");
  const dialog = await openFirst(page, /Raise the budget on TikTok/);
  await expect(dialog.getByText(/is below 70, the threshold of this change/)).toBeVisible();
  await expect(dialog.getByRole("row", { name: /Event delivery/ })).toBeVisible();
  const proof = dialog.getByRole("region", { name: "The proof, made in your browser" });
  await expect(proof.getByText("the same outcome, byte for byte")).toBeVisible();
  await expect(proof.getByText(/holds the digests of exactly these facts, this policy and this outcome/)).toBeVisible();
  await expect(proof.getByText(/were hashed again here and each links to the one before/)).toBeVisible();
  await proof.getByRole("button", { name: /^Verify all/ }).click();
  await expect(proof.getByText(/from the first to the head: nothing was changed/)).toBeVisible();
  // What the button announced to screen readers while it was busy stands for some seconds longer than the button's part.
  await expect(page.locator("[data-live-announcer] [role=img]")).toHaveCount(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});

test("a record or a chain that was changed on its way does not pass for the real one", async ({ browser }) => {
  const page = await server.as("admin", browser, "/actions");
  await page.route("**/trust-gate/decisions/*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.data.facts.gate.frozen = !body.data.facts.gate.frozen;
    await route.fulfill({ response: answer, json: body });
  });
  await page.route("**/audit-logs/records*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.data.records[0].entry.action = "APPROVED";
    await route.fulfill({ response: answer, json: body });
  });
  await page.getByRole("link", { name: "Trust" }).click();
  const dialog = await openFirst(page, /TikTok/);
  await expect(dialog.getByText(/^The record is not what was decided|^Decided again here it comes out/)).toBeVisible();
  await expect(dialog.getByText(/^The chain is broken at \d+: an entry was changed/)).toBeVisible();
});

test("an analyst sees the decision decided again, and that the chain is not theirs to read; a viewer sees no decisions", async ({ browser }) => {
  const analyst = await server.as("analyst", browser, "/trust");
  const dialog = await openFirst(analyst, /TikTok/);
  await expect(dialog.getByText("the same outcome, byte for byte")).toBeVisible();
  await expect(dialog.getByText(/only admins may read the chain, so it was not verified here/)).toBeVisible();
  const viewer = await server.as("viewer", browser, "/trust");
  await expect(viewer.getByText("Analysts and above see what the gate decided.")).toBeVisible();
});
