//! The customer data library of Stratum: events, the identifiers in them, and how well they can be matched to people.
//!
//! Like the core it does no I/O and reads no clock. What identifies a person never shows in a `Debug` text.
//!
//! | room | subject |
//! |---|---|
//! | [`event`] | the canonical event: read from JSON, with every problem at once |
//! | [`identifier`] | e-mail addresses, phone numbers and ids: normal forms, blocked values |
//! | [`segment`] | groups of customers by rules, decided row by row, over columns and in PostgreSQL |
//! | [`identity`] | which identifiers are one person: policies, resolution, undo, evidence |
//! | [`person`] | names, addresses, date of birth, gender: the forms that ad platforms match by |
//! | [`emq`] | from an event to its event match quality |
//! | [`audience`] | audiences at ad platforms: who is added and removed, whether now, in which requests |
//! | [`conversion`] | conversions for ad platforms: requests within each limit, and what is set aside |
//! | [`consent`] | what a person decided, and what may leave |
//! | [`privacy`] | the rights to know and to be forgotten, suppression, retention |
//! | [`profile`] | what a person's events add up to: counters, sessions, revenue, attributes |
//! | [`traits`] | computed traits: what a person's events come to, and formulas on that |
//! | [`funnel`] | how far people get on the way to a conversion, and where they stop |
//! | [`crm`] | contacts and deals of HubSpot, Salesforce and Zoho: fields, touchpoints, pipeline, writeback |
//! | [`cohort`] | how many of those who came together come again |
//! | [`journey`] | the touches that led to a conversion, or to none |
//! | [`attribution`] | what each channel has earned: rules, to the cent |
//! | [`lifetime_value`] | how often customers will come and what they will be worth: BG/NBD, Gamma-Gamma |
//! | [`lifecycle`] | where a customer stands: seven stages, each with its reason |
//! | [`prediction`] | will a customer leave, and what will the next year bring |
//! | [`delivery`] | what ad platforms answer, and when something is sent again |
//! | [`spreadsheet`] | CSV that is safe to open in a spreadsheet |
//! | [`rfm`] | recency, frequency, monetary value: scores from 1 to 5 and eleven names |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod attribution;
pub mod audience;
pub mod cohort;
pub mod consent;
pub mod conversion;
pub mod crm;
mod decimal;
pub mod delivery;
pub mod emq;
pub mod event;
pub mod funnel;
pub mod identifier;
pub mod identity;
pub mod journey;
pub mod lifecycle;
pub mod lifetime_value;
pub mod person;
pub mod prediction;
pub mod privacy;
pub mod profile;
pub mod rfm;
pub mod segment;
pub mod spreadsheet;
pub mod traits;
