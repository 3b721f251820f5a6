//! What the terminal shows: the address, the accounts, and the lines to paste, which the README has, too.

use std::fmt::Write as _;

use super::accounts::{PASSWORD, PEOPLE};
use super::create::Demo;

/// The text for a server and its sandbox platform at these addresses.
#[must_use]
pub fn screen(demo: &Demo, server: &str, sandbox: Option<&str>) -> String {
    let Demo { tenant, held, passing, .. } = demo;
    let bearer = "-H \"Authorization: Bearer $TOKEN\"";
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
    line(&format!("T={server}/api/v1/tenant/{tenant}"));
    line(&format!(
        "TOKEN=$(curl -s -w '\\n' {server}/api/v1/auth/login -H 'Content-Type: application/json' -d \
         '{{\"email\":\"{}\",\"password\":\"{PASSWORD}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
        PEOPLE[0].email
    ));
    line("");
    line("  2. See a budget increase that is held for want of healthy signals, with the reasons:");
    line(&format!("curl -s -w '\\n' $T/autopilot/actions/{held} {bearer}"));
    line("");
    line("  3. Approve another one, see it applied and audited, and once in the platform's own ledger:");
    line(&format!(
        "curl -s -w '\\n' -X POST $T/autopilot/actions/{passing}/approve {bearer} \
         -H 'Content-Type: application/json' -d '{{}}'; sleep 2"
    ));
    line(&format!("curl -s -w '\\n' \"$T/autopilot/enforcement/audit-log?per_page=5\" {bearer}"));
    if let Some(sandbox) = sandbox {
        line(&format!("curl -s -w '\\n' '{sandbox}/ledger?idempotency_key={passing}'"));
    }
    line("");
    text
}
