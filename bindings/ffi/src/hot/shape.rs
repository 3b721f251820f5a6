//! How a value lies in slots, as data: what the JavaScript on the other side is generated from.

/// How one value lies in slots.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One slot: a finite number.
    Number,
    /// One slot: a whole number within ±(2⁵³ − 1).
    Whole,
    /// One slot: 0 or 1.
    Flag,
    /// One slot: milliseconds since 1970-01-01T00:00:00Z.
    Instant,
    /// One slot: three letters as digits of base 26.
    Currency,
    /// One slot: the position of a UUID among the texts of the call; equal ids have equal positions.
    Id,
    /// One slot: the position of a text among the texts of the call.
    Text,
    /// One slot: the position in a vocabulary.
    Code(Vocabulary),
    /// The fields, one after the other.
    Object(Shape),
    /// How many there are, then the items.
    List(Box<Kind>),
    /// A slot for each word of a vocabulary: a number, or NaN where it is missing.
    Numbers(Vocabulary),
    /// The position of the form, then its fields; the field `tag` names the form.
    OneOf {
        /// The field.
        tag: &'static str,
        /// What it says, and the fields beside it.
        forms: Vec<(&'static str, Shape)>,
    },
    /// No slot: where it is given, the request does not fit.
    Nothing,
}

/// A closed list of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Its name in the schemas.
    pub name: &'static str,
    /// The words, in the order of their codes.
    pub words: Vec<&'static str>,
}

/// The fields of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Its name in the schemas.
    pub name: &'static str,
    /// Whether a field that is not listed is an error; of stored records it is left alone.
    pub strict: bool,
    /// The fields in the order of their slots.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// How its value lies in slots.
    pub kind: Kind,
    /// Whether it may be missing.
    pub presence: Presence,
    /// How its absence lies in slots.
    pub absence: Absence,
}

/// Whether a field may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be left out; `null` is no value of it.
    Default,
    /// It may be left out or `null`; an answer writes `null`.
    Nullable,
    /// It may be left out or `null`; an answer leaves it out.
    Omitted,
}

/// How the absence of a value lies in slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// NaN in the one slot.
    Nan,
    /// A slot of its own before the value: 0 for absent, 1 for present.
    Flag,
    /// As the value itself says it.
    Own,
}
