import { expect, test } from "vitest";
import { ApiProblem } from "./problem";

const refused = new ApiProblem(422, "VALIDATION_ERROR", "the input is not valid", [
  { path: "/override_reason", code: "LENGTH", message: "override_reason has 10 to 1000 characters" },
  { path: "/limit", code: "OUT_OF_RANGE", message: "this is from 1 to 5", help: "write 5" },
  { path: "", code: "FROZEN", message: "nothing runs" },
]);

test("a problem stands at its field without the name that the API has for it", () => {
  expect(refused.at("/override_reason")).toBe("This has 10 to 1000 characters");
  expect(refused.at("/limit")).toBe("This is from 1 to 5; write 5");
  expect(refused.at("/reason")).toBeUndefined();
});

test("what belongs to no field of the form is not lost", () => {
  expect(refused.elsewhere(["/override_reason"]).map((detail) => detail.path)).toEqual(["/limit", ""]);
});
