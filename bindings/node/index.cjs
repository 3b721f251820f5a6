"use strict";

const { StratumError } = require("./lib/errors.cjs");
const door = require("./lib/door.cjs");
const decisions = require("./lib/decisions.cjs");

module.exports = { StratumError, ...door, ...decisions };
