//! From events to journeys.

use std::collections::{BTreeMap, BTreeSet};

use stratum_core::Timestamp;
use stratum_core::problem::Problems;

use super::request::{JourneyEvent, JourneyReport, JourneyRequest};
use super::{ClickId, Conversion, Journey, JourneySettings, MatchEvidence, Touchpoint};

/// After this long without an event a visit is over.
const LONGEST_GAP_MINUTES: i64 = 30;

/// Makes journeys of events, imported touches, conversions and refunds.
///
/// # Errors
/// Every problem of the request at once: `too_short`, `out_of_range`.
pub fn build(request: &JourneyRequest) -> Result<JourneyReport, Problems> {
    request.check()?;
    let people = people(request);
    let (conversions, duplicate_conversions) = conversions(request);
    let mut journeys = Vec::with_capacity(conversions.len());
    let mut led_somewhere: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let nobody = Person::default();
    let reach_ms = request.settings.reach_ms();
    for found in &conversions {
        let person = people.get(found.profile_id).unwrap_or(&nobody);
        let within = person.within(&request.settings, reach_ms, found.converted_at);
        led_somewhere.entry(found.profile_id).or_default().extend(&within);
        journeys.push(person.journey(found, &within));
    }
    let (refunds, unmatched_refunds) = refunds(request, &conversions, &journeys);
    journeys.extend(refunds);
    for (profile_id, person) in &people {
        let led = led_somewhere.get(profile_id);
        let rest = person.touches.iter().enumerate();
        let rest = rest.filter(|(position, _)| led.is_none_or(|led| !led.contains(position)));
        let touches: Vec<Touchpoint> = rest.map(|(_, touch)| touch.clone()).collect();
        if !touches.is_empty() {
            journeys.push(finished(profile_id, Journey::new(touches, None)));
        }
    }
    Ok(JourneyReport { journeys, duplicate_conversions, unmatched_refunds })
}

fn finished(profile_id: &str, mut journey: Journey) -> Journey {
    journey.profile_id = Some(profile_id.to_owned());
    journey.match_confidence = journey.confidence();
    journey
}

/// What is known of one person.
#[derive(Debug, Default)]
struct Person {
    /// In order.
    touches: Vec<Touchpoint>,
    /// When the person became a lead, in order of time.
    leads: Vec<Timestamp>,
}

impl Person {
    /// The positions of the touches within the windows of a conversion.
    fn within(&self, settings: &JourneySettings, reach_ms: i64, converted_at: Timestamp) -> Vec<usize> {
        // Touches are in order of time, so those out of every window need no look.
        let too_old = |touch: &Touchpoint| converted_at.millis_since(touch.touched_at) > reach_ms;
        let first = self.touches.partition_point(too_old);
        let touches = self.touches.iter().enumerate().skip(first);
        let before = touches.take_while(|(_, touch)| touch.touched_at <= converted_at);
        let within = before.filter(|(_, touch)| {
            let before = converted_at.millis_since(touch.touched_at);
            settings.window(&touch.channel).holds(touch.kind, before)
        });
        within.map(|(position, _)| position).collect()
    }

    fn journey(&self, found: &Found<'_>, within: &[usize]) -> Journey {
        let touches: Vec<Touchpoint> =
            within.iter().filter_map(|&position| self.touches.get(position)).cloned().collect();
        let conversion = Conversion {
            conversion_id: found.ids.first().map(|(_, id)| (*id).to_owned()),
            ..Conversion::new(found.converted_at, found.value_cents)
        };
        let mut journey = Journey::new(touches, Some(conversion));
        journey.lead_touch = self.lead_touch(&journey.touches, found.converted_at);
        finished(found.profile_id, journey)
    }

    /// The last touch before the person became a lead on this journey.
    fn lead_touch(&self, touches: &[Touchpoint], converted_at: Timestamp) -> Option<u32> {
        let first = touches.first()?.touched_at;
        let lead = self.leads.get(self.leads.partition_point(|&lead| lead < first))?;
        if *lead > converted_at {
            return None;
        }
        let before = touches.partition_point(|touch| touch.touched_at <= *lead);
        u32::try_from(before.checked_sub(1)?).ok()
    }
}

