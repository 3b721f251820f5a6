import { expect, type Page, test } from "@playwright/test";
import { demoServer } from "./server";

const server = demoServer();

/** Three people: Ann bought by way of Meta and Google, Bob came by e-mail and left, and Cy by TikTok, who only looked. */
const FILE = `time,event,channel,value,customer_id,email,visitor_id
2026-03-01T10:00:00Z,PageView,meta,,,,v1
2026-03-02T10:00:00Z,PageView,google,,,,v1
2026-03-02T10:05:00Z,Login,,,,ann@shop.example,v1
2026-03-02T10:10:00Z,AddToCart,,,,ann@shop.example,v1
2026-03-02T10:20:00Z,Purchase,,100.00,C1,ann@shop.example,
2026-03-03T10:00:00Z,PageView,email,,,,v2
2026-03-03T10:30:00Z,AddToCart,,,,bob@shop.example,v2
2026-03-04T10:00:00Z,PageView,tiktok,,,,v3
yesterday,PageView,tiktok,,,,v3
2026-03-04T11:00:00Z,Purchase,,a lot,C9,,
`;

async function open(page: Page, name: string, text: string): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

const steps = (page: Page) => page.getByRole("list", { name: "The funnel" }).getByRole("listitem");

async function rowsOf(page: Page, table: string): Promise<string[]> {
  await page.getByText(`${table} in a table`).click();
  const rows = await page.getByRole("region", { name: table }).locator("tbody tr").all();
  return await Promise.all(rows.map(async (row) => (await row.locator("th, td").allInnerTexts()).join(" | ")));
}

test("an example shows the ways, the funnel and the people before anybody has a file", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/insights");
  await expect(page.getByRole("img", { name: /^From channel to channel, \d+ in all/ })).toBeVisible();
  await expect(page.getByRole("list", { name: "Revenue by channel, under each model" }).getByRole("img")).toHaveCount(8);
  await expect(steps(page).first()).toContainText("PageView");
  await expect(page.getByRole("img", { name: /identifiers of one person around customer/ })).toBeVisible();
});

test("a file of one's own is read in the page, and what cannot be read is set aside with its reason", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/insights");
  await expect(steps(page).first()).toBeVisible();
  const sent: string[] = [];
  page.on("request", (request) => request.method() !== "GET" && sent.push(request.url()));
  await open(page, "march.csv", FILE);
  await expect(page.getByRole("heading", { name: "march.csv" })).toBeVisible();
  const aside = page.getByRole("status").filter({ hasText: "2 rows were set aside" });
  await expect(aside).toContainText('Row 9: its time "yesterday" cannot be read');
  await expect(aside).toContainText('Row 10: its value "a lot" is no amount');

  await expect(steps(page)).toHaveCount(3);
  await expect(steps(page).nth(1)).toContainText("2 66.7 %");
  expect(await rowsOf(page, "The funnel")).toEqual(["PageView | 3 | 100.0 % | 0 (0.0 %) | –", "AddToCart | 2 | 66.7 % | 1 (33.3 %) | 12 hours", "Purchase | 1 | 33.3 % | 1 (50.0 %) | 10 minutes"]);
  await expect(page.getByRole("img", { name: "3 identifiers of one person around customer C1: 1 × customer, 1 × e-mail, 1 × visitor." })).toBeVisible();
  expect(sent, "nothing of the file leaves the page").toEqual([]);

  // By hand: a halving in 7 days leaves the touch that is a day older 1 of 1 + 2^(1/7); without either nobody buys, and
  // each of the two adds the whole in one of the two orders in which they can come.
  expect(await rowsOf(page, "Revenue by model")).toEqual(["Google | $100 | $0 | $50 | $50 | $52.47 | $50 | $50 | $50", "Meta | $0 | $100 | $50 | $50 | $47.53 | $50 | $50 | $50"]);
  await expect(page.getByRole("img", { name: "Last touch: Google $100, Meta $0" })).toBeVisible();
  await expect(page.getByRole("img", { name: "Shapley: Google $50, Meta $50" })).toBeVisible();
  await page.getByLabel("With", { exact: true }).selectOption("conversions");
  await expect(page.getByRole("img", { name: "Shapley: Google 0.5, Meta 0.5" })).toBeVisible();
  await page.getByText("What each model does").press("Enter");
  await expect(page.getByText("What a channel adds, averaged over every order", { exact: false })).toBeVisible();

  // Another conversion makes other ways of the same file.
  expect(await rowsOf(page, "The 3 most frequent of 3 paths")).toEqual(["Email | did not convert | 1", "Meta → Google | converted | 1", "TikTok | did not convert | 1"]);
  await page.getByLabel("A conversion is").selectOption("AddToCart");
  await expect(page.getByRole("img", { name: /Email, converted: 1/ })).toBeVisible();
});

test("on a phone a wide table scrolls by itself, and the picture above it keeps within its card", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/insights", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.getByText("Revenue by model in a table").click();
  const card = await page.getByRole("region", { name: "Who is credited" }).boundingBox();
  for (const wide of [page.getByRole("img", { name: /^Shapley:/ }), page.getByRole("region", { name: "Revenue by model" })]) {
    const box = await wide.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? Number.NaN)).toBeLessThan((card?.x ?? 0) + (card?.width ?? Number.NaN));
  }
});

test("a file without times is refused in a sentence, and the picture before it stays", async ({ browser }) => {
  const page = await server.as("viewer", browser, "/insights");
  await expect(steps(page).first()).toBeVisible();
  await open(page, "sales.csv", "day,what\nmonday,sale\n");
  await expect(page.getByRole("alert")).toContainText('sales.csv was not read: The first line names no column "time" and no column "event"; it names day, what.');
  await expect(page.getByRole("heading", { name: "A shop's month, made up" })).toBeVisible();
  await open(page, "one.json", '[{"time":"2026-03-01T10:00:00Z","event":"PageView","visitor_id":"v1"}]');
  await expect(page.getByRole("heading", { name: "one.json" })).toBeVisible();
  await expect(page.getByText("No row names a channel, so there is no way to show.")).toBeVisible();
  await expect(page.getByRole("img", { name: "Last touch: No channel 1" })).toBeVisible();
  await expect(page.getByText("Nobody in this file has two identifiers.")).toBeVisible();
  await page.getByRole("button", { name: "The example again" }).click();
  await expect(page.getByRole("heading", { name: "A shop's month, made up" })).toBeVisible();
});
