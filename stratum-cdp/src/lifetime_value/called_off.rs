//! A search that can be called off.

use stratum_core::statistics::{Evaluation, LogLikelihood};

/// A likelihood that is not looked at any more once somebody says so: nothing improves, so the search ends.
pub(super) struct While<'a, L> {
    pub(super) likelihood: &'a L,
    pub(super) go_on: &'a dyn Fn() -> bool,
}

impl<const N: usize, L: LogLikelihood<N>> LogLikelihood<N> for While<'_, L> {
    fn at(&self, logarithms: &[f64; N]) -> Evaluation<N> {
        if (self.go_on)() {
            return self.likelihood.at(logarithms);
        }
        Evaluation { value: f64::NEG_INFINITY, gradient: [0.0; N], hessian: [[0.0; N]; N] }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::{PurchaseHistory, SpendHistory, fit_bgnbd_while, fit_gamma_gamma_while};

    #[test]
    fn a_fit_that_is_called_off_looks_at_the_customers_no_more_and_says_that_it_is_none() {
        let customers: Vec<PurchaseHistory> = (0..60)
            .map(|x| PurchaseHistory { x: x % 5, t_x: f64::from(x % 5) * 3.0, age: 20.0 + f64::from(x % 7) })
            .collect();
        let spent: Vec<SpendHistory> =
            (1..60).map(|x| SpendHistory { x: x % 5, m: 10.0 + f64::from(x % 11) }).collect();
        for looks in 0..4 {
            let asked = Cell::new(0);
            let go_on = || {
                asked.set(asked.get() + 1);
                asked.get() <= looks
            };
            assert!(!fit_bgnbd_while(&customers, &go_on).unwrap().converged);
            asked.set(0);
            assert!(!fit_gamma_gamma_while(&spent, &go_on).unwrap().converged);
            assert!(asked.get() < 40, "{} looks", asked.get());
        }
    }
}
