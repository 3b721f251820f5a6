use stratum_cdp::delivery::{ConversionDestination, DeliveryKey};
use stratum_core::Timestamp;

async fn send<D: ConversionDestination>(to: &D, key: DeliveryKey, conversion: D::Conversion, now: Timestamp) {
    let _ = to.deliver(vec![(key, conversion)], now).await;
}

fn main() {}
