//! What the people do, in order of time.

use stratum_cdp::identifier::IdentifierType;

use super::assumptions::{Assumptions, Hazard};
use super::draws::Draws;
use super::household::{Carrier, Id, Ids, Person, Population};

const DAY_S: f64 = 86_400.0;

/// One event, and who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Seconds since the first day.
    pub at_s: u32,
    /// Who acted.
    pub person: u32,
    /// What happened.
    pub name: &'static str,
    /// The numbers of its identifiers.
    pub identifiers: Vec<u32>,
}

/// Half a year of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// The type of each identifier by number.
    pub kinds: Vec<IdentifierType>,
    /// The events in order of time.
    pub events: Vec<Seen>,
    /// How many people there are.
    pub persons: u32,
}

impl World {
    /// The world of a seed.
    #[must_use]
    pub fn draw(assumptions: &Assumptions, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let mut ids = Ids::default();
        let people = Population::draw(assumptions, &mut draws, &mut ids);
        let addresses: Vec<Id> = people.persons.iter().flat_map(|person| person.emails.clone()).collect();
        let mut shop = Shop { assumptions, people: &people, addresses, ids, events: Vec::new() };
        for number in 0..assumptions.persons {
            shop.live(number, &mut draws);
        }
        let mut events = shop.events;
        events.sort_by_key(|event| event.at_s);
        Self { kinds: shop.ids.0, events, persons: assumptions.persons }
    }

    /// The strongest identifier of an event.
    #[must_use]
    pub fn strongest(&self, event: &Seen) -> Option<u32> {
        let priority = |&id: &u32| self.kinds.get(id as usize).map_or(0, |kind| kind.priority());
        // The first of equals, which `max_by_key` would not give.
        event.identifiers.iter().copied().rev().max_by_key(priority)
    }

    /// An identifier as it is sent; every value is clean under every policy.
    #[must_use]
    pub fn value(&self, identifier: u32) -> String {
        match self.kinds.get(identifier as usize) {
            Some(IdentifierType::Email) => format!("p{identifier}@mail.shop-visitor.net"),
            Some(IdentifierType::Phone) => format!("+1212{}", 2_000_000 + identifier),
            Some(IdentifierType::ExternalId) => format!("customer-{identifier}"),
            Some(IdentifierType::DeviceId) => format!("device-{identifier}"),
            Some(IdentifierType::AnonymousId) | None => format!("cookie-{identifier}"),
        }
    }
}

struct Shop<'a> {
    assumptions: &'a Assumptions,
    people: &'a Population,
    addresses: Vec<Id>,
    ids: Ids,
    events: Vec<Seen>,
}

impl Shop<'_> {
    fn live(&mut self, number: u32, draws: &mut Draws) {
        let Some(person) = self.people.persons.get(number as usize) else { return };
        let mut stolen = person.stolen;
        for _ in 0..=draws.count(self.assumptions.more_sessions) {
            let day = draws.part() * f64::from(self.assumptions.days);
            let carrier = match &mut stolen {
                Some((cookie, left)) if *left > 0 => {
                    *left -= 1;
                    Some(*cookie)
                }
                _ => self.carrier(person, draws).and_then(|carrier| carrier.id_on(day)),
            };
            if let Some(carrier) = carrier {
                self.session(number, person, carrier, day, draws);
            }
        }
    }

    fn carrier(&self, person: &Person, draws: &mut Draws) -> Option<Carrier> {
        if draws.happens(self.assumptions.rate(Hazard::Kiosk)) {
            return draws.one_of(&self.people.kiosks).cloned();
        }
        let household = self.people.households.get(person.household)?;
        if !household.shared.is_empty() && draws.happens(1.0 / 3.0) {
            return draws.one_of(&household.shared).cloned();
        }
        draws.one_of(&person.own).cloned()
    }

    fn session(&mut self, number: u32, person: &Person, carrier: Id, day: f64, draws: &mut Draws) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of half a year")]
        let mut at_s = (day * DAY_S) as u32;
        let mut note = |name, identifiers: Vec<Option<Id>>, draws: &mut Draws| {
            let identifiers = identifiers.into_iter().flatten().collect();
            self.events.push(Seen { at_s, person: number, name, identifiers });
            at_s += 5 + u32::try_from(draws.below(120)).unwrap_or_default();
        };
        for _ in 0..=draws.count(1.5) {
            note("PageView", vec![Some(carrier)], draws);
        }
        let mut account = None;
        if person.account.is_some() && draws.happens(self.assumptions.login) {
            let lender = if draws.happens(self.assumptions.rate(Hazard::BorrowedAccount)) {
                let members =
                    self.people.households.get(person.household).map(|home| home.members.as_slice());
                draws.one_of(members.unwrap_or_default()).and_then(|&other| self.people.persons.get(other))
            } else {
                None
            };
            let owner = lender.filter(|other| other.account.is_some()).unwrap_or(person);
            account = owner.account;
            note("Login", vec![account, owner.emails.first().copied(), Some(carrier)], draws);
            note("PageView", vec![account, Some(carrier)], draws);
        }
        let phone = if day > f64::from(self.assumptions.days) / 2.0 {
            person.later_phone.or(person.phone)
        } else {
            person.phone
        };
        for (name, chance) in
            [("FormSubmitted", self.assumptions.form), ("Purchase", self.assumptions.purchase)]
        {
            if person.emails.is_empty() || !draws.happens(chance) {
                continue;
            }
            // Who is signed in does not type an address.
            let email = match (account, draws.happens(self.assumptions.second_email_use)) {
                (Some(_), _) => None,
                (None, true) => person.emails.last().copied(),
                (None, false) => person.emails.first().copied(),
            };
            let email = match email {
                Some(_) if draws.happens(self.assumptions.rate(Hazard::Typo)) => {
                    if draws.happens(0.05) {
                        draws.one_of(&self.addresses).copied()
                    } else {
                        Some(self.ids.new_one(IdentifierType::Email))
                    }
                }
                as_meant => as_meant,
            };
            let phone = phone.filter(|_| draws.happens(self.assumptions.give_phone));
            note(name, vec![account, email, phone, Some(carrier)], draws);
        }
    }
}
