//! No panic crosses the border of a language.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use stratum_core::problem::{Problem, Problems};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f`; a panic inside becomes a problem of the code `internal` that names the operation, and the caller goes on.
///
/// ```
/// let problems = stratum_ffi::guard("gate.evaluate", || -> Result<(), _> { panic!("a bug") }).unwrap_err();
/// assert_eq!(problems.iter().next().unwrap().code, "internal");
/// ```
///
/// # Errors
/// Those of `f`, or `internal`.
pub fn guard<T>(operation: &str, f: impl FnOnce() -> Result<T, Problems>) -> Result<T, Problems> {
    let outer = GUARDED.replace(true);
    // Nothing that the closure leaves half done can be seen afterwards: operations share no state.
    let outcome = catch_unwind(AssertUnwindSafe(f));
    GUARDED.set(outer);
    outcome.unwrap_or_else(|panic| Err(internal(operation, panic.as_ref()).into()))
}

fn internal(operation: &str, panic: &(dyn Any + Send)) -> Problem {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Problem::new("", "internal", format!("{operation} broke inside: {said}"))
        .help("this is a bug of ours: please report it with the request; later calls are not affected")
}

/// Keeps panics inside [`guard`] off the standard error output, where they would look like a crash. A binding calls this
/// once when it is loaded; panics elsewhere are still shown.
pub fn keep_guarded_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                shown(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_problem_and_the_next_call_works() {
        keep_guarded_panics_quiet();
        let problems = guard("test.op", || -> Result<(), Problems> { panic!("seven {}", 7) }).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(
            (problem.code.as_ref(), problem.message.as_str()),
            ("internal", "test.op broke inside: seven 7")
        );
        assert_eq!(guard("test.op", || Ok(1)), Ok(1));
    }

    #[test]
    fn a_guard_inside_a_guard_leaves_the_outer_one_in_place() {
        guard("outer", || {
            guard("inner", || Ok(())).unwrap();
            assert!(GUARDED.get());
            Ok(())
        })
        .unwrap();
        assert!(!GUARDED.get());
    }
}
