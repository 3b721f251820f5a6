//! The binary `stratum`.

use std::process::ExitCode;

use clap::Parser as _;
use stratum_server::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stratum: {error:#}");
            ExitCode::FAILURE
        }
    }
}
