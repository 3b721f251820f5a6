//! The full module, `@stratum-trust/wasm/full`: every operation, with the customer.

// Everything that JavaScript calls is exported from there.
use stratum_wasm as _;
