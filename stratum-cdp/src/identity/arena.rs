//! Numbered things: a handle of four bytes instead of a name, and a table that only grows.

use std::marker::PhantomData;

/// A handle into an [`Arena`].
pub(super) trait Number: Copy {
    fn of(position: usize) -> Self;
    fn position(self) -> usize;
}

/// Declares the handle of one kind of thing.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) struct $name(u32);

        impl $crate::identity::arena::Number for $name {
            fn of(position: usize) -> Self {
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }

            fn position(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    };
}
pub(super) use number;

/// A table of things that are found by their number, and never removed.
#[derive(Debug, Clone)]
pub(super) struct Arena<N, T> {
    items: Vec<T>,
    numbers: PhantomData<fn() -> N>,
}

impl<N, T> Default for Arena<N, T> {
    fn default() -> Self {
        Self { items: Vec::new(), numbers: PhantomData }
    }
}

#[expect(clippy::indexing_slicing, reason = "a number comes from push, and nothing is ever removed")]
impl<N: Number, T> Arena<N, T> {
    /// Adds a thing and gives its number.
    pub(super) fn push(&mut self, item: T) -> N {
        let number = N::of(self.items.len());
        self.items.push(item);
        number
    }

    pub(super) fn get(&self, number: N) -> &T {
        &self.items[number.position()]
    }

    pub(super) fn get_mut(&mut self, number: N) -> &mut T {
        &mut self.items[number.position()]
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (N, &T)> {
        self.items.iter().enumerate().map(|(position, item)| (N::of(position), item))
    }
}
