import { expect, test } from "@playwright/test";
import { demoServer, signIn } from "./server";

const server = demoServer();

test("a demo account is one press away, and the page says who is in and what the role is", async ({ browser }) => {
  const page = await server.visit(browser);
  await expect(page.getByRole("heading", { name: "This is the demo. Come in as" })).toBeVisible();
  await page.getByRole("button", { name: /^Manager/ }).click();
  await expect(page.getByRole("heading", { name: "Actions", level: 1 })).toBeFocused();
  await page.getByRole("button", { name: "Mika Manager, Manager: account and theme" }).click();
  await expect(page.getByText("manager@demo.example")).toBeVisible();
});

test("a wrong password is refused in words, and the field keeps what was typed", async ({ browser }) => {
  const page = await server.visit(browser);
  await page.getByLabel("E-mail").fill("admin@demo.example");
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("the address or the password is wrong");
  await expect(page.getByLabel("E-mail")).toHaveValue("admin@demo.example");
});

test("a reload and a second tab stay signed in, and no access token is stored", async ({ browser }) => {
  const page = await server.as("analyst", browser, "/actions");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Actions", level: 1 })).toBeVisible();

  const second = await page.context().newPage();
  server.watch(second);
  await second.goto("/actions");
  await expect(second.getByRole("heading", { name: "Actions", level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Actions", level: 1 })).toBeVisible();

  const stored = await page.evaluate(() => [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie].join(" "));
  expect(stored).toContain("rt_");
  expect(stored, "a JWT begins like this").not.toContain("eyJ");
});

test("signing out ends the session in every tab and on the server", async ({ browser }) => {
  const page = await server.as("viewer", browser);
  const second = await page.context().newPage();
  server.watch(second);
  await second.goto("/actions");
  await expect(second.getByRole("heading", { name: "Actions", level: 1 })).toBeVisible();
  const refresh = await page.evaluate(() => localStorage.getItem("stratum.refresh"));

  await page.getByRole("button", { name: /account and theme/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Stratum" })).toBeVisible();
  await expect(second.getByRole("heading", { name: "Sign in to Stratum" })).toBeVisible();
  const answer = await page.request.post("/api/v1/auth/refresh", { data: { refresh_token: refresh } });
  expect(answer.status()).toBe(401);
});

test("whoever follows a link to a room arrives there after signing in", async ({ browser }) => {
  const page = await server.visit(browser, "/actions?show=failed");
  await signIn(page, "viewer");
  await expect(page.getByRole("tab", { name: "Failed" })).toHaveAttribute("aria-selected", "true");
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "There is no such room" })).toBeVisible();
});
