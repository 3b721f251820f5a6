//! Beyond the vectors: limits, symmetry, and that quantile and tail undo each other far out.

use super::*;

fn close(found: f64, expected: f64, rel: f64) -> bool {
    found == expected || (found - expected).abs() <= rel * expected.abs()
}

#[test]
fn digamma_and_trigamma_agree_with_mpmath() {
    // mpmath 1.3.0, mp.dps = 30: psi(0, x) and psi(1, x).
    for (x, first, second) in PSI {
        assert!(close(digamma(x), first, 1e-13), "digamma({x}) = {}", digamma(x));
        assert!(close(trigamma(x), second, 1e-13), "trigamma({x}) = {}", trigamma(x));
    }
}

#[test]
fn hard_places_agree_with_mpmath() {
    // mpmath 1.3.0, mp.dps = 60: gammainc and betainc, regularised.
    for (distribution, x, lower, upper) in HARD {
        let (cdf, sf) = match distribution {
            Hard::Gamma(shape) => both(&Gamma::new(shape, 1.0).unwrap(), x),
            Hard::Beta(a, b) => both(&Beta::new(a, b).unwrap(), x),
            Hard::T(df) => both(&StudentT::new(df).unwrap(), x),
        };
        assert!(close(cdf, lower, 1e-10), "{distribution:?} cdf({x}) = {cdf}, expected {lower}");
        assert!(close(sf, upper, 1e-10), "{distribution:?} sf({x}) = {sf}, expected {upper}");
    }
}

fn both(distribution: &impl Distribution, x: f64) -> (f64, f64) {
    (distribution.cdf(x), distribution.sf(x))
}

#[test]
fn a_quantile_undoes_its_tail_from_1e_minus_300_to_the_middle() {
    for probability in [1e-300, 1e-150, 1e-30, 1e-9, 0.001, 0.2, 0.5] {
        for df in [0.7, 1.0, 4.5, 80.0, 1e6] {
            let t = StudentT::new(df).unwrap();
            let far = t.isf(probability);
            // Few degrees of freedom have quantiles beyond what a double can hold.
            assert!(
                far == f64::INFINITY || close(t.sf(far), probability, 1e-9),
                "t with {df}: sf({far}) is not {probability}"
            );
            assert_eq!(t.ppf(probability), -far);
        }
        for shape in [0.05, 0.6, 1.0, 7.0, 400.0, 1e6] {
            let gamma = Gamma::new(shape, 3.0).unwrap();
            let right = gamma.isf(probability);
            assert!(
                close(gamma.sf(right), probability, 1e-9),
                "gamma {shape}: sf({right}) is not {probability}"
            );
            let left = gamma.ppf(probability);
            assert!(left == 0.0 || close(gamma.cdf(left), probability, 1e-9), "gamma {shape}: cdf({left})");
        }
        for (a, b) in [(0.05, 0.9), (1.0, 1.0), (2.0, 400.0), (5e4, 7e4), (900.0, 0.3)] {
            let beta = Beta::new(a, b).unwrap();
            let left = beta.ppf(probability);
            // A point closer to one than half an ulp is one.
            assert!(
                left == 0.0 || left == 1.0 || close(beta.cdf(left), probability, 1e-9),
                "beta {a}, {b}: {left}"
            );
        }
    }
}

#[test]
fn what_is_no_probability_has_no_quantile_and_the_ends_are_the_ends() {
    let normal = Normal::new(3.0, 2.0).unwrap();
    for outside in [-0.1, 1.1, f64::NAN] {
        assert!(normal.ppf(outside).is_nan() && normal.isf(outside).is_nan());
    }
    assert_eq!((normal.ppf(0.0), normal.ppf(1.0), normal.ppf(0.5)), (f64::NEG_INFINITY, f64::INFINITY, 3.0));
    let gamma = Gamma::new(2.0, 1.0).unwrap();
    assert_eq!(
        (gamma.ppf(0.0), gamma.isf(0.0), gamma.cdf(-1.0), gamma.sf(f64::INFINITY)),
        (0.0, f64::INFINITY, 0.0, 0.0)
    );
    let beta = Beta::new(2.0, 3.0).unwrap();
    assert_eq!((beta.ppf(0.0), beta.ppf(1.0), beta.cdf(2.0), beta.sf(-1.0)), (0.0, 1.0, 1.0, 1.0));
    let t = StudentT::new(3.0).unwrap();
    assert_eq!(
        (t.isf(0.0), t.ppf(0.0), t.cdf(0.0), t.ppf(0.5)),
        (f64::INFINITY, f64::NEG_INFINITY, 0.5, 0.0)
    );
    assert_eq!((t.cdf(f64::INFINITY), t.sf(f64::INFINITY)), (1.0, 0.0));
}