fn people(request: &JourneyRequest) -> BTreeMap<&str, Person> {
    let mut events: BTreeMap<&str, Vec<&JourneyEvent>> = BTreeMap::new();
    for event in &request.events {
        events.entry(&event.profile_id).or_default().push(event);
    }
    let mut people: BTreeMap<&str, Person> = BTreeMap::new();
    // Of one profile, channel, campaign and session the earliest touch counts.
    let mut touches: BTreeMap<&str, Vec<(Option<Session<'_>>, Touchpoint)>> = BTreeMap::new();
    for (profile_id, mut events) in events {
        events.sort_by_key(|event| (event.event_time, event.event_id.as_deref()));
        let person = people.entry(profile_id).or_default();
        let leads = events.iter().filter(|event| request.settings.lead_events.contains(&event.event_name));
        person.leads = leads.map(|event| event.event_time).collect();
        let touched = of_events(&request.settings, &events);
        touches.entry(profile_id).or_default().extend(touched.map(|(session, touch)| (Some(session), touch)));
    }
    for import in &request.touches {
        let session = import.session_id.as_deref().map(Session::Named);
        touches.entry(&import.profile_id).or_default().push((session, import.touch.clone()));
    }
    for (profile_id, mut touches) in touches {
        touches.sort_by(|(_, earlier), (_, later)| earlier.in_order(later));
        let person = people.entry(profile_id).or_default();
        let (mut visits, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for (session, touch) in touches {
            let visit = session.map(|session| (session, touch.channel.clone(), touch.campaign.clone()));
            let first_of_visit = visit.is_none_or(|visit| visits.insert(visit));
            let first_of_id = touch.touch_id.clone().is_none_or(|id| ids.insert(id));
            if first_of_visit && first_of_id {
                person.touches.push(touch);
            }
        }
    }
    people
}

/// A visit of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Session<'a> {
    Named(&'a str),
    /// Events without a name, from this instant on.
    From(Timestamp),
}

/// The touches of one person's events, which are in order.
fn of_events<'a>(
    settings: &JourneySettings,
    events: &[&'a JourneyEvent],
) -> impl Iterator<Item = (Session<'a>, Touchpoint)> {
    let mut seen: BTreeSet<Session<'a>> = BTreeSet::new();
    let mut unnamed: Option<(Timestamp, Timestamp)> = None;
    events.iter().filter_map(move |event| {
        let at = event.event_time;
        let session = match event.session_id.as_deref() {
            Some(name) => Session::Named(name),
            None => {
                let start = match unnamed {
                    Some((start, last)) if at <= last.plus_minutes(LONGEST_GAP_MINUTES) => start,
                    _ => at,
                };
                unnamed = Some((start, at));
                Session::From(start)
            }
        };
        let first = seen.insert(session);
        Some((session, touch_of(settings, event, first)?))
    })
}

/// The touch that an event is: of a click id's platform, of its campaign's source, or direct as the first of a visit.
fn touch_of(settings: &JourneySettings, event: &JourneyEvent, first_of_visit: bool) -> Option<Touchpoint> {
    let click = event.clicks.iter().copied().min();
    let source = event.source.as_deref().filter(|source| !source.trim().is_empty());
    let channel = match (click, source) {
        (Some(click), _) => ClickId::channel(click).to_owned(),
        (None, Some(source)) => settings.channel_of(source, event.medium.as_deref()),
        (None, None) if first_of_visit => "direct".to_owned(),
        (None, None) => return None,
    };
    let mut touch = Touchpoint::click(channel, event.event_time);
    touch.touch_id.clone_from(&event.event_id);
    touch.campaign = event.campaign.clone().filter(|_| click.is_some() || source.is_some());
    touch.matched_by = click.map(|_| MatchEvidence::ClickId).or(event.matched_by);
    Some(touch)
}

/// The ids by which a conversion counts once.
type Ids<'a> = Vec<(&'static str, &'a str)>;

struct Found<'a> {
    profile_id: &'a str,
    ids: Ids<'a>,
    converted_at: Timestamp,
    value_cents: i64,
}

/// The conversions by time, each once, and how many were left out.
fn conversions(request: &JourneyRequest) -> (Vec<Found<'_>>, u64) {
    let names = &request.settings.conversion_events;
    let of_events =
        request.events.iter().filter(|event| names.contains(&event.event_name)).map(|event| Found {
            profile_id: &event.profile_id,
            ids: ids(event.event_id.as_deref(), event.order_id.as_deref(), None),
            converted_at: event.event_time,
            value_cents: event.value_cents,
        });
    let imported = request.conversions.iter().map(|conversion| Found {
        profile_id: &conversion.profile_id,
        ids: ids(
            conversion.event_id.as_deref(),
            conversion.order_id.as_deref(),
            conversion.deal_id.as_deref(),
        ),
        converted_at: conversion.converted_at,
        value_cents: conversion.value_cents,
    });
    let mut all: Vec<Found<'_>> = of_events.chain(imported).collect();
    all.sort_by(|a, b| (a.converted_at, a.profile_id, &a.ids).cmp(&(b.converted_at, b.profile_id, &b.ids)));
    let found = all.len();
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut kept: Vec<Found<'_>> = Vec::with_capacity(found);
    for conversion in all {
        let known = conversion.ids.iter().find_map(|id| counted.get(id)).copied();
        let place = known.unwrap_or(kept.len());
        // The other ids of a conversion that was left out name the same one: a refund may come by any of them.
        let new: Ids<'_> = conversion.ids.iter().filter(|id| !counted.contains_key(*id)).copied().collect();
        counted.extend(new.iter().map(|id| (*id, place)));
        match known.and_then(|place| kept.get_mut(place)) {
            Some(first) => first.ids.extend(new),
            None => kept.push(conversion),
        }
    }
    let left_out = found.saturating_sub(kept.len());
    (kept, left_out as u64)
}

fn ids<'a>(event: Option<&'a str>, order: Option<&'a str>, deal: Option<&'a str>) -> Ids<'a> {
    let named = [("event", event), ("order", order), ("deal", deal)];
    named.into_iter().filter_map(|(kind, id)| Some((kind, id?))).collect()
}

