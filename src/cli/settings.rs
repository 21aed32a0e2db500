//! What several commands are told in the same words.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Takes the name of one of `all`; help and errors list the names.
pub fn one_of<T, const N: usize>(all: [T; N], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(name))
        .try_map(move |given| all.into_iter().find(|&value| name(value) == given).ok_or("no such value"))
}
