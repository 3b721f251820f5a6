"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { fileName } = require("./file-name.cjs");

const file = join(__dirname, "..", fileName());
if (!existsSync(file)) {
  throw new Error(`${file} is missing: there is no build for this machine; in a checkout \`npm run build\` makes one`);
}

const native = require(file);
native._keepPanicsQuiet();

module.exports = native;
