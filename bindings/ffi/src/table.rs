//! The operations: one line each.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stratum_autopilot::audit::Verification;
use stratum_autopilot::backtest::{BacktestComparison, BacktestRequest, BacktestRun, ComparisonRequest};
use stratum_autopilot::decision::{DecisionRequest, Replay};
use stratum_autopilot::enforcement::EnforcementCheck;
use stratum_autopilot::whatif::{Roi, RoiRequest, Simulation, SimulationRequest};
use stratum_core::emq::platform::{PlatformEmq, PlatformEmqRequest};
use stratum_core::health::HealthSnapshot;
use stratum_core::problem::{Problem, Problems};

use crate::batch::Batch;
use crate::guard::guard;
use crate::operations::{
    self, AuditRequest, DecisionResponse, EnforcementRequest, GateRequest, GateResponse, HealthRequest,
    ReplayRequest,
};
use crate::request;

#[cfg(feature = "customer")]
use stratum_cdp::{
    // One line for each room.
    attribution::{AttributionComparison, AttributionComparisonRequest},
    attribution::{AttributionReport, AttributionRequest},
    attribution::{DataDrivenCredit, DataDrivenCreditRequest, DataDrivenModel, DataDrivenRequest},
    attribution::{MarkovAttribution, MarkovRequest, ShapleyAttribution, ShapleyRequest},
    attribution::{PathAnalysis, PathAnalysisRequest, VarianceReport, VarianceRequest},
    audience::{AudiencePayloadsRequest, AudiencePayloadsResponse, MatchEstimate, MatchEstimateRequest},
    audience::{DifferenceRequest, DifferenceResponse, SyncCheck, SyncCheckRequest},
    cohort::{CohortReport, CohortRequest},
    consent::{ConsentEvaluation, ConsentRequest},
    conversion::offline::{OfflineRequest, OfflineResponse},
    conversion::{
        ConversionPayloadsRequest, ConversionPayloadsResponse, EventNameRequest, EventNameResponse,
    },
    conversion::{ConversionQuality, ConversionQualityRequest},
    conversion::{ConversionsFromEvents, ConversionsFromEventsRequest},
    crm::{
        CrmMapRequest, CrmMapResponse, CrmMatchRequest, CrmMatchResponse, PipelineMetrics, PipelineRequest,
    },
    crm::{PropertiesRequest, PropertiesResponse, WritebackPlan, WritebackRequest},
    delivery::{AnswerRequest, AnswerVerdict, RetryAdvice, RetryRequest},
    delivery::{BreakerRequest, BreakerResponse, BucketRequest, BucketResponse},
    emq::{EventEmqRequest, EventEmqResponse},
    event::{EventValidation, EventValidationRequest},
    funnel::{FunnelEvaluation, FunnelRequest},
    identifier::{IdentifierNormalization, IdentifierRequest},
    identity::bulk::{StitchRequest, StitchResponse},
    identity::{
        IdentityCheckRequest, IdentityCheckResponse, IdentityCompareRequest, IdentityComparison,
        IdentityExplainRequest, IdentityExplanation, IdentityGraph, IdentityGraphRequest, IdentityReport,
        IdentityResolveRequest,
    },
    journey::{JourneyReport, JourneyRequest},
    lifecycle::{LifecycleActivityRequest, LifecycleFacts, LifecycleRequest, LifecycleResponse},
    lifetime_value::{BgNbdFitRequest, BgNbdFitResponse, BgNbdPredictRequest, BgNbdPredictResponse},
    lifetime_value::{ClvPredictRequest, ClvPredictResponse, GammaGammaFitRequest, GammaGammaFitResponse},
    person::{PersonRequest, PersonResponse},
    prediction::{PredictionRequest, PredictionResponse},
    privacy::{ErasurePlan, ErasureRequest, ExportPlan, ExportRequest, RetentionPlan, RetentionRequest},
    privacy::{SuppressionAddRequest, SuppressionChange, SuppressionLiftRequest},
    privacy::{SuppressionCheckRequest, SuppressionCheckResponse},
    profile::{ProfileMetrics, ProfileRequest},
    rfm::{RfmAggregateRequest, RfmAggregation, RfmRequest, RfmResponse},
    segment::{SegmentChanges, SegmentChangesRequest},
    segment::{
        SegmentEvaluation, SegmentEvaluationRequest, SegmentOverlap, SegmentOverlapRequest, SegmentPreview,
        SegmentPreviewRequest, SegmentSqlRequest, SegmentStatement, SegmentValidation,
        SegmentValidationRequest,
    },
    traits::{ComputedTraits, TraitRequest, TraitValidation, TraitValidationRequest},
};

