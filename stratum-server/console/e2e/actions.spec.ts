import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

const card = (page: Page, name: string | RegExp) => page.getByRole("article", { name });
const tab = (page: Page, name: RegExp) => page.getByRole("tab", { name });
const platform = (page: Page, name: string) => page.getByRole("list", { name: "The platforms" }).getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });

test("the story of the demo is told without reading a manual", async ({ browser }) => {
  const page = await server.as("viewer", browser);
  await expect(platform(page, "TikTok")).toContainText("Held");
  await expect(platform(page, "TikTok")).toContainText("Events are not arriving");
  await expect(platform(page, "Google")).toContainText("more revenue than GA4 counts");
  await expect(platform(page, "Snapchat")).toContainText("left their usual range");
  await expect(platform(page, "Meta")).toContainText("Passes");

  const held = card(page, "Raise the budget of Creators");
  await expect(held).toContainText("$350");
  await expect(held).toContainText("$402.50 a day");
  await expect(held).toContainText("Held until the signals recover");
  await expect(held.getByRole("meter")).toHaveAttribute("aria-valuetext", /^[56]\d(\.\d)?, needs 70$/);
  await expect(held).toContainText(/Event delivery of TikTok from \d+(\.\d)? to \d+(\.\d)? would pass/);
});

test("an approval is applied within moments, and everybody sees it live", async ({ browser }) => {
  const viewer = await server.as("viewer", browser);
  await expect(card(viewer, "Raise the budget of Prospecting EU")).toBeVisible();
  const page = await server.as("manager", browser);
  await card(page, "Raise the budget of Prospecting EU").getByRole("button", { name: "Approve", exact: true }).click();
  await expect(page.getByRole("status", { name: "News" })).toContainText("Approved: raise the budget of Prospecting EU from $600 to $660 a day");
  await expect(card(page, "Raise the budget of Prospecting EU")).toBeHidden();
  // The other page was not touched.
  await expect(card(viewer, "Raise the budget of Prospecting EU")).toBeHidden();
  await expect(viewer.getByRole("status", { name: "News" })).toContainText("Prospecting EU: applied");

  await tab(page, /^Applied/).click();
  const applied = card(page, "Raise the budget of Prospecting EU").filter({ hasText: "$660 a day" });
  await applied.getByRole("link", { name: "Prospecting EU" }).click();
  const detail = page.getByRole("dialog", { name: "Raise the budget of Prospecting EU" });
  for (const entry of ["Queued", "The gate was asked", "Approved", "About to be sent to the platform", "Applied by the platform"]) {
    await expect(detail.getByRole("table").getByText(entry, { exact: true }).first()).toBeVisible();
  }
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const ledger = await page.request.get(`${server.sandbox}/ledger?idempotency_key=${id}`);
  expect(JSON.stringify(await ledger.json()), "the platform's own ledger").toContain("66000");
});

test("below an admin nobody overrides the gate; an admin does, with a reason that the server accepts", async ({ browser }) => {
  const manager = await server.as("manager", browser);
  const seen = card(manager, "Raise the budget of Creators");
  await expect(seen.getByRole("button", { name: "Override…" })).toBeDisabled();
  await expect(seen).toContainText("Only an admin can run it against the gate.");

  const page = await server.as("admin", browser);
  await card(page, "Raise the budget of Creators").getByRole("button", { name: "Override…" }).click();
  const dialog = page.getByRole("dialog", { name: "Run it against the gate?" });
  const reason = dialog.getByRole("textbox", { name: "Why is it right all the same?" });
  await expect(reason).toBeFocused();
  await reason.fill("because");
  await dialog.getByRole("button", { name: "Run it now" }).click();
  await expect(reason).toHaveAccessibleDescription(/This has 10 to 1000 characters/);
  await reason.fill("the pixel was checked by hand, the orders arrive");
  await dialog.getByRole("button", { name: "Run it now" }).click();
  await expect(dialog).toBeHidden();
  await tab(page, /^Applied/).click();
  const applied = card(page, "Raise the budget of Creators");
  await expect(applied).toContainText("by override");
  await expect(applied).toContainText("Applied");
});

test("a limit of the tenant asks for a confirmation, whose reason is checked, and then the change is approved", async ({ browser }) => {
  const page = await server.as("manager", browser);
  await card(page, "Raise the budget of AR lens").getByRole("button", { name: "Approve", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "This change breaks a limit of yours" });
  await expect(dialog).toContainText("needs your confirmation");
  const reason = dialog.getByRole("textbox");
  await reason.fill("short");
  await dialog.getByRole("button", { name: "Confirm and approve" }).click();
  await expect(reason).toHaveAccessibleDescription(/10 to 1000 characters/);
  await reason.fill("agreed with the client for one more week");
  await dialog.getByRole("button", { name: "Confirm and approve" }).click();
  await expect(dialog).toBeHidden();
  await tab(page, /^Applied/).click();
  await expect(card(page, "Raise the budget of AR lens")).toContainText("Applied");
});

