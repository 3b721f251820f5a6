export * from "./index.cjs";
import * as stratum from "./index.cjs";
export default stratum;
