//! Traits that were found valid together, in the order in which they can be computed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use stratum_core::problem::{Problem, ProblemCollector, Problems};
use stratum_core::spelling::nearest;

use super::definition::{OutputType, TraitDefinition, TraitType};
use super::formula::Formula;
use super::profile_fields::{FIELDS, is_field};
use crate::segment::{CompiledFilter, is_trait_name};

/// The most traits of a tenant.
const MAX_TRAITS: usize = 500;

/// Traits, ready to be computed.
#[derive(Debug, Clone)]
pub struct TraitSet {
    pub(super) traits: Vec<CompiledTrait>,
    /// Positions of the formulas, each after those that it reads.
    pub(super) formulas: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct CompiledTrait {
    pub(super) definition: TraitDefinition,
    pub(super) path: Option<Vec<String>>,
    pub(super) filters: Vec<CompiledFilter>,
    pub(super) formula: Option<Formula>,
    /// Of what decides how events are added: the type and the source.
    pub(super) digest: String,
}

impl TraitSet {
    /// Checks traits together.
    ///
    /// # Errors
    /// Every problem at once, below the position of the trait: `invalid_format`, `duplicate_name`, `missing_field`,
    /// `not_allowed_here`, `out_of_range`, `type_mismatch`, `invalid_formula`, `too_long`, `too_deep`, `unknown_name`,
    /// `cycle`, those of the filters, `too_many` for the list as a whole.
    pub fn compile(definitions: &[TraitDefinition]) -> Result<Self, Problems> {
        let mut found = ProblemCollector::new();
        if definitions.len() > MAX_TRAITS {
            found.push(Problem::new("", "too_many", format!("at most {MAX_TRAITS} traits at once")));
        }
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for (position, definition) in definitions.iter().enumerate() {
            if names.insert(&definition.name, position).is_some() {
                found.push(Problem::new(
                    format!("/{position}/name"),
                    "duplicate_name",
                    "another trait has this name",
                ));
            }
        }
        let mut traits = Vec::with_capacity(definitions.len());
        for (position, definition) in definitions.iter().enumerate() {
            let mut own = ProblemCollector::new();
            let compiled = compile_one(definition, &names, &mut own);
            if let Some(problems) = own.into_problems() {
                found.extend_under(&format!("/{position}"), problems);
            }
            traits.push(compiled);
        }
        let formulas = in_order(&traits, &names, &mut found);
        found.into_result(Self { traits, formulas })
    }

    /// The names, in the order in which the traits were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.traits.iter().map(|one| one.definition.name.as_str())
    }

    /// The formulas in the order in which they are computed.
    pub fn formula_order(&self) -> impl Iterator<Item = &str> {
        self.formulas.iter().filter_map(|&at| self.traits.get(at)).map(|one| one.definition.name.as_str())
    }
}

fn compile_one(
    definition: &TraitDefinition,
    names: &BTreeMap<&str, usize>,
    found: &mut ProblemCollector,
) -> CompiledTrait {
    let source = &definition.source_config;
    check_shape(definition, found);
    let path = source.property.as_ref().map(|path| path.split('.').map(str::to_owned).collect::<Vec<_>>());
    if path.as_ref().is_some_and(|path| path.iter().any(String::is_empty) || path.len() > 10) {
        let wrong = "a property is a path of 1 to 10 keys joined by dots";
        found.push(Problem::new("/source_config/property", "invalid_format", wrong));
    }
    let mut filters = Vec::new();
    for (position, filter) in source.filters.iter().enumerate() {
        let place = format!("/source_config/filters/{position}");
        filters.extend(found.take(&place, filter.compile()));
    }
    let formula = source.formula.as_ref().filter(|_| definition.trait_type == TraitType::Formula);
    let formula = formula.and_then(|text| found.take("/source_config/formula", Formula::parse(text)));
    if let Some(formula) = &formula {
        for name in formula.names() {
            let plain = name.strip_prefix("trait.").unwrap_or(name);
            if !names.contains_key(plain) && !is_field(name) {
                let known: Vec<&str> = names.keys().copied().chain(FIELDS.iter().copied()).collect();
                let unknown = format!("there is no trait and no field {name:?}");
                let problem = Problem::new("/source_config/formula", "unknown_name", unknown);
                found.push(match nearest(plain, known.iter().copied()) {
                    Some(meant) => problem.help(format!("did you mean {meant}?")),
                    None => problem.help(format!("fields are {}", FIELDS.join(", "))),
                });
            }
        }
    }
    let made_of = stratum_core::canonical::digest(&(definition.trait_type, source));
    let digest = match found.take("/source_config", made_of) {
        Some(digest) => digest.to_string(),
        None => String::new(),
    };
    CompiledTrait { definition: definition.clone(), path, filters, formula, digest }
}

