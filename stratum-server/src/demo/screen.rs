//! What the terminal shows: the address, the accounts, and three lines to paste.

use std::fmt::Write as _;

use super::accounts::{PASSWORD, PEOPLE};
use super::create::Demo;

/// The text for a server and its sandbox platform at these addresses.
#[must_use]
pub fn screen(demo: &Demo, server: &str, sandbox: Option<&str>) -> String {
    let Demo { tenant, held, passing, .. } = demo;
    let api = format!("{server}/api/v1/tenant/{tenant}");
    let mut text = String::new();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    line("");
    line(&format!("  Stratum is at {server}   (documentation: {server}/docs)"));
    if let Some(sandbox) = sandbox {
        line(&format!("  The sandbox ad platform is at {sandbox}   (what it accepted: {sandbox}/ledger)"));
    }
    line("");
    line(&format!("  Demo accounts, all with the password \"{PASSWORD}\":"));
    for person in PEOPLE {
        line(&format!("    {:<22} {:<8} may {}", person.email, person.role.as_str(), person.may));
    }
    line("");
    line("  1. Sign in:");
    line(&format!(
        "TOKEN=$(curl -s {server}/api/v1/auth/login -H 'Content-Type: application/json' -d \
         '{{\"email\":\"{}\",\"password\":\"{PASSWORD}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
        PEOPLE[0].email
    ));
    line("");
    line(
        "  2. See the health of the signals, and a budget increase that is held for want of it, with the reasons:",
    );
    line(&format!(
        "curl -s -w '\\n' {api}/signal-health {api}/autopilot/actions/{held} -H \"Authorization: Bearer $TOKEN\""
    ));
    line("");
    line("  3. Approve another one, see it applied, audited, and in the platform's own ledger:");
    let ledger = sandbox
        .map(|sandbox| format!(" && curl -s -w '\\n' '{sandbox}/ledger?idempotency_key={passing}'"))
        .unwrap_or_default();
    line(&format!(
        "curl -s -w '\\n' -X POST {api}/autopilot/actions/{passing}/approve -H \"Authorization: Bearer $TOKEN\" \
         -H 'Content-Type: application/json' -d '{{}}' && sleep 3 && curl -s -w '\\n' {api}/autopilot/actions/{passing} \
         '{api}/autopilot/enforcement/audit-log?per_page=5' -H \"Authorization: Bearer $TOKEN\"{ledger}"
    ));
    line("");
    text
}