#[test]
fn every_wrong_parameter_is_named() {
    let codes = |problems: crate::Problems| problems.iter().map(|p| p.path.clone()).collect::<Vec<_>>();
    assert_eq!(codes(Normal::new(f64::NAN, 0.0).unwrap_err()), ["/mean", "/sd"]);
    assert_eq!(codes(Gamma::new(-1.0, f64::INFINITY).unwrap_err()), ["/shape", "/scale"]);
    assert_eq!(codes(Beta::new(0.0, 0.0).unwrap_err()), ["/a", "/b"]);
    assert!(ChiSquared::new(0.0).is_err() && StudentT::new(-1.0).is_err());
}

#[derive(Debug, Clone, Copy)]
enum Hard {
    Gamma(f64),
    Beta(f64, f64),
    T(f64),
}

const PSI: [(f64, f64, f64); 8] = [
    (0.001, -1000.5755719318103, 1000001.6425331958),
    (0.25, -4.2274535333762655, 17.19732915450711),
    (1.0, -0.5772156649015329, 1.6449340668482264),
    (2.5, 0.7031566406452432, 0.49035775610023485),
    (7.75, 1.9817915626943456, 0.13771379144765566),
    (10.0, 2.251752589066721, 0.10516633568168575),
    (123.4, 4.8113737751162775, 0.008136651610865263),
    (10000000.0, 16.11809560095832, 1.0000000500000017e-07),
];

const HARD: [(Hard, f64, f64, f64); 29] = [
    (Hard::Gamma(1e-08), 0.5, 0.9999999944022641, 5.597735977099587e-09),
    (Hard::Gamma(0.001), 1e-06, 0.9868481336940766, 0.013151866305923335),
    (Hard::Gamma(0.001), 3.0, 0.9999869268601987, 1.3073139801213742e-05),
    (Hard::Gamma(0.3), 1.2, 0.9366052804307409, 0.0633947195692591),
    (Hard::Gamma(0.99), 1.49, 0.7778364321566718, 0.22216356784332825),
    (Hard::Gamma(5.0), 1e-10, 8.33333333263889e-53, 1.0),
    (Hard::Gamma(5.0), 100.0, 1.0, 1.6139305336977305e-37),
    (Hard::Gamma(12.0), 0.01, 2.0684940402926995e-33, 1.0),
    (Hard::Gamma(10000.0), 10000.0, 0.5013298083399552, 0.4986701916600448),
    (Hard::Gamma(10000.0), 8000.0, 6.135448501090494e-103, 1.0),
    (Hard::Gamma(10000.0), 11000.0, 1.0, 1.6928531496469328e-22),
    (Hard::Gamma(1000000.0), 1002000.0, 0.9771959041012301, 0.022804095898769864),
    (Hard::Gamma(1000000.0), 970000.0, 4.920908778591162e-202, 1.0),
    (Hard::Beta(0.001, 2.0), 0.1, 0.9985979938799936, 0.0014020061200063847),
    (Hard::Beta(0.05, 0.05), 0.5, 0.5, 0.5),
    (Hard::Beta(3.0, 100000.0), 0.0001, 0.9972319660398864, 0.0027680339601136097),
    (Hard::Beta(3.0, 100000.0), 1e-12, 1.666716541997505e-22, 1.0),
    (Hard::Beta(20000.0, 30000.0), 0.41, 0.999997353083899, 2.6469161009536066e-06),
    (Hard::Beta(20000.0, 30000.0), 0.36, 1.1223375096773924e-76, 1.0),
    (Hard::Beta(1000000.0, 2000000.0), 0.3335, 0.7298824325036833, 0.2701175674963167),
    (Hard::Beta(0.5, 10000.0), 0.02, 1.0, 7.254443200163152e-90),
    (Hard::Beta(50.0, 60.0), 0.9, 1.0, 1.793003538238216e-31),
    (Hard::Beta(10000.0, 0.5), 0.5, 0.0, 1.0),
    (Hard::T(0.3), 1e+20, 0.9999996504992766, 3.495007233838561e-07),
    (Hard::T(1.0), 1e+200, 1.0, 3.1830988618379067e-201),
    (Hard::T(2.5), 1e+60, 1.0, 7.193397190831724e-151),
    (Hard::T(7.0), 1e-09, 0.5000000003849915, 0.4999999996150086),
    (Hard::T(10000.0), 30.0, 1.0, 1.0221635237127853e-189),
    (Hard::T(1000000.0), -0.5, 0.30853759373618567, 0.6914624062638143),
];
