//! Bytes from another worker become a state of links or are refused; a state that was read is written and read again the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratum_cdp::identity::bulk::{Links, NamedLinks, StitchPolicy};

/// A state of numbered nodes takes memory for each that its bytes name, so a reader says how many it bears.
const MAX_NODES: u32 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut links) = Links::from_bytes(bytes, MAX_NODES) {
        assert!(links.nodes() <= MAX_NODES);
        let written = links.to_bytes();
        let mut read = Links::from_bytes(&written, links.nodes()).expect("what was written can be read");
        assert_eq!(read.to_bytes(), written);
        read.merge(&links);
        let clusters = links.finish();
        assert_eq!(read.finish(), clusters, "a merge with itself changes nothing");
        for (node, &label) in (0_u32..).zip(clusters.labels()) {
            assert!(label <= node && clusters.labels()[label as usize] == label, "a label is its cluster's smallest node");
        }
    }
    if let Ok(mut links) = NamedLinks::from_bytes(bytes) {
        let written = links.to_bytes();
        let mut read = NamedLinks::from_bytes(&written).expect("what was written can be read");
        assert_eq!(read.to_bytes(), written);
        read.merge(&links).expect("no name is a new one");
        assert_eq!(read.to_bytes(), written, "a merge with itself changes nothing");
        for policy in [StitchPolicy::default(), StitchPolicy::unlimited()] {
            let clusters = links.clone().finish(&policy);
            assert_eq!(clusters.identifiers(), links.identifiers());
            for (identifier, label) in clusters.iter() {
                assert_eq!(clusters.label_of(label), Some(label), "a label is in its cluster");
                assert_eq!(clusters.label_of(identifier), Some(label));
            }
        }
    }
});
