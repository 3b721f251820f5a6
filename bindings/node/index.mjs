import { createRequire } from "node:module";

const stratum = createRequire(import.meta.url)("./index.cjs");

export default stratum;
export const { StratumError, Texts, batch, batchAsync, call, cdp, callJson, operations, schemaJson } = stratum;
export const { Enforcement, EnforcementAnswer, Gate, GateAnswer, Health, emq } = stratum;
export const { Autopilot, PlatformError } = stratum;
