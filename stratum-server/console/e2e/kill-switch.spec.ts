import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

const banner = (page: Page) => page.getByRole("region", { name: "Kill switch" });

test("a manager stops everything, everybody sees it in every room, and an admin lets it run again", async ({ browser }) => {
  const viewer = await server.as("viewer", browser, "/trust");
  const manager = await server.as("manager", browser);
  await manager.getByRole("button", { name: "Stop all automation…" }).click();
  const dialog = manager.getByRole("dialog", { name: "Stop all automation?" });
  await dialog.getByRole("textbox").fill("budgets jump around");
  await dialog.getByRole("button", { name: "Stop everything" }).click();

  for (const page of [manager, viewer]) {
    await expect(banner(page)).toContainText("Automation is stopped.");
    await expect(banner(page)).toContainText("budgets jump around");
  }
  const change = manager.getByRole("article", { name: "Raise the budget of Prospecting EU" });
  await expect(change.getByRole("button", { name: /^Approve/ })).toBeDisabled();
  await expect(change.getByRole("button", { name: "Dismiss…" })).toBeEnabled();
  await expect(banner(manager).getByRole("button", { name: "Let automation run again…" })).toBeDisabled();
  await expect(banner(manager)).toContainText("Only an admin can do that.");

  const admin = await server.as("admin", browser);
  await banner(admin).getByRole("button", { name: "Let automation run again…" }).click();
  const again = admin.getByRole("dialog", { name: "Let automation run again?" });
  await again.getByRole("button", { name: "Let it run" }).click();
  await expect(again.getByRole("textbox")).toHaveAccessibleDescription(/say why automation may run again/i);
  await again.getByRole("textbox").fill("the feed was repaired");
  await again.getByRole("button", { name: "Let it run" }).click();

  for (const page of [manager, viewer, admin]) await expect(banner(page)).toBeHidden();
  await expect(change.getByRole("button", { name: "Approve", exact: true })).toBeEnabled();
});
