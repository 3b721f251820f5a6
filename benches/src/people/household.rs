//! Who lives together, and what each of them uses.

use stratum_cdp::identifier::IdentifierType;

use super::assumptions::{Assumptions, Hazard};
use super::draws::Draws;

/// A number that stands for an identifier.
pub(super) type Id = u32;

/// Every identifier that exists, by number.
#[derive(Debug, Default)]
pub(super) struct Ids(pub(super) Vec<IdentifierType>);

impl Ids {
    pub(super) fn new_one(&mut self, kind: IdentifierType) -> Id {
        self.0.push(kind);
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }
}

/// Where a session takes place.
#[derive(Debug, Clone)]
pub(super) enum Carrier {
    /// A browser: its cookies, each from a day on.
    Browser(Vec<(f64, Id)>),
    /// An app on a device.
    App(Id),
}

impl Carrier {
    pub(super) fn id_on(&self, day: f64) -> Option<Id> {
        match self {
            Self::App(device) => Some(*device),
            Self::Browser(cookies) => {
                cookies.iter().rev().find(|(from, _)| *from <= day).map(|&(_, cookie)| cookie)
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) household: usize,
    pub(super) account: Option<Id>,
    pub(super) emails: Vec<Id>,
    pub(super) phone: Option<Id>,
    /// From the middle of the time on this is the number, where it is another person's former one.
    pub(super) later_phone: Option<Id>,
    pub(super) own: Vec<Carrier>,
    /// The cookie of a stranger, and for how many more sessions it is used.
    pub(super) stolen: Option<(Id, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Household {
    pub(super) members: Vec<usize>,
    pub(super) shared: Vec<Carrier>,
    pub(super) phone: Option<Id>,
    pub(super) email: Option<Id>,
}

#[derive(Debug, Default)]
pub(super) struct Population {
    pub(super) persons: Vec<Person>,
    pub(super) households: Vec<Household>,
    pub(super) kiosks: Vec<Carrier>,
}

impl Population {
    pub(super) fn draw(assumptions: &Assumptions, draws: &mut Draws, ids: &mut Ids) -> Self {
        let mut all = Self::default();
        let wanted = assumptions.persons as usize;
        while all.persons.len() < wanted {
            all.add_household(assumptions, draws, ids);
        }
        all.persons.truncate(wanted);
        for household in &mut all.households {
            household.members.retain(|&member| member < wanted);
        }
        for _ in 0..=assumptions.persons / 2000 {
            all.kiosks.push(Carrier::Browser(vec![(0.0, ids.new_one(IdentifierType::AnonymousId))]));
        }
        all.steal_and_recycle(assumptions, draws);
        all
    }

    fn add_household(&mut self, assumptions: &Assumptions, draws: &mut Draws, ids: &mut Ids) {
        let mut rest = draws.part();
        let mut size = 1;
        for chance in assumptions.household_sizes.iter().take(4) {
            rest -= chance;
            size += usize::from(rest >= 0.0);
        }
        let mut household = Household::default();
        if size > 1 {
            let mut has = |hazard| draws.happens(assumptions.rate(hazard));
            let (computer, tablet) = (has(Hazard::SharedComputer), has(Hazard::SharedTablet));
            let (phone, email) = (has(Hazard::FamilyPhone), has(Hazard::FamilyEmail));
            household.phone = phone.then(|| ids.new_one(IdentifierType::Phone));
            household.email = email.then(|| ids.new_one(IdentifierType::Email));
            if computer {
                household.shared.push(browser(assumptions, draws, ids));
            }
            if tablet {
                household.shared.push(Carrier::App(ids.new_one(IdentifierType::DeviceId)));
            }
        }
        for member in 0..size {
            let mut person = person(assumptions, member, draws, ids);
            person.household = self.households.len();
            if household.phone.is_some() && draws.happens(0.5) {
                person.phone = household.phone;
            }
            if let Some(email) = household.email.filter(|_| member < 2) {
                person.emails = vec![email];
            }
            household.members.push(self.persons.len());
            self.persons.push(person);
        }
        self.households.push(household);
    }

    fn steal_and_recycle(&mut self, assumptions: &Assumptions, draws: &mut Draws) {
        let persons = u64::from(assumptions.persons);
        for victim in 0..self.persons.len() {
            let stolen = draws.happens(assumptions.rate(Hazard::StolenCookie));
            let recycled = draws.happens(assumptions.rate(Hazard::RecycledPhone));
            let stranger = usize::try_from(draws.below(persons)).unwrap_or_default();
            let Some(victim) = self.persons.get(victim) else { continue };
            let (home, phone) = (victim.household, victim.phone);
            let cookie =
                victim.own.first().and_then(|browser| browser.id_on(f64::from(assumptions.days) / 2.0));
            let Some(stranger) = self.persons.get_mut(stranger).filter(|other| other.household != home)
            else {
                continue;
            };
            if stolen {
                stranger.stolen = cookie.map(|cookie| (cookie, 1 + draws.below(3)));
            }
            if recycled {
                stranger.later_phone = phone;
            }
        }
    }
}

fn person(assumptions: &Assumptions, member: usize, draws: &mut Draws, ids: &mut Ids) -> Person {
    let child = member >= 2 && draws.happens(assumptions.child);
    let [adult, young] = assumptions.email;
    let mut person = Person::default();
    if draws.happens(if child { young } else { adult }) {
        person.emails.push(ids.new_one(IdentifierType::Email));
        if draws.happens(assumptions.second_email) {
            person.emails.push(ids.new_one(IdentifierType::Email));
        }
    }
    if !child && !person.emails.is_empty() && draws.happens(assumptions.account / adult) {
        person.account = Some(ids.new_one(IdentifierType::ExternalId));
    }
    if !child && draws.happens(assumptions.phone) {
        person.phone = Some(ids.new_one(IdentifierType::Phone));
    }
    for _ in 0..=draws.count(assumptions.more_browsers) {
        person.own.push(browser(assumptions, draws, ids));
    }
    if draws.happens(assumptions.app) {
        person.own.push(Carrier::App(ids.new_one(IdentifierType::DeviceId)));
    }
    person
}

fn browser(assumptions: &Assumptions, draws: &mut Draws, ids: &mut Ids) -> Carrier {
    let mut cookies = Vec::new();
    let mut day = 0.0;
    while day < f64::from(assumptions.days) {
        cookies.push((day, ids.new_one(IdentifierType::AnonymousId)));
        day += 1.0 + f64::from(draws.count(assumptions.cookie_days));
    }
    Carrier::Browser(cookies)
}
