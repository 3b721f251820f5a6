"use strict";

const { StratumError } = require("./lib/errors.cjs");
const door = require("./lib/door.cjs");
const autopilot = require("./lib/autopilot.cjs");
const batch = require("./lib/batch.cjs");
const cdp = require("./lib/cdp.cjs");
const decisions = require("./lib/decisions.cjs");

module.exports = { StratumError, ...door, ...autopilot, ...batch, ...cdp, ...decisions };
