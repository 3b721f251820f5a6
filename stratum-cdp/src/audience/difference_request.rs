//! What an audience needs, as every language asks for it.

use serde::{Deserialize, Serialize};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::vocabulary::Platform;

use super::difference::{AudienceFacts, SyncHold, SyncMode, can_replace, count, difference};
use super::progress::{SyncBatch, batch_limit, batches};

/// Who may be in an audience, and who is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DifferenceRequest {
    /// At which platform; it sets how many members a batch has, and whether an audience can be replaced: at Meta alone.
    pub platform: Platform,
    /// The ids of those who may be in the audience: members now, with consent to ads, not suppressed, with something the
    /// platform can match.
    pub eligible: Vec<String>,
    /// The ids of those whom the platform is known to have; left out where that is not known.
    #[serde(default)]
    pub acknowledged: Option<Vec<String>>,
    /// The ids of those who must leave, whatever else: consent withdrawn, erased, suppressed.
    #[serde(default)]
    pub must_leave: Vec<String>,
    /// How many members the segment has now, eligible or not; as many as are eligible where left out.
    #[serde(default)]
    pub members: Option<u64>,
    /// How many it had at the last sync; as many as were acknowledged where left out.
    #[serde(default)]
    pub previous_members: Option<u64>,
    /// Whether a full replacement was asked for. Where the platform has none, or nobody is eligible, the answer adds and removes.
    #[serde(default)]
    pub replace: bool,
    /// Whether a person confirmed that the segment is empty.
    #[serde(default)]
    pub confirm_empty: bool,
    /// How many members a batch has, where it should be fewer than the platform takes.
    #[serde(default)]
    pub batch_size: Option<u64>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DifferenceResponse {
    /// By addition and removal, or as a whole: `REPLACE` at Meta only.
    pub mode: SyncMode,
    /// Why it waits for a person; those who must leave are removed meanwhile.
    pub held: Option<SyncHold>,
    /// Who is to be added, ascending; everybody where the audience is replaced.
    pub adds: Vec<String>,
    /// Who is to be removed, ascending; where it is replaced those who must leave.
    pub removes: Vec<String>,
    /// How many are eligible, each counted once.
    pub eligible: u64,
    /// How many stay as they are.
    pub unchanged: u64,
    /// The requests that this takes, removals first.
    pub batches: Vec<SyncBatch>,
}

impl DifferenceRequest {
    /// Compares the two.
    ///
    /// # Errors
    /// `empty` for an id without text; `out_of_range` for a batch of nobody, or of more than the platform takes.
    pub fn difference(&self) -> Result<DifferenceResponse, Problems> {
        let mut found = ProblemCollector::new();
        let lists = [
            ("/eligible", self.eligible.as_slice()),
            ("/acknowledged", self.acknowledged.as_deref().unwrap_or_default()),
            ("/must_leave", self.must_leave.as_slice()),
        ];
        for (path, ids) in lists {
            for (place, _) in ids.iter().enumerate().filter(|(_, id)| id.is_empty()) {
                found.push(Problem::new(format!("{path}/{place}"), "empty", "an id is not empty"));
            }
        }
        let most = batch_limit(self.platform);
        let limit = self.batch_size.unwrap_or(most);
        if !(1..=most).contains(&limit) {
            let text = format!("{} takes 1 to {most} members at once", self.platform);
            found.push(Problem::new("/batch_size", "out_of_range", text));
        }
        found.into_result(())?;

        let (eligible, must_leave) = (texts(&self.eligible), texts(&self.must_leave));
        let acknowledged = self.acknowledged.as_deref().map(texts);
        let compared = difference(&AudienceFacts {
            eligible: &eligible,
            acknowledged: acknowledged.as_deref(),
            must_leave: &must_leave,
            members: self.members.unwrap_or_else(|| count(&eligible)),
            previous_members: self.previous_members,
            replace: self.replace,
            can_replace: can_replace(self.platform),
            empty_confirmed: self.confirm_empty,
        });
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
        Ok(DifferenceResponse {
            mode: compared.mode,
            held: compared.held,
            batches: batches(count(&compared.adds), count(&compared.removes), limit),
            adds: owned(compared.adds),
            removes: owned(compared.removes),
            eligible: compared.eligible,
            unchanged: compared.unchanged,
        })
    }
}

fn texts(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}
