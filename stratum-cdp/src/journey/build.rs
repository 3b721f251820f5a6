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
    let Refunds { journeys: refunds, unmatched: unmatched_refunds, exceeding: exceeding_refunds } =
        refunds(request, &conversions, &journeys);
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
    Ok(JourneyReport { journeys, duplicate_conversions, unmatched_refunds, exceeding_refunds })
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
    // Of one profile, channel, campaign, session and kind the earliest touch counts.
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
            // A view and a click have windows of their own: a view that is too old must not take its click along.
            let visit =
                session.map(|session| (session, touch.channel.clone(), touch.campaign.clone(), touch.kind));
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
    let first_of = first_of_each(&all);
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept: Vec<Found<'_>> = Vec::with_capacity(found);
    for (conversion, first) in all.into_iter().zip(first_of) {
        let place = *places.entry(first).or_insert(kept.len());
        match kept.get_mut(place) {
            // The other ids of a conversion that was left out name the same one: a refund may come by any of them.
            Some(earliest) => {
                let new = conversion.ids.into_iter().filter(|id| !earliest.ids.contains(id));
                let new: Ids<'_> = new.collect();
                earliest.ids.extend(new);
            }
            None => kept.push(conversion),
        }
    }
    let left_out = found.saturating_sub(kept.len());
    (kept, left_out as u64)
}

/// The position of the earliest conversion that each is the same as. Whatever shares an id is the same, by way of others too:
/// a row that names an event and an order makes one of what either of them named before.
fn first_of_each(all: &[Found<'_>]) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..all.len()).collect();
    let mut named: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (position, conversion) in all.iter().enumerate() {
        for id in &conversion.ids {
            let other = *named.entry(*id).or_insert(position);
            let (one, other) = (root(&mut parents, position), root(&mut parents, other));
            if let Some(parent) = parents.get_mut(one.max(other)) {
                *parent = one.min(other);
            }
        }
    }
    (0..all.len()).map(|position| root(&mut parents, position)).collect()
}

/// The top of a tree, halving the way to it (Tarjan and van Leeuwen, 1984). A parent never stands behind its children.
fn root(parents: &mut [usize], mut position: usize) -> usize {
    loop {
        let parent = parents.get(position).copied().unwrap_or(position);
        if parent == position {
            return position;
        }
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(place) = parents.get_mut(position) {
            *place = above;
        }
        position = above;
    }
}

fn ids<'a>(event: Option<&'a str>, order: Option<&'a str>, deal: Option<&'a str>) -> Ids<'a> {
    let named = [("event", event), ("order", order), ("deal", deal)];
    named.into_iter().filter_map(|(kind, id)| Some((kind, id?))).collect()
}

/// Refunds, as far as their conversions are here and worth as much.
#[derive(Default)]
struct Refunds {
    journeys: Vec<Journey>,
    unmatched: Vec<usize>,
    exceeding: Vec<usize>,
}

