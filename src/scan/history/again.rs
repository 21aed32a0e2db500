//! Objects read and scanned a second time, for what was not kept at the first: a report's details, and whether a cache is right.

use std::ops::Range;

use super::super::Plan;
use super::super::snippet::hidden;
use crate::decode::{self, Encoding};
use crate::engine::{Match, Memo, Scanner, Silent, Text};
use crate::git::{ObjectAt, ObjectReader, Objects};

/// Reads and scans objects again, one after the other; one that is asked for twice in a row is scanned once.
pub struct Again<'a> {
    reader: ObjectReader<'a>,
    scanner: Scanner<'a>,
    /// The object in `text` and `matches`.
    at: Option<ObjectAt>,
    text: Vec<u8>,
    matches: Vec<Match>,
    hidden: Vec<Range<usize>>,
}

/// An object, scanned.
pub struct Scanned<'a> {
    pub text: &'a [u8],
    /// In order.
    pub matches: &'a [Match],
    /// What excerpts must not show.
    pub hidden: &'a [Range<usize>],
}

impl<'a> Scanned<'a> {
    /// The match whose secret begins at `start`.
    pub fn at(&self, start: u64) -> Option<&'a Match> {
        let found = self.matches.get(self.matches.partition_point(|m| (m.secret.start as u64) < start));
        found.filter(|m| m.secret.start as u64 == start)
    }
}

impl<'a> Again<'a> {
    pub fn new(plan: &'a Plan, objects: &'a Objects) -> Self {
        Self {
            reader: objects.reader(),
            scanner: plan.engine.scanner(),
            at: None,
            text: Vec::new(),
            matches: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// The reader, for objects that are not scanned.
    pub fn reader(&mut self) -> &mut ObjectReader<'a> {
        &mut self.reader
    }

    /// The object at `at`; `None` where it cannot be read.
    pub fn scan(&mut self, at: ObjectAt) -> Option<Scanned<'_>> {
        if self.at != Some(at) {
            let encoding = self.read(at)?;
            self.matches.clear();
            self.scanner.scan(view(&self.text, encoding), &mut self.matches, &mut Silent);
            self.hidden = hidden(&self.matches);
            self.at = Some(at);
        }
        Some(Scanned { text: &self.text, matches: &self.matches, hidden: &self.hidden })
    }

    /// Whether the object at `at` has nothing in it and could not get anything by an edit; `None` where it cannot be read.
    pub fn is_blank(&mut self, at: ObjectAt) -> Option<bool> {
        let encoding = self.read(at)?;
        let mut memo = Memo::default();
        self.scanner.scan_for_edits(view(&self.text, encoding), &mut memo, &mut Silent);
        Some(memo.is_blank())
    }

    fn read(&mut self, at: ObjectAt) -> Option<Encoding> {
        self.at = None;
        let mut bytes = Vec::new();
        self.reader.read(at, &mut bytes).ok()?;
        let (text, encoding) = decode::whole(&bytes);
        self.text = text;
        Some(encoding)
    }
}

fn view(text: &[u8], encoding: Encoding) -> Text<'_> {
    Text { binary: encoding == Encoding::Binary, ..Text::whole(text) }
}
