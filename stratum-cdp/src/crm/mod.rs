//! CRM: what HubSpot, Salesforce and Zoho know of contacts and deals, in one shape; whose touchpoints those were; what the
//! pipeline is worth; and what is written back.
//!
//! A record comes as the provider's API sends it. A stage that no map names is [`DealStage::Unmapped`], counted and never
//! guessed; a field that cannot be read costs that field and a warning, not the record. What names a person never shows in a
//! `Debug` text.
//!
//! ```
//! use serde_json::json;
//! use stratum_cdp::crm::{CrmProvider, CrmSettings, DealStage};
//!
//! let hubspot = CrmSettings::default().reader(CrmProvider::Hubspot);
//! let deal = json!({
//!     "id": "77",
//!     "properties": {"dealname": "Fleet", "dealstage": "closedwon", "amount": "1200.50", "deal_currency_code": "EUR"},
//!     "updatedAt": "2026-02-01T09:30:00Z",
//! });
//! let deal = hubspot.deal(&deal).unwrap().record;
//! assert_eq!(deal.stage, DealStage::Won);
//! assert_eq!(deal.amount_cents, Some(120_050));
//! ```

mod fields;
mod matching;
mod pipeline;
mod properties;
mod read;
mod record;
mod request;
mod stages;
mod writeback;

pub use fields::{ContactField, CrmObject, CrmProvider, DealField};
pub use matching::{
    CrmIdentity, CrmMatchRequest, CrmMatchResponse, CrmTouch, MatchAnchor, MatchSignal, MatchedContact,
    MatchedTouch,
};
pub use pipeline::{
    PipelineContact, PipelineDeal, PipelineMetrics, PipelineRequest, StageReached, StageVelocity,
};
pub use properties::{
    CrmProperty, CrmPropertyType, PropertiesRequest, PropertiesResponse, WritebackProperty,
};
pub use read::{CrmReader, Mapped};
pub use record::{CrmClickIds, CrmContact, CrmDeal, CrmUtm, CrmWarning};
pub use request::{
    CrmMapRequest, CrmMapResponse, CrmRecord, CrmResult, KnownRecord, UnmappedStage, UpsertOutcome,
};
pub use stages::{CrmSettings, DealStage};
pub use writeback::{
    WritebackBatch, WritebackChange, WritebackPlan, WritebackRecord, WritebackRequest, WritebackValue,
};
