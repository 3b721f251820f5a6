//! The reference server of Stratum: the trust decision over HTTP, on Postgres.
//!
//! | room | subject |
//! |---|---|
//! | [`postgres`] | the private PostgreSQL that is started when no `DATABASE_URL` is given |
//! | [`db`] | roles, migrations, and `tenant_tx`, the one way to a tenant's rows |
//! | [`http`] | envelope, errors, bodies, queries, idempotency, the accept loop |
//! | [`auth`] | tokens, passwords, source keys, rates, and the table of who may call what |
//! | [`tenant`] | tenants, tiers and limits |
//! | [`signals`] | the measurements that tenants push and collectors write |
//! | [`health`] | signal health per platform: evaluated, stored, watched for incidents |
//! | [`gate`] | the decisions of the trust gate, each recorded so that it can be decided again |
//! | [`console`] | the page at `/` |
//! | [`executor`] | takes approved actions to their platforms, exactly once |
//! | [`platforms`] | the clients of ad platforms |
//! | [`sandbox`] | the sandbox ad platform over HTTP, with its ledger on disk |
//! | [`campaigns`] | campaigns, their entities and daily figures |
//! | [`jobs`] | work that a request was answered 202 for |
//! | [`actions`] | what is to be changed on the platforms: queued, approved, applied, reverted |
//! | [`autopilot`] | how far automation may go: the mode, the switches |
//! | [`enforcement`] | the tenant's limits, its confirmations and its kill switch |
//! | [`demo`] | the demo tenant and its story |
//! | [`import`] | daily figures from a CSV file |
//! | [`audit`] | the hash chain of everything that was done |
//! | [`realtime`] | live events over server-sent events |
//! | [`system`] | probes, figures, logs, documentation |
//!
//! The binary `stratum` is [`cli`]; [`server`] puts the rooms together.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod actions;
pub mod audit;
pub mod auth;
pub mod autopilot;
pub mod campaigns;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod db;
pub mod demo;
pub mod enforcement;
pub mod executor;
pub mod gate;
pub mod health;
pub mod http;
pub mod import;
pub mod jobs;
pub mod platforms;
pub mod postgres;
pub mod realtime;
pub mod sandbox;
pub mod server;
pub mod signals;
pub mod state;
pub mod storage;
pub mod system;
pub mod tenant;
