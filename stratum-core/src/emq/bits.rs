//! Small sets of flags, held in one integer so that a fact about an event is copied, not allocated.

/// Declares a set type over an unsigned integer: constants, union, membership and the check of foreign bits.
macro_rules! bit_set {
    ($(#[$doc:meta])* pub struct $name:ident($int:ty) { $($(#[$flag_doc:meta])* const $flag:ident = $bit:expr;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name($int);

        impl $name {
            $($(#[$flag_doc])* pub const $flag: Self = Self(1 << $bit);)+
            /// Nothing.
            pub const NONE: Self = Self(0);
            /// Everything.
            pub const ALL: Self = Self($((1 << $bit))|+);

            /// The set that these bits stand for; `None` if a bit has no meaning.
            #[must_use]
            pub const fn from_bits(bits: $int) -> Option<Self> {
                if bits & !Self::ALL.0 == 0 { Some(Self(bits)) } else { None }
            }

            /// The bits, as columns carry them.
            #[must_use]
            pub const fn bits(self) -> $int {
                self.0
            }

            /// Both sets together.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// What both sets hold.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// Whether the sets have anything in common.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether nothing is in the set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// How many flags are set.
            #[must_use]
            pub const fn count(self) -> u32 {
                self.0.count_ones()
            }

            /// The set with `other` added where `when` holds.
            #[must_use]
            pub const fn with(self, other: Self, when: bool) -> Self {
                if when { self.union(other) } else { self }
            }
        }

        impl ::std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut set = f.debug_set();
                $(if self.intersects(Self::$flag) { set.entry(&format_args!("{}", stringify!($flag))); })+
                set.finish()
            }
        }
    };
}

pub(crate) use bit_set;
