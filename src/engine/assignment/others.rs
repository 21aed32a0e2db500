//! Values of one name beside or below its first one: the rows of a column, the members of a list or mapping.

use std::ops::Range;

use super::below::{self, Below, Row, Rows};
use super::members::{self, Holds, Members};
use super::name::{name, named, whole_word};
use super::{Found, Operand, Operator, examine};
use crate::engine::checks::Objection;
use crate::rules::format::AssignmentKind;

/// Where a value stands that does not follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// In a row of a column, not the first one.
    Row,
    /// In a list of values.
    Member,
    /// Behind its user, in a list of log-ins.
    LogIn,
    /// Before its name.
    Before,
}

/// The values beside or behind the first one of a name.
#[derive(Clone, Debug)]
pub enum Others {
    /// In the column that it names.
    Rows(Rows),
    /// In the list that it names.
    Members(Members),
}

impl Others {
    const fn none() -> Self {
        Self::Rows(Rows::none())
    }

    /// Whether there is nowhere to look for one.
    const fn is_none(&self) -> bool {
        match self {
            Self::Rows(rows) => rows.is_none(),
            Self::Members(members) => members.is_none(),
        }
    }

    /// The next one.
    pub fn next(&mut self, bytes: &[u8]) -> Option<(Part, Row)> {
        match self {
            Self::Rows(rows) => rows.next(bytes).map(|row| (Part::Row, row)),
            Self::Members(members) => {
                let part = if members.holds() == Holds::LogIns { Part::LogIn } else { Part::Member };
                members.next(bytes).map(|row| (part, row))
            }
        }
    }
}

/// The values beside the first one, where the name around `anchor` is that of a column or list.
#[must_use]
pub fn others(bytes: &[u8], anchor: &Range<usize>) -> Others {
    let name = name(bytes, anchor);
    // Nearly none is: what follows it parts names or ends their line, or it is the name of a list.
    let may_part = bytes.get(name.end).is_some_and(|b| b",;\t\r\n\"`) ]|*".contains(b));
    let may_open = members::may_open(bytes, &name);
    if !may_part && !may_open || whole_word(bytes, anchor, &name).is_err() {
        return Others::none();
    }
    let below = Below::of(bytes, &name);
    let others = match below {
        _ if may_open => Others::Members(Members::of(bytes, &name, below.map(|_| below::REACH))),
        Some(below) => Others::Rows(below.rows(bytes, &name)),
        None => Others::Rows(Rows::beside(bytes, &name)),
    };
    // Asked last: nearly nothing comes so far.
    if others.is_none() || named(bytes, anchor, &name).is_err() { Others::none() } else { others }
}

/// Reads the assignment of one of [`others`].
pub fn read_other(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind, part: Part, row: Row) -> Result<Found, Objection> {
    let Row { line, value, quote } = row;
    let operand = Operand { value, quote, operator: Operator::Assign, line_end: None };
    let kind = if part == Part::LogIn { AssignmentKind::Password } else { kind };
    examine(bytes, anchor, kind, name(bytes, anchor), operand).map(|found| Found { part: Some((part, line.start)), ..found })
}