/// One operation.
#[derive(Debug)]
pub struct Op {
    /// Its name in every language: `gate.evaluate`.
    pub name: &'static str,
    /// What it does, for people.
    pub doc: &'static str,
    /// Whether it is about the customer, and so needs the feature of that name.
    pub customer: bool,
    /// Over columns, where that makes sense.
    pub batch: Option<&'static Batch>,
    json: fn(&str) -> Result<String, Problems>,
    value: fn(&Value) -> Result<Value, Problems>,
    #[cfg(feature = "schema")]
    pub(crate) request_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    #[cfg(feature = "schema")]
    pub(crate) response_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl Op {
    /// Runs the operation on JSON text.
    ///
    /// # Errors
    /// Every problem of the request at once: `invalid_json`, those of [`crate::request`], and those of the operation.
    /// `internal` if the operation itself broke.
    pub fn call_json(&self, body: &str) -> Result<String, Problems> {
        guard(self.name, || (self.json)(body))
    }

    /// Runs the operation on a JSON value.
    ///
    /// # Errors
    /// As [`Op::call_json`].
    pub fn call_value(&self, request: &Value) -> Result<Value, Problems> {
        guard(self.name, || (self.value)(request))
    }
}

macro_rules! operations {
    (
        $($(#[doc = $doc:literal])+ $typed:ident = $name:literal : $request:ty => $response:ty = $run:path $(, batch $batch:expr)?;)+
        customer:
        $($(#[doc = $c_doc:literal])+ $c_typed:ident = $c_name:literal : $c_request:ty => $c_response:ty = $c_run:path $(, batch $c_batch:expr)?;)+
    ) => {
        /// Every operation, in a fixed order.
        pub static OPERATIONS: &[Op] = &[
            $(operations!(@op false, [$($doc),+], $name, $request, $response, $run $(, $batch)?),)+
            $(
                #[cfg(feature = "customer")]
                operations!(@op true, [$($c_doc),+], $c_name, $c_request, $c_response, $c_run $(, $c_batch)?),
            )+
        ];

        /// The names of the operations that need the feature `customer`, whether it is on or not.
        pub static OF_THE_CUSTOMER: &[&str] = &[$($c_name),+];

        /// The operations for Rust: typed, guarded, without JSON.
        pub mod typed {
            use super::*;
            $(operations!(@typed [$($doc),+], $typed, $name, $request, $response, $run);)+
            $(
                #[cfg(feature = "customer")]
                operations!(@typed [$($c_doc),+], $c_typed, $c_name, $c_request, $c_response, $c_run);
            )+
        }
    };
    (@op $customer:literal, [$($doc:literal),+], $name:literal, $request:ty, $response:ty, $run:path $(, $batch:expr)?) => {
        Op {
            name: $name,
            doc: concat!($($doc, "\n"),+),
            customer: $customer,
            batch: operations!(@batch $($batch)?),
            json: |body| json::<$request, $response>($name, body, $run),
            value: |request| value::<$request, $response>($name, request, $run),
            #[cfg(feature = "schema")]
            request_schema: |generator| generator.subschema_for::<$request>(),
            #[cfg(feature = "schema")]
            response_schema: |generator| generator.subschema_for::<$response>(),
        }
    };
    (@typed [$($doc:literal),+], $typed:ident, $name:literal, $request:ty, $response:ty, $run:path) => {
        $(#[doc = $doc])+
        ///
        /// # Errors
        /// Every problem of the request at once; `internal` if the operation itself broke.
        pub fn $typed(request: &$request) -> Result<$response, Problems> {
            guard($name, || $run(request))
        }
    };
    (@batch) => { None };
    (@batch $batch:expr) => { Some(&$batch) };
}

operations! {
    /// Evaluates the signal health of one platform: the score, what it is made of, and what is wrong.
    health_evaluate = "health.evaluate": HealthRequest => HealthSnapshot = operations::health::evaluate, batch operations::health::BATCH;
    /// Scores what an ad platform makes of the events, from five measured drivers, and lists what would help most.
    emq_platform = "emq.platform": PlatformEmqRequest => PlatformEmq = operations::emq::platform;
    /// Asks the trust gate whether a change may run now: PASS, HOLD or BLOCK, with every reason and what would change it.
    gate_evaluate = "gate.evaluate": GateRequest => GateResponse = operations::gate::evaluate, batch operations::gate::BATCH;
    /// Checks a change against every limit of the tenant: all violations, and what would be allowed.
    enforcement_check = "enforcement.check": EnforcementRequest => EnforcementCheck = operations::enforcement::check;
    /// Decides about a change, gate and limits together, and makes the record from which it can be decided again.
    decision_evaluate = "decision.evaluate": DecisionRequest => DecisionResponse = operations::decision::evaluate;
    /// Finds the first broken link of an audit chain.
    audit_verify = "audit.verify": AuditRequest => Verification = operations::audit::verify;
    /// Decides a recorded decision again and says whether it comes out the same, byte for byte.
    decision_replay = "decision.replay": ReplayRequest => Replay = operations::decision::replay;
    /// Tries a policy on the health of past days and on recorded decisions: what it would have passed, held and blocked, and why.
    backtest_run = "backtest.run": BacktestRequest => BacktestRun = operations::backtest::run;
    /// Tries two policies on the same past and tells every verdict that differs.
    backtest_compare = "backtest.compare": ComparisonRequest => BacktestComparison = operations::backtest::compare;
    /// Simulates a change of spend: revenue, return, conversions and profit, with their interval and the best of several scenarios.
    whatif_simulate = "whatif.simulate": SimulationRequest => Simulation = operations::whatif::simulate;
    /// Estimates what matching more events to people is worth in a month, against what it costs.
    whatif_roi = "whatif.roi": RoiRequest => Roi = operations::whatif::roi;

    // From here on it is about the customer, behind the feature `customer`.
    customer:

    // the customer: events and identifiers
    /// Scores how well one event can be matched to a person (event match quality).
    emq_event = "emq.event": EventEmqRequest => EventEmqResponse = operations::emq::event, batch operations::emq::EVENT_BATCH;

    /// Brings an e-mail address, phone number or id into its normal form, says what each ad platform wants of it, or why it is none.
    identifier_normalize = "identifier.normalize": IdentifierRequest => IdentifierNormalization = operations::identifier::identifier, batch operations::frames::normalize::BATCH;
    /// Brings names, address, birth and gender into the forms that ad platforms match by.
    person_normalize = "person.normalize": PersonRequest => PersonResponse = operations::identifier::person, batch operations::frames::person_fields::BATCH;
    /// Validates an event: every problem at once, or the event with clean identifiers, its key, and what was left out.
    event_validate = "event.validate": EventValidationRequest => EventValidation = operations::identifier::event;

    // the customer: identity
    /// Finds who is one person in a history of events: the profiles, and what was merged, refused and dropped on the way.
    identity_resolve = "identity.resolve": IdentityResolveRequest => IdentityReport = operations::identity::resolve;
    /// Tells why two identifiers are one person, by the shortest chain of evidence, or what keeps them apart.
    identity_explain = "identity.explain": IdentityExplainRequest => IdentityExplanation = operations::identity::explain;
    /// Shows the identifiers around one, and the evidence between them.
    identity_graph = "identity.graph": IdentityGraphRequest => IdentityGraph = operations::identity::graph;
    /// Tries an identity policy on a history: who would be joined, who would be parted, and how many events would move.
    identity_compare = "identity.compare": IdentityCompareRequest => IdentityComparison = operations::identity::compare;
    /// Checks an identity policy and fills in what its preset says.
    identity_check = "identity.check": IdentityCheckRequest => IdentityCheckResponse = operations::identity::check;
    /// Makes clusters of links between identifiers, and names the clusters that may be more than one person.
    identity_stitch = "identity.stitch": StitchRequest => StitchResponse = operations::stitch::stitch, batch operations::stitch::BATCH;

    // the customer: profiles and traits
    /// Adds up a person's events: counters, sessions, revenue, first and last times, attributes.
    profile_aggregate = "profile.aggregate": ProfileRequest => ProfileMetrics = operations::profile::aggregate;
    /// Checks computed traits together: every problem, and the order in which formulas depend on each other.
    traits_validate = "traits.validate": TraitValidationRequest => TraitValidation = operations::traits::validate;
    /// Computes traits of profiles from their events, formulas included.
    traits_compute = "traits.compute": TraitRequest => ComputedTraits = operations::traits::compute, batch operations::frames::traits::BATCH;

    // the customer: recency, frequency, value
    /// Adds purchases up to what each customer is scored by, in parts that merge.
    rfm_aggregate = "rfm.aggregate": RfmAggregateRequest => RfmAggregation = operations::customer::rfm_aggregate, batch operations::frames::rfm_aggregate::BATCH;
    /// Scores customers by how lately, how often and for how much they bought, by limits or by rank, and names each cell.
    rfm_score = "rfm.score": RfmRequest => RfmResponse = operations::customer::rfm_score, batch operations::frames::rfm::BATCH;
    /// Counts a person's activity from the instants of events, as lifecycle.evaluate asks for it.
    lifecycle_activity = "lifecycle.activity": LifecycleActivityRequest => LifecycleFacts = operations::customer::lifecycle_activity;
    /// Finds where a person stands: one of seven stages, why, and the change to be recorded.
    lifecycle_evaluate = "lifecycle.evaluate": LifecycleRequest => LifecycleResponse = operations::customer::lifecycle_evaluate;
    /// Predicts who will leave and what the next 365 days will bring, by the model that the tenant chose.
    prediction_evaluate = "prediction.evaluate": PredictionRequest => PredictionResponse = operations::customer::prediction_evaluate, batch operations::frames::prediction::BATCH;
    /// Fits BG/NBD: how often customers come, and how likely each purchase is the last, with intervals.
    bgnbd_fit = "bgnbd.fit": BgNbdFitRequest => BgNbdFitResponse = operations::customer::bgnbd_fit;
    /// Predicts from a BG/NBD model: the chance that a customer still comes, and the purchases to expect.
    bgnbd_predict = "bgnbd.predict": BgNbdPredictRequest => BgNbdPredictResponse = operations::customer::bgnbd_predict;
    /// Fits Gamma-Gamma: what customers spend at a purchase, and how much that varies between them.
    gamma_gamma_fit = "gamma_gamma.fit": GammaGammaFitRequest => GammaGammaFitResponse = operations::customer::gamma_gamma_fit;
    /// Predicts what customers will be worth, discounted month by month, from BG/NBD and Gamma-Gamma.
    clv_predict = "clv.predict": ClvPredictRequest => ClvPredictResponse = operations::customer::clv_predict, batch operations::frames::lifetime_value::BATCH;

    // the customer: segments
    /// Validates the rules of a segment before it is saved: every problem at once, or what the segment is made of.
    segment_validate = "segment.validate": SegmentValidationRequest => SegmentValidation = operations::segment::validate;
    /// Decides which profiles are members of a segment, why, and who entered or left.
    segment_evaluate = "segment.evaluate": SegmentEvaluationRequest => SegmentEvaluation = operations::segment::evaluate, batch operations::frames::segment::BATCH;
    /// Compares two looks at profiles: who entered or left the segment, and which conditions say something else.
    segment_changes = "segment.changes": SegmentChangesRequest => SegmentChanges = operations::segment::changes;
    /// Counts the members that rules would have, or estimates them from a sample with the error, and names a few.
    segment_preview = "segment.preview": SegmentPreviewRequest => SegmentPreview = operations::segment::preview;
    /// Counts for every pair of segments how many profiles are in both.
    segment_overlap = "segment.overlap": SegmentOverlapRequest => SegmentOverlap = operations::segment::overlap;
    /// Makes the PostgreSQL statement that chooses the members of a segment.
    segment_sql = "segment.sql": SegmentSqlRequest => SegmentStatement = operations::segment::sql;

    // the customer: funnels and cohorts
    /// Runs a funnel on events: how many people came how far, how long it took them, and who stopped where.
    funnel_evaluate = "funnel.evaluate": FunnelRequest => FunnelEvaluation = operations::funnel::evaluate, batch operations::frames::funnel::BATCH;
    /// Makes retention cohorts: of those who came in one period, how many came again in each period since.
    cohort_retention = "cohort.retention": CohortRequest => CohortReport = operations::funnel::retention;

    // the customer: attribution that learns
    /// Finds what each channel has earned by what would be lost without it: removal effects of a Markov chain, solved exactly.
    attribution_markov = "attribution.markov": MarkovRequest => MarkovAttribution = operations::data_driven::markov, batch operations::frames::paths::MARKOV;
    /// Finds what each channel adds, averaged over every order in which channels could have joined: of conversions, of their rate, or of any game.
    attribution_shapley = "attribution.shapley": ShapleyRequest => ShapleyAttribution = operations::data_driven::shapley, batch operations::frames::paths::SHAPLEY;
    /// Trains a data-driven model on all journeys, or says that they are too few.
    attribution_data_driven = "attribution.data_driven": DataDrivenRequest => DataDrivenModel = operations::data_driven::train;
    /// Shares one conversion among its touches by a trained model, and by a rule where the model has nothing to say.
    attribution_apply = "attribution.apply": DataDrivenCreditRequest => DataDrivenCredit = operations::data_driven::apply;

    // the customer: journeys and what they are credited
    /// Makes journeys of events, imported touches, conversions and refunds: the touches within each look-back window, in order.
    journey_build = "journey.build": JourneyRequest => JourneyReport = operations::journey::build;
    /// Credits the touches of journeys by rules: conversions and value of each channel, to the cent, and the return on its spend.
    attribution_rules = "attribution.rules": AttributionRequest => AttributionReport = operations::attribution::rules, batch operations::frames::attribution::BATCH;
    /// Sets the attribution models side by side over the same conversions.
    attribution_compare = "attribution.compare": AttributionComparisonRequest => AttributionComparison = operations::attribution::compare;
    /// Looks at what conversions came along: top paths, how many touches and how long it took, who began, ended and assisted.
    attribution_paths = "attribution.paths": PathAnalysisRequest => PathAnalysis = operations::attribution::paths;
    /// Compares what ad platforms claim with what GA4 or the CRM saw: per cent, status, banner, and how far to rely on it.
    attribution_variance = "attribution.variance": VarianceRequest => VarianceReport = operations::attribution::variance;

    // the customer: consent and privacy
    /// Folds a person's decisions about consent into what holds for each purpose, and says what has to follow.
    consent_evaluate = "consent.evaluate": ConsentRequest => ConsentEvaluation = operations::consent::evaluate;
    /// Plans how a person is forgotten: what is deleted where, what leaves which platform, until when.
    privacy_erasure = "privacy.erasure": ErasureRequest => ErasurePlan = operations::consent::erasure;
    /// Plans what is handed over to a person who asks what is known.
    privacy_export = "privacy.export": ExportRequest => ExportPlan = operations::consent::export;
    /// Says which events are too old to be kept, and which monthly partitions hold nothing else.
    privacy_retention = "privacy.retention": RetentionRequest => RetentionPlan = operations::consent::retention;
    /// Looks for people on a suppression list of keyed hashes: clear, suppressed since when and why, or free by a newer consent.
    suppression_check = "suppression.check": SuppressionCheckRequest => SuppressionCheckResponse = operations::suppression::check;
    /// Puts identifiers, or another list, on a suppression list, with the reason.
    suppression_add = "suppression.add": SuppressionAddRequest => SuppressionChange = operations::suppression::add;
    /// Takes identifiers off a suppression list.
    suppression_lift = "suppression.lift": SuppressionLiftRequest => SuppressionChange = operations::suppression::lift;

    // the customer: conversions and audiences for ad platforms
    /// Makes the requests that tell an ad platform of conversions, within its limits, and names the events it would not take.
    conversion_payloads = "conversion.payloads": ConversionPayloadsRequest => ConversionPayloadsResponse = operations::conversion::payloads, batch operations::frames::conversion::BATCH;
    /// Looks up what an ad platform calls an event, under the tenant's own names.
    conversion_event_name = "conversion.event_name": EventNameRequest => EventNameResponse = operations::conversion::event_name;
    /// Makes conversions of events of the customer, for conversion.payloads and conversion.quality, and names the events that are none.
    conversion_from_events = "conversion.from_events": ConversionsFromEventsRequest => ConversionsFromEvents = operations::conversion::from_events;
    /// Scores how well an ad platform will be able to match conversions, before they are sent, and what would raise that.
    conversion_quality = "conversion.quality": ConversionQualityRequest => ConversionQuality = operations::conversion::quality;
    /// Makes the requests that add members to an audience of an ad platform, remove them, or replace them.
    audience_payloads = "audience.payloads": AudiencePayloadsRequest => AudiencePayloadsResponse = operations::conversion::audience, batch operations::frames::audience::BATCH;
    /// Counts the members that carry something an ad platform can find them by, and between which limits the share found lies.
    audience_match_estimate = "audience.match_estimate": MatchEstimateRequest => MatchEstimate = operations::conversion::match_estimate;

    // the customer: delivery to the platforms
    /// Says what an ad platform's answer means: delivered, to be sent again, or wrong, which items were not taken, and what to do.
    delivery_classify = "delivery.classify": AnswerRequest => AnswerVerdict = operations::delivery::classify;
    /// Says whether and when something is sent again: five attempts with jittered back-off, and what waits for its connection.
    delivery_retry = "delivery.retry": RetryRequest => RetryAdvice = operations::delivery::retry;
    /// Takes tokens of a bucket: how many events may be sent now, and from when the rest. The state goes in and comes back out.
    delivery_bucket = "delivery.bucket": BucketRequest => BucketResponse = operations::delivery::bucket;
    /// Asks a circuit breaker whether a call may be made, or tells it how one came out. The state goes in and comes back out.
    delivery_breaker = "delivery.breaker": BreakerRequest => BreakerResponse = operations::delivery::breaker;
    /// Compares who is eligible for an audience with whom the platform has: whom to add, whom to remove, in which batches.
    audience_difference = "audience.difference": DifferenceRequest => DifferenceResponse = operations::audience_sync::difference;
    /// Says whether a sync may add people now, by the trust gate, and when it is tried next. Removals never wait for the gate.
    audience_sync_check = "audience.sync_check": SyncCheckRequest => SyncCheck = operations::audience_sync::check;
    /// Reads a file of offline conversions: the conversion of each row, or everything that is wrong with it.
    conversion_offline = "conversion.offline": OfflineRequest => OfflineResponse = operations::offline::read;

    // the customer: CRM
    /// Reads a page of contacts and deals as HubSpot, Salesforce or Zoho sends it, and says what has to be done with each.
    crm_map = "crm.map": CrmMapRequest => CrmMapResponse = operations::crm::map;
    /// Finds whose touchpoints were whose: every signal that contact and touchpoint have in common, each once.
    crm_match = "crm.match": CrmMatchRequest => CrmMatchResponse = operations::crm::find;
    /// Adds up the pipeline of a period: who reached which stage, what may still come, what was won, what it cost.
    crm_pipeline = "crm.pipeline": PipelineRequest => PipelineMetrics = operations::crm::pipeline;
    /// Names the properties that have to be made in a CRM before attribution can be written back.
    crm_properties = "crm.properties": PropertiesRequest => PropertiesResponse = operations::crm::properties;
    /// Plans what is written back to a CRM: the changes to look at, and the requests that make them.
    crm_writeback = "crm.writeback": WritebackRequest => WritebackPlan = operations::crm::writeback;
}

/// The operation of this name.
///
/// # Errors
/// `unknown_operation`, with the names that exist, or with how to get one that this build leaves out.
pub fn find(name: &str) -> Result<&'static Op, Problems> {
    OPERATIONS.iter().find(|op| op.name == name).ok_or_else(|| refusal(name).into())
}

/// The columns of the operation of this name, with the name as the table has it.
///
/// # Errors
/// Those of [`find`]; `no_batch_form`, with the names of those that have one.
pub fn find_batch(name: &str) -> Result<(&'static str, &'static Batch), Problems> {
    // What an event is made of is about the customer; how its facts are scored is not.
    if !cfg!(feature = "customer") && name == EVENT_EMQ {
        return Ok((EVENT_EMQ, &operations::emq::EVENT_BATCH));
    }
    let op = find(name)?;
    op.batch.map(|batch| (op.name, batch)).ok_or_else(|| {
        let with: Vec<&str> = OPERATIONS.iter().filter(|op| op.batch.is_some()).map(|op| op.name).collect();
        Problem::new("", "no_batch_form", format!("{name} has no form over columns"))
            .help(format!("those that have one are: {}", with.join(", ")))
            .into()
    })
}

const EVENT_EMQ: &str = "emq.event";

fn refusal(name: &str) -> Problem {
    if OF_THE_CUSTOMER.contains(&name) {
        // The package for browsers is the one that is built without.
        return Problem::new("", "unknown_operation", format!("{name} is not in the small package"))
            .help("import it from \"@stratum-trust/wasm/full\"");
    }
    let names: Vec<&str> = OPERATIONS.iter().map(|op| op.name).collect();
    let shown: String = name.chars().take(60).collect();
    Problem::new("", "unknown_operation", format!("there is no operation {shown:?}"))
        .help(format!("the operations are: {}", names.join(", ")))
}

/// Runs an operation on JSON text: the only door of a binding.
///
/// # Errors
/// `unknown_operation`, and those of [`Op::call_json`].
pub fn call_json(name: &str, body: &str) -> Result<String, Problems> {
    find(name)?.call_json(body)
}

/// Runs an operation on a JSON value.
///
/// # Errors
/// `unknown_operation`, and those of [`Op::call_json`].
pub fn call_value(name: &str, request: &Value) -> Result<Value, Problems> {
    find(name)?.call_value(request)
}

fn json<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    body: &str,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<String, Problems> {
    let response = run(&request::from_text(name, body)?)?;
    serde_json::to_string(&response).map_err(|error| not_serializable(&error))
}

#[cfg(not(target_arch = "wasm32"))]
fn value<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    request: &Value,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<Value, Problems> {
    let response = run(&request::from_value(name, request)?)?;
    serde_json::to_value(&response).map_err(|error| not_serializable(&error))
}

/// By way of the text: in a browser each reading of a type is downloaded, and nobody there has values.
#[cfg(target_arch = "wasm32")]
fn value<Q: DeserializeOwned, R: Serialize>(
    name: &str,
    request: &Value,
    run: fn(&Q) -> Result<R, Problems>,
) -> Result<Value, Problems> {
    let answer = json(name, &request.to_string(), run)?;
    serde_json::from_str(&answer).map_err(|error| not_serializable(&error))
}

fn not_serializable(error: &serde_json::Error) -> Problems {
    Problem::new("", "not_serializable", error.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_operations_share_a_name() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|op| op.name).collect();
        assert_eq!(names.len(), OPERATIONS.len());
    }

    #[test]
    fn an_operation_of_the_customer_is_there_or_says_where_it_is() {
        for name in OF_THE_CUSTOMER {
            match find(name) {
                Ok(op) => assert!(cfg!(feature = "customer") && op.customer, "{name}"),
                Err(problems) => {
                    let problem = problems.iter().next().unwrap();
                    assert_eq!(problem.code, "unknown_operation");
                    assert!(problem.help.as_ref().unwrap().contains("@stratum-trust/wasm/full"));
                }
            }
        }
        assert!(OPERATIONS.iter().filter(|op| op.customer).all(|op| OF_THE_CUSTOMER.contains(&op.name)));
    }

    #[test]
    fn the_facts_of_events_are_scored_as_columns_in_every_build() {
        assert_eq!(find_batch("emq.event").unwrap().0, "emq.event");
        assert_eq!(find_batch("decision.evaluate").unwrap_err().iter().next().unwrap().code, "no_batch_form");
    }

    #[test]
    fn an_unknown_operation_is_answered_with_the_names_that_exist() {
        let problems = call_json("gate.guess", "{}").unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.code, "unknown_operation");
        assert!(problem.help.as_ref().unwrap().contains("gate.evaluate"));
    }
}