test("a dismissal keeps its reason, and a viewer may only read", async ({ browser }) => {
  const viewer = await server.as("viewer", browser);
  const seen = card(viewer, "Pause the campaign of AR lens");
  for (const name of ["Approve", "Dismiss…"]) await expect(seen.getByRole("button", { name, exact: true })).toBeDisabled();
  await expect(seen).toContainText("As Viewer you may read");
  await expect(viewer.getByRole("button", { name: "Stop all automation…" })).toBeDisabled();

  const page = await server.as("manager", browser);
  await card(page, "Pause the campaign of AR lens").getByRole("button", { name: "Dismiss…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("the client wants it to run");
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await expect(card(viewer, "Pause the campaign of AR lens")).toBeHidden();
  await tab(page, /^Dismissed/).click();
  await card(page, "Pause the campaign of AR lens").getByRole("link", { name: "AR lens" }).click();
  await expect(page.getByRole("dialog")).toContainText("the client wants it to run");
});

test("an approval that waits for the gate can be taken back", async ({ browser }) => {
  const page = await server.as("manager", browser, "/actions?show=approved");
  const waiting = card(page, "Raise the budget of Spark ads");
  await expect(waiting).toContainText("It runs by itself when the signals have recovered.");
  await waiting.getByRole("button", { name: "Take the approval back…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
  await expect(waiting).toBeHidden();
  await tab(page, /^Waiting for you/).click();
  await expect(waiting).toBeVisible();
});

test("an override that meets a limit can be confirmed and goes on, and no press sends the key of another", async ({ browser }) => {
  const page = await server.as("admin", browser);
  const held = card(page, /^Raise the budget of /).filter({ has: page.getByRole("button", { name: "Override…" }) }).first();
  const sent: { to: string; key: string; body: Record<string, unknown> }[] = [];
  const refusal = (status: number, code: string, more: object) => ({ status, json: { error: { code, message: code.toLowerCase(), details: [], ...more } } });
  const token = (text: string) => refusal(409, "ENFORCEMENT_CONFIRMATION_REQUIRED", { confirmation_token: text, violations: [] });
  const tooShort = refusal(422, "VALIDATION_FAILED", { details: [{ path: "/override_reason", code: "length", message: "override_reason has 10 to 1000 characters" }] });
  // What the server answers to each press, in turn; nothing reaches it.
  const answers = [token("one"), tooShort, "lost", refusal(409, "NEW_VIOLATION", { confirmation_token: "two", violations: [{ type: "SPEND", mode: "SOFT_BLOCK", message: "another limit" }] }), { json: { data: {} } }, { json: { data: {} } }] as const;
  for (const to of ["approve", "confirm"]) {
    await page.route(`**/autopilot/**/${to}`, (route) => {
      const answer = answers[sent.length];
      sent.push({ to, key: route.request().headers()["idempotency-key"] ?? "", body: route.request().postDataJSON() });
      return answer === undefined || answer === "lost" ? route.abort() : route.fulfill(answer);
    });
  }
  await held.getByRole("button", { name: "Override…" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("checked by hand");
  await page.getByRole("dialog").getByRole("button", { name: "Run it now" }).click();
  const dialog = page.getByRole("dialog", { name: "This change breaks a limit of yours" });
  await expect(dialog).toContainText("against the gate");
  const press = dialog.getByRole("button", { name: "Confirm and approve" });
  await dialog.getByRole("textbox").fill("short");
  await press.click();
  await expect(dialog.getByRole("textbox")).toHaveAccessibleDescription(/10 to 1000 characters/);
  await dialog.getByRole("textbox").fill("agreed with the client");
  await press.click();
  await expect(dialog.getByRole("alert")).toContainText("the server does not answer");
  await press.click();
  await expect(dialog).toContainText("Another limit");
  await press.click();
  await expect(dialog).toBeHidden();

  expect(sent.map(({ to, body }) => [to, body])).toEqual([
    ["approve", { override_reason: "checked by hand" }],
    ["confirm", { confirmation_token: "one", override_reason: "short" }],
    ["confirm", { confirmation_token: "one", override_reason: "agreed with the client" }],
    ["confirm", { confirmation_token: "one", override_reason: "agreed with the client" }],
    ["confirm", { confirmation_token: "two", override_reason: "agreed with the client" }],
    ["approve", { confirmation_token: "two", override_reason: "checked by hand" }],
  ]);
  const [, short, lost, again, next] = sent.map(({ key }) => key);
  expect(again, "the same request, after the server could not be reached").toBe(lost);
  expect(new Set([short, lost, next]).size).toBe(3);
  // The browser noted the one request that was lost.
  expect(server.complaints.splice(0)).toEqual(["Failed to load resource: net::ERR_FAILED"]);
});
