// The same document for both modules.

export { default } from "../schema.js";