/// Each refund takes back from the touches of its conversion; it counts when the money goes back.
fn refunds(
    request: &JourneyRequest,
    conversions: &[Found<'_>],
    journeys: &[Journey],
) -> (Vec<Journey>, Vec<usize>) {
    let mut of_id: BTreeMap<(&str, &str), &Journey> = BTreeMap::new();
    for (found, journey) in conversions.iter().zip(journeys) {
        for id in &found.ids {
            of_id.entry(*id).or_insert(journey);
        }
    }
    let (mut made, mut unmatched, mut counted) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (position, refund) in request.refunds.iter().enumerate() {
        if !counted.insert(refund.refund_id.as_str()) {
            continue;
        }
        let named = ids(refund.event_id.as_deref(), refund.order_id.as_deref(), refund.deal_id.as_deref());
        let original = named.iter().find_map(|id| of_id.get(id));
        let Some((mut journey, at)) = original
            .and_then(|journey| Some(((*journey).clone(), journey.conversion.as_ref()?.converted_at)))
        else {
            unmatched.push(position);
            continue;
        };
        journey.conversion = Some(Conversion {
            conversion_id: Some(refund.refund_id.clone()),
            converted_at: at,
            value_cents: refund.value_cents.saturating_neg(),
            booked_at: Some(refund.refunded_at),
        });
        made.push((refund.refunded_at, journey));
    }
    made.sort_by_key(|(refunded_at, _)| *refunded_at);
    (made.into_iter().map(|(_, journey)| journey).collect(), unmatched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_by_another_id_of_a_duplicate_is_that_of_the_conversion_that_was_kept() {
        let request: JourneyRequest = serde_json::from_value(serde_json::json!({
            "conversions": [
                {"profile_id": "p", "event_id": "e", "converted_at": "2026-01-02T00:00:00.000Z", "value_cents": 500},
                {"profile_id": "p", "event_id": "e", "order_id": "o", "converted_at": "2026-01-02T01:00:00.000Z",
                 "value_cents": 500},
                {"profile_id": "p", "order_id": "o", "deal_id": "d", "converted_at": "2026-01-02T02:00:00.000Z",
                 "value_cents": 500},
            ],
            "refunds": [
                {"refund_id": "r", "deal_id": "d", "refunded_at": "2026-01-03T00:00:00.000Z", "value_cents": 200},
            ],
        }))
        .unwrap();
        let report = build(&request).unwrap();
        assert_eq!((report.duplicate_conversions, report.unmatched_refunds.len()), (2, 0));
        let values: Vec<i64> = report
            .journeys
            .iter()
            .filter_map(|journey| Some(journey.conversion.as_ref()?.value_cents))
            .collect();
        assert_eq!(values, [500, -200]);
    }
}
