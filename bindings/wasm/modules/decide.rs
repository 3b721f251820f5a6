//! The small module, `@stratum-trust/wasm`: what decides.

// Everything that JavaScript calls is exported from there.
use stratum_wasm as _;
