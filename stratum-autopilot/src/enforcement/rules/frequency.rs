//! `FREQUENCY_CAP_EXCEEDED`, kind `AD_FREQUENCY`: people who have seen enough are not shown more.

use stratum_core::vocabulary::Platform;

use crate::enforcement::check::Checking;
use crate::enforcement::exact::ratio_above;
use crate::enforcement::{ViolationKind, ViolationType};

pub(in crate::enforcement) fn ad_frequency(checking: &mut Checking<'_>) {
    const TYPE: ViolationType = ViolationType::FrequencyCapExceeded;
    let exposure = checking.facts.exposure;
    let tells_no_reach = checking.subject.platform == Some(Platform::Google);
    for limit in checking.limits(TYPE) {
        match exposure.fraction() {
            Some((impressions, reach)) if ratio_above(impressions, reach, limit.exact) => {
                let shown = exposure.frequency();
                let message = format!(
                    "each person saw the advertisements {} times in 7 days, {} is the cap",
                    shown.unwrap_or_default(),
                    limit.shown
                );
                checking.found(limit.violated(TYPE, Some(ViolationKind::AdFrequency), shown, message));
            }
            // Google tells no reach, so the built-in cap does not apply there; a tenant's own rule does.
            None if !tells_no_reach || limit.rule_id.is_some() => {
                let message = "how often people saw the advertisements in 7 days is unknown".to_owned();
                checking.found(limit.violated(TYPE, Some(ViolationKind::FrequencyUnknown), None, message));
            }
            Some(_) | None => {}
        }
    }
}
