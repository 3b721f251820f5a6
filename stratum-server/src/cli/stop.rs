//! Ctrl-C and SIGTERM.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears a person or a supervisor who asks for the end, from the moment it is made: a signal that comes before anybody
/// waits for it is kept, where the system's default would end the process between two steps.
#[derive(Debug)]
pub(super) struct StopRequest {
    interrupt: Signal,
    terminate: Signal,
}

impl StopRequest {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves at Ctrl-C or SIGTERM.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}