/// Each refund takes back from the touches of its conversion, and no more than is left of it; it counts when the money goes back.
fn refunds(request: &JourneyRequest, conversions: &[Found<'_>], journeys: &[Journey]) -> Refunds {
    let mut of_id: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (place, found) in conversions.iter().enumerate() {
        of_id.extend(found.ids.iter().map(|id| (*id, place)));
    }
    let (mut refunds, mut counted) = (Refunds::default(), BTreeSet::new());
    let mut matched = Vec::new();
    for (position, refund) in request.refunds.iter().enumerate() {
        if !counted.insert(refund.refund_id.as_str()) {
            continue;
        }
        let named = ids(refund.event_id.as_deref(), refund.order_id.as_deref(), refund.deal_id.as_deref());
        match named.iter().find_map(|id| of_id.get(id)) {
            Some(&place) => matched.push((position, refund, place)),
            None => refunds.unmatched.push(position),
        }
    }
    matched.sort_by_key(|(_, refund, _)| refund.refunded_at);
    let mut left: Vec<i64> = conversions.iter().map(|found| found.value_cents).collect();
    for (position, refund, place) in matched {
        let (Some(left), Some(journey)) = (left.get_mut(place), journeys.get(place)) else { continue };
        let Some(conversion) = &journey.conversion else { continue };
        let value_cents = refund.value_cents.min(*left);
        if value_cents < refund.value_cents {
            refunds.exceeding.push(position);
        }
        if value_cents <= 0 {
            continue;
        }
        *left = left.saturating_sub(value_cents);
        let conversion = Conversion {
            conversion_id: Some(refund.refund_id.clone()),
            converted_at: conversion.converted_at,
            value_cents: value_cents.saturating_neg(),
            booked_at: Some(refund.refunded_at),
        };
        refunds.journeys.push(Journey { conversion: Some(conversion), ..journey.clone() });
    }
    refunds.exceeding.sort_unstable();
    refunds
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

    fn request(conversions: &[(&[(&str, &str)], i64)]) -> JourneyRequest {
        let conversions: Vec<serde_json::Value> = conversions
            .iter()
            .map(|(ids, minute)| {
                let mut row: serde_json::Map<_, _> =
                    ids.iter().map(|(kind, id)| (format!("{kind}_id"), (*id).into())).collect();
                row.insert("profile_id".to_owned(), "p".into());
                let at = Timestamp::EPOCH.plus_minutes(*minute);
                row.insert("converted_at".to_owned(), serde_json::to_value(at).unwrap());
                row.insert("value_cents".to_owned(), 500.into());
                serde_json::Value::Object(row)
            })
            .collect();
        serde_json::from_value(serde_json::json!({"conversions": conversions})).unwrap()
    }

    #[test]
    fn two_conversions_that_a_later_one_shows_to_be_the_same_count_once() {
        let both: &[(&str, &str)] = &[("event", "e"), ("order", "o")];
        for times in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]] {
            let rows =
                [(&[("event", "e")][..], times[0]), (&[("order", "o")][..], times[1]), (both, times[2])];
            let report = build(&request(&rows)).unwrap();
            assert_eq!((report.journeys.len(), report.duplicate_conversions), (1, 2), "{times:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn how_many_conversions_are_kept_does_not_depend_on_when_they_were(
            rows in proptest::collection::vec((0_usize..5, 0_usize..5, 0_usize..5, 0_i64..100, 0_i64..100), 1..12),
        ) {
            const IDS: [Option<&str>; 5] = [None, None, Some("a"), Some("b"), Some("c")];
            let named: Vec<Vec<(&str, &str)>> = rows
                .iter()
                .map(|&(event, order, deal, ..)| {
                    let ids = [("event", IDS[event]), ("order", IDS[order]), ("deal", IDS[deal])];
                    ids.into_iter().filter_map(|(kind, id)| Some((kind, id?))).collect()
                })
                .collect();
            let at = |time: fn(&(usize, usize, usize, i64, i64)) -> i64| {
                let rows: Vec<_> = named.iter().zip(&rows).map(|(ids, row)| (ids.as_slice(), time(row))).collect();
                build(&request(&rows)).unwrap()
            };
            let (one, other) = (at(|row| row.3), at(|row| row.4));
            proptest::prop_assert_eq!(one.duplicate_conversions, other.duplicate_conversions);
            let kept = u64::try_from(one.journeys.len()).unwrap();
            proptest::prop_assert_eq!(kept.saturating_add(one.duplicate_conversions), u64::try_from(rows.len()).unwrap());
        }
    }

    #[test]
    fn refunds_take_back_no_more_than_their_conversion_was_worth() {
        let refund = |id: &str, day: u32, cents: i64| {
            serde_json::json!({"refund_id": id, "order_id": "o",
            "refunded_at": format!("2026-01-0{day}T00:00:00.000Z"), "value_cents": cents})
        };
        let request: JourneyRequest = serde_json::from_value(serde_json::json!({
            "conversions": [{"profile_id": "p", "order_id": "o", "converted_at": "2026-01-02T00:00:00.000Z", "value_cents": 500}],
            "refunds": [refund("late", 5, 500), refund("early", 3, 300), refund("last", 6, 1)],
        }))
        .unwrap();
        let report = build(&request).unwrap();
        let values: Vec<i64> =
            report.journeys.iter().map(|journey| journey.conversion.as_ref().unwrap().value_cents).collect();
        assert_eq!((values, report.exceeding_refunds), (vec![500, -300, -200], vec![0, 2]));
    }

    #[test]
    fn a_view_does_not_take_the_click_of_its_visit_along() {
        let touch = |kind: &str, hour: u32| {
            serde_json::json!({"profile_id": "p", "session_id": "s", "touch": {
            "channel": "google", "kind": kind, "touched_at": format!("2026-01-02T0{hour}:00:00.000Z")}})
        };
        let request: JourneyRequest = serde_json::from_value(serde_json::json!({
            "touches": [touch("view", 1), touch("click", 2), touch("click", 3)],
            "conversions": [{"profile_id": "p", "converted_at": "2026-01-04T00:00:00.000Z"}],
        }))
        .unwrap();
        let journeys = build(&request).unwrap().journeys;
        assert_eq!(journeys[0].touches.len(), 1);
        assert_eq!(journeys[0].touches[0].touched_at.to_string(), "2026-01-02T02:00:00.000Z");
    }
}
