//! What the generated people are like, as rates.

/// Every rate of the generator. Where no figure is cited it is a guess of what a shop sees, made before any policy ran.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumptions {
    /// How many people.
    pub persons: u32,
    /// Over how many days they act.
    pub days: u32,
    /// The mean number of sessions of a person, beyond the first.
    pub more_sessions: f64,
    /// The chance of a household of 1, 2, 3, 4 and 5 people (about those of the US census of 2020).
    pub household_sizes: [f64; 5],
    /// The chance that a person beyond the second of a household is a child, who has neither account nor phone.
    pub child: f64,
    /// The chance of an adult to have an account of the shop.
    pub account: f64,
    /// The chance of an adult, and of a child, to have an e-mail address that the shop hears of.
    pub email: [f64; 2],
    /// The chance that who has an address uses a second one.
    pub second_email: f64,
    /// With the second address is written, where there are two, in this part of the forms.
    pub second_email_use: f64,
    /// The chance of an adult to have a phone number to give.
    pub phone: f64,
    /// The chance to use the shop's app, whose sessions carry a device id.
    pub app: f64,
    /// The mean number of browsers of one's own beyond the first.
    pub more_browsers: f64,
    /// The mean life of a cookie in days, before it is cleared or expires.
    pub cookie_days: f64,
    /// In this part of the sessions that a person with an account does not begin signed in, they sign in.
    pub login: f64,
    /// In this part of the sessions somebody with an address fills in a form.
    pub form: f64,
    /// In this part of the sessions somebody with an address buys.
    pub purchase: f64,
    /// This part of forms and purchases names a phone number, too.
    pub give_phone: f64,
    /// What makes identity hard; [`Assumptions::only`] keeps one of them.
    pub hazards: Vec<(Hazard, f64)>,
}

/// What makes identity hard, each with its rate in [`Assumptions::hazards`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hazard {
    /// Part of the households of two or more in which all use one computer, and its cookie, in a third of their sessions.
    SharedComputer,
    /// Part of the households of two or more with a tablet on which all use the app, in a third of their sessions.
    SharedTablet,
    /// Part of the households of two or more in which each gives the family's number with a chance of one half.
    FamilyPhone,
    /// Part of the households of two or more in which two write one address into forms.
    FamilyEmail,
    /// Part of the addresses typed into a form that are mistyped: one in twenty is then somebody else's address.
    Typo,
    /// Part of the sessions at a public computer that keeps its cookie; there is one for each 2000 people.
    Kiosk,
    /// Part of the people whose cookie a stranger copies, and uses in up to three sessions.
    StolenCookie,
    /// Part of the phone numbers that a stranger has from the middle of the time on.
    RecycledPhone,
    /// Part of the sessions in a household of two or more in which one signs in to the account of another. Not among the
    /// usual ones: no identifier tells such a session from the owner's.
    BorrowedAccount,
}

impl Hazard {
    /// All of them, with the rate that is usual.
    pub const USUAL: [(Self, f64); 9] = [
        (Self::SharedComputer, 0.25),
        (Self::SharedTablet, 0.15),
        (Self::FamilyPhone, 0.15),
        (Self::FamilyEmail, 0.003),
        (Self::Typo, 0.01),
        (Self::Kiosk, 0.005),
        (Self::StolenCookie, 0.001),
        (Self::RecycledPhone, 0.002),
        (Self::BorrowedAccount, 0.0),
    ];
}

impl Assumptions {
    /// The usual ones.
    #[must_use]
    pub fn of(persons: u32) -> Self {
        Self {
            persons,
            days: 180,
            more_sessions: 7.0,
            household_sizes: [0.28, 0.35, 0.15, 0.13, 0.09],
            child: 0.7,
            account: 0.5,
            email: [0.85, 0.2],
            second_email: 0.1,
            second_email_use: 0.2,
            phone: 0.75,
            app: 0.3,
            more_browsers: 0.8,
            cookie_days: 90.0,
            login: 0.4,
            form: 0.06,
            purchase: 0.1,
            give_phone: 0.4,
            hazards: Hazard::USUAL.to_vec(),
        }
    }

    /// With this hazard at this rate, and without all others.
    #[must_use]
    pub fn only(mut self, hazard: Hazard, rate: f64) -> Self {
        self.hazards = vec![(hazard, rate)];
        self
    }

    /// With this hazard at this rate, beside the others.
    #[must_use]
    pub fn with(mut self, hazard: Hazard, rate: f64) -> Self {
        self.hazards.retain(|&(other, _)| other != hazard);
        self.hazards.push((hazard, rate));
        self
    }

    pub(super) fn rate(&self, hazard: Hazard) -> f64 {
        self.hazards.iter().find(|&&(other, _)| other == hazard).map_or(0.0, |&(_, rate)| rate)
    }
}
