import { expect, test } from "vitest";
import { inWords } from "./vocabulary";

test("a sentence of the gate is told in words, and no number promises more than is needed or measured", () => {
  expect(inWords("EMQ of TIKTOK from 54 to 95.548358908 would pass")).toBe("match quality of TikTok from 54 to 95.6 would pass");
  expect(inWords("TIKTOK: health 69.999 is below 70, the threshold of this change")).toBe("TikTok: health 69.9 is below 70, the threshold of this change");
});

test("what is no name of the API stays as it is", () => {
  expect(inWords("the ROAS is 1.5")).toBe("the ROAS is 1.5");
});
