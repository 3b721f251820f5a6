import { expect, test } from "vitest";
import { ago, change, money, score } from "./figures";

test("money shows cents only where there are any", () => {
  expect(money(66_000, "USD")).toBe("$660");
  expect(money(40_250, "USD")).toBe("$402.50");
  expect(money(1_200, "JPY")).toBe("¥1,200");
});

test("a change has its sign", () => {
  expect(change(35_000, 40_250)).toBe("+15 %");
  expect(change(62_000, 50_000)).toBe("−19.4 %");
});

test("a score is floored to one decimal, as the API shows it, and a missing one is a dash", () => {
  expect(score(69.97)).toBe("69.9");
  expect(score(null)).toBe("–");
});

test("an instant is told by the largest unit that fits", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(ago("2026-03-01T09:00:00Z", now)).toBe("3 hours ago");
  expect(ago("2026-03-02T11:00:00Z", now)).toBe("in 23 hours");
  expect(ago("2026-03-01T11:59:55Z", now)).toBe("just now");
  expect(ago("2026-03-01T11:59:30Z", now)).toBe("less than a minute ago");
});
