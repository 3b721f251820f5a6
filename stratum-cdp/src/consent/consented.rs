//! A value that may leave, and for what.

use std::fmt;
use std::marker::PhantomData;

use super::decision::ConsentType;

mod sealed {
    pub trait Sealed {}
}

/// A purpose, as a type. Only the four of this room exist.
pub trait Purpose: sealed::Sealed {
    /// The same as a value.
    const TYPE: ConsentType;
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Purpose for $name {
            const TYPE: ConsentType = ConsentType::$name;
        }
    )+};
}

purposes! {
    /// Measuring what the person does.
    Analytics;
    /// Audiences and conversions at ad platforms.
    Ads;
    /// E-mail.
    Email;
    /// Text messages.
    Sms;
}

/// A value that its person lets be used for the purpose `P`. [`Consents::release`](super::Consents::release) is the only
/// source; it is worth what was known at that moment, so it is made when something is sent and not kept.
pub struct Consented<T, P: Purpose> {
    value: T,
    purpose: PhantomData<P>,
}

impl<T, P: Purpose> Consented<T, P> {
    pub(super) const fn new(value: T) -> Self {
        Self { value, purpose: PhantomData }
    }

    /// The value.
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The value lent, released for the same purpose: for whoever builds a request of it.
    pub const fn as_ref(&self) -> Consented<&T, P> {
        Consented::new(&self.value)
    }

    /// Takes the value out; whoever does so sends it, and for this purpose only.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The same person's data in another form, released for the same purpose. A function without surroundings: what comes
    /// out is made of what went in, so nobody else's data gets under this person's consent.
    pub fn map<U>(self, form: fn(T) -> U) -> Consented<U, P> {
        Consented::new(form(self.value))
    }
}

impl<T, P: Purpose> fmt::Debug for Consented<T, P> {
    /// Only for what: the value is a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Consented({}, …)", P::TYPE)
    }
}
