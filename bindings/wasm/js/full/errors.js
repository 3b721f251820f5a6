// The errors are those of the small module, so that an `instanceof` holds of both.

export * from "../errors.js";
