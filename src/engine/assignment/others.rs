//! Values of one name beside or below its first one: the rows of a column, the members of a list or mapping.

use std::ops::Range;

use super::below::{self, Below, Row, Rows};
use super::members::{self, Holds, Members};
use super::name::{name, named, whole_word};
use super::{Found, MAX_LINE, Operand, Operator, column, end_of_line, examine};
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
        return Others::Rows(Rows::none());
    }
    let below = Below::of(bytes, &name);
    let rows = match below {
        Some(below) if !may_open => below.rows(bytes, &name),
        _ if may_open => Rows::none(),
        _ => column::inserted(bytes, &name, end_of_line(bytes, name.end, MAX_LINE))
            .map_or_else(Rows::none, |(line, column)| Rows::of_line(bytes, line, column)),
    };
    if named(bytes, anchor, &name).is_err() {
        return Others::Rows(Rows::none());
    }
    if may_open { Others::Members(Members::of(bytes, &name, below.map(|_| below::REACH))) } else { Others::Rows(rows) }
}

/// Reads the assignment of one of [`others`].
pub fn read_other(bytes: &[u8], anchor: &Range<usize>, kind: AssignmentKind, part: Part, row: Row) -> Result<Found, Objection> {
    let Row { line, value, quote } = row;
    let operand = Operand { value, quote, operator: Operator::Assign, line_end: None };
    let kind = if part == Part::LogIn { AssignmentKind::Password } else { kind };
    examine(bytes, anchor, kind, name(bytes, anchor), operand).map(|found| Found { part: Some((part, line.start)), ..found })
}