fn check_shape(definition: &TraitDefinition, found: &mut ProblemCollector) {
    let (name, source, kind) = (&definition.name, &definition.source_config, definition.trait_type);
    if !is_trait_name(name) {
        found.push(
            Problem::new(
                "/name",
                "invalid_format",
                "a name is a to z, 0 to 9 and _, a letter first, at most 100",
            )
            .help("write for example total_spent_90d"),
        );
    }
    if is_field(name) {
        let message = format!("{name} is what every profile has");
        found.push(Problem::new("/name", "reserved_name", message).help("choose another name"));
    }
    let is_formula = kind == TraitType::Formula;
    let given = [
        ("event_name", source.event_name.is_some()),
        ("property", source.property.is_some()),
        ("time_window_days", source.time_window_days.is_some()),
        ("filters", !source.filters.is_empty()),
    ];
    for (field, _) in given.iter().filter(|(_, given)| *given && is_formula) {
        let message = "a formula reads traits and fields, not events";
        found.push(Problem::new(format!("/source_config/{field}"), "not_allowed_here", message));
    }
    if is_formula && source.formula.is_none() {
        found.push(Problem::new(
            "/source_config/formula",
            "missing_field",
            "a formula trait needs its formula",
        ));
    }
    if !is_formula && source.formula.is_some() {
        let message = format!("a trait of type {kind} has no formula");
        found.push(Problem::new("/source_config/formula", "not_allowed_here", message));
    }
    if kind.needs_property() && source.property.is_none() {
        let message = format!("a trait of type {kind} needs the property that it reads");
        found.push(Problem::new("/source_config/property", "missing_field", message));
    }
    if source.time_window_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        let message = "a window is 1 to 3650 days";
        found.push(Problem::new("/source_config/time_window_days", "out_of_range", message));
    }
    check_output(definition, found);
}

fn check_output(definition: &TraitDefinition, found: &mut ProblemCollector) {
    let (kind, output) = (definition.trait_type, definition.output_type);
    let is_time =
        matches!(kind, TraitType::First | TraitType::Last) && definition.source_config.property.is_none();
    let wanted = if is_time { Some(OutputType::Date) } else { kind.output() };
    if let Some(wanted) = wanted.filter(|&wanted| wanted != output) {
        found.push(
            Problem::new("/output_type", "type_mismatch", format!("a trait of type {kind} gives a {wanted}"))
                .help(format!("write {wanted}")),
        );
    }
    if let Some(default) = &definition.default_value
        && !default.is_null()
        && !has_type(default, output)
    {
        let message = format!("the default is no {output}");
        found.push(Problem::new("/default_value", "type_mismatch", message));
    }
}

/// Whether a value has the type that a trait promises.
pub(super) fn has_type(value: &Value, output: OutputType) -> bool {
    match output {
        OutputType::Number => value.is_number(),
        OutputType::String => value.is_string(),
        OutputType::Boolean => value.is_boolean(),
        OutputType::Date => {
            value.as_str().is_some_and(|text| text.parse::<stratum_core::Timestamp>().is_ok())
        }
    }
}

/// Formulas after those that they read (Kahn 1962); what is left over goes in circles.
fn in_order(
    traits: &[CompiledTrait],
    names: &BTreeMap<&str, usize>,
    found: &mut ProblemCollector,
) -> Vec<usize> {
    let mut open: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (position, formula) in
        traits.iter().enumerate().filter_map(|(at, one)| Some((at, one.formula.as_ref()?)))
    {
        let reads = formula
            .names()
            .into_iter()
            .filter_map(|name| names.get(name.strip_prefix("trait.").unwrap_or(name)).copied());
        let formulas = reads.filter(|&at| traits.get(at).is_some_and(|one| one.formula.is_some()));
        open.insert(position, formulas.collect());
    }
    let mut order = Vec::with_capacity(open.len());
    while let Some(ready) = open.iter().find(|(_, reads)| reads.is_empty()).map(|(&at, _)| at) {
        open.remove(&ready);
        open.values_mut().for_each(|reads| {
            reads.remove(&ready);
        });
        order.push(ready);
    }
    for position in open.keys() {
        let message = "this formula depends on itself, directly or by way of others";
        found.push(Problem::new(format!("/{position}/source_config/formula"), "cycle", message));
    }
    order
}

impl CompiledTrait {
    /// The value of the property that the trait reads.
    pub(super) fn property<'v>(&self, properties: &'v Map<String, Value>) -> Option<&'v Value> {
        let value = crate::segment::at_path(properties, self.path.as_ref()?)?;
        (!value.is_null()).then_some(value)
    }
}
