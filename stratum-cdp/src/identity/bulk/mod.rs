//! Identity in bulk: columns of links between identifiers become clusters.
//!
//! [`Links`] holds nodes by number and fits columns of millions; [`NamedLinks`] interns texts (`email:a@example.org`) first.
//! Both are partial states: `new → add* → merge* → finish` gives the same clusters for every order and every partition of the
//! links, and `to_bytes` carries a state between workers. The label of a cluster is its smallest node, or its best identifier
//! (the strongest type, then the smallest value).
//!
//! **What bulk does not know is order.** The streaming resolver refuses a link when it meets one that would break a limit, and
//! which link that is depends on what came first. So [`StitchPolicy`] looks at whole clusters: one that stays within every
//! limit could meet no refusal in any order, and is what the resolver makes of the same events. One that does not is *held*:
//! its identifiers stay apart, each a cluster of its own, and it is reported with the reasons, to be replayed through the
//! resolver event by event. Events of different clusters never touch, so bulk with the held clusters replayed
//! ([`NamedClusters::settle`]) is the resolver's answer for all.
//!
//! ```
//! use stratum_cdp::identity::bulk::{Links, NamedLinks, StitchPolicy};
//!
//! let mut monday = Links::new(6);
//! monday.add(&[4_u32, 5], &[1, 4]).unwrap();
//! let mut tuesday = Links::new(6);
//! tuesday.add(&[2_u32], &[3]).unwrap();
//! monday.merge(&tuesday);
//! assert_eq!(monday.finish().labels(), [0, 1, 2, 2, 1, 1]);
//!
//! let mut links = NamedLinks::new();
//! links.add("anonymous_id:c1", "email:jane@shop.example").unwrap();
//! links.add("anonymous_id:c1", "device_id:d9").unwrap();
//! let clusters = links.finish(&StitchPolicy::default());
//! assert_eq!(clusters.label_of("device_id:d9"), Some("email:jane@shop.example"));
//! ```

mod clusters;
mod held;
mod links;
mod named;
mod names;
mod request;
mod state;

pub use clusters::Clusters;
pub use held::{Held, HoldReason, StitchLimits, StitchPolicy};
pub use links::{LinkFault, Links, NodeIndex};
pub use named::{NamedClusters, NamedLinks};
pub use request::{HeldCluster, IdentifierLink, StitchRequest, StitchResponse, StitchedIdentifier, stitch};
pub use state::StateFault;
