//! Small pieces of memory are kept for the next who wants one of their size.
//!
//! A decision takes a dozen of them and gives them back. The allocator of the standard library looks for the best place for
//! each, and joins it with its neighbours afterwards: half of the time of a decision. Here a piece goes on the list of its
//! size, and the next one is taken from its front. Lists grow to the most that was ever in use at once, as the memory of a
//! module does anyway, which nobody can give back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Pieces come in multiples of this many bytes, which is also what they are aligned to.
const STEP: usize = 16;
/// How many sizes have a list; what is larger is the business of the standard library.
const SIZES: usize = 32;

/// The lists, by size.
struct Pieces([Cell<*mut Piece>; SIZES]);

/// A piece that nobody uses: it holds the next one of its list.
struct Piece {
    next: *mut Piece,
}

// SAFETY: this target has one thread.
unsafe impl Sync for Pieces {}

#[global_allocator]
static PIECES: Pieces = Pieces([const { Cell::new(ptr::null_mut()) }; SIZES]);

impl Pieces {
    /// The list from which this is served, and what its pieces are like.
    fn list(&self, layout: Layout) -> Option<(&Cell<*mut Piece>, Layout)> {
        if layout.align() > STEP {
            return None;
        }
        // No layout is empty, so the first list is of one step.
        let position = layout.size().wrapping_sub(1) / STEP;
        let piece = Layout::from_size_align(position.wrapping_add(1).wrapping_mul(STEP), STEP).ok()?;
        Some((self.0.get(position)?, piece))
    }
}

// SAFETY: a piece is taken from the list to which its layout leads and goes back to the same one; it was made by `System`
// with a layout that is at least as large and as aligned. Nothing here unwinds.
unsafe impl GlobalAlloc for Pieces {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.list(layout) {
            Some((list, piece)) => {
                let first = list.get();
                if first.is_null() {
                    // SAFETY: a piece has at least one step.
                    return unsafe { System.alloc(piece) };
                }
                // SAFETY: what stands in a list was written by `dealloc`, and nobody else has it.
                list.set(unsafe { (*first).next });
                first.cast()
            }
            // SAFETY: as the caller promises.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        match self.list(layout) {
            Some((list, _)) => {
                let piece = place.cast::<Piece>();
                // SAFETY: the caller gives the piece up, and it has room for a pointer, aligned to a step.
                unsafe { piece.write(Piece { next: list.get() }) };
                list.set(piece);
            }
            // SAFETY: it came from there, by the same layout.
            None => unsafe { System.dealloc(place, layout) },
        }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size fits the alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (self.list(layout), self.list(wanted)) {
            (Some((_, has)), Some((_, wants))) if has == wants => place,
            // SAFETY: both are the business of the standard library.
            (None, None) => unsafe { System.realloc(place, layout, size) },
            _ => {
                // SAFETY: `size` is not 0, as the caller promises.
                let moved = unsafe { self.alloc(wanted) };
                if !moved.is_null() {
                    // SAFETY: both have room for the smaller of the two, and they are different pieces.
                    unsafe {
                        ptr::copy_nonoverlapping(place, moved, layout.size().min(size));
                        self.dealloc(place, layout);
                    }
                }
                moved
            }
        }
    }
}
